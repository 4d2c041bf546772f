"""The two originals, read as design.md counts them. They are no part of the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from index.corpus import ReadDocument, list_files, read_document

NOTES = {
    2: [1], 3: [2, 3, 4], 4: [5, 6], 7: [7], 8: [8], 9: [9], 10: [10], 13: [11], 15: [12, 13], 16: [14, 15], 17: [16],
}  # fmt: skip
MARKER = re.compile(r"[a-z][.,]?[”\"’']?[.,]?(?:\d{1,2}(?=\s|$)|[⁰-⁹₀-₉¹²³]|\s?\[\d+\]|\^)")


@pytest.fixture
def originals(seeds: Path) -> dict[str, ReadDocument]:
    return {file.id: read_document(file, seeds) for file in list_files(seeds)}


@pytest.mark.parametrize(("document", "count"), [("diplomat", 24), ("issi", 18)])
def test_paragraphs_are_counted_from_one(
    originals: dict[str, ReadDocument], document: str, count: int
) -> None:
    assert [p.number for p in originals[document].paragraphs] == list(range(count + 1))


def test_the_sentence_that_notes_cut_is_one(originals: dict[str, ReadDocument]) -> None:
    assert "limited to importing 4 million barrels" in originals["issi"].paragraphs[15].text


def test_notes_stand_behind_their_paragraphs(originals: dict[str, ReadDocument]) -> None:
    paragraphs = originals["issi"].paragraphs
    assert {p.number: [n.number for n in p.notes] for p in paragraphs if p.notes} == NOTES
    assert not any(p.notes for p in originals["diplomat"].paragraphs)


def test_every_note_has_its_link_in_one_piece(originals: dict[str, ReadDocument]) -> None:
    links = [note.url for paragraph in originals["issi"].paragraphs for note in paragraph.notes]
    assert len(links) == 16
    assert all(link and link.startswith("https://") and " " not in link for link in links)


def test_no_marker_is_left_in_a_text(originals: dict[str, ReadDocument]) -> None:
    left = [
        found.group()
        for read in originals.values()
        for paragraph in read.paragraphs
        for found in MARKER.finditer(paragraph.text)
    ]
    assert left == []


def test_the_front_matter_names_who_made_it(originals: dict[str, ReadDocument]) -> None:
    issi = originals["issi"]
    assert (issi.document.author, issi.document.editor) == ("Muhammad Taimur Fahad Khan", "Dr Neelum Nigar")
    assert issi.document.date == "2024-08-16"
    front = issi.paragraphs[0].text
    for said in (
        "Author: Muhammad Taimur Fahad Khan",
        "Editor: Dr Neelum Nigar",
        "Date of publication: 16 August 2024",
    ):
        assert said in front
    diplomat = originals["diplomat"].document
    assert (diplomat.author, diplomat.date) == (None, None)
