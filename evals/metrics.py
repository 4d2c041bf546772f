"""The metrics: pure functions from scores to one number, with a bootstrap interval.

A metric is None where it is not defined, such as the precision of abstention when nobody abstained.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal, TypeVar

from evals.scores import Score

T = TypeVar("T")
Statistic = Callable[[Sequence[Score]], float | None]

ROUNDS = 1000
SEED = 20240816


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its key, its name in tables, which scores it is over, and how it is computed."""

    key: str
    title: str
    over: Callable[[Score], bool]
    value: Statistic
    better: Literal["higher", "lower"] = "higher"


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric's value over `n` cases, with the bounds of its 95% interval."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return sum(values) / len(values) if values else None


def ratio(part: float, whole: float) -> float | None:
    """`part / whole`; None where `whole` is 0."""
    return part / whole if whole else None


def share(test: Callable[[Score], bool]) -> Statistic:
    """The share of scores that pass `test`."""
    return lambda scores: mean([test(each) for each in scores])


def hit_at(k: int, rank: Callable[[Score], int | None]) -> Statistic:
    """The share of cases with a gold paragraph among the first `k`."""
    return share(lambda each: (place := rank(each)) is not None and place <= k)


def reciprocal_rank(scores: Sequence[Score]) -> float | None:
    """The mean of 1 / rank of the first gold paragraph, 0 where none was retrieved (MRR)."""
    return mean([1 / each.rank if each.rank else 0.0 for each in scores])


def abstention(scores: Sequence[Score]) -> tuple[float | None, float | None, float | None]:
    """Precision, recall and F1 of saying not_in_corpus; positive are the cases that must abstain.

    F1 is 2 tp / (2 tp + fp + fn), the harmonic mean of the two (van Rijsbergen 1979).
    """
    said = [each for each in scores if each.verdict == "not_in_corpus"]
    due = [each for each in scores if each.expected == "abstain"]
    hits = sum(each.expected == "abstain" for each in said)
    f1 = ratio(2 * hits, len(said) + len(due))
    return ratio(hits, len(said)), ratio(hits, len(due)), f1


def citation_precision(scores: Sequence[Score]) -> float | None:
    """The share of cited paragraphs that are gold, over all paragraphs cited."""
    return ratio(sum(each.cited_gold for each in scores), sum(each.cited for each in scores))


def citation_recall(scores: Sequence[Score]) -> float | None:
    """The share of paragraphs that had to be cited that were, over all that had to be."""
    return ratio(sum(each.found for each in scores), sum(each.required for each in scores))


def _all(score: Score) -> bool:
    return True


def _answerable(score: Score) -> bool:
    return score.expected == "answer"


def _decided(score: Score) -> bool:
    return score.expected != "either"


def _conflict(score: Score) -> bool:
    return score.conflict


def _no_conflict(score: Score) -> bool:
    return not score.conflict


def _single(score: Score) -> bool:
    return score.retrieval


def _several(score: Score) -> bool:
    return score.recall_at_5 is not None


def recall_of_several(scores: Sequence[Score]) -> float | None:
    """The mean share of a case's paragraphs that are among the first five retrieved."""
    return mean([each.recall_at_5 for each in scores if each.recall_at_5 is not None])


_facts = share(lambda s: s.facts and s.clean)
_cited = share(lambda s: s.cite_any and s.cite_all)
_refused = share(lambda s: s.verdict == "not_in_corpus")
_conflicting = share(lambda s: s.verdict == "conflicting")

METRICS: tuple[Metric, ...] = (
    Metric("right", "right: facts, citations, verdict", _all, share(lambda s: s.right)),
    Metric("facts", "facts, and nothing wrong", _answerable, _facts),
    Metric("cited", "right paragraphs cited", _answerable, _cited),
    Metric("verdict", "verdict to the letter", _all, share(lambda s: s.verdict_ok)),
    Metric("citation_precision", "citation precision", _answerable, citation_precision),
    Metric("citation_recall", "citation recall", _answerable, citation_recall),
    Metric("abstention_precision", "abstention precision", _decided, lambda s: abstention(s)[0]),
    Metric("abstention_recall", "abstention recall", _decided, lambda s: abstention(s)[1]),
    Metric("abstention_f1", "abstention F1", _decided, lambda s: abstention(s)[2]),
    Metric("false_refusals", "false refusals", _answerable, _refused, "lower"),
    Metric("conflicts", "conflicts found", _conflict, _conflicting),
    Metric("false_conflicts", "false conflicts", _no_conflict, _conflicting, "lower"),
    Metric("hit_1", "right paragraph first", _single, hit_at(1, lambda s: s.rank)),
    Metric("hit_3", "right paragraph in 3", _single, hit_at(3, lambda s: s.rank)),
    Metric("hit_5", "right paragraph in 5", _single, hit_at(5, lambda s: s.rank)),
    Metric("mrr", "mean reciprocal rank", _single, reciprocal_rank),
    Metric("recall_5", "of several paragraphs, in 5", _several, recall_of_several),
    Metric("touch_1", "first piece overlaps the right paragraph", _single, hit_at(1, lambda s: s.touch_rank)),
)


def measure(scores: Sequence[Score], rounds: int = ROUNDS) -> dict[str, Measured]:
    """Every metric over `scores`, by key."""
    measured = {}
    for metric in METRICS:
        counted = [each for each in scores if metric.over(each)]
        low, high = bootstrap(counted, metric.value, rounds)
        measured[metric.key] = Measured(metric.value(counted), low, high, len(counted))
    return measured


def bootstrap(
    items: Sequence[T], statistic: Callable[[Sequence[T]], float | None], rounds: int = ROUNDS
) -> tuple[float | None, float | None]:
    """The 95% percentile interval of a statistic over resampled items (Efron 1979), seeded.

    Resamples on which the statistic is not defined are left out; (None, None) if all are.
    """
    if not items:
        return None, None
    chance = random.Random(SEED)
    drawn = (statistic(chance.choices(items, k=len(items))) for _ in range(rounds))
    values = sorted(value for value in drawn if value is not None)
    if not values:
        return None, None
    return values[int(0.025 * len(values))], values[min(int(0.975 * len(values)), len(values) - 1)]


def sign_test(better: int, worse: int) -> float:
    """The two-sided exact sign test: how likely a split at least this uneven is by chance."""
    n = better + worse
    tail = sum(comb(n, k) for k in range(min(better, worse) + 1)) / 2.0**n
    return min(1.0, 2 * tail)
