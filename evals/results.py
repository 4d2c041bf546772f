"""A run of one suite by one system, and how it is kept in a JSON file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.answers import Answer
from evals.cases import Case, Half, Label, label
from evals.errors import RunError
from evals.invariants import Breach
from evals.metrics import measure
from evals.scores import Score


@dataclass(frozen=True, slots=True)
class Seen:
    """The texts of a case and its answer, kept only where they may be looked at."""

    question: str
    history: tuple[str, ...]
    expected: tuple[tuple[str, ...], ...]
    gold: tuple[Label, ...]
    answer: str
    short_answer: str | None
    cited: tuple[Label, ...]
    retrieved: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One case of a run. `seen` is None for a case that is kept hidden."""

    score: Score
    breaches: tuple[Breach, ...]
    seen: Seen | None


@dataclass(frozen=True, slots=True)
class Run:
    """One half of a suite, run by one system on one corpus."""

    suite: str
    half: Half
    system: str
    corpus: str
    version: str
    results: tuple[Result, ...]
    seconds: float

    @property
    def target(self) -> str:
        """What was measured, as reports and the baseline name it, such as "corpus.dev on seeds"."""
        return f"{self.suite}.{self.half} on {self.corpus}"

    @property
    def scores(self) -> list[Score]:
        """The scores of all cases."""
        return [each.score for each in self.results]

    @property
    def breaches(self) -> list[Breach]:
        """Every broken invariant."""
        return [breach for each in self.results for breach in each.breaches]


def look(case: Case, answer: Answer, retrieved: Sequence[Label | None]) -> Seen:
    """What a person wants to see of a case that went wrong."""
    return Seen(
        question=case.question,
        history=case.history,
        expected=case.answer,
        gold=tuple(sorted(case.gold)),
        answer=answer.answer,
        short_answer=answer.short_answer,
        cited=tuple(dict.fromkeys(label(each.document_id, each.paragraph) for each in answer.citations)),
        retrieved=tuple(each for each in retrieved if each is not None),
    )


def write_runs(path: Path, runs: Sequence[Run]) -> None:
    """Write runs with their metrics as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"runs": [_plain(run) for run in runs]}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def read_runs(path: Path) -> list[Run]:
    """Read what `write_runs` wrote.

    Raises:
        RunError: the file is missing or something else.
    """
    import pydantic

    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return pydantic.TypeAdapter(list[Run]).validate_python(values["runs"])
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:  # not JSON, or JSON of something else
        raise RunError(f"{path} is no result of: python -m evals run SUITE --json {path}") from error


def _plain(run: Run) -> dict[str, Any]:
    values = asdict(run)
    measured = measure(run.scores)
    return {**values, "metrics": {key: asdict(each) for key, each in measured.items()}}
