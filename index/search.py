"""Three legs fused: paragraphs by vector, their sentences by vector, and BM25.

Each leg gives a paragraph a raw score; scores are standardised within the leg over what it found and
summed, so that a leg's opinion counts by how far it stands out (score fusion; with ranks alone, as in
reciprocal rank fusion, it did worse here).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

from index.documents import Found, Hit, Leg, Paragraph

WEIGHTS: Mapping[Leg, float] = {"paragraph": 1.0, "sentence": 1.0, "bm25": 1.0}

Scored = Sequence[tuple[Paragraph, float]]
"""What one leg found: paragraphs with raw scores, each paragraph once, best first."""


def fuse(legs: Mapping[Leg, Scored], k: int) -> list[Hit]:
    """The `k` best paragraphs over all legs, best first.

    A paragraph that a leg did not find gets that leg's lowest standardised score. Ties are broken by
    document and number, so that the order is the same on every run.
    """
    found: dict[tuple[str, int], tuple[Paragraph, list[Found]]] = {}
    totals: dict[tuple[str, int], float] = {}
    for leg, scored in legs.items():
        for rank, (paragraph, score) in enumerate(scored, 1):
            place = (paragraph.document_id, paragraph.number)
            found.setdefault(place, (paragraph, []))[1].append(Found(leg, score, rank))
    for leg, scored in legs.items():
        standard = _standardised([score for _, score in scored])
        given = {(p.document_id, p.number): z for (p, _), z in zip(scored, standard, strict=True)}
        lowest = min(standard, default=0.0)
        for place in found:
            totals[place] = totals.get(place, 0.0) + WEIGHTS[leg] * given.get(place, lowest)
    order = sorted(found, key=lambda place: (-totals[place], place))
    return [Hit(found[place][0], totals[place], tuple(found[place][1])) for place in order[:k]]


def best_per_paragraph(scored: Sequence[tuple[Paragraph, float]]) -> Scored:
    """Each paragraph once, with its highest score, best first."""
    best: dict[tuple[str, int], tuple[Paragraph, float]] = {}
    for paragraph, score in scored:
        place = (paragraph.document_id, paragraph.number)
        if place not in best or score > best[place][1]:
            best[place] = (paragraph, score)
    return sorted(best.values(), key=lambda pair: (-pair[1], pair[0].document_id, pair[0].number))


def _standardised(scores: Sequence[float]) -> list[float]:
    if not scores:
        return []
    mean = fmean(scores)
    spread = math.sqrt(fmean((score - mean) ** 2 for score in scores))  # pstdev is exact, and slow
    return [(score - mean) / spread if spread > 1e-9 else 0.0 for score in scores]
