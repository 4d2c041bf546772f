"""Reliability and risk against coverage over hand-made scores."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes_evals import CLOSED, OPENED, contains, quoting, refusing

from evals.cases import Case
from evals.curves import Bin, Point, area_under_risk, given, reliability, risk_coverage
from evals.metrics import BY_KEY
from evals.report import confidence
from evals.scores import Ranked, Score, score

P1 = "harbour#p1"
OPENING = Case("opening", "date", "When?", ("supported",), "harbour", (), (("1931",),), (P1,))
DEPTH = Case("depth", "unanswerable", "How deep?", ("not_in_corpus",), "harbour")


def scored(sure: float, *, right: bool = True, case: Case = OPENING) -> Score:
    answer = quoting(OPENED if right else CLOSED)
    made = score(case, answer, [Ranked(P1, frozenset({P1}))], contains)
    return replace(made, confidence=sure)


def refused() -> Score:
    return score(DEPTH, refusing(), [Ranked(P1, frozenset({P1}))], contains)


def test_a_refusal_gives_no_answer_to_judge() -> None:
    assert given([refused(), scored(0.9)]) == [(0.9, True)]


def test_an_answer_to_what_the_documents_do_not_say_is_wrong() -> None:
    assert given([scored(0.9, case=DEPTH)]) == [(0.9, False)]


def test_answers_of_like_confidence_are_counted_together() -> None:
    scores = [scored(0.92), scored(0.98), scored(1.0, right=False), scored(0.15, right=False)]
    low, high = reliability(scores)
    assert low == Bin(1, 0.15, 0.0)
    assert high.n == 3
    assert high.confidence == pytest.approx((0.92 + 0.98 + 1) / 3)
    assert high.right == pytest.approx(2 / 3)
    calibration_error = BY_KEY["calibration_error"].value
    assert calibration_error(scores) == pytest.approx((0.15 + 3 * abs(high.confidence - 2 / 3)) / 4)
    assert calibration_error([refused()]) is None


def test_risk_rises_with_coverage_of_all_cases() -> None:
    scores = [scored(0.9), scored(0.8), scored(0.7, right=False), refused()]
    first, second, third = risk_coverage(scores, points=3)
    assert (first, second) == (Point(0.9, 0.25, 0.0), Point(0.8, 0.5, 0.0))
    assert (third.confidence, third.coverage) == (0.7, 0.75)
    assert third.risk == pytest.approx(1 / 3)
    assert area_under_risk(scores) == pytest.approx(1 / 9)


def test_the_report_says_where_nothing_was_answered() -> None:
    assert confidence([refused()]) == ["Nothing was answered."]
    text = "\n".join(confidence([scored(0.9), scored(0.2, right=False)]))
    assert "Calibration error 0.15" in text
    assert "| 0.50" in text
