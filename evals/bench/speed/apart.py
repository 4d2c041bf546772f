"""Work in a process of its own, so that its memory is known, with the allocator that the server and the build have."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from evals.bench.speed.figures import Figures
from index.allocator import tcmalloc

_PRELOAD = "LD_PRELOAD"


def apart(work: Callable[[], Figures]) -> Figures:
    """What the work gives; processes that it starts have no allocator but the one that they choose themselves."""
    with _preloaded():
        pool = multiprocessing.get_context("spawn").Pool(1, initializer=_forget)
    with pool:
        return pool.apply(work)


@contextmanager
def _preloaded() -> Iterator[None]:
    before, library = os.environ.get(_PRELOAD), tcmalloc()
    if library is not None:
        os.environ.setdefault(_PRELOAD, str(library))
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_PRELOAD, None)


def _forget() -> None:
    os.environ.pop(_PRELOAD, None)
