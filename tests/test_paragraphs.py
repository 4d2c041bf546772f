"""Files -> numbered paragraphs with their notes. Each case is a text beside what must be read from it.

A case is `NAME.txt` or `NAME.md` in cases/paragraphs and `NAME.txt.yaml` beside it: `front`, the front
matter, and `paragraphs`, in order. A note without `at` is one whose marker the file lost; `after` is the
word that its marker stood behind.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from index.corpus import CorpusFile, ReadDocument, read_document
from index.documents import Block, Document, Note, Paragraph, content_hash
from index.paragraphs import number_paragraphs, readable_date
from index.readers.decode import decode

CASES = Path(__file__).parent / "cases" / "paragraphs"
FILES = sorted(path for path in CASES.iterdir() if path.suffix != ".yaml")


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def file(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def read(path: Path) -> ReadDocument:
    return read_document(CorpusFile(path, path.stem, {}), path.parent)


def expected(path: Path) -> dict[str, Any]:
    loaded = yaml.safe_load(path.with_name(f"{path.name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def note_as_written(note: Note, text: str) -> dict[str, Any]:
    written: dict[str, Any] = {"number": note.number, "text": note.text}
    if note.url is not None:
        written["url"] = note.url
    if note.at is not None:
        written |= {"at": note.at, "after": text[: note.at].split()[-1]}
    return written


def as_written(paragraph: Paragraph) -> dict[str, Any]:
    written: dict[str, Any] = {"number": paragraph.number, "text": paragraph.text}
    if paragraph.heading is not None:
        written["heading"] = paragraph.heading
    if paragraph.page is not None:
        written["page"] = paragraph.page
    if paragraph.notes:
        written["notes"] = [note_as_written(note, paragraph.text) for note in paragraph.notes]
    return written


def test_a_file_has_these_paragraphs(file: Path) -> None:
    front, *numbered = read(file).paragraphs
    case = expected(file)
    assert [as_written(paragraph) for paragraph in numbered] == case["paragraphs"]
    assert front.number == 0
    assert front.text == case["front"].rstrip()


def test_every_case_has_its_file() -> None:
    assert {path.name for path in CASES.glob("*.yaml")} == {f"{path.name}.yaml" for path in FILES}


def test_a_paragraph_points_back_to_its_place_in_the_file(file: Path) -> None:
    source, _ = decode(file.name, file.read_bytes())
    numbered = read(file).paragraphs[1:]
    for paragraph in numbered:
        place = source[paragraph.start : paragraph.end]
        words = paragraph.text.split()
        assert words[0].strip('"') in place[:40]
        assert words[-1].strip('."') in place
        assert paragraph.content_hash == content_hash(paragraph.text)
    assert all(a.start <= b.start for a, b in pairwise(numbered))


def test_a_note_stands_within_its_text(file: Path) -> None:
    for paragraph in read(file).paragraphs:
        assert all(note.at is None or 0 < note.at <= len(paragraph.text) for note in paragraph.notes)
        assert [note.number for note in paragraph.notes] == sorted(note.number for note in paragraph.notes)


DOCUMENT = Document("x", "T", None, None, None, None, None, "document", None, "en", "x.txt", "0")


def prose(text: str, page: int | None = None) -> Block:
    return Block("prose", text, 0, len(text), page)


def texts(*blocks: Block) -> list[str]:
    return [paragraph.text for paragraph in number_paragraphs(DOCUMENT, blocks)[1:]]


def test_a_page_cut_is_joined() -> None:
    assert texts(prose("It went", 1), prose("on.", 2)) == ["It went on."]
    assert texts(prose("It is a mill-", 1), prose("stone.", 2)) == ["It is a millstone."]


@pytest.mark.parametrize(
    ("before", "after"),
    [("It ended.", "it did."), ("It says:", "this"), ("It went", "On it went.")],
    ids=["an end before", "a colon before", "a capital after"],
)
def test_what_no_page_cut_is_not_joined(before: str, after: str) -> None:
    assert texts(prose(before, 1), prose(after, 2)) == [before, after]


def test_two_paragraphs_of_one_page_stay_two() -> None:
    assert texts(prose("without an end", 1), prose("and another", 1)) == ["without an end", "and another"]


def test_a_heading_keeps_halves_apart() -> None:
    heading = Block("heading", "Next", 0, 4, 2)
    assert texts(prose("It went", 1), heading, prose("on.", 2)) == ["It went", "on."]


@pytest.mark.parametrize(
    ("iso", "read"),
    [
        ("2024-08-16", "16 August 2024"),
        ("2024-08", "August 2024"),
        ("2024", "2024"),
        ("spring 2024", "spring 2024"),
        ("2024-13", "2024-13"),
        ("2024-01-02-03", "2024-01-02-03"),
    ],
)
def test_a_date_is_read_out(iso: str, read: str) -> None:
    assert readable_date(iso) == read


def test_the_front_matter_says_only_what_is_known() -> None:
    assert number_paragraphs(DOCUMENT, [])[0].text == "Title: T"


KINDS = st.sampled_from(["title", "masthead", "heading", "prose", "item", "note"])
TEXTS = st.one_of(
    st.text(max_size=40), st.sampled_from(["It went.1", "on and on", "1 A note.", "1. a: 2. b", "So²"])
)
BLOCKS = st.builds(
    lambda kind, text, page, start: Block(kind, text, start, start + len(text), page),
    KINDS,
    TEXTS,
    st.one_of(st.none(), st.integers(1, 3)),
    st.integers(0, 99),
)


@settings(deadline=None)
@given(st.lists(BLOCKS, max_size=12))
def test_any_blocks_are_numbered_densely_with_hashes_of_their_texts(blocks: list[Block]) -> None:
    found = number_paragraphs(DOCUMENT, blocks)
    assert [each.number for each in found] == list(range(len(found)))
    assert len(found) <= 1 + sum(block.kind in ("prose", "item") for block in blocks)
    assert all(each.content_hash == content_hash(each.text) for each in found)
    assert all(note.at is None or 0 <= note.at <= len(each.text) for each in found for note in each.notes)
    assert number_paragraphs(DOCUMENT, blocks) == found


@given(st.text(), st.text())
def test_a_hash_changes_when_the_text_does(one: str, other: str) -> None:
    assert (content_hash(one) == content_hash(other)) is (one == other)


def test_a_hash_is_the_same_for_good() -> None:
    """Permalinks and kept citations hold it."""
    assert content_hash("The harbour has a long quay.") == "19157b5b019eddf8"
