"""Benchmarks: how long indexing, searching and answering take, beside the llama-index starter."""

from __future__ import annotations

import time
from collections.abc import Callable


def seconds(step: Callable[[], object]) -> float:
    """How long one call takes, by the wall clock."""
    started = time.perf_counter()
    step()
    return time.perf_counter() - started
