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
    best = calibrate(cases)
    assert best.threshold == pytest.approx(0.5)
    assert (best.answered, best.refused) == (1.0, 1.0)


def test_a_wrong_answer_to_an_answerable_case_does_not_speak_for_a_low_threshold() -> None:
    cases = [Decided(0.9, True, True), Decided(0.2, True, False), Decided(0.4, False, False)]
    best = calibrate(cases)
    assert best.threshold > 0.4
    assert (best.answered, best.refused) == (0.5, 1.0)


def test_both_kinds_weigh_the_same_however_many_there_are() -> None:
    # Ten answerable ones at 0.5 and one other at 0.6: giving up all ten costs as much as missing the one.
    cases = [Decided(0.5, True, True)] * 10 + [Decided(0.6, False, False), Decided(0.1, False, False)]
    best = calibrate(cases)
    assert best.answered == 1.0
    assert best.refused == 0.5


def test_one_kind_alone_cannot_calibrate() -> None:
    with pytest.raises(ValueError, match="answerable and unanswerable"):
        calibrate([Decided(0.5, True, True)])


def test_the_threshold_goes_into_the_weights_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({"name": "x", "abstain_below": 0.3}))
    write_weights(path, abstain_below=0.1235)
    assert json.loads(path.read_text()) == {"name": "x", "abstain_below": 0.1235}


def test_the_judge_learns_which_signal_speaks_against_an_answer() -> None:
    sentences = [Judged((1.0, 0.0), True), Judged((1.0, 1.0), False), Judged((0.0, 0.0), True)] * 20
    speaks_for, speaks_against, _ = fit_judge(sentences)
    assert speaks_against < -1
    assert abs(speaks_for) < abs(speaks_against)
