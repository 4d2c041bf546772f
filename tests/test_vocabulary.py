"""Misspelt questions put right by the words of the corpus."""

from __future__ import annotations

import pytest

from index.vocabulary import Vocabulary

TEXTS = [
    "The harbour board met Governor Albrecht. Freight grew by percentages nobody expected.",
    "The harbour's cranes lift timber and barley for the breweries of Ellmouth.",
    "Barely anything else is lifted, and barley again.",
]
COMMON = frozenset(
    "the who what did met is of by how much form from there where carne visit dear friend time".split()
)
VOCABULARY = Vocabulary(TEXTS, COMMON)

PUT_RIGHT = {
    "a letter left out": ("Who met Govrnor Albrecht?", "Who met Governor Albrecht?"),
    "a letter too many": ("the harbbour", "the harbour"),
    "another letter": ("the freighd", "the freight"),
    "neighbours swapped": ("the bewreries", "the breweries"),
    "two mistakes in a long word": ("the bewerries", "the breweries"),
    "the case stays": ("HARBUOR CRANES, Harbuor, harbuor", "HARBOUR CRANES, Harbour, harbour"),
    "long capitals": ("the FREIGGHT", "the FREIGHT"),
    "the possessive stays": ("the harbuor's cranes", "the harbour's cranes"),
    "words that ask": ("Wich precentage, and wen?", "Which percentage, and when?"),
    "the more frequent of two as near": ("barlex", "barley"),
}
LEFT_ALONE = {
    "words of the corpus": "the harbour cranes lift timber",
    "words of the dictionary": "form from there where",
    "inflections of a known word": "visits visited visiting friends dearly timed",
    "short words": "brd mte",
    "words with figures": "R2D2 2+2 9-fold",
    "short capitals": "CRNAES",
    "another first letter": "jarbour larbour",
    "nothing near": "zeppelin",
    "nothing at all": "",
}


@pytest.mark.parametrize(("asked", "corrected"), PUT_RIGHT.values(), ids=PUT_RIGHT.keys())
def test_a_misspelt_word_is_put_right(asked: str, corrected: str) -> None:
    assert VOCABULARY.correct(asked) == corrected


@pytest.mark.parametrize("asked", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_another_word_is_left_alone(asked: str) -> None:
    assert VOCABULARY.correct(asked) == asked


def test_without_a_dictionary_nothing_is_corrected() -> None:
    assert Vocabulary(TEXTS, frozenset()).correct("the harbuor") == "the harbuor"


def test_without_a_corpus_only_words_that_ask_are_corrected() -> None:
    assert Vocabulary([], COMMON).correct("wich harbuor") == "which harbuor"
