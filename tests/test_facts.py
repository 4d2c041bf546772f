from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.facts import Fact, contains, disagree, find_facts, missing_facts, normalise, same, supports

CASES = Path(__file__).parent / "cases" / "facts"
LONG = 100_000

_PIECES = [
    *"June May 19 18-19 2024 54 % percent $ US 30.8 million tons to and - between two dozen hundred first half".split(),
    *"of a Kim Jong Un Putin 's President Ministry ( ) IX F-16 [1] “ ³ st Q1 s / + : , . é İ ß".split(),
    *("more than", "at least", "North Korea", "first five months", " ", "\n", "\n\n"),
]
fact_like_text = st.lists(st.sampled_from(_PIECES), max_size=25).map("".join)
spaced_text = st.lists(st.sampled_from(_PIECES), max_size=25).map(" ".join)
any_text = st.one_of(st.text(max_size=120), fact_like_text, spaced_text)


def cases(name: str) -> list[Any]:
    loaded = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, list)
    return loaded


def only_fact(text: str) -> Fact:
    (fact,) = find_facts(text)
    return fact


@pytest.mark.parametrize("case", cases("finds"), ids=lambda case: case["text"])
def test_a_text_has_these_facts_and_no_others(case: dict[str, Any]) -> None:
    found = [f"{fact.kind} {fact.value}" for fact in find_facts(case["text"])]
    assert found == case["facts"]


@pytest.mark.parametrize("pair", cases("same"), ids=" = ".join)
def test_two_forms_are_one_fact(pair: list[str]) -> None:
    a, b = map(only_fact, pair)
    assert same(a, b)
    assert same(b, a)
    assert supports([a], b)
    assert not disagree(a, b)


@pytest.mark.parametrize("case", cases("different"), ids=lambda case: f"{case['a']} / {case['b']}")
def test_different_facts_disagree_only_where_they_exclude_each_other(case: dict[str, Any]) -> None:
    a, b = only_fact(case["a"]), only_fact(case["b"])
    assert not same(a, b)
    assert disagree(a, b) is case["disagree"]
    assert disagree(b, a) is case["disagree"]


@pytest.mark.parametrize(
    "case", cases("missing"), ids=lambda case: f"{case['sentence']} / {case['paragraph']}"
)
def test_a_sentence_misses_what_its_paragraph_does_not_state(case: dict[str, Any]) -> None:
    assert [fact.text for fact in missing_facts(case["sentence"], case["paragraph"])] == case["missing"]


@pytest.mark.parametrize("case", cases("contains"), ids=lambda case: f"{case['needle']} / {case['haystack']}")
def test_a_haystack_says_a_needle(case: dict[str, Any]) -> None:
    assert contains(case["haystack"], case["needle"]) is case["said"]


@pytest.mark.parametrize("pair", cases("normalised"), ids=" / ".join)
def test_a_normalised_text_occurs_in_another(pair: list[str]) -> None:
    assert normalise(pair[0]) in normalise(pair[1])


def test_a_normalised_number_does_not_occur_in_a_longer_one() -> None:
    assert normalise("11,000") not in normalise("111,000 or 11,000.5")


def test_a_short_form_that_the_text_introduces_names_the_same() -> None:
    long, short, later = find_facts("The Polar Weather Institute (PWI) spoke. Then PWI left.")
    assert same(long, short)
    assert same(long, later)
    assert not same(only_fact("the Polar Weather Institute"), only_fact("it was PWI"))


def test_a_fact_does_not_carry_the_possessive() -> None:
    assert only_fact("It was President Macron’s idea.").text == "President Macron"


@settings(deadline=None)
@given(any_text)
def test_facts_are_slices_of_their_text_in_order(text: str) -> None:
    facts = find_facts(text)
    assert all(fact.text == text[fact.start : fact.end] != "" for fact in facts)
    assert all(a.end <= b.start for a, b in pairwise(facts))


@settings(deadline=None)
@given(any_text)
def test_a_text_states_all_its_own_facts(text: str) -> None:
    assert missing_facts(text, text) == ()
    facts = find_facts(text)
    assert all(supports([fact], fact) and same(fact, fact) and not disagree(fact, fact) for fact in facts)


@settings(deadline=None)
@given(any_text, any_text)
def test_comparing_any_texts_gives_an_answer(a: str, b: str) -> None:
    assert contains(a, b) in (True, False)
    assert {fact.text for fact in missing_facts(a, b)} <= {fact.text for fact in find_facts(a)}
    for left, right in zip(find_facts(a), find_facts(b), strict=False):
        assert same(left, right) is same(right, left)
        assert disagree(left, right) is disagree(right, left)


_REPEATED = [
    *"1 1a 1, 111 1- 1. 1,000, a A Ab- [1, A. 2024- US$ 's".split(),
    *(
        "1 ",
        "A ",
        "two ",
        "and ",
        "June ",
        "more than ",
        "\n",
        "\n ",
        " ",
        "North ",
        "- ",
        "of A ",
        "hundred and ",
    ),
]


@pytest.mark.parametrize("piece", _REPEATED)
def test_reading_stays_linear_in_the_length_of_a_text(piece: str) -> None:
    text = (piece * LONG)[:LONG]
    assert all(fact.text == text[fact.start : fact.end] for fact in find_facts(text))
