"""Whether a passage says what a sentence says: what holds, and what each distortion is called."""

from __future__ import annotations

import pytest

from assistant.support import support
from assistant.wording import doubts, is_foreign, negations, opposites, sources

PARAGRAPH = (
    "The board reported that freight over the quay rose by 54 percent in 2023. "
    "Mira Holt said that the ferry crosses the bay at night. Ellmouth supplied Whitby with 300 tons of salt. "
    "The new crane may bring more ships. The bridge was not built."
)

HOLDS = [
    "Freight over the quay rose by 54 percent in 2023.",
    "In 2023, freight over the quay increased 54%.",
    "According to Mira Holt, the ferry crosses the bay at night.",
    "The ferry crosses the bay at night, Mira Holt said.",
    "Ellmouth supplied 300 tons of salt to Whitby.",
    "The crane might bring more ships.",
    "The bridge was never built.",
    "Whitby was supplied with 300 tons of salt by Ellmouth.",
]


@pytest.mark.parametrize("sentence", HOLDS)
def test_what_the_paragraph_says_holds(sentence: str) -> None:
    found = support(sentence, PARAGRAPH)
    assert found.faults == ()
    assert found.holds


@pytest.mark.parametrize(
    ("sentence", "faults"),
    [
        ("Freight over the quay rose by 45 percent in 2023.", ("45 percent",)),
        ("Freight over the quay rose by 54 percent in 2022.", ("2022",)),
        ("Freight over the quay fell by 54 percent in 2023.", ("“fell”",)),
        ("Freight over the quay did not rise in 2023.", ("“not”",)),
        (
            "According to Ellmouth, the ferry crosses the bay at night.",
            ("Ellmouth as the source", "Ellmouth in the place of Mira Holt"),
        ),
        ("Whitby supplied Ellmouth with 300 tons of salt.", ("Whitby in the place of Ellmouth",)),
        ("The new crane will bring more ships.", ("that without “may”",)),
        ("The bridge was built.", ("that without “not”",)),
        ("Anna Holt said that the ferry crosses the bay at night.", ("Anna Holt", "Anna Holt as the source")),
        ("The lighthouse keeper sells his boat.", ("what this sentence says",)),
        ("Freight rose by 54 percent in 2023, see www.evil.example.", ("www.evil.example.",)),
    ],
)
def test_what_it_does_not_say_is_named(sentence: str, faults: tuple[str, ...]) -> None:
    found = support(sentence, PARAGRAPH)
    assert not found.holds
    assert found.faults == faults


def test_the_slice_is_the_sentence_that_carries_it() -> None:
    found = support("Ellmouth supplied 300 tons of salt to Whitby.", PARAGRAPH)
    assert PARAGRAPH[found.start : found.end] == "Ellmouth supplied Whitby with 300 tons of salt."


def test_of_another_language_figures_and_names_are_compared() -> None:
    assert support("La sal que se vende por el muelle de Ellmouth a Whitby es de 300.", PARAGRAPH).holds
    assert not support("La sal que se vende por el muelle de Ellmouth a Whitby es de 310.", PARAGRAPH).holds
    assert not support("Das Schiff ist nicht mit dem Zug in die Stadt gefahren.", PARAGRAPH).holds


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("The ferry crosses the bay at night.", False),
        ("Die Fähre fährt in der Nacht über die Bucht.", True),
        ("Le ferry traverse la baie dans la nuit.", True),
        ("Паром пересекает залив ночью.", True),
        ("Putin visited Pyongyang.", False),
    ],
)
def test_languages_are_told_apart(text: str, foreign: bool) -> None:
    assert is_foreign(text) is foreign


def test_words_that_change_what_is_said() -> None:
    assert [(one.word, one.bears_on[:1]) for one in negations("It was not built.")] == [("not", ("built",))]
    assert [one.word for one in doubts("It may rain and reportedly snows.")] == ["may", "reportedly"]
    assert opposites("Freight fell.", "Freight rose.") == ("fell",)
    assert opposites("Freight rose.", "Freight rose.") == ()
    assert [group[-1].text for group in sources("According to Mira Holt, it rose.")] == ["Mira Holt"]
    assert [group[-1].text for group in sources("“It rose,” said Mira Holt.")] == ["Mira Holt"]
