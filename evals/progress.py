"""How far a command is and how long it still takes: a bar on a terminal, plain lines elsewhere. Both on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LINES = 10


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Show `title` while the block runs; the function that it gives is called once per step."""
    if sys.stderr.isatty():
        with _bar(title, total) as step:
            yield step
    else:
        yield _lines(title, total)


def span(seconds: float) -> str:
    """Seconds as a person says them: "40 s", "3 min"."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


@contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(title, total=total)
        yield lambda: shown.advance(task)


def _lines(title: str, total: int) -> Callable[[], None]:
    done = 0
    began = first = time.perf_counter()

    def step() -> None:
        nonlocal done, first
        done += 1
        now = time.perf_counter()
        if done == 1:
            first = now
        if done == total:
            print(f"{title}: {done}/{total}", file=sys.stderr, flush=True)
        elif done % max(1, total // _LINES) == 0:
            # What comes before the first step, such as building an index, is not what the others take.
            pace = (now - first) / (done - 1) if done > 1 else now - began
            left = pace * (total - done)
            print(f"{title}: {done}/{total}, about {span(left)} left", file=sys.stderr, flush=True)

    return step
