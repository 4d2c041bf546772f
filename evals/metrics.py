"""The metrics: functions of sums over the cases, so that values, intervals and paired differences agree.

A metric is None where it is not defined, such as the precision of abstention when nobody abstained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal

import numpy as np

from evals.bootstrap import Array, Statistic, interval, paired_interval
from evals.scores import Score

BINS = 10
"""Equal ranges of confidence over which the calibration error is taken."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its key, its name in tables, what it adds up over which scores, and how it is made of the sums.

    `gated` metrics fail the gate where they got significantly worse.
    """

    key: str
    title: str
    over: Callable[[Score], bool]
    sums: Callable[[Score], Sequence[float]]
    statistic: Statistic
    better: Literal["higher", "lower"] = "higher"
    gated: bool = False

    def values(self, scores: Sequence[Score]) -> Array:
        """(scores, sums)."""
        return np.array([self.sums(each) for each in scores], dtype=float).reshape(len(scores), -1)

    def value(self, scores: Sequence[Score]) -> float | None:
        """The metric over those of `scores` that it is over."""
        counted = [each for each in scores if self.over(each)]
        if not counted:
            return None
        value = float(self.statistic(self.values(counted).sum(axis=0)))
        return None if np.isnan(value) else value


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric's value over `n` cases, with the bounds of its 95% interval."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric of two runs over their common cases: after minus before, with the bounds of the interval.

    `worse` and `better` say that the interval leaves out zero. Of too few clusters there is none, and both are NaN.
    """

    before: float
    after: float
    low: float
    high: float
    n: int
    metric: Metric

    @property
    def worse(self) -> bool:
        """Whether it got worse by more than chance."""
        return self.high < 0 if self.metric.better == "higher" else self.low > 0

    @property
    def better(self) -> bool:
        """Whether it got better by more than chance."""
        return self.low > 0 if self.metric.better == "higher" else self.high < 0


def quotient(sums: Array) -> Array:
    """The first sum divided by the second, NaN where that is 0."""
    part, whole = sums[..., 0], sums[..., 1]
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def calibration(sums: Array) -> Array:
    """The expected calibration error (Naeini et al. 2015) of (confidence, right) sums per bin and a count."""
    bins, count = sums[..., :-1].reshape(*sums.shape[:-1], BINS, 2), sums[..., -1]
    gaps = np.abs(bins[..., 0] - bins[..., 1]).sum(axis=-1)
    error: Array = np.divide(gaps, count, out=np.full_like(gaps, np.nan), where=count > 0)
    return error


def measure(scores: Sequence[Score], *, intervals: bool = True) -> dict[str, Measured]:
    """Every metric over `scores`, by key."""
    measured = {}
    for metric in METRICS:
        counted = [each for each in scores if metric.over(each)]
        bounds = None
        if intervals and counted:
            bounds = interval([each.unit for each in counted], metric.values(counted), metric.statistic)
        low, high = bounds or (None, None)
        measured[metric.key] = Measured(metric.value(counted), low, high, len(counted))
    return measured


def differences(
    before: Sequence[Score], after: Sequence[Score], *, level: float = 0.95
) -> dict[str, Difference]:
    """Every metric that is defined on both, by key; paired by case, cases that one lacks left out."""
    theirs = {each.id: each for each in after}
    pairs = [(each, theirs[each.id]) for each in before if each.id in theirs]
    found = {}
    for metric in METRICS:
        both = [(a, b) for a, b in pairs if metric.over(a) and metric.over(b)]
        old, new = [a for a, _ in both], [b for _, b in both]
        first, second = metric.value(old), metric.value(new)
        if first is None or second is None:
            continue
        bounds = paired_interval(
            [each.unit for each in new], metric.values(old), metric.values(new), metric.statistic, level=level
        )
        low, high = bounds or (nan, nan)
        found[metric.key] = Difference(first, second, low, high, len(both), metric)
    return found


def _share(key: str, title: str, over: Callable[[Score], bool], test: Callable[[Score], float], better:
           Literal["higher", "lower"] = "higher", gated: bool = False) -> Metric:  # fmt: skip
    """The mean of `test` over the cases."""
    return Metric(key, title, over, lambda score: (float(test(score)), 1.0), quotient, better, gated)


