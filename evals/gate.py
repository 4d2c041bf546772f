"""The gate: a run against the baseline that was written down, and what got worse."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from evals.errors import RunError
from evals.metrics import METRICS, Measured, Metric, measure
from evals.report import figure, table
from evals.results import Run

BASELINE = Path(__file__).parent / "baseline.json"
ALLOWED_DROP = 0.02
"""What a metric may lose before the gate fails: of 60 cases one, of a handful none."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A metric as the baseline keeps it. `allowed_drop` may be edited by hand and is kept."""

    value: float
    low: float
    high: float
    n: int
    allowed_drop: float = ALLOWED_DROP


Scores = dict[str, Kept]
Baseline = dict[str, dict[str, Scores]]
"""Target (suite, half and corpus folder) -> system -> metric -> what was measured."""


@dataclass(frozen=True, slots=True)
class Row:
    """A metric of a target, then and now."""

    target: str
    metric: Metric
    kept: Kept
    now: float | None

    @property
    def change(self) -> float:
        """How much better it is now; negative is worse. No longer measured is a total loss."""
        if self.now is None:
            return -1.0
        change = self.now - self.kept.value
        return change if self.metric.better == "higher" else -change

    @property
    def fails(self) -> bool:
        """Whether it is worse by more than is allowed."""
        return self.change < -self.kept.allowed_drop - 1e-9


def read_baseline(path: Path = BASELINE) -> Baseline:
    """The baseline; empty where none was written yet.

    Raises:
        RunError: the file is not a baseline.
    """
    import pydantic

    if not path.is_file():
        return {}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return pydantic.TypeAdapter(Baseline).validate_python(values)
    except ValueError as error:
        raise RunError(
            f"{path} is no baseline. Write it anew with: python -m evals check --update"
        ) from error


def write_baseline(runs: Sequence[Run], path: Path = BASELINE) -> None:
    """Take over the metrics of `runs`; targets and systems that were not run stay as they are."""
    baseline = read_baseline(path)
    for run in runs:
        before = baseline.setdefault(run.target, {}).get(run.system, {})
        baseline[run.target][run.system] = {
            key: _keep(measured.value, measured, before.get(key))
            for key, measured in measure(run.scores).items()
            if measured.value is not None
        }
    plain = {
        target: {
            system: {key: asdict(kept) for key, kept in scores.items()}
            for system, scores in sorted(systems.items())
        }
        for target, systems in sorted(baseline.items())
    }
    path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def rows(runs: Sequence[Run], baseline: Baseline) -> list[Row]:
    """Every metric that the baseline has of the targets that were run."""
    return [row for run in runs for row in _rows(run, baseline)]


def verdict(runs: Sequence[Run], baseline: Baseline) -> tuple[bool, str]:
    """Whether the gate is passed, and a table with a line that says what got worse."""
    compared = rows(runs, baseline)
    cells = [
        [row.target, row.metric.title, figure(row.kept.value), figure(row.now), "worse" if row.fails else ""]
        for row in compared
    ]
    lines = [table(["target", "metric", "baseline", "now", ""], cells)] if cells else []
    failed = [*_broken(runs), *(_worse(row) for row in compared if row.fails)]
    unknown = [run.target for run in runs if run.system not in baseline.get(run.target, {})]
    if unknown:
        failed.append(f"{', '.join(unknown)} not in the baseline (python -m evals check --update)")
    better = [row for row in compared if row.change > row.kept.allowed_drop]
    if better:
        names = ", ".join(f"{row.target} {row.metric.key}" for row in better)
        lines.append(f"better: {names}. Keep it with: python -m evals check --update")
    lines.append("worse: " + "; ".join(failed) if failed else "nothing got worse, and every invariant holds")
    return not failed, "\n".join(lines)


def _rows(run: Run, baseline: Baseline) -> Iterator[Row]:
    kept = baseline.get(run.target, {}).get(run.system, {})
    now = measure(run.scores, rounds=0)
    for metric in METRICS:
        if metric.key in kept:
            yield Row(run.target, metric, kept[metric.key], now[metric.key].value)


def _broken(runs: Sequence[Run]) -> Iterator[str]:
    for run in runs:
        if run.breaches:
            names = sorted({each.invariant for each in run.breaches})
            yield f"broken invariants in {run.target}: {len(run.breaches)} ({'; '.join(names)})"


def _worse(row: Row) -> str:
    return (
        f"{row.target} {row.metric.key} from {figure(row.kept.value)} to {figure(row.now)} "
        f"(allowed drop {row.kept.allowed_drop:.2f})"
    )


def _keep(value: float, measured: Measured, before: Kept | None) -> Kept:
    low, high = (round(value if each is None else each, 4) for each in (measured.low, measured.high))
    return Kept(round(value, 4), low, high, measured.n, before.allowed_drop if before else ALLOWED_DROP)
