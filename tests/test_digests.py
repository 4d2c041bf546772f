"""The digests in corpus/: counted like their originals, with all their facts, in other words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_seeds import NOTES

from assistant.facts import missing_facts
from index.corpus import ReadDocument, list_files, read_document

CORPUS = Path(__file__).parent.parent / "corpus"
LONGEST_RUN = 12
# "The two countries" may become "both", and "the three" their names.
SAID_OTHERWISE = {("number", "two"), ("number", "three")}


def read_all(folder: Path) -> dict[str, ReadDocument]:
    return {file.id: read_document(file, folder) for file in list_files(folder)}


@pytest.fixture(scope="module")
def digests() -> dict[str, ReadDocument]:
    return read_all(CORPUS)


@pytest.mark.parametrize(("document", "count"), [("diplomat", 24), ("issi", 18)])
def test_a_digest_has_the_paragraphs_of_its_original(
    digests: dict[str, ReadDocument], document: str, count: int
) -> None:
    assert [p.number for p in digests[document].paragraphs] == list(range(count + 1))


def test_a_digest_has_the_notes_of_its_original(digests: dict[str, ReadDocument]) -> None:
    assert {p.number: [n.number for n in p.notes] for p in digests["issi"].paragraphs if p.notes} == NOTES


def test_a_digest_says_that_it_is_one(digests: dict[str, ReadDocument]) -> None:
    for read in digests.values():
        assert read.document.kind == "digest"
        assert read.document.restates
        assert "Digest of: " in read.paragraphs[0].text


@pytest.mark.parametrize("document", ["diplomat", "issi"])
def test_a_digest_states_every_fact_of_its_original(
    digests: dict[str, ReadDocument], seeds: Path, document: str
) -> None:
    original = read_all(seeds)[document]
    missing = [
        (theirs.number, fact.kind, fact.text)
        for theirs, ours in zip(original.paragraphs, digests[document].paragraphs, strict=True)
        for fact in missing_facts(theirs.text, ours.text)
        if theirs.number > 0 and fact.kind != "name" and (fact.kind, fact.text) not in SAID_OTHERWISE
    ]
    assert missing == []


def test_a_digest_links_where_its_original_links(digests: dict[str, ReadDocument], seeds: Path) -> None:
    def links(read: ReadDocument) -> list[tuple[int, str]]:
        found = [(n.number, n.url or "") for p in read.paragraphs for n in p.notes]
        return [(number, re.sub(r"[-\s]", "", url)) for number, url in found]

    assert links(digests["issi"]) == links(read_all(seeds)["issi"])


@pytest.mark.parametrize("document", ["diplomat", "issi"])
def test_a_digest_has_its_own_words(digests: dict[str, ReadDocument], seeds: Path, document: str) -> None:
    size = LONGEST_RUN + 1
    theirs = {run for p in read_all(seeds)[document].paragraphs[1:] for run in runs(p.text, size)}
    shared = [
        " ".join(run)
        for p in digests[document].paragraphs[1:]
        for part in re.split(r"[\"“][^\"”]*[\"”]", p.text)
        for run in runs(part, size)
        if run in theirs
    ]
    assert shared == []


def runs(text: str, size: int) -> list[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]
