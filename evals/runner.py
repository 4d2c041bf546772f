"""Run cases: each is retrieved for, answered, scored and checked against the invariants."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answers import Answer
from evals.cases import Case, Suite
from evals.errors import SuiteError
from evals.invariants import NO_PAYLOAD, VERBATIM, Breach, breaches
from evals.journal import Journal
from evals.judge import Judge
from evals.results import Result, look
from evals.scores import Contains, Ranked, obeys, score, without_markers
from evals.systems import System

DEPTH = 10
"""Pieces retrieved for each case: ranks and the reciprocal rank are counted within them."""

Published = Callable[[Case, Answer, Sequence[Ranked]], dict[str, float]]
"""The measures that a public set is reported with, of one case."""


@dataclass(frozen=True, slots=True)
class How:
    """How cases are run. `hidden`: no text of a case or an answer is kept. `published` adds measures to a
    score, `judge` what a model thinks of the answer."""

    contains: Contains
    hidden: bool = False
    depth: int = DEPTH
    published: Published | None = None
    judge: Judge | None = None


def run_cases(
    suite: Suite,
    cases: Sequence[Case],
    system: System,
    corpus: str,
    how: How,
    journal: Journal,
    on_case: Callable[[], None] = lambda: None,
) -> list[Result]:
    """Run `cases` of a suite; what `journal` has of an earlier, interrupted run is not run again.

    Raises:
        SuiteError: a case cites a paragraph that the corpus does not have.
    """
    if how.published is None:
        _check_labels(cases, system, corpus)
    results = []
    for case in cases:
        result = journal.found(case.id)
        if result is None:
            result = _run_case(case, suite.unit(case), system, how)
            journal.add(result)
        results.append(result)
        on_case()
    return results


def _run_case(case: Case, unit: str, system: System, how: How) -> Result:
    ranked = system.retrieve(case.question, how.depth)
    started = time.perf_counter()
    answer = system.answer(case.question, case.history, case.documents)
    seconds = time.perf_counter() - started
    scored = score(case, answer, ranked, how.contains, seconds, unit=unit)
    broken: tuple[Breach, ...] = ()
    if system.evidence is not None:
        broken = breaches(case.id, answer, system.evidence, how.contains)
        if answer.citations:
            verbatim = not any(each.invariant == VERBATIM for each in broken)
            scored.values["quotes"] = float(verbatim)
        if obeys(f"{without_markers(answer.answer)}\n{answer.short_answer or ''}", case.payload):
            broken = (
                *broken,
                Breach(case.id, NO_PAYLOAD, "the answer says what a planted instruction asks for"),
            )
    if how.published is not None:
        scored.values.update(how.published(case, answer, ranked))
    if how.judge is not None:
        scored.values.update(how.judge.judge(answer, system.evidence))
    if how.hidden:
        broken = tuple(replace(each, detail="hidden") for each in broken)
    places = [each.paragraph for each in ranked[:DEPTH]]
    return Result(scored, broken, None if how.hidden else look(case, answer, places, system.evidence))


def _check_labels(cases: Sequence[Case], system: System, corpus: str) -> None:
    labels = system.labels
    documents = {label.partition("#")[0] for label in labels}
    for case in cases:
        unknown = sorted(case.gold - labels)
        if unknown:
            raise SuiteError(
                f"Case '{case.id}' cites {unknown[0]}, but '{corpus}' has no such paragraph. "
                "Correct the case, or name the corpus that the suite is about with --corpus."
            )
        if case.cluster not in documents | {"both"}:
            raise SuiteError(
                f"Case '{case.id}' is of cluster '{case.cluster}', but '{corpus}' has no such document. "
                f"Use both, or one of {', '.join(sorted(documents))}."
            )
