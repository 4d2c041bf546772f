"""Progress of long work: a bar on a terminal, plain lines elsewhere, always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

# How long a file is read before a plain line says that it still is.
QUIET_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Step:
    """Where a sync is: `file` is the `number`th of the `files` that it has to read.

    While embedding, `done` of `total` chunks are; while reading, both are 0, since how far a reader has got is not
    known. A step of reading comes again every second.
    """

    stage: Literal["reading", "embedding"]
    file: str
    number: int
    files: int
    done: int = 0
    total: int = 0


Progress = Callable[[Step], None]


def unseen(step: Step) -> None:
    """Progress that nobody looks at."""


@contextmanager
def shown() -> Iterator[Progress]:
    """A function to call with each step; shows it until the block ends."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
    )
    with Bars(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None, count="", visible=False)
        at: tuple[str, str] | None = None

        def update(step: Step) -> None:
            nonlocal at
            if (step.stage, step.file) != at:
                at = (step.stage, step.file)
                bars.reset(task, total=step.total or None, description=_title(step), visible=True)
            bars.update(task, completed=step.done, count=f"{step.done}/{step.total}" if step.total else "")

        yield update


def _title(step: Step) -> str:
    return f"{step.stage} {step.file} ({step.number} of {step.files})"


class _Lines:
    """A line when a stage of a file begins, one for every tenth of its chunks, and one now and then in between."""

    def __init__(self) -> None:
        self._at: tuple[str, str] | None = None
        self._begun = self._said = 0.0
        self._tenth = 0

    def __call__(self, step: Step) -> None:
        now = time.monotonic()
        if (step.stage, step.file) != self._at:
            self._at, self._begun, self._tenth = (step.stage, step.file), now, 0
            if step.stage == "reading":
                self._say(_title(step), now)
            elif step.total:
                self._say(f"embedding {step.file}: {step.done} of {step.total}", now)
            return
        seconds = f"{now - self._begun:.1f} s"
        if step.stage == "reading":
            if now - self._said >= QUIET_SECONDS:
                self._say(f"reading {step.file}: {seconds} so far", now)
            return
        tenth = step.done * 10 // step.total if step.total else 0
        if tenth != self._tenth or (step.total and now - self._said >= QUIET_SECONDS):
            self._tenth = tenth
            self._say(f"embedding {step.file}: {step.done} of {step.total}, {seconds}", now)

    def _say(self, line: str, now: float) -> None:
        self._said = now
        print(line, file=sys.stderr, flush=True)
