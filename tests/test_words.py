"""Content words, stems, rarity and coverage, with sums that can be done by hand."""

from __future__ import annotations

import math

import pytest

from assistant.words import Rarity, Word, content_words, coverage, one_spelling, stem, stems


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("treaty", "Treaties"),
        ("sign", "signing"),
        ("export", "exported"),
        ("U.S.", "us"),
        ("o’clock", "o'clock"),
        ("SHIPS", "ship"),
        ("defence", "defenses"),
        ("neighbouring", "neighbors"),
        ("kilometres", "kilometer"),
        ("organisations", "organization"),
        ("programme", "programs"),
        ("travelled", "traveled"),
    ],
)
def test_two_forms_have_one_stem(a: str, b: str) -> None:
    assert stem(a) == stem(b)


@pytest.mark.parametrize("word", ["four", "hour", "tour", "acre", "genre", "court", "science", "killed"])
def test_a_word_that_has_one_spelling_keeps_it(word: str) -> None:
    assert one_spelling(word) == word


def test_content_words_leave_out_what_every_text_has() -> None:
    assert [word.text for word in content_words("Who said that the mill, too, stands by the river?")] == [
        "mill",
        "stands",
        "river",
    ]
    assert content_words("It was what they said.") == []


def test_a_word_is_a_slice_of_its_text_without_its_possessive_in_the_stem() -> None:
    text = "The harbour’s bell and the mayors' hall"
    assert content_words(text)[0] == Word("harbour’s", "harbor", 4, 13)
    assert all(text[word.start : word.end] == word.text for word in content_words(text))
    assert [word.stem for word in content_words(text)] == ["harbor", "bell", "mayor", "hall"]


def test_a_hyphenated_word_counts_whole_and_by_its_parts() -> None:
    assert stems("a well-known ferry") == {"well-known", "well", "known", "ferri"}


def test_rarity_is_one_minus_the_share_of_the_logarithm() -> None:
    rarity = Rarity(["salt and a quay", "salt and a mill", "salt, salt, salt"])
    assert rarity("ferri") == 1.0  # in none of three
    assert rarity("quay") == pytest.approx(1 - math.log(2) / math.log(4))  # in one: 0.5
    assert rarity("salt") == 0.05  # in all; never nothing
    assert rarity.knows("salt")
    assert not rarity.knows("ferri")


def test_rarity_of_an_empty_corpus_is_full() -> None:
    assert Rarity([])("salt") == 1.0


def test_coverage_is_the_share_of_rarity_that_is_there() -> None:
    rarity = Rarity(["salt quay", "salt mill", "salt"])  # salt 0.05, quay 0.5, mill 0.5, ferry 1
    asked = content_words("salt quay mill ferry")
    assert coverage(asked, frozenset({"quay", "mill"}), rarity) == pytest.approx(1.0 / 2.05)
    assert coverage(asked, frozenset({"salt", "ferri"}), rarity) == pytest.approx(1.05 / 2.05)
    assert coverage(asked, stems("ferry, mills, quays and salt"), rarity) == pytest.approx(1.0)
    assert coverage(asked, frozenset(), rarity) == 0.0
    assert coverage([], frozenset({"salt"}), rarity) == 0.0
