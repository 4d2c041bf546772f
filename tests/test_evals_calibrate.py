"""The threshold: decided by both kinds of case alike, and written where the reader reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.calibrate import Decided, Judged, calibrate, fit_judge, write_weights


def test_the_threshold_parts_what_is_answerable_from_what_is_not() -> None:
    cases = [
        Decided(0.9, True, True),
        Decided(0.7, True, True),
        Decided(0.3, False, False),
        Decided(0.1, False, False),
    ]
    best = calibrate(cases, refuse=1.0)
    assert best.threshold == pytest.approx(0.5)
    assert (best.answered, best.refused) == (1.0, 1.0)


def test_a_wrong_answer_to_an_answerable_case_does_not_speak_for_a_low_threshold() -> None:
    cases = [Decided(0.9, True, True), Decided(0.2, True, False), Decided(0.4, False, False)]
    best = calibrate(cases, refuse=1.0)
    assert best.threshold > 0.4
    assert (best.answered, best.refused) == (0.5, 1.0)


def test_what_is_refused_is_asked_for_and_the_most_is_answered_with_it() -> None:
    cases = [Decided(0.5, True, True)] * 10 + [Decided(0.6, False, False), Decided(0.1, False, False)]
    half, whole = calibrate(cases, refuse=0.5), calibrate(cases, refuse=1.0)
    assert (half.answered, half.refused) == (1.0, 0.5)
    assert (whole.answered, whole.refused) == (0.0, 1.0)


def test_one_kind_alone_cannot_calibrate() -> None:
    with pytest.raises(ValueError, match="answerable and unanswerable"):
        calibrate([Decided(0.5, True, True)], refuse=0.5)


def test_the_threshold_goes_into_the_weights_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({"name": "x", "abstain_below": 0.3}))
    write_weights(path, abstain_below=0.1235)
    assert json.loads(path.read_text()) == {"name": "x", "abstain_below": 0.1235}


def test_the_judge_learns_which_signal_speaks_against_an_answer() -> None:
    sentences = [
        Judged("a", (1.0, 0.0), True),
        Judged("b", (1.0, 1.0), False),
        Judged("c", (0.0, 0.0), True),
    ] * 20
    speaks_for, speaks_against, _ = fit_judge(sentences)
    assert speaks_against < -1
    assert abs(speaks_for) < abs(speaks_against)
