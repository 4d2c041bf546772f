"""Two runs of the same cases, paired: what got better, what got worse, and whether that is chance."""

from __future__ import annotations

from collections.abc import Sequence

from evals.errors import RunError
from evals.metrics import Difference, differences
from evals.report import figure, signed, table, why
from evals.results import Run, latencies

_LATENCIES = ("median ms an answer", "95th percentile ms")


def compare(before: Sequence[Run], after: Sequence[Run]) -> str:
    """A text per target that both have: metrics side by side, then the cases that changed.

    Raises:
        RunError: the two have no target in common.
    """
    pairs = [(old, new) for old in before for new in after if old.target == new.target]
    if not pairs:
        raise RunError(
            "The two results have nothing in common: "
            f"{', '.join(sorted(run.target for run in before))} against "
            f"{', '.join(sorted(run.target for run in after))}. Run both on the same suite and corpus."
        )
    return "\n\n".join(_pair(old, new) for old, new in pairs)


def _pair(old: Run, new: Run) -> str:
    by_id = {each.score.id: each for each in new.results}
    pairs = [(each, by_id[each.score.id]) for each in old.results if each.score.id in by_id]
    if not pairs:
        raise RunError(f"The two runs of {old.target} have no case in common.")
    better = [(a, b) for a, b in pairs if b.score.right and not a.score.right]
    worse = [(a, b) for a, b in pairs if a.score.right and not b.score.right]
    found = differences([a.score for a, _ in pairs], [b.score for _, b in pairs])
    rows = [_row(each) for each in found.values()]
    rows += [
        [title, f"{1000 * a:.0f}", f"{1000 * b:.0f}", f"{1000 * (b - a):+.0f}", ""]
        for title, a, b in zip(_LATENCIES, latencies(old), latencies(new), strict=True)
    ]
    rows.append(["memory at the end, MB", *_memory(old, new), ""])
    units = len({b.score.unit for _, b in pairs})
    lines = [
        f"{old.target}: {old.by} ({old.version}) -> {new.by} ({new.version}), {len(pairs)} cases "
        f"in {units} clusters",
        "",
        table(["metric", old.by, new.by, "difference (95% interval)", ""], rows),
        "",
        f"{len(better)} cases got better, {len(worse)} got worse",
    ]
    # A case that is hidden in one of the two stays hidden.
    lines += [f"better: {b.score.id} ({b.score.kind})" for a, b in better if a.seen and b.seen]
    lines += [f"worse: {b.score.id} ({b.score.kind}): {why(b.score)}" for a, b in worse if a.seen and b.seen]
    return "\n".join(lines)


def _row(found: Difference) -> list[str]:
    change = f"{signed(found.after - found.before)} ({signed(found.low)} to {signed(found.high)})"
    word = "better" if found.better else "worse" if found.worse else ""
    return [found.metric.title, figure(found.before), figure(found.after), change, word]


def _memory(old: Run, new: Run) -> list[str]:
    return [
        f"{old.memory_mb:.0f}" if old.memory_mb else "–",
        f"{new.memory_mb:.0f}" if new.memory_mb else "–",
        f"{new.memory_mb - old.memory_mb:+.0f}" if old.memory_mb and new.memory_mb else "",
    ]
