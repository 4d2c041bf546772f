"""The baseline: what was measured, case by case, with what, and why it was taken over.

Cases are kept as rows of figures. Those of a test half go by a hash of their id, so that the file does not tell which
of them are missed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from evals.errors import RunError
from evals.metrics import BY_KEY, Measured, measure
from evals.results import Run
from evals.scores import Score

BASELINE = Path(__file__).parent / "baseline.json"
FORMAT = 2
_LEFT_OUT = {"kind", "cluster", "unit", "tags", "seconds", "values"}
_COLUMNS = tuple(each.name for each in fields(Score) if each.name not in _LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Kept:
    """A metric as the baseline keeps it; under `floor` (above it, where lower is better) the gate fails.

    A floor may be edited by hand. An update keeps it as long as the new value respects it.
    """

    value: float
    low: float
    high: float
    n: int
    floor: float


@dataclass(frozen=True, slots=True)
class Entry:
    """What one system scored on one target: the corpus version, the reason for taking it over, what it ran with."""

    version: str
    reason: str
    metrics: dict[str, Kept]
    about: dict[str, str] = field(default_factory=dict)
    scores: tuple[Score, ...] = ()


Baseline = dict[str, dict[str, Entry]]
"""Target (suite, half and corpus folder) -> system -> what was measured."""


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
        if values["format"] != FORMAT:
            raise ValueError(f"format {values['format']}")
        entries = pydantic.TypeAdapter(dict[str, dict[str, dict[str, Any]]]).validate_python(
            values["targets"]
        )
        return {
            target: {system: _entry(entry) for system, entry in systems.items()}
            for target, systems in entries.items()
        }
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"{path} is no baseline of this version. Write it anew with: "
            'python -m evals check --update --reason "…"'
        ) from error


def write_baseline(runs: Sequence[Run], reason: str, path: Path = BASELINE) -> None:
    """Take over what `runs` measured; targets and systems that were not run stay as they are."""
    baseline = read_baseline(path)
    for run in runs:
        systems = baseline.setdefault(run.target, {})
        systems[run.system] = _taken_over(run, reason, systems.get(run.system))
    path.write_text(as_text(baseline), encoding="utf-8")


def as_text(baseline: Baseline) -> str:
    """The baseline as JSON, a line for each metric and each case, so that a change of it can be read."""
    plain = {
        target: {system: _plain(entry) for system, entry in sorted(systems.items())}
        for target, systems in sorted(baseline.items())
    }
    return _lines({"format": FORMAT, "targets": plain}) + "\n"


def case_key(run: Run, case: str) -> str:
    """What a case of a run is called in the baseline."""
    return hashlib.sha256(case.encode()).hexdigest()[:10] if run.half == "test" else case


def _taken_over(run: Run, reason: str, before: Entry | None) -> Entry:
    metrics = {
        key: _keep(
            key, measured.value, measured, before.metrics.get(key) if before and before.scores else None
        )
        for key, measured in measure(run.scores).items()
        if measured.value is not None
    }
    scores = tuple(replace(each, id=case_key(run, each.id)) for each in run.scores)
    return Entry(run.version, reason, metrics, run.about, scores if run.system == "footnote" else ())


def _keep(key: str, value: float, measured: Measured, before: Kept | None) -> Kept:
    low, high = (round(value if each is None else each, 4) for each in (measured.low, measured.high))
    if BY_KEY[key].better == "higher":
        floor = before.floor if before and before.floor <= value else low
    else:
        floor = before.floor if before and before.floor >= value else high
    return Kept(round(value, 4), low, high, measured.n, floor)


def _plain(entry: Entry) -> dict[str, Any]:
    keys = sorted({key for score in entry.scores for key in score.values})
    rows = [
        [_figure(getattr(score, name)) for name in _COLUMNS]
        + [_figure(score.values.get(key)) for key in keys]
        for score in entry.scores
    ]
    plain = asdict(replace(entry, scores=()))
    plain["metrics"] = {key: asdict(kept) for key, kept in entry.metrics.items()}
    plain["scores"] = {"columns": [*_COLUMNS, *(f"values.{key}" for key in keys)], "rows": rows}
    return plain


def _figure(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return round(value, 4) if isinstance(value, float) else value


def _entry(plain: dict[str, Any]) -> Entry:
    import pydantic

    columns = plain["scores"]["columns"]
    scores = []
    for row in plain["scores"]["rows"]:
        cells = dict(zip(columns, row, strict=True))
        values = {
            key.partition(".")[2]: cells.pop(key)
            for key in columns
            if key.startswith("values.") and (cells[key] is not None or cells.pop(key))
        }
        scores.append(
            {**cells, "kind": "", "cluster": "", "unit": "", "tags": (), "seconds": 0, "values": values}
        )
    adapter = pydantic.TypeAdapter(Entry)
    return adapter.validate_python({**plain, "scores": scores})


def _lines(value: Any, depth: int = 0) -> str:
    """JSON with mappings opened down to the metrics and lists of rows opened, all else on one line."""
    opened = isinstance(value, dict) and depth < 5
    rows = isinstance(value, list) and value and isinstance(value[0], list)
    if not value or not (opened or rows):
        return json.dumps(value, ensure_ascii=False)
    inside, outside = " " * (depth + 1), " " * depth
    if rows:
        parts = [inside + json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in value]
        return "[\n" + ",\n".join(parts) + f"\n{outside}]"
    parts = [f"{inside}{json.dumps(key)}: {_lines(each, depth + 1)}" for key, each in value.items()]
    return "{\n" + ",\n".join(parts) + f"\n{outside}}}"
