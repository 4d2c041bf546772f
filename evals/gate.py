"""The gate: what holds in every case, and what may not get worse than the baseline by more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evals.baseline import Baseline, Entry, Kept, case_key
from evals.metrics import METRICS, Difference, Metric, differences, measure
from evals.report import figure, signed, table
from evals.results import Run
from evals.scores import Score

LEVEL = 0.99
"""Of the interval that a paired difference must lie below zero with. One check compares a few hundred metrics, so that
at 0.95 chance alone would fail it now and then."""
_NAMED = 12
UPDATE = 'python -m evals check --update --reason "…"'


@dataclass(frozen=True, slots=True)
class Row:
    """A metric of a target, then and now. `paired` is None where the baseline has no cases to pair with."""

    run: Run
    metric: Metric
    kept: Kept
    now: float | None
    paired: Difference | None
    cases: tuple[str, ...]

    @property
    def lost(self) -> bool:
        """Whether it was measured and no longer is."""
        return self.now is None and not self.run.partial

    @property
    def under_floor(self) -> bool:
        """Whether the whole suite's value is under the floor (above it, where lower is better)."""
        if self.now is None or self.run.partial:
            return False
        gap = self.now - self.kept.floor
        return (gap if self.metric.better == "higher" else -gap) < -1e-4

    @property
    def worse(self) -> bool:
        """Whether a metric that is gated got worse by more than chance."""
        return self.metric.gated and self.paired is not None and self.paired.worse

    @property
    def fails(self) -> bool:
        """Whether it fails the gate."""
        return self.lost or self.worse or (self.metric.gated and self.under_floor)


def verdict(runs: Sequence[Run], baseline: Baseline) -> tuple[bool, str]:
    """Whether both gates are passed, and a table with lines that say what got worse and in which cases."""
    compared = rows(runs, baseline)
    cells = [
        [row.run.target, row.metric.title, figure(row.kept.value), figure(row.now), _change(row), _word(row)]
        for row in compared
        if row.fails or _word(row)
    ]
    lines = (
        [table(["target", "metric", "baseline", "now", "paired difference (99%)", ""], cells)]
        if cells
        else []
    )
    failed = [*_broken(runs), *(_said(row) for row in compared if row.fails)]
    unknown = [run.target for run in runs if run.system not in baseline.get(run.target, {})]
    if unknown:
        failed.append(f"{', '.join(unknown)} not in the baseline ({UPDATE})")
    better = [row for row in compared if row.paired and row.paired.better]
    if better:
        names = ", ".join(f"{row.run.target} {row.metric.key}" for row in better)
        lines.append(f"better: {names}. Keep it with: {UPDATE}")
    lines += _other_makings(runs, baseline)
    lines += [f"worse: {one}" for one in failed] or [
        f"{len(compared)} metrics of {len(runs)} runs: nothing got worse, and every invariant holds"
    ]
    return not failed, "\n".join(lines)


def rows(runs: Sequence[Run], baseline: Baseline) -> list[Row]:
    """Every metric that the baseline has of the targets that were run."""
    return [row for run in runs for row in _rows(run, baseline.get(run.target, {}).get(run.system))]


def _rows(run: Run, entry: Entry | None) -> Iterator[Row]:
    if entry is None:
        return
    now = measure(run.scores, intervals=False)
    scores = [replace(each, id=case_key(run, each.id)) for each in run.scores]
    paired = differences(entry.scores, scores, level=LEVEL)
    for metric in METRICS:
        kept = entry.metrics.get(metric.key)
        if kept is not None and (now[metric.key].n or not run.partial):
            cases = worse_cases(metric, entry.scores, scores)
            yield Row(run, metric, kept, now[metric.key].value, paired.get(metric.key), cases)


def worse_cases(metric: Metric, before: Sequence[Score], after: Sequence[Score]) -> tuple[str, ...]:
    """The cases in which a metric, taken of them alone, got worse; not defined counts as good."""
    sign, good = (1, 1.0) if metric.better == "higher" else (-1, 0.0)
    earlier = {each.id: each for each in before}
    found = []
    for each in after:
        if each.id in earlier:
            old, new = metric.value([earlier[each.id]]), metric.value([each])
            if sign * ((good if new is None else new) - (good if old is None else old)) < -1e-4:
                found.append(each.id)
    return tuple(found)


def _broken(runs: Sequence[Run]) -> Iterator[str]:
    for run in runs:
        if run.breaches:
            names = sorted({each.invariant for each in run.breaches})
            cases = tuple(dict.fromkeys(each.case for each in run.breaches))
            yield f"broken invariants in {run.target}: {'; '.join(names)} ({_named(run, cases)})"


def _said(row: Row) -> str:
    head = f"{row.run.target} {row.metric.key} from {figure(row.kept.value)} to {figure(row.now)}"
    reasons = []
    if row.lost:
        reasons.append("no longer measured")
    if row.worse:
        reasons.append(f"paired difference {_change(row)}")
    if row.under_floor:
        reasons.append(f"floor {figure(row.kept.floor)}")
    return f"{head}: {', '.join(reasons)} ({_named(row.run, row.cases)})"


def _named(run: Run, cases: Sequence[str]) -> str:
    if not cases:
        return "no single case"
    if all(each.seen is None for each in run.results):
        return f"{len(cases)} hidden cases"
    more = f" and {len(cases) - _NAMED} more" if len(cases) > _NAMED else ""
    return f"cases {', '.join(cases[:_NAMED])}{more}"


def _change(row: Row) -> str:
    if row.paired is None:
        return "–"
    change = row.paired.after - row.paired.before
    return f"{signed(change)} ({signed(row.paired.low)} to {signed(row.paired.high)})"


def _word(row: Row) -> str:
    if row.fails:
        return "worse"
    if row.paired is None or (not row.paired.better and not row.paired.worse):
        return ""
    return "better" if row.paired.better else "worse, not gated"


def _other_makings(runs: Sequence[Run], baseline: Baseline) -> list[str]:
    """A line for what the baseline was made with and this check was not: the reader to one of changed figures."""
    lines = set()
    for run in runs:
        entry = baseline.get(run.target, {}).get(run.system)
        for key in sorted(run.about.keys() & (entry.about.keys() if entry else set())):
            if entry and entry.about[key] != run.about[key]:
                lines.add(f"baseline made with {key} {entry.about[key]}, now {run.about[key]}")
    return sorted(lines)
