"""Runs of several corpora side by side, a process for each: results are those of one after the other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue

from evals.cases import Suite
from evals.errors import RunError
from evals.journal import Journal
from evals.results import Run
from evals.session import Selection, Session, Target, Tools


@dataclass(frozen=True, slots=True)
class Part:
    """What one process does: these targets, each with its suites, one after the other."""

    plan: tuple[tuple[Target, tuple[Suite, ...]], ...]
    selection: Selection
    tools: Tools


Done = tuple[list[Run], list[Journal]]
"""Runs, and the journals that are to be removed when these are written."""


def run_parts(parts: Sequence[Part], jobs: int, on_case: Callable[[], None]) -> Done:
    """The runs of all parts in their order.

    At most `jobs` processes work at a time, each with its share of the processors; of one part or one job none is
    started. `on_case` is called in this process.

    Raises:
        FootnoteError: as running one after the other.
        RunError: a process was killed.
    """
    if min(jobs, len(parts)) == 1:
        done = [_run(part, on_case) for part in parts]
    else:
        done = _side_by_side(parts, min(jobs, len(parts)), on_case)
    return [run for runs, _ in done for run in runs], [each for _, journals in done for each in journals]


def _side_by_side(parts: Sequence[Part], jobs: int, on_case: Callable[[], None]) -> list[Done]:
    context = multiprocessing.get_context("spawn")
    cases: SimpleQueue[bool] = context.SimpleQueue()
    listening = threading.Thread(target=_count, args=(cases, on_case), daemon=True)
    listening.start()
    threads = max(1, (os.cpu_count() or 1) // jobs)
    pool = ProcessPoolExecutor(jobs, context, _begin, (cases, threads))
    try:
        return list(pool.map(_work, parts))
    except BrokenProcessPool as error:
        raise RunError(
            "A process that ran suites was killed, perhaps for want of memory. Run them one after the other: --jobs 1"
        ) from error
    except BaseException:
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        cases.put(False)
        listening.join()


_cases: SimpleQueue[bool] | None = None
"""Of a worker process: where it tells of each case that is done."""


def _begin(cases: SimpleQueue[bool], threads: int) -> None:
    """Make a process a worker, before torch is imported; Ctrl-C is for the process that started it."""
    global _cases
    _cases = cases
    os.environ["OMP_NUM_THREADS"] = str(threads)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work(part: Part) -> Done:
    assert _cases is not None
    cases = _cases
    return _run(part, lambda: cases.put(True))


def _run(part: Part, on_case: Callable[[], None]) -> Done:
    session = Session(part.tools)
    runs = [
        run for target, suites in part.plan for run in session.run(suites, target, part.selection, on_case)
    ]
    return runs, session.journals


def _count(cases: SimpleQueue[bool], on_case: Callable[[], None]) -> None:
    while cases.get():
        on_case()
