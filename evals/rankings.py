"""Retrieval measures of one question, through ir-measures (trec_eval underneath). The one file that imports it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from evals.errors import UsageError

MEASURES: dict[str, str] = {
    "hit_1": "Success@1",
    "hit_3": "Success@3",
    "hit_5": "Success@5",
    "mrr": "RR@10",
    "ndcg_10": "nDCG@10",
    "recall_5": "R@5",
    "recall_10": "R@10",
    "recall_100": "R@100",
}
"""Our keys -> the measures as ir-measures writes them (https://ir-measur.es)."""


def ranking_measures(
    gold: Mapping[str, int], ranked: Sequence[str | None], keys: Sequence[str]
) -> dict[str, float]:
    """The measures `keys` of one ranking, best first, against `gold` (paragraph -> relevance).

    Places are turned into falling scores, so that what two systems score alike is ranked as they gave it and never
    as trec_eval breaks ties. A place that is no paragraph keeps its rank.
    """
    run = {place or f"(nothing {rank})": float(len(ranked) - rank) for rank, place in enumerate(ranked)}
    measures = _parsed(tuple(keys))
    found = _calc(list(measures.values()), {"q": dict(gold)}, {"q": run or {"(nothing)": 0.0}})
    return {key: float(found[measure]) for key, measure in measures.items()}


@cache
def _parsed(keys: tuple[str, ...]) -> dict[str, Any]:
    import ir_measures

    unknown = [key for key in keys if key not in MEASURES]
    if unknown:
        raise UsageError(f"There is no measure {unknown[0]!r}. Use one of {', '.join(MEASURES)}.")
    return {key: ir_measures.parse_measure(MEASURES[key]) for key in keys}


def _calc(measures: list[Any], gold: dict[str, dict[str, int]], run: dict[str, dict[str, float]]) -> Any:
    import ir_measures

    return ir_measures.calc_aggregate(measures, gold, run)
