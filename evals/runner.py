"""Run a suite: each case is retrieved for, answered, scored and checked against the invariants."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from evals.cases import Case, Kind, Suite
from evals.errors import SuiteError, UsageError
from evals.invariants import Breach, breaches
from evals.results import Result, Run, look
from evals.scores import Contains, score
from evals.systems import System

DEPTH = 10
"""Pieces retrieved for each case: ranks and the reciprocal rank are counted within them."""


def run_suite(
    suite: Suite,
    system: System,
    corpus: str,
    contains: Contains,
    *,
    kinds: Collection[Kind] = (),
    show_test: bool = False,
    on_case: Callable[[], None] = lambda: None,
) -> Run:
    """Run the cases of `suite`, those of `kinds` only where some are named.

    The texts of the test half are left out of the result unless `show_test` is set, so that
    nobody tunes on them by accident. `on_case` is called after each case.

    Raises:
        SuiteError: a case cites a paragraph that the corpus does not have.
        UsageError: no case is of one of the kinds.
    """
    cases = [case for case in suite.cases if not kinds or case.kind in kinds]
    if not cases:
        raise UsageError(f"Suite '{suite.suite}' ({suite.half}) has no case of kind {', '.join(kinds)}.")
    _check_labels(suite, system, corpus)
    hidden = suite.half == "test" and not show_test
    started = time.perf_counter()
    results = []
    for case in cases:
        results.append(_run_case(case, system, contains, hidden))
        on_case()
    return Run(
        suite=suite.suite,
        half=suite.half,
        system=system.name,
        corpus=corpus,
        version=system.version,
        results=tuple(results),
        seconds=time.perf_counter() - started,
    )


def _run_case(case: Case, system: System, contains: Contains, hidden: bool) -> Result:
    ranked = system.retrieve(case.question, DEPTH)
    started = time.perf_counter()
    answer = system.answer(case.question, case.history)
    seconds = time.perf_counter() - started
    broken: tuple[Breach, ...] = ()
    if system.evidence is not None:
        broken = breaches(case.id, answer, system.evidence, contains)
    if hidden:
        broken = tuple(Breach(each.case, each.invariant, "hidden") for each in broken)
    return Result(
        score=score(case, answer, ranked, contains, seconds),
        breaches=broken,
        seen=None if hidden else look(case, answer, [each.paragraph for each in ranked]),
    )


def _check_labels(suite: Suite, system: System, corpus: str) -> None:
    labels = system.labels
    documents = {label.partition("#")[0] for label in labels}
    for case in suite.cases:
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
