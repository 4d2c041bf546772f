"""A run of one suite by one system, and how it is kept in a JSON file."""

from __future__ import annotations

import json
import math
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assistant.answers import Answer
from evals.cases import Case, Half, Label, label
from evals.errors import RunError
from evals.invariants import Breach, Evidence
from evals.metrics import measure
from evals.scores import Score


@dataclass(frozen=True, slots=True)
class Seen:
    """The texts of a case and its answer, kept only where they may be looked at.

    `sources` are the paragraphs that were cited or should have been, where the system has stored ones.
    """

    question: str
    history: tuple[str, ...]
    expected: tuple[tuple[str, ...], ...]
    gold: tuple[Label, ...]
    answer: str
    short_answer: str | None
    cited: tuple[Label, ...]
    retrieved: tuple[Label, ...]
    sources: dict[Label, str] = field(default_factory=dict)
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One case of a run. `seen` is None for a case that is kept hidden."""

    score: Score
    breaches: tuple[Breach, ...]
    seen: Seen | None


@dataclass(frozen=True, slots=True)
class Run:
    """One half of a suite, run by one system on one corpus.

    `about` says what answered: encoder, reader, settings. `memory_mb` is what the process held at the end.
    `partial` says that only some of the suite's cases were run.
    """

    suite: str
    half: Half
    system: str
    corpus: str
    version: str
    results: tuple[Result, ...]
    seconds: float
    about: dict[str, str] = field(default_factory=dict)
    memory_mb: float = 0.0
    partial: bool = False

    @property
    def target(self) -> str:
        """What was measured, as reports and the baseline name it, such as "corpus.dev on seeds"."""
        return f"{self.suite}.{self.half} on {self.corpus}"

    @property
    def by(self) -> str:
        """What answered, as reports name it: the system, with the model that wrote."""
        model = self.about.get("model")
        return f"{self.system} ({model})" if model else self.system

    @property
    def promises(self) -> bool:
        """Whether its answers have a library to keep to, so that invariants and its confidence mean something."""
        return "reader" in self.about

    @property
    def scores(self) -> list[Score]:
        """The scores of all cases."""
        return [each.score for each in self.results]

    @property
    def breaches(self) -> list[Breach]:
        """Every broken invariant."""
        return [breach for each in self.results for breach in each.breaches]


def look(case: Case, answer: Answer, retrieved: Sequence[Label | None], evidence: Evidence | None) -> Seen:
    """What a person wants to see of a case that went wrong."""
    cited = tuple(dict.fromkeys(label(each.document_id, each.paragraph) for each in answer.citations))
    return Seen(
        question=case.question,
        history=case.history,
        expected=case.answer,
        gold=tuple(sorted(case.gold)),
        answer=answer.answer,
        short_answer=answer.short_answer,
        cited=cited,
        retrieved=tuple(each for each in retrieved if each is not None),
        sources=_texts(evidence, sorted({*cited, *case.gold})),
        variant=case.variant,
    )


def latencies(run: Run) -> tuple[float, float]:
    """The median and the 95th percentile of the seconds of an answer, by nearest rank."""
    seconds = sorted(each.seconds for each in run.scores)
    return seconds[math.ceil(0.5 * len(seconds)) - 1], seconds[math.ceil(0.95 * len(seconds)) - 1]


def memory_mb() -> float:
    """The memory that this process holds, in MB; its highest so far where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


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


def _texts(evidence: Evidence | None, labels: Sequence[Label]) -> dict[Label, str]:
    if evidence is None:
        return {}
    places = {name: name.rpartition("#p") for name in labels}
    found = {name: evidence.paragraph(place[0], int(place[2])) for name, place in places.items()}
    return {name: paragraph.text for name, paragraph in found.items() if paragraph is not None}


def _plain(run: Run) -> dict[str, Any]:
    values = asdict(run)
    measured = measure(run.scores)
    return {**values, "metrics": {key: asdict(each) for key, each in measured.items()}}
