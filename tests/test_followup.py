"""History and a question -> a question that stands alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.answers import Turn
from assistant.followup import stand_alone

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "followup.yaml").read_text(encoding="utf-8"))


def asked(*questions: str) -> str:
    *history, question = questions
    return stand_alone(question, [Turn("user", earlier) for earlier in history])


@pytest.mark.parametrize("case", CASES, ids=lambda case: " / ".join(case["turns"]))
def test_the_last_question_stands_alone(case: dict[str, Any]) -> None:
    assert asked(*case["turns"]) == case["alone"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: " / ".join(case["turns"]))
def test_a_question_without_history_stays_as_it_is(case: dict[str, Any]) -> None:
    assert stand_alone(case["turns"][-1], ()) == case["turns"][-1]


def test_what_the_assistant_said_is_not_used() -> None:
    history = [
        Turn("user", "How many ships called at Ellmouth in 2023?"),
        Turn("assistant", "Jonas Weber counted 40 ships in 1999. [1]"),
    ]
    assert stand_alone("And the year before?", history) == "How many ships called at Ellmouth in 2022?"
    assert stand_alone("And in 2021?", history[1:]) == "And in 2021?"


def test_empty_turns_are_passed_over() -> None:
    assert asked("  ", "Who is Ines Albrecht?", "Where was she born?") == "Where was Ines Albrecht born?"
    assert asked("", "When?") == "When?"
