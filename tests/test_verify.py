from __future__ import annotations

import pytest

from assistant.answers import Verdict
from assistant.verify import Verified, verdict_of, verify_sentence

PARAGRAPH = "Shipments rose by 12 percent in March 1998, the Oslo Port Authority said."
GOOD = Verified("verified", ())
BAD = Verified("unverified", ("13%",))


def test_a_sentence_whose_facts_are_all_stated_is_verified() -> None:
    assert verify_sentence("Shipments rose 12% in 1998. [1]", PARAGRAPH) == GOOD


def test_one_missing_fact_makes_a_sentence_unverified_and_is_named() -> None:
    checked = verify_sentence("Shipments from Oslo rose 13% in 1998.", PARAGRAPH)
    assert checked == Verified("unverified", ("13%",))


def test_a_missing_fact_is_named_once() -> None:
    checked = verify_sentence("In Bergen, said Bergen, they rose 12%.", PARAGRAPH)
    assert checked.missing_facts == ("Bergen",)


def test_a_sentence_without_facts_is_verified() -> None:
    assert verify_sentence("Shipments rose.", PARAGRAPH) == GOOD


def test_a_fact_is_missing_from_an_empty_paragraph() -> None:
    assert verify_sentence("It rose 12%.", "").check == "unverified"


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ([GOOD, GOOD], "supported"),
        ([GOOD, BAD], "partly_supported"),
        ([BAD, BAD], "partly_supported"),
        ([], "not_in_corpus"),
    ],
)
def test_the_verdict_follows_from_the_checks(checks: list[Verified], verdict: Verdict) -> None:
    assert verdict_of(checks) == verdict
