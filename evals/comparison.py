"""Two runs of the same cases, paired: what got better, what got worse, and whether that is chance."""

from __future__ import annotations

from collections.abc import Sequence

from evals.errors import RunError
from evals.metrics import METRICS, measure, sign_test
from evals.report import figure, table, why
from evals.results import Result, Run


def compare(before: Sequence[Run], after: Sequence[Run]) -> str:
    """A text per target that both have: metrics side by side, then the cases that changed.

    Raises:
        RunError: the two have no target in common.
    """
    parts = []
    for old in before:
        for new in after:
            if old.target == new.target:
                parts.append(_pair(old, new))
    if not parts:
        raise RunError(
            "The two results have nothing in common: "
            f"{', '.join(sorted(run.target for run in before))} against "
            f"{', '.join(sorted(run.target for run in after))}. Run both on the same suite and corpus."
        )
    return "\n\n".join(parts)


def _pair(old: Run, new: Run) -> str:
    by_id = {each.score.id: each for each in new.results}
    pairs = [(each, by_id[each.score.id]) for each in old.results if each.score.id in by_id]
    if not pairs:
        raise RunError(f"The two runs of {old.target} have no case in common.")
    better = [(a, b) for a, b in pairs if b.score.right and not a.score.right]
    worse = [(a, b) for a, b in pairs if a.score.right and not b.score.right]
    lines = [
        f"{old.target}: {old.system} ({old.version}) -> {new.system} ({new.version}), {len(pairs)} cases",
        "",
        _metrics([a for a, _ in pairs], [b for _, b in pairs]),
        "",
        f"{len(better)} got better, {len(worse)} got worse "
        f"(sign test: p = {sign_test(len(better), len(worse)):.2f})",
    ]
    # A case that is hidden in one of the two stays hidden.
    lines += [f"better: {b.score.id} ({b.score.kind})" for a, b in better if a.seen and b.seen]
    lines += [f"worse: {b.score.id} ({b.score.kind}): {why(b.score)}" for a, b in worse if a.seen and b.seen]
    return "\n".join(lines)


def _metrics(old: Sequence[Result], new: Sequence[Result]) -> str:
    before = measure([each.score for each in old], rounds=0)
    after = measure([each.score for each in new], rounds=0)
    rows = []
    for metric in METRICS:
        a, b = before[metric.key].value, after[metric.key].value
        if a is not None or b is not None:
            change = "" if a is None or b is None else f"{b - a:+.2f}"
            rows.append([metric.title, figure(a), figure(b), change])
    return table(["metric", "before", "after", "change"], rows)
