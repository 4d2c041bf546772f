"""A draft -> the answer's text and its citations."""

from __future__ import annotations

import pytest
from fakes_assistant import document, hit, paragraph

from assistant.answers import Citation, CitedNote
from assistant.citations import NOT_FOUND, cite, notes_behind, verdict
from assistant.compose import Draft, Quote
from assistant.verify import Verified
from index.documents import Note

TEXT = "Freight rose by 54 percent. The board counts salt. Fish is left out."
NOTES = (
    Note(1, "Monthly tables.", "https://harbour.example/tables", 27),
    Note(2, "Counted at the gate.", None, 50),
)
HARBOUR = document("harbour", title="The harbour", publisher="Harbour Board", date="2024-08-16")
DIGEST = document("digest", title="Freight returns", kind="digest")
DOCUMENTS = {one.id: one for one in (HARBOUR, DIGEST)}
VERIFIED = Verified("verified", ())
UNVERIFIED = Verified("unverified", ("54 percent",))


def quote(place: str, text: str, sentence: str, score: float = 0.9) -> Quote:
    start = text.index(sentence)
    return Quote(hit(place, text, notes=NOTES), start, start + len(sentence), score)


def draft(*quotes: Quote, conflict: bool = False, complete: bool = True) -> Draft:
    return Draft(quotes, None, 0.9, conflict, complete, ())


def cited(*quotes: Quote, conflict: bool = False) -> tuple[str, tuple[Citation, ...]]:
    return cite(draft(*quotes, conflict=conflict), [VERIFIED] * len(quotes), DOCUMENTS)


ROSE = quote("harbour 2", TEXT, "Freight rose by 54 percent.")
FISH = quote("harbour 2", TEXT, "Fish is left out.", 0.7)
OTHER = quote("digest 1", "Ähren & “quays”: freight fell.", "freight fell.", 0.123456)


def test_quotes_carry_their_numbers_in_order() -> None:
    text, citations = cited(ROSE, OTHER, FISH)
    assert text == "Freight rose by 54 percent. [1] freight fell. [2] Fish is left out. [3]"
    assert [citation.number for citation in citations] == [1, 2, 3]
    assert [(one.document_id, one.paragraph) for one in citations] == [
        ("harbour", 2),
        ("digest", 1),
        ("harbour", 2),
    ]


def test_offsets_slice_the_answer_and_the_paragraph() -> None:
    text, citations = cited(ROSE, OTHER, FISH)
    for citation, source in zip(citations, (ROSE, OTHER, FISH), strict=True):
        assert text[citation.answer_start : citation.answer_end] == citation.quote
        assert source.paragraph.text[citation.start : citation.end] == citation.quote
        assert text[citation.answer_end :].startswith(f" [{citation.number}]")


def test_a_citation_says_where_it_is_from() -> None:
    _, (first, second) = cited(ROSE, OTHER)
    assert (first.title, first.publisher, first.date) == ("The harbour", "Harbour Board", "2024-08-16")
    assert (first.permalink, first.content_hash) == ("/documents/harbour#p2", ROSE.paragraph.content_hash)
    assert (first.heading, first.page, second.date) == (None, None, None)
    assert second.score == 0.1235


def test_a_digest_is_called_one() -> None:
    _, (citation,) = cited(OTHER)
    assert citation.title == "digest of “Freight returns”"


def test_sentences_that_disagree_stand_in_paragraphs_of_their_own() -> None:
    text, citations = cited(ROSE, OTHER, conflict=True)
    assert text == "Freight rose by 54 percent. [1]\n\nfreight fell. [2]"
    assert text[citations[1].answer_start : citations[1].answer_end] == "freight fell."


def test_nothing_found_is_said_without_a_citation() -> None:
    assert cite(draft(complete=False), [], DOCUMENTS) == (NOT_FOUND, ())
    assert verdict(draft(complete=False), []) == "not_in_corpus"


def test_an_unverified_sentence_shows_what_is_missing() -> None:
    _, (citation,) = cite(draft(ROSE), [UNVERIFIED], DOCUMENTS)
    assert (citation.check, citation.missing_facts) == ("unverified", ("54 percent",))


def test_each_quote_needs_its_check() -> None:
    with pytest.raises(ValueError, match="shorter"):
        cite(draft(ROSE, FISH), [VERIFIED], DOCUMENTS)


@pytest.mark.parametrize(
    ("conflict", "complete", "checks", "expected"),
    [
        (False, True, [VERIFIED], "supported"),
        (False, False, [VERIFIED], "partly_supported"),
        (False, True, [UNVERIFIED], "partly_supported"),
        (False, True, [VERIFIED, UNVERIFIED], "partly_supported"),
        (True, True, [VERIFIED, VERIFIED], "conflicting"),
        (True, False, [VERIFIED, UNVERIFIED], "conflicting"),
        (True, True, [], "not_in_corpus"),
    ],
)
def test_the_verdict_follows_from_checks_parts_and_conflict(
    conflict: bool, complete: bool, checks: list[Verified], expected: str
) -> None:
    quotes = (ROSE, OTHER)[: len(checks)]
    assert verdict(draft(*quotes, conflict=conflict, complete=complete), checks) == expected


# Notes


def test_only_the_notes_of_the_quoted_sentence_are_behind_it() -> None:
    _, (rose, fish) = cited(ROSE, FISH)
    assert rose.notes == (CitedNote(1, "Monthly tables.", "https://harbour.example/tables"),)
    assert fish.notes == ()


def test_a_note_belongs_to_the_sentence_that_it_ends() -> None:
    source = paragraph("harbour 2", TEXT, notes=NOTES)
    numbers = {
        (0, 27): [1],
        (0, 26): [],  # the marker stands after the full stop
        (28, 50): [2],
        (27, 50): [2],  # a marker at the start ended the sentence before
        (0, 68): [1, 2],
        (51, 68): [],
    }
    for (start, end), expected in numbers.items():
        assert [note.number for note in notes_behind(source, start, end)] == expected


def test_notes_that_lost_their_marker_stand_in_where_the_sentence_has_none() -> None:
    lost = Note(3, "Somewhere in this paragraph.", None, None)
    source = paragraph("harbour 2", TEXT, notes=(*NOTES, lost))
    assert [note.number for note in notes_behind(source, 0, 27)] == [1]
    assert [note.number for note in notes_behind(source, 51, 68)] == [3]
