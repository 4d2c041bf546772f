"""The catalogue: a document is in it whole, in its old or its new version."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.catalogue import Catalogue, Kept, VectorKey
from index.documents import Document, FileFacts, Note, Paragraph, content_hash
from index.errors import IndexMismatch

MILL = Document("mill", "The Mill", None, None, None, None, None, "document", None, "en", "mill.md", "0")
NOTE = Note(1, "Town Archive", "https://archive.example", 3)


def paragraph(number: int, text: str, document_id: str = "mill") -> Paragraph:
    return Paragraph(document_id, number, None, text, None, 0, len(text), content_hash(text), (NOTE,))


FRONT, ONE, TWO = paragraph(0, "Title: The Mill"), paragraph(1, "It grinds."), paragraph(2, "It stands.")
FACTS = FileFacts("mill", "cp1252", 4, 1, ("Page 3 has no text.",))
KEYS = [VectorKey("k0", 0, "paragraph"), VectorKey("k1", 1, "paragraph"), VectorKey("k1", 2, "sentence")]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "deep" / "catalogue.sqlite3")
    opened.replace(Kept(MILL, "f1", FACTS), [FRONT, ONE, TWO], KEYS)
    yield opened
    opened.close()


def test_it_gives_back_what_was_put_in(catalogue: Catalogue) -> None:
    assert catalogue.documents() == (MILL,)
    assert catalogue.paragraphs("mill") == (FRONT, ONE, TWO)
    assert catalogue.kept() == {"mill": Kept(MILL, "f1", FACTS)}
    assert catalogue.ids() == {"mill"}
    assert catalogue.vectors() == {"k0": [("mill", 0)], "k1": [("mill", 1), ("mill", 2)]}
    assert catalogue.paragraphs("nowhere") == ()


def test_it_is_there_after_closing(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.close()
    again = Catalogue(tmp_path / "deep" / "catalogue.sqlite3")
    assert again.paragraphs() == (FRONT, ONE, TWO)
    again.close()


def test_a_new_version_takes_the_place_of_the_old(catalogue: Catalogue) -> None:
    catalogue.replace(Kept(MILL, "f2", FACTS), [FRONT, TWO], KEYS[:1])
    assert catalogue.paragraphs("mill") == (FRONT, TWO)
    assert catalogue.vectors() == {"k0": [("mill", 0)]}
    assert catalogue.kept()["mill"].fingerprint == "f2"


def test_paragraphs_are_in_the_order_of_their_numbers(catalogue: Catalogue) -> None:
    many = [paragraph(number, f"{number}.") for number in (11, 2, 10, 1)]
    catalogue.replace(Kept(MILL, "f2", FACTS), many, [])
    assert [p.number for p in catalogue.paragraphs("mill")] == [1, 2, 10, 11]


def test_an_exception_leaves_the_old_version(catalogue: Catalogue) -> None:
    def failing() -> Iterator[VectorKey]:
        yield KEYS[0]
        raise KeyboardInterrupt

    before = catalogue.version()
    with pytest.raises(KeyboardInterrupt):
        catalogue.replace(Kept(replace(MILL, title="Another"), "f2", FACTS), [FRONT], failing())
    with pytest.raises(sqlite3.IntegrityError):
        catalogue.replace(Kept(MILL, "f2", FACTS), [ONE, ONE], [])
    assert catalogue.documents() == (MILL,)
    assert catalogue.paragraphs() == (FRONT, ONE, TWO)
    assert (catalogue.kept()["mill"].fingerprint, catalogue.version()) == ("f1", before)
    assert [version.number for version in catalogue.versions("mill")] == [1]


def test_a_second_reader_never_sees_a_mixture(catalogue: Catalogue, tmp_path: Path) -> None:
    reader = Catalogue(tmp_path / "deep" / "catalogue.sqlite3")
    seen: set[tuple[str, ...]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(tuple(p.text for p in reader.paragraphs("mill")))

    thread = threading.Thread(target=read)
    thread.start()
    versions = [[FRONT, ONE, TWO], [paragraph(0, "Title: Another"), paragraph(1, "It is gone.")]]
    for turn in range(40):
        catalogue.replace(Kept(MILL, str(turn), FACTS), versions[turn % 2], [])
    done.set()
    thread.join()
    reader.close()
    assert seen <= {tuple(p.text for p in version) for version in versions}


def test_removing_takes_all_of_one_document(catalogue: Catalogue) -> None:
    other = replace(MILL, id="quay")
    front = paragraph(0, "Title: The Quay", "quay")
    catalogue.replace(Kept(other, "f9", FACTS), [front], [VectorKey("k9", 0, "paragraph")])
    catalogue.replace(Kept(MILL, "f2", FACTS), [FRONT, TWO], [])
    catalogue.remove("mill")
    assert catalogue.documents() == (other,)
    assert catalogue.vectors() == {"k9": [("quay", 0)]}
    assert (catalogue.versions("mill"), catalogue.past("mill", ONE.content_hash)) == ((), ())
    assert len(catalogue.versions("quay")) == 1


def test_the_version_follows_everything_that_an_answer_may_quote(catalogue: Catalogue) -> None:
    before = catalogue.version("encoder", "reader")
    assert len(before) == 12
    assert catalogue.version("encoder", "reader") == before
    assert catalogue.version("encoder", "another") != before
    assert catalogue.version("another", "reader") != before
    catalogue.replace(Kept(MILL, "another fingerprint", FACTS), [FRONT, ONE, TWO], [])
    assert catalogue.version("encoder", "reader") == before
    catalogue.replace(Kept(replace(MILL, date="2024"), "f1", FACTS), [FRONT, ONE, TWO], [])
    assert catalogue.version("encoder", "reader") != before


def test_values_are_kept_beside_the_documents(catalogue: Catalogue) -> None:
    assert catalogue.meta("encoder") is None
    catalogue.set_meta("encoder", "one-hot")
    catalogue.set_meta("encoder", "two-hot")
    assert catalogue.meta("encoder") == "two-hot"


def test_another_layout_is_refused_with_what_to_do(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.set_meta("schema", "0")
    with pytest.raises(
        IndexMismatch, match=r"has layout 0, this version of Footnote uses 2\. Delete '.*deep' and"
    ):
        Catalogue(tmp_path / "deep" / "catalogue.sqlite3")


def test_a_file_that_is_no_catalogue_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite3").write_bytes(b"not a database, but long enough to be one" * 99)
    with pytest.raises(IndexMismatch, match=r"cannot be read: file is not a database\. Delete '"):
        Catalogue(tmp_path / "catalogue.sqlite3")
