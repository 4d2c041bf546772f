"""How far a confidence can be trusted: reliability and risk against coverage.

Both are over the answers that were given. A system that refuses shows only the upper part of the curves; the whole of
them comes from a run with abstention off (`--system footnote-open`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from evals.metrics import BINS
from evals.scores import Score


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence: how many, their mean confidence, and the share of them that is right."""

    n: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Point:
    """Answering only above `confidence`: the share of cases answered, and the share of those that is wrong."""

    confidence: float
    coverage: float
    risk: float


def given(scores: Sequence[Score]) -> list[tuple[float, bool]]:
    """(confidence, whether it is a right answer with a right source) of every answer that was given."""
    return [
        (each.confidence, each.answered_right)
        for each in scores
        if each.expected != "either" and not each.refused
    ]


def reliability(scores: Sequence[Score], bins: int = BINS) -> list[Bin]:
    """Answers in `bins` equal ranges of confidence, empty ranges left out (Niculescu-Mizil and Caruana 2005)."""
    found = []
    answers = given(scores)
    for i in range(bins):
        low, high = i / bins, (i + 1) / bins
        inside = [one for one in answers if low <= one[0] < high or (i == bins - 1 and one[0] == 1.0)]
        if inside:
            found.append(Bin(len(inside), fmean(c for c, _ in inside), fmean(float(r) for _, r in inside)))
    return found


def risk_coverage(scores: Sequence[Score], points: int = BINS) -> list[Point]:
    """Risk at rising coverage, most confident answers first (El-Yaniv and Wiener 2010); coverage is over all cases."""
    cases = sum(each.expected != "either" for each in scores)
    answers = sorted(given(scores), key=lambda one: -one[0])
    found: list[Point] = []
    for i in range(1, points + 1):
        n = round(len(answers) * i / points)
        if n and (not found or n / cases > found[-1].coverage):
            wrong = sum(not right for _, right in answers[:n])
            found.append(Point(answers[n - 1][0], n / cases, wrong / n))
    return found


def area_under_risk(scores: Sequence[Score]) -> float | None:
    """The mean risk over all coverages of the answers given (AURC); None where nothing was answered."""
    answers = sorted(given(scores), key=lambda one: -one[0])
    risks, wrong = [], 0
    for n, (_, right) in enumerate(answers, 1):
        wrong += not right
        risks.append(wrong / n)
    return fmean(risks) if risks else None
