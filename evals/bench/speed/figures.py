"""What is made of measurements: percentiles, ratios with intervals, megabytes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Figures = dict[str, Any]
"""What a part measured, as its JSON has it."""
Ratio = tuple[float, float, float]
"""A ratio and its 95 % interval."""

ROUNDS = 2000
"""Resamples of an interval."""
SEED = 20240816
_KEPT = 500
"""Measurements that are kept of a longer list."""


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which that share of the values lies, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def summary(milliseconds: Sequence[float]) -> Figures:
    """How many there are, p50, p95 and p99 by nearest rank, and the values, of many every n-th."""
    shares = {f"p{p}": round(percentile(milliseconds, p), 3) for p in (50, 95, 99)}
    step = -(-len(milliseconds) // _KEPT)
    raw = [round(each, 2) for each in milliseconds[::step]]
    return {"n": len(milliseconds), **shares, "raw": raw}


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """The ratio of two medians with its 95 % interval, measurements resampled in each by themselves."""
    chance = np.random.default_rng(SEED)

    def medians(values: Sequence[float]) -> Array:
        drawn = chance.choice(np.asarray(values, dtype=float), size=(ROUNDS, len(values)))
        found: Array = np.median(drawn, axis=1)
        return found

    low, high = np.quantile(medians(ours) / medians(theirs), [0.025, 0.975])
    return float(np.median(ours) / np.median(theirs)), float(low), float(high)


def percentile_interval(values: Sequence[float], percent: int) -> Ratio:
    """A percentile with its 95 % interval."""
    chance = np.random.default_rng(SEED)
    drawn = chance.choice(np.asarray(values, dtype=float), size=(ROUNDS, len(values)))
    low, high = np.quantile(np.percentile(drawn, percent, axis=1), [0.025, 0.975])
    return percentile(values, percent), float(low), float(high)


def megabytes(folder: Path) -> float:
    """What the files of a folder take."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6


def spread(values: Sequence[Any], count: int) -> list[Any]:
    """At most `count` values, evenly from all over."""
    step = max(1, len(values) // max(1, count))
    return list(values[::step][:count])


def as_json(values: Figures) -> str:
    """Indented JSON with each list of numbers on one line."""
    text = json.dumps(values, indent=1, ensure_ascii=False)
    return (
        re.sub(r"\[[-\d.,eE\s]*\]", lambda found: re.sub(r"\s+", "", found[0]).replace(",", ", "), text)
        + "\n"
    )
