"""Intervals by resampling units of cases, alone and paired (Efron 1979; cluster bootstrap: Field and Welsh 2007).

A statistic is a function of sums over cases, such as hits and cases of a share, so that a resample is a weighted sum:
`values` is (cases, sums), and `statistic` maps (..., sums) to (...), NaN where it is not defined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Statistic = Callable[[Array], Array]

ROUNDS = 2000
FEWEST = 5
"""Units that a paired difference needs: of fewer, all resamples may agree by chance."""
SEED = 20240816


def by_unit(units: Sequence[str], values: Array) -> Array:
    """(units, sums): the values of each unit's cases added up, units in order of first appearance."""
    order = {unit: row for row, unit in enumerate(dict.fromkeys(units))}
    totals = np.zeros((len(order), values.shape[1]))
    np.add.at(totals, [order[unit] for unit in units], values)
    return totals


def interval(
    units: Sequence[str], values: Array, statistic: Statistic, *, level: float = 0.95, rounds: int = ROUNDS
) -> tuple[float, float] | None:
    """The percentile interval of a statistic over resampled units; None where it is defined on no resample."""
    totals = by_unit(units, values)
    return _percentiles(statistic(_weights(len(totals), rounds) @ totals), level)


def paired_interval(
    units: Sequence[str],
    before: Array,
    after: Array,
    statistic: Statistic,
    *,
    level: float = 0.95,
    rounds: int = ROUNDS,
) -> tuple[float, float] | None:
    """The interval of after minus before, both on the same resamples of the same cases; None of too few units."""
    if len(set(units)) < FEWEST:
        return None
    weights = _weights(len(set(units)), rounds)
    first, second = by_unit(units, before), by_unit(units, after)
    return _percentiles(statistic(weights @ second) - statistic(weights @ first), level)


def _weights(count: int, rounds: int) -> Array:
    """(rounds, count): how often each unit is drawn, seeded, so that figures repeat."""
    if not count:
        return np.zeros((0, 0))
    return np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), rounds).astype(float)


def _percentiles(values: Array, level: float) -> tuple[float, float] | None:
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