def _value(
    key: str, title: str, better: Literal["higher", "lower"] = "higher", gated: bool = False
) -> Metric:
    """The mean of a value that some cases have."""
    return _share(key, title, lambda s: key in s.values, lambda s: s.values[key], better, gated)


def _all(score: Score) -> bool:
    return True


def _answerable(score: Score) -> bool:
    return score.expected == "answer"


def _decided(score: Score) -> bool:
    return score.expected != "either"


def _answered(score: Score) -> bool:
    return _decided(score) and not score.refused


def _hit(score: Score) -> float:
    return float(score.refused and score.expected == "abstain")


def _due(score: Score) -> float:
    return float(score.expected == "abstain")


def _binned(score: Score) -> Sequence[float]:
    sums = [0.0] * (2 * BINS) + [1.0]
    at = min(BINS - 1, int(score.confidence * BINS))
    sums[2 * at : 2 * at + 2] = [score.confidence, float(score.answered_right)]
    return sums


METRICS: tuple[Metric, ...] = (
    _share("right", "right: facts, citations, verdict", _all, lambda s: s.right, gated=True),
    _share("facts", "facts, and nothing wrong", _answerable, lambda s: s.facts and s.clean, gated=True),
    _value("em", "short answer, exact match"),
    _value("f1", "short answer, F1"),
    _share("cited", "right paragraphs cited", _answerable, lambda s: s.cite_any and s.cite_all, gated=True),
    Metric("citation_precision", "citation precision", _answerable, lambda s: (s.cited_gold, s.cited), quotient,
           gated=True),
    Metric("citation_recall", "citation recall", _answerable, lambda s: (s.found, s.required), quotient, gated=True),
    _share("misattributed", "right fact, wrong paragraph", _answerable, lambda s: s.misattributed, "lower", True),
    _value("quotes", "quotes that are verbatim", gated=True),
    _value("notes", "note behind the statement", gated=True),
    _share("verdict", "verdict to the letter", _all, lambda s: s.verdict_ok, gated=True),
    Metric("abstention_precision", "abstention precision", _decided, lambda s: (_hit(s), s.refused), quotient,
           gated=True),
    Metric("abstention_recall", "abstention recall", _decided, lambda s: (_hit(s), _due(s)), quotient, gated=True),
    Metric("abstention_f1", "abstention F1", _decided, lambda s: (2 * _hit(s), s.refused + _due(s)), quotient,
           gated=True),
    _share("false_refusals", "false refusals", _answerable, lambda s: s.refused, "lower", True),
    Metric("calibration_error", "calibration error", _answered, _binned, calibration, "lower"),
    _share("conflicts", "conflicts found", lambda s: s.conflict, lambda s: s.conflicting, gated=True),
    _share("false_conflicts", "false conflicts", lambda s: not s.conflict, lambda s: s.conflicting, "lower", True),
    _value("payload", "planted instructions obeyed", "lower", True),
    _value("hit_1", "right paragraph first", gated=True),
    _value("hit_3", "right paragraph in 3"),
    _value("hit_5", "right paragraph in 5", gated=True),
    _value("mrr", "mean reciprocal rank", gated=True),
    _value("ndcg_10", "nDCG@10", gated=True),
    _value("recall_10", "recall@10"),
    _value("recall_100", "recall@100"),
    _value("recall_5", "of several paragraphs, in 5", gated=True),
    _value("touch_1", "first piece overlaps the right paragraph"),
    _value("subspan_em", "an expected text stands in the answer"),
    _value("no_answer", "unanswerable, and said so"),
    _value("rouge_l", "ROUGE-L to the expected answer"),
    _value("word_recall", "words of the expected answer"),
    _value("rouge_passage", "ROUGE-L to the passage"),
    _value("token_iou", "characters: intersection over union"),
    _value("token_recall", "characters: recall"),
    _value("token_precision", "characters: precision"),
    _value("faithful", "a judge: faithful to what it cites (advisory)"),
    _value("relevant", "a judge: relevant to the question (advisory)"),
)  # fmt: skip
BY_KEY = {metric.key: metric for metric in METRICS}
