"""Every invariant has a broken answer that trips it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fakes_evals import CLOSED, OPENED, RIGHT, WARDEN, FakeLibrary, contains, quoting, refusing

from assistant.answers import Answer, CitedNote, LookedAt
from evals.invariants import INVARIANTS, breaches

GOOD = quoting(OPENED, WARDEN, short="1931")
ALONE = quoting(OPENED)


def broken(answer: Answer) -> dict[str, str]:
    return {each.invariant: each.detail for each in breaches("case", answer, FakeLibrary(), contains)}


def first(**changes: Any) -> Answer:
    """The good answer with its first citation changed."""
    return replace(GOOD, citations=(replace(GOOD.citations[0], **changes), *GOOD.citations[1:]))


VERDICT = "the verdict is a known one"
QUOTE = "a quote is a slice of the stored paragraph"
STORED = "a citation agrees with the stored paragraph"
PLACE = "a citation points to its sentence of the answer"
NUMBERS = "citations are numbered in order of first use, each with its marker"
COVERED = "every sentence is covered by a citation"
CHECK = "a verified check holds when recomputed"
ABSTAINED = "not_in_corpus cites nothing and says where it looked"
SHORT = "the short answer stands in a quote"
LOOKED = "what was looked at exists, with a reason"
CORPUS = "the answer names the corpus version"

BROKEN: list[tuple[str, Answer, str]] = [
    (VERDICT, replace(GOOD, verdict="perhaps"), "'perhaps' is not a verdict"),  # type: ignore[arg-type]
    (QUOTE, first(start=1), "[1] harbour#p1 is not characters 1 to 27 of its paragraph"),
    (QUOTE, first(paragraph=9), "[1] harbour#p9 is not in the library"),
    (STORED, first(content_hash="0" * 16), "[1] harbour#p1 has another content_hash than its paragraph"),
    (STORED, first(permalink="/p1"), "[1] harbour#p1 has permalink '/p1', its paragraph '/documents/harbour#p1'"),
    (STORED, first(notes=(CitedNote(7, "", None),)), "[1] harbour#p1 has notes that its paragraph does not have"),
    (
        PLACE,
        replace(ALONE, citations=(replace(ALONE.citations[0], answer_end=999),)),
        "[1] harbour#p1 has no place in the answer: 0 to 999",
    ),
    (PLACE, first(answer_start=5), "[1] harbour#p1 points to a part of the answer that its quote is not in"),
    (
        NUMBERS,
        replace(GOOD, answer=GOOD.answer.replace("[2]", "[3]")),
        "the markers in the answer are [1, 3], the citations [1, 2]",
    ),
    (
        NUMBERS,
        replace(GOOD, answer=GOOD.answer.replace(" [2]", "")),
        "the markers in the answer are [1], the citations [1, 2]",
    ),
    (
        COVERED,
        replace(GOOD, answer=GOOD.answer + " It was grand."),
        "characters 63 to 76 of the answer are a sentence without a citation",
    ),
    (CHECK, first(missing_facts=("1931",)), "[1] harbour#p1 is verified with 1 missing facts"),
    (
        CHECK,
        replace(first(check="unverified", missing_facts=("1931",))),
        "verdict supported with an unverified citation",
    ),
    (
        CHECK,
        replace(GOOD, mode="generative", answer=GOOD.answer.replace("1931", "1913")),
        "[1] harbour#p1 is verified, and its paragraph does not state 1913",
    ),
    (
        CHECK,
        replace(GOOD, mode="generative", answer=GOOD.answer.replace("Mira Holt", "Mira Hult")),
        "[2] harbour#p2 is verified, and its paragraph does not state Mira Hult",
    ),
    (ABSTAINED, replace(refusing(), short_answer="1931"), "not_in_corpus with a short answer"),
    (ABSTAINED, replace(refusing(), looked_at=()), "not_in_corpus without the paragraphs looked at"),
    (ABSTAINED, replace(GOOD, verdict="not_in_corpus", short_answer=None,
                        looked_at=refusing().looked_at), "not_in_corpus with 2 citations"),
    (SHORT, replace(GOOD, short_answer="1987"), "the short answer is in no quote"),
    (
        LOOKED,
        replace(GOOD, looked_at=(LookedAt("harbour", 9, 0.1, "off"),)),
        "looked at harbour#p9, which is not in the library",
    ),
    (
        LOOKED,
        replace(GOOD, looked_at=(LookedAt("harbour", 0, 0.1, ""),)),
        "looked at harbour#p0 without saying why it was not cited",
    ),
    (CORPUS, replace(GOOD, corpus_version="v0"), "names corpus 'v0', the library is 'v1'"),
]  # fmt: skip


@pytest.mark.parametrize("answer", [GOOD, *RIGHT.values()])
def test_a_right_answer_breaks_nothing(answer: Answer) -> None:
    assert broken(answer) == {}


@pytest.mark.parametrize(("invariant", "answer", "detail"), BROKEN)
def test_a_broken_answer_trips_its_invariant_alone(invariant: str, answer: Answer, detail: str) -> None:
    assert broken(answer) == {invariant: detail}


def test_every_invariant_is_tripped_by_some_answer() -> None:
    assert {invariant for invariant, _, _ in BROKEN} == set(INVARIANTS)


def test_an_answer_without_citations_is_uncovered() -> None:
    assert COVERED in broken(replace(GOOD, citations=(), answer="It opened.", short_answer=None))


def test_numbers_count_from_one_in_order_of_first_use() -> None:
    swapped = tuple(replace(each, number=3 - each.number) for each in GOOD.citations)
    assert "[2, 1]" in broken(replace(GOOD, citations=swapped))[NUMBERS]


def test_a_number_may_be_used_again() -> None:
    twice = quoting(OPENED, CLOSED)
    again = replace(twice.citations[1], number=1)
    answer = replace(twice, answer=twice.answer.replace("[2]", "[1]"), citations=(twice.citations[0], again))
    assert broken(answer) == {}


def test_a_short_answer_may_join_two_quotes() -> None:
    assert broken(replace(GOOD, short_answer="1931; Mira Holt")) == {}
    assert SHORT in broken(replace(GOOD, short_answer="1931 / Mira Hult"))
