"""Following a folder: a call for every change in it. The one file that imports watchfiles."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

# A file is often written in several steps: it is looked at when nothing has changed for half a second, and when
# changes do not end, after five seconds.
SETTLED_MS = 500
LONGEST_MS = 5000
_PULSE_MS = 250


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

    def counts(_: object, path: str) -> bool:
        at = Path(path)
        if left_out is not None and at.is_relative_to(left_out):
            return False
        within = at.relative_to(root).parts if at.is_relative_to(root) else ()
        return not any(part.startswith(".") for part in within)

    while not stop.is_set():
        if root.is_dir():
            _follow_once(root, counts, changed, stop)
        else:
            changed()
            while not root.is_dir() and not stop.is_set():
                time.sleep(_PULSE_MS / 1000)


def _follow_once(
    root: Path, counts: Callable[[object, str], bool], changed: Callable[[], None], stop: Event
) -> None:
    """Follow the folder until it goes away or `stop` is set."""
    from watchfiles import watch

    first = True
    # It yields without changes as well, first when it has begun to look: what changes after that is not missed.
    for changes in watch(
        root,
        watch_filter=counts,
        debounce=LONGEST_MS,
        step=SETTLED_MS,
        rust_timeout=_PULSE_MS,
        yield_on_timeout=True,
        stop_event=stop,
        ignore_permission_denied=True,
    ):
        if not root.is_dir():
            return
        if first or changes:
            first = False
            changed()
