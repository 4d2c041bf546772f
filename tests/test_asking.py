"""What a question asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from assistant.asking import FACTS, Asked, Sought, what_is_asked
from index.vocabulary import Vocabulary

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "cases" / "asking.yaml").read_text("utf-8"))
MISSPELT: list[dict[str, str]] = CASES.pop("misspelt")
VOCABULARY = Vocabulary(
    ["The ferry and its freight: containers, built, country."],
    frozenset("did does start land grow many sent cranes arrived quay".split()),
)


@pytest.mark.parametrize(
    ("sought", "question"),
    [(sought, question) for sought, questions in CASES.items() for question in questions],
)
def test_a_question_asks_for_this(sought: str, question: str) -> None:
    assert what_is_asked(question).sought == sought


def test_every_kind_of_question_has_cases() -> None:
    assert set(CASES) == set(get_args(Sought))


@pytest.mark.parametrize("case", MISSPELT, ids=lambda case: case["question"])
def test_a_misspelt_question_asks_for_the_same(case: dict[str, str]) -> None:
    assert what_is_asked(VOCABULARY.correct(case["question"])).sought == case["sought"]


def test_only_what_a_fact_answers_is_short() -> None:
    assert what_is_asked("When did the ferry start?") == Asked("date", ("date",))
    short = {sought for sought in CASES if what_is_asked(CASES[sought][0]).is_short}
    assert short == set(FACTS)


@pytest.mark.parametrize(
    ("question", "sought"),
    [
        ("Who said so: By what percentage did freight grow?", "person"),  # the follow-up, not what it carries
        ("How long is it (Who built the new berth)?", "duration"),
        ("It too (Who built the new berth)?", "person"),  # nothing asked before the bracket
    ],
)
def test_a_follow_up_is_asked_before_the_question_that_it_carries(question: str, sought: str) -> None:
    assert what_is_asked(question).sought == sought
