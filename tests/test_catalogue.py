"""The catalogue: a document is in it whole, in its old or its new version."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.catalogue import Catalogue, VectorKey
from index.documents import Document, Note, Paragraph, content_hash
from index.errors import IndexMismatch

MILL = Document("mill", "The Mill", None, None, None, None, None, "document", None, "en", "mill.md", "0")
NOTE = Note(1, "Town Archive", "https://archive.example", 3)


def paragraph(number: int, text: str, document_id: str = "mill") -> Paragraph:
    return Paragraph(document_id, number, None, text, None, 0, len(text), content_hash(text), (NOTE,))


FRONT, ONE, TWO = paragraph(0, "Title: The Mill"), paragraph(1, "It grinds."), paragraph(2, "It stands.")
KEYS = [VectorKey("k0", 0, "paragraph"), VectorKey("k1", 1, "paragraph"), VectorKey("k1", 2, "sentence")]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "deep" / "catalogue.sqlite3")
    opened.replace(MILL, "f1", [FRONT, ONE, TWO], KEYS)
    yield opened
    opened.close()


def test_it_gives_back_what_was_put_in(catalogue: Catalogue) -> None:
    assert catalogue.documents() == (MILL,)
    assert catalogue.paragraphs("mill") == (FRONT, ONE, TWO)
    assert catalogue.fingerprints() == {"mill": "f1"}
    assert catalogue.vectors() == {"k0": [("mill", 0)], "k1": [("mill", 1), ("mill", 2)]}
    assert catalogue.paragraphs("nowhere") == ()


def test_it_is_there_after_closing(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.close()
    again = Catalogue(tmp_path / "deep" / "catalogue.sqlite3")
    assert again.paragraphs() == (FRONT, ONE, TWO)
    again.close()


def test_a_new_version_takes_the_place_of_the_old(catalogue: Catalogue) -> None:
    catalogue.replace(MILL, "f2", [FRONT, TWO], KEYS[:1])
    assert catalogue.paragraphs("mill") == (FRONT, TWO)
    assert catalogue.vectors() == {"k0": [("mill", 0)]}
    assert catalogue.fingerprints() == {"mill": "f2"}


def test_paragraphs_are_in_the_order_of_their_numbers(catalogue: Catalogue) -> None:
    many = [paragraph(number, f"{number}.") for number in (11, 2, 10, 1)]
    catalogue.replace(MILL, "f2", many, [])
    assert [p.number for p in catalogue.paragraphs("mill")] == [1, 2, 10, 11]


def test_an_exception_leaves_the_old_version(catalogue: Catalogue) -> None:
    def failing() -> Iterator[VectorKey]:
        yield KEYS[0]
        raise KeyboardInterrupt

    before = catalogue.version()
    with pytest.raises(KeyboardInterrupt):
        catalogue.replace(replace(MILL, title="Another"), "f2", [FRONT], failing())
    with pytest.raises(sqlite3.IntegrityError):
        catalogue.replace(MILL, "f2", [ONE, ONE], [])
    assert catalogue.documents() == (MILL,)
    assert catalogue.paragraphs() == (FRONT, ONE, TWO)
    assert (catalogue.fingerprints(), catalogue.version()) == ({"mill": "f1"}, before)


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
        catalogue.replace(MILL, str(turn), versions[turn % 2], [])
    done.set()
    thread.join()
    reader.close()
    assert seen <= {tuple(p.text for p in version) for version in versions}


def test_removing_takes_all_of_one_document(catalogue: Catalogue) -> None:
    other = replace(MILL, id="quay")
    catalogue.replace(
        other, "f9", [paragraph(0, "Title: The Quay", "quay")], [VectorKey("k9", 0, "paragraph")]
    )
    catalogue.remove("mill")
    assert catalogue.documents() == (other,)
    assert catalogue.vectors() == {"k9": [("quay", 0)]}
    catalogue.clear()
    assert (catalogue.documents(), catalogue.paragraphs(), catalogue.vectors()) == ((), (), {})


def test_the_version_follows_everything_that_an_answer_may_quote(catalogue: Catalogue) -> None:
    before = catalogue.version("encoder", "reader")
    assert len(before) == 12
    assert catalogue.version("encoder", "reader") == before
    assert catalogue.version("encoder", "another") != before
    assert catalogue.version("another", "reader") != before
    catalogue.replace(MILL, "another fingerprint", [FRONT, ONE, TWO], [])
    assert catalogue.version("encoder", "reader") == before
    catalogue.replace(replace(MILL, date="2024"), "f1", [FRONT, ONE, TWO], [])
    assert catalogue.version("encoder", "reader") != before


def test_values_are_kept_beside_the_documents(catalogue: Catalogue) -> None:
    assert catalogue.meta("encoder") is None
    catalogue.set_meta("encoder", "one-hot")
    catalogue.set_meta("encoder", "two-hot")
    assert catalogue.meta("encoder") == "two-hot"


def test_another_layout_is_refused_with_what_to_do(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.set_meta("schema", "0")
    with pytest.raises(
        IndexMismatch, match=r"has layout 0, this version of Footnote uses 1\. Delete '.*deep' and"
    ):
        Catalogue(tmp_path / "deep" / "catalogue.sqlite3")


def test_a_file_that_is_no_catalogue_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite3").write_bytes(b"not a database, but long enough to be one" * 99)
    with pytest.raises(IndexMismatch, match=r"cannot be read: file is not a database\. Delete '"):
        Catalogue(tmp_path / "catalogue.sqlite3")
