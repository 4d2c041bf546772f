"""The threshold: decided by both kinds of case alike, and written where the reader reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.calibrate import Decided, Judged, calibrate, fit_judge, write_weights


def test_the_threshold_parts_what_is_answerable_from_what_is_not() -> None:
    cases = [
        Decided("one", 0.9, True, True),
        Decided("one", 0.7, True, True),
        Decided("one", 0.3, False, False),
        Decided("one", 0.1, False, False),
    ]
    best = calibrate(cases, refuse=1.0)
    assert best.threshold == pytest.approx(0.5)
    assert (best.answered, best.refused) == (1.0, 1.0)


def test_a_wrong_answer_to_an_answerable_case_does_not_speak_for_a_low_threshold() -> None:
    cases = [
        Decided("one", 0.9, True, True),
        Decided("one", 0.2, True, False),
        Decided("one", 0.4, False, False),
    ]
    best = calibrate(cases, refuse=1.0)
    assert best.threshold > 0.4
    assert (best.answered, best.refused) == (0.5, 1.0)


def test_what_is_refused_is_asked_for_and_the_most_is_answered_with_it() -> None:
    cases = [Decided("one", 0.5, True, True)] * 10 + [
        Decided("one", 0.6, False, False),
        Decided("one", 0.1, False, False),
    ]
    half, whole = calibrate(cases, refuse=0.5), calibrate(cases, refuse=1.0)
    assert (half.answered, half.refused) == (1.0, 0.5)
    assert (whole.answered, whole.refused) == (0.0, 1.0)


def test_one_kind_alone_cannot_calibrate() -> None:
    with pytest.raises(ValueError, match="answerable and unanswerable"):
        calibrate([Decided("one", 0.5, True, True)], refuse=0.5)


def test_the_threshold_goes_into_the_weights_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({"name": "x", "abstain_below": 0.3}))
    write_weights(path, abstain_below=0.1235)
    assert json.loads(path.read_text()) == {"name": "x", "abstain_below": 0.1235}


def test_the_judge_learns_which_signal_speaks_against_an_answer() -> None:
    sentences = [
        Judged("one", "a", (1.0, 0.0), True),
        Judged("one", "b", (1.0, 1.0), False),
        Judged("one", "c", (0.0, 0.0), True),
    ] * 20
    speaks_for, speaks_against, _ = fit_judge(sentences)
    assert speaks_against < -1
    assert abs(speaks_for) < abs(speaks_against)


def test_suites_count_alike_whatever_their_number_of_cases() -> None:
    many = [Decided("many", 0.9, True, True), Decided("many", 0.1, False, False)] * 9
    few = [Decided("few", 0.3, True, True), Decided("few", 0.8, False, False)]
    assert calibrate(many + few, refuse=0.5).answered == 1.0
    best = calibrate(many + few, refuse=1.0)
    assert best.threshold > 0.8
    assert best.answered == 0.5


def test_a_suite_of_few_cases_has_a_say_in_the_judge() -> None:
    """In the many cases the signal speaks for an answer, in the few against one."""
    many = [Judged("many", str(i), (float(i % 2),), bool(i % 2)) for i in range(100)]
    few = [Judged("few", str(i), (float(i % 2),), not i % 2) for i in range(8)]
    alike = [Judged("many", f"few {each.case}", each.signals, each.answers) for each in few]
    assert fit_judge(many + few)[0] < fit_judge(many + alike)[0]


def test_what_hardly_any_sentence_has_does_not_decide() -> None:
    plain = [Judged("one", str(i), (float(i % 2), 0.0), bool(i % 2)) for i in range(400)]
    rare = [Judged("one", f"rare {i}", (1.0, 1.0), False) for i in range(3)]
    assert fit_judge(plain + rare)[1] == 0.0


def test_two_signals_that_are_as_good_as_one_share_their_weight() -> None:
    """They differ in three of 400 sentences: three names are missing, or more."""
    plain = [Judged("one", str(i), (float(i % 4), float(i % 4)), i % 4 < 2) for i in range(400)]
    rare = [Judged("one", f"rare {i}", (4.0, 3.0), True) for i in range(3)]
    missing, capped, _ = fit_judge(plain + rare)
    assert missing < 0 > capped
    assert missing == pytest.approx(capped, rel=0.05)
