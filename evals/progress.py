"""How far a run is: a bar on a terminal, plain lines elsewhere. Both on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LINES = 4


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Show `title` while the block runs; the function that it gives is called once per step."""
    if sys.stderr.isatty():
        with _bar(title, total) as step:
            yield step
    else:
        yield _lines(title, total)


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

    def step() -> None:
        nonlocal done
        done += 1
        if done == total or done % max(1, total // _LINES) == 0:
            print(f"{title}: {done}/{total}", file=sys.stderr, flush=True)

    return step
