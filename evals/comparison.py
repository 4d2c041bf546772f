"""Two runs of the same cases, paired: what got better, what got worse, and whether that is chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from evals.errors import RunError
from evals.metrics import Difference, differences
from evals.report import figure, signed, table, why
from evals.results import Run, latencies

_LATENCIES = ("median ms an answer", "95th percentile ms")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs of one target: a row for each metric, (title, before, after, difference, "better" or "worse" or ""),
    how many cases changed side, and a line for each of them that may be shown."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    better: int
    worse: int
    changed: tuple[str, ...]

    @property
    def sides(self) -> str:
        """How many cases changed side, in words."""
        return f"{self.better} cases got better, {self.worse} got worse"


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
    return "\n\n".join(_text(pair(old, new)) for old, new in pairs)


def side_by_side(runs: Sequence[Run]) -> list[Comparison]:
    """Every two of `runs` that are of one target and have cases in common, the earlier one as the one before."""
    return [
        pair(old, new)
        for old, new in combinations(runs, 2)
        if old.target == new.target and {s.id for s in old.scores} & {s.id for s in new.scores}
    ]


def pair(old: Run, new: Run) -> Comparison:
    """Two runs of one target, over their common cases.

    Raises:
        RunError: there are none.
    """
    by_id = {each.score.id: each for each in new.results}
    pairs = [(each, by_id[each.score.id]) for each in old.results if each.score.id in by_id]
    if not pairs:
        raise RunError(f"The two runs of {old.target} have no case in common.")
    better = [(a, b) for a, b in pairs if b.score.right and not a.score.right]
    worse = [(a, b) for a, b in pairs if a.score.right and not b.score.right]
    found = differences([a.score for a, _ in pairs], [b.score for _, b in pairs])
    rows = [_row(each) for each in found.values()]
    rows += [
        (title, f"{1000 * a:.0f}", f"{1000 * b:.0f}", f"{1000 * (b - a):+.0f}", "")
        for title, a, b in zip(_LATENCIES, latencies(old), latencies(new), strict=True)
    ]
    rows.append(("memory at the end, MB", *_memory(old, new), ""))
    units = len({b.score.unit for _, b in pairs})
    # A case that is hidden in one of the two stays hidden.
    changed = [f"better: {b.score.id} ({b.score.kind})" for a, b in better if a.seen and b.seen]
    changed += [
        f"worse: {b.score.id} ({b.score.kind}): {why(b.score)}" for a, b in worse if a.seen and b.seen
    ]
    return Comparison(
        title=f"{old.target}: {old.by} ({old.version}) -> {new.by} ({new.version}), {len(pairs)} cases "
        f"in {units} clusters",
        header=("metric", old.by, new.by, "difference (95% interval)", ""),
        rows=tuple(rows),
        better=len(better),
        worse=len(worse),
        changed=tuple(changed),
    )


def _text(found: Comparison) -> str:
    return "\n".join([found.title, "", table(found.header, found.rows), "", found.sides, *found.changed])


def _row(found: Difference) -> tuple[str, ...]:
    change = f"{signed(found.after - found.before)} ({signed(found.low)} to {signed(found.high)})"
    word = "better" if found.better else "worse" if found.worse else ""
    title = found.metric.title + (" (lower is better)" if found.metric.better == "lower" else "")
    return (title, figure(found.before), figure(found.after), change, word)


def _memory(old: Run, new: Run) -> list[str]:
    return [
        f"{old.memory_mb:.0f}" if old.memory_mb else "–",
        f"{new.memory_mb:.0f}" if new.memory_mb else "–",
        f"{new.memory_mb - old.memory_mb:+.0f}" if old.memory_mb and new.memory_mb else "",
    ]
