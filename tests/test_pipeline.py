"""Paragraphs -> chunks: what becomes a vector, and that no word falls outside of all of them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fakes import OneHotEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import Document, Paragraph, content_hash
from index.pipeline import Chunk, chunks_of

DOCUMENT = Document(
    "harbour", "The Harbour", None, None, None, None, None, "document", None, "en", "quay.txt", "0"
)
SENTENCES = [
    "The harbour has a quay.",
    "Salt is carried over it.",
    "The ferry crosses at night.",
    "A bell is rung twice.",
    "Nobody pays the bakers.",
]


class CharacterEncoder(OneHotEncoder):
    """Counts every character, as for a script without blanks."""

    def count_tokens(self, text: str) -> int:
        return len(text)


def paragraph(text: str, number: int = 1, heading: str | None = None) -> Paragraph:
    return Paragraph("harbour", number, heading, text, None, 0, len(text), content_hash(text))


def of_kind(chunks: list[Chunk], kind: str) -> list[str]:
    return [chunk.text for chunk in chunks if chunk.key.kind == kind]


def test_a_paragraph_gives_itself_and_its_sentences() -> None:
    text = " ".join(SENTENCES[:2])
    chunks = chunks_of(DOCUMENT, paragraph(text, heading="Freight"), OneHotEncoder())
    assert [(chunk.key.kind, chunk.context, chunk.text) for chunk in chunks] == [
        ("paragraph", "The Harbour\nFreight", text),
        ("sentence", "", SENTENCES[0]),
        ("sentence", "", SENTENCES[1]),
    ]
    assert {chunk.key.number for chunk in chunks} == {1}


def test_the_front_matter_says_its_title_itself() -> None:
    front = chunks_of(DOCUMENT, paragraph("Title: The Harbour", number=0), OneHotEncoder())
    assert {chunk.context for chunk in front} == {""}


def test_a_long_paragraph_gives_overlapping_windows_of_whole_sentences() -> None:
    # Room for 16 - 2 (title) - 4 = 10 tokens: two sentences of 5.
    windows = of_kind(
        chunks_of(DOCUMENT, paragraph(" ".join(SENTENCES)), OneHotEncoder(window=16)), "paragraph"
    )
    assert windows == [" ".join(pair) for pair in pairwise(SENTENCES)]


def test_a_sentence_that_is_too_long_is_cut() -> None:
    sentence = "One two three four five six seven eight nine ten eleven twelve."
    chunks = chunks_of(DOCUMENT, paragraph(sentence), OneHotEncoder(window=12))
    assert of_kind(chunks, "paragraph") == [
        "One two three four five six",
        "seven eight nine ten eleven twelve.",
    ]
    assert of_kind(chunks, "sentence") == [sentence]


def test_a_sentence_without_blanks_is_cut_too() -> None:
    sentence = "港" * 40
    chunks = chunks_of(DOCUMENT, paragraph(sentence, number=0), CharacterEncoder(window=14))
    assert of_kind(chunks, "paragraph") == ["港" * 10] * 4


def test_a_title_without_end_leaves_room_for_the_text() -> None:
    document = Document(
        "harbour", "word " * 99, None, None, None, None, None, "document", None, "en", "quay.txt", "0"
    )
    chunks = chunks_of(document, paragraph(" ".join(SENTENCES)), OneHotEncoder(window=30))
    assert len(of_kind(chunks, "paragraph")) == 2
    assert all(chunk.context.startswith("word word") for chunk in chunks if chunk.key.kind == "paragraph")


words = st.text("abcé港", min_size=1, max_size=6)
sentences = st.lists(words, min_size=1, max_size=30).map(lambda found: " ".join(found).capitalize() + ".")


@settings(deadline=None)
@given(st.lists(sentences, min_size=1, max_size=8), st.integers(12, 40))
def test_no_word_falls_outside_every_window(texts: list[str], window: int) -> None:
    encoder, text = OneHotEncoder(window=window), " ".join(texts)
    chunks = chunks_of(DOCUMENT, paragraph(text), encoder)
    for chunk in chunks:
        assert encoder.count_tokens(f"{chunk.context} {chunk.text}") <= window
    for kind in ("paragraph", "sentence"):
        held = {word for part in of_kind(chunks, kind) for word in part.split()}
        assert held == set(text.split())


def test_keys_are_the_same_on_every_run_and_follow_what_is_embedded() -> None:
    def keys(text: str, **changed: str) -> dict[str, list[str]]:
        document = DOCUMENT if not changed else Document(**{**_values(DOCUMENT), **changed})
        chunks = chunks_of(document, paragraph(text, heading=None), OneHotEncoder())
        return {kind: [c.key.key for c in chunks if c.key.kind == kind] for kind in ("paragraph", "sentence")}

    before = keys(SENTENCES[0])
    assert keys(SENTENCES[0]) == before
    # Where these change, every index embeds everything anew.
    assert before == {
        "paragraph": ["4cbae31e9edac259b50b6d2465acb444"],
        "sentence": ["49b0d76ebc471a3629fa48fa269ef2d7"],
    }
    retitled = keys(SENTENCES[0], title="The Quay")
    assert retitled["sentence"] == before["sentence"]
    assert retitled["paragraph"] != before["paragraph"]
    assert keys(SENTENCES[1])["sentence"] != before["sentence"]


def _values(document: Document) -> dict[str, str]:
    return {name: getattr(document, name) for name in document.__slots__}


@pytest.mark.parametrize("text", ["", "x"])
def test_a_tiny_text_is_one_window(text: str) -> None:
    assert of_kind(chunks_of(DOCUMENT, paragraph(text), OneHotEncoder()), "paragraph") == [text]
