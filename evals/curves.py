"""How far a confidence can be trusted: reliability and risk against coverage.

Both are over the answers that were given. A system that refuses shows only the upper part of the curves; the whole of
them comes from a run with abstention off (`--system footnote-open`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.metrics import mean
from evals.scores import Score

_BINS = 10


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
        (each.confidence, each.expected == "answer" and answered_right(each))
        for each in scores
        if each.expected != "either" and each.verdict != "not_in_corpus"
    ]


def answered_right(score: Score) -> bool:
    """Whether facts and citations are right, whatever the verdict says."""
    return score.facts and score.clean and score.cite_any and score.cite_all


def reliability(scores: Sequence[Score], bins: int = _BINS) -> list[Bin]:
    """Answers in `bins` equal ranges of confidence, empty ranges left out (Niculescu-Mizil and Caruana 2005)."""
    found = []
    answers = given(scores)
    for i in range(bins):
        low, high = i / bins, (i + 1) / bins
        inside = [one for one in answers if low <= one[0] < high or (i == bins - 1 and one[0] == 1.0)]
        if inside:
            confidence, right = mean([c for c, _ in inside]), mean([float(r) for _, r in inside])
            found.append(Bin(len(inside), confidence or 0.0, right or 0.0))
    return found


def calibration_error(scores: Sequence[Score]) -> float | None:
    """The expected calibration error over the bins (Naeini et al. 2015); None where nothing was answered."""
    bins = reliability(scores)
    total = sum(one.n for one in bins)
    return sum(one.n * abs(one.confidence - one.right) for one in bins) / total if total else None


def risk_coverage(scores: Sequence[Score], points: int = _BINS) -> list[Point]:
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
    return mean(risks)
