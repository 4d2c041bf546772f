"""One system on one corpus through several suites: opened once for the corpus as it is, once for each variant."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from evals.cases import Case, Kind, Suite
from evals.errors import UsageError
from evals.journal import FOLDER, Journal, journal_name
from evals.judge import Judge
from evals.results import Result, Run, memory_mb
from evals.runner import DEPTH, How, Published, run_cases
from evals.scores import Contains
from evals.systems import System
from evals.variants import Variant, varied

OpenSystem = Callable[[str, Path, Path | None], AbstractContextManager[System]]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run needs from outside: how a system is opened, and how facts are compared."""

    open_system: OpenSystem
    contains: Contains


@dataclass(frozen=True, slots=True)
class Selection:
    """Which cases are run: of these kinds and tags, or all."""

    kinds: tuple[Kind, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether it may leave cases out."""
        return bool(self.kinds or self.tags)

    def of(self, suite: Suite) -> tuple[Case, ...]:
        """The selected cases of a suite."""
        return tuple(
            case
            for case in suite.cases
            if (not self.kinds or case.kind in self.kinds)
            and (not self.tags or not set(self.tags).isdisjoint(case.tags))
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A corpus and a system, and how its suites are run there."""

    corpus: Path
    system: str = "footnote"
    data: Path | None = None
    show_test: bool = False
    depth: int = DEPTH
    published: Published | None = None
    judge: Judge | None = None


@dataclass(slots=True)
class _Progress:
    """What came out of a suite so far."""

    suite: Suite
    cases: tuple[Case, ...]
    results: dict[str, Result] = field(default_factory=dict)
    seconds: float = 0.0
    version: str = ""
    about: dict[str, str] = field(default_factory=dict)
    memory: float = 0.0


class Session:
    """Runs suites and keeps journals of what is not done; `close` removes them when all is done."""

    def __init__(self, tools: Tools, *, resume: Path | None = FOLDER) -> None:
        self._tools = tools
        self._resume = resume
        self.journals: list[Journal] = []

    def run(
        self,
        suites: Sequence[Suite],
        target: Target,
        selection: Selection = Selection(),
        on_case: Callable[[], None] = lambda: None,
    ) -> list[Run]:
        """A run of each suite that has a selected case, in their order.

        Raises:
            UsageError: no suite has one.
            SuiteError: a case cites a paragraph that the corpus does not have.
        """
        parts = [_Progress(suite, cases) for suite in suites if (cases := selection.of(suite))]
        if not parts:
            kinds = ", ".join((*selection.kinds, *selection.tags))
            raise UsageError(
                f"{' and '.join(f'{s.suite}.{s.half}' for s in suites)} has no case of kind {kinds}."
            )
        self._on(None, parts, target, on_case)
        for part in parts:
            for variant in part.suite.variants:
                self._on(variant, [part], target, on_case)
        return [
            Run(
                suite=part.suite.suite,
                half=part.suite.half,
                system=target.system,
                corpus=target.corpus.resolve().name,
                version=part.version,
                results=tuple(part.results[case.id] for case in part.cases),
                seconds=part.seconds,
                about=part.about,
                memory_mb=round(part.memory, 1),
                partial=len(part.cases) < len(part.suite.cases),
            )
            for part in parts
        ]

    def close(self) -> None:
        """Remove the journals: everything was run and written."""
        for journal in self.journals:
            journal.remove()

    def _on(
        self, variant: Variant | None, parts: Sequence[_Progress], target: Target, on_case: Callable[[], None]
    ) -> None:
        name = variant.name if variant else ""
        asked = {id(part): tuple(case for case in part.cases if case.variant == name) for part in parts}
        if not any(asked.values()):
            return
        with ExitStack() as stack:
            corpus = stack.enter_context(varied(target.corpus, variant)) if variant else target.corpus
            data = None if variant else target.data
            system = stack.enter_context(self._tools.open_system(target.system, corpus, data))
            for part in parts:
                if asked[id(part)]:
                    self._run(part, asked[id(part)], system, replace(target, corpus=corpus), on_case)

    def _run(
        self,
        part: _Progress,
        cases: tuple[Case, ...],
        system: System,
        target: Target,
        on_case: Callable[[], None],
    ) -> None:
        suite, name = part.suite, target.corpus.resolve().name
        hidden = suite.half == "test" and not target.show_test
        how = How(self._tools.contains, hidden, target.depth, target.published, target.judge)
        journal = Journal(None)
        if self._resume:
            parts = (
                suite.suite,
                suite.half,
                name,
                system.name,
                system.version,
                system.about.get("model", ""),
                str(hidden),
                str(target.depth),
                target.judge.name if target.judge else "",
            )
            journal = Journal(self._resume / journal_name(cases, *parts))
        self.journals.append(journal)
        started = time.perf_counter()
        for result in run_cases(suite, cases, system, name, how, journal, on_case):
            part.results[result.score.id] = result
        part.seconds += time.perf_counter() - started
        part.version = part.version or system.version
        part.about = part.about or dict(system.about) | ({"judge": target.judge.name} if target.judge else {})
        part.memory = max(part.memory, memory_mb())
