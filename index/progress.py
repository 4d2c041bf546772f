"""Progress of long work: a bar on a terminal, plain lines elsewhere, always on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def shown(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """A function to call with a name, the count done and the total; shows it until the block ends."""
    if not sys.stderr.isatty():
        yield _Lines(what)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, int] = {}

        def update(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(f"{what} {name}", total=total)
            progress.update(tasks[name], completed=done, total=total)  # type: ignore[arg-type]

        yield update


class _Lines:
    """A line when a file begins with work to do, and one for every tenth of it."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._tenths: dict[str, int] = {}

    def __call__(self, name: str, done: int, total: int) -> None:
        if not total:
            return
        tenth = done * 10 // total
        if self._tenths.get(name) != tenth:
            self._tenths[name] = tenth
            print(f"{self._what} {name}: {done} of {total}", file=sys.stderr, flush=True)
