"""Following a folder: a call for every change in it.

The folder is looked through again and again, and its state compared with the one before. Notifications of the system
would come sooner, but not surely: watchfiles forgets what comes while it hands over what came before, a name that is
no text ends it, and network drives send none. A look at a thousand files takes some milliseconds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

# A file is often written in several steps: it is read when nothing has changed for half a second, and when changes do
# not end, after ten such looks.
SETTLED = 0.5
_MOST_LOOKS = 10
# A folder that takes long to look through is looked at less often: between two looks passes this many times as much.
_REST = 20

_State = Mapping[str, tuple[int, ...]] | None
"""What tells by path whether a file is another one or has changed; None where there is no folder."""


def follow(
    folder: Path, changed: Callable[[], None], *, ignored: Path | None = None, stop: Event | None = None
) -> None:
    """Call `changed` once at the start and again after every change in the folder, until `stop` is set.

    Hidden files and folders and whatever is within `ignored` do not count. Changes that come while `changed` runs are
    told after it. A folder that goes away counts as a change, and so does its return.

    Raises:
        KeyboardInterrupt: on Ctrl-C.
    """
    stop = stop or Event()
    root, left_out = folder.resolve(), ignored.resolve() if ignored else None
    state, took = _look(root, left_out)
    changed()
    while not stop.wait(max(SETTLED, _REST * took)):
        now, took = _look(root, left_out)
        if now == state:
            continue
        for _ in range(_MOST_LOOKS):
            if stop.wait(SETTLED):
                return
            before, (now, took) = now, _look(root, left_out)
            if now == before:
                break
        state = now  # of before `changed` looks itself, so that nothing falls between the two
        changed()


def _look(root: Path, left_out: Path | None) -> tuple[_State, float]:
    """The state of the folder, and how many seconds it took to see it."""
    started = time.monotonic()
    state = dict(_entries(root, left_out)) if root.is_dir() else None
    return state, time.monotonic() - started


def _entries(root: Path, left_out: Path | None) -> list[tuple[str, tuple[int, ...]]]:
    found = []
    for at, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and Path(at, name) != left_out]
        for name in (*folders, *names):
            if name.startswith("."):
                continue
            path = os.path.join(at, name)  # noqa: PTH118 - thousands of them, twice a second
            try:
                status = os.stat(path)  # noqa: PTH116
            except OSError:
                continue  # it has just gone, or leads nowhere
            # Of a folder only whether it can be looked into: its times change with hidden files, too.
            times = () if name in folders else (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            found.append((path, (status.st_mode, status.st_ino, *times)))
    return found
