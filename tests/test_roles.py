"""Names in their places: exchanges and replacements are found, fair paraphrases are not doubted."""

from __future__ import annotations

import random

import pytest

from assistant.facts import find_facts
from assistant.roles import displaced
from assistant.roles import exchanged as exchanged_places
from evals.corruptions import exchanged, replaced
from evals.restated import active, moved, passive, shortened

PASSAGE = "In May 2024 Ellmouth supplied Whitby with salt from Norland for the winter."


@pytest.mark.parametrize(
    "sentence",
    [
        PASSAGE,
        "Ellmouth supplied Whitby with salt from Norland for the winter in May 2024.",
        "Whitby was supplied by Ellmouth.",
        pytest.param(
            "Whitby was supplied with salt by Ellmouth for the winter.",
            marks=pytest.mark.xfail(
                strict=True,
                reason="in the other voice it stands where the passage has Norland: a quote takes its place",
            ),
        ),
        "Ellmouth supplied Whitby with salt.",
    ],
)
def test_what_is_said_in_another_order_or_voice_is_no_exchange(sentence: str) -> None:
    assert displaced(sentence, PASSAGE) is None


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("Whitby supplied Ellmouth with salt.", "Whitby in the place of Ellmouth"),
        ("Ellmouth was supplied with salt by Whitby.", "Ellmouth in the place of Whitby"),
        ("Ellmouth supplied Norland with salt from Whitby.", "Norland in the place of Whitby"),
        ("Norland supplied Whitby with salt for the winter.", "Norland in the place of Ellmouth"),
    ],
)
def test_a_name_in_the_place_of_another_is_named(sentence: str, fault: str) -> None:
    assert displaced(sentence, PASSAGE) == fault


def test_the_order_of_a_list_says_nothing() -> None:
    assert (
        displaced("Whitby, Norland and Ellmouth signed it.", "Ellmouth, Whitby and Norland signed it.")
        is None
    )


def test_true_sentences_are_restated_by_rule() -> None:
    assert moved("In 1931, the quay was opened.") == "The quay was opened in 1931."
    assert shortened("The quay (of stone) was opened in May.") == "The quay was opened in May."
    assert active("Ellmouth was founded by Jonas Weber in 1931.") == "Jonas Weber founded Ellmouth in 1931."
    assert passive("Jonas Weber founded Ellmouth in 1931.") == "Ellmouth was founded by Jonas Weber in 1931."
    assert active("It was founded by accident in 1931.") is None


def test_errors_are_planted_in_names() -> None:
    rng = random.Random(1)
    assert exchanged("Anna Holt met Jonas Weber.", (), rng) == "Jonas Weber met Anna Holt."
    assert exchanged("Anna Holt and Jonas Weber met.", (), rng) is None
    other = find_facts("She is Mira Brandt.")
    assert replaced("Anna Holt left.", other, rng) == "Mira Brandt left."


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What did Whitby sell Ellmouth?", ("Whitby", "Ellmouth")),
        ("What did Ellmouth sell Whitby?", None),
        ("How much salt from Norland did Whitby get?", None),
    ],
)
def test_a_question_that_has_two_names_the_other_way_round(
    question: str, names: tuple[str, str] | None
) -> None:
    found = exchanged_places(question, PASSAGE)
    assert (found and tuple(name.text for name in found)) == names
