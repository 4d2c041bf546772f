"""The catalogue: a document is in it whole, in its old or its new version."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from index import history
from index.catalogue import Catalogue
from index.documents import Document, FileFacts, Note, Paragraph, content_hash
from index.errors import IndexMismatch
from index.records import Failure, Kept, VectorKey

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
        IndexMismatch, match=r"has layout 0, this version of Footnote uses 3\. Delete '.*deep' and"
    ):
        Catalogue(tmp_path / "deep" / "catalogue.sqlite3")


def test_a_file_that_is_no_catalogue_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite3").write_bytes(b"not a database, but long enough to be one" * 99)
    with pytest.raises(IndexMismatch, match=r"cannot be read: file is not a database\. Delete '"):
        Catalogue(tmp_path / "catalogue.sqlite3")


def stand(catalogue: Catalogue, *texts: str, sha256: str = "0") -> None:
    """Put the mill in place with these paragraphs."""
    kept = Kept(replace(MILL, sha256=sha256), "f", FACTS)
    catalogue.replace(kept, [FRONT, *(paragraph(n, text) for n, text in enumerate(texts, 1))], [])


def past(catalogue: Catalogue, text: str) -> list[tuple[int, str, int]]:
    """Where a text stands or stood: number, text and the last version in which it did."""
    found = catalogue.past("mill", content_hash(text))
    return [(each.number, each.text, each.version.number) for each in found]


def test_a_changed_document_is_a_new_version_and_the_former_texts_are_kept(catalogue: Catalogue) -> None:
    stand(catalogue, "It grinds rye.", "It stands.", sha256="1")
    stand(catalogue, "It stands.", sha256="2")
    versions = catalogue.versions("mill")
    assert [(version.number, version.sha256) for version in versions] == [(1, "0"), (2, "1"), (3, "2")]
    assert all(version.read_at.endswith("+00:00") for version in versions)
    assert past(catalogue, "It grinds.") == [(1, "It grinds.", 1)]
    assert past(catalogue, "It grinds rye.") == [(1, "It grinds rye.", 2)]
    assert past(catalogue, "It stands.") == [(1, "It stands.", 3), (2, "It stands.", 2)]
    assert past(catalogue, "Title: The Mill") == [(0, "Title: The Mill", 3)]
    assert past(catalogue, "It flies.") == []


def test_a_version_is_of_another_file_or_of_other_paragraphs(catalogue: Catalogue) -> None:
    stand(catalogue, "It grinds.", "It stands.")
    assert len(catalogue.versions("mill")) == 1
    stand(catalogue, "It grinds.", "It stands.", sha256="1")
    assert len(catalogue.versions("mill")) == 2
    stand(catalogue, "It stands.", "It grinds.", sha256="1")
    assert len(catalogue.versions("mill")) == 3


def test_only_so_many_versions_are_kept(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT_VERSIONS", 3)
    for turn in range(5):
        stand(catalogue, f"Turn {turn}.", "It stands.", sha256=str(turn))
    assert [version.number for version in catalogue.versions("mill")] == [4, 5, 6]
    assert past(catalogue, "Turn 1.") == []
    assert past(catalogue, "Turn 2.") == [(1, "Turn 2.", 4)]
    assert past(catalogue, "It stands.") == [(2, "It stands.", 6)]
    texts = catalogue._rows("SELECT text FROM texts WHERE text LIKE 'Turn%' ORDER BY text")
    assert texts == [("Turn 2.",), ("Turn 3.",)]


def test_a_rename_is_no_version(catalogue: Catalogue) -> None:
    catalogue.rename(replace(MILL, source_path="barley.md"))
    assert catalogue.documents()[0].source_path == "barley.md"
    assert (len(catalogue.versions("mill")), len(catalogue.paragraphs("mill"))) == (1, 3)


def test_failures_are_kept_until_the_next_ones(catalogue: Catalogue) -> None:
    first, second = Failure("f1", "It is locked."), Failure("f2", "It is damaged.")
    catalogue.set_failures({"a.pdf": first, "b.pdf": second})
    assert catalogue.failures() == {"a.pdf": first, "b.pdf": second}
    catalogue.set_failures({"b.pdf": second})
    assert catalogue.failures() == {"b.pdf": second}


def test_what_is_read_in_a_snapshot_is_of_one_state(catalogue: Catalogue, tmp_path: Path) -> None:
    reader = Catalogue(tmp_path / "deep" / "catalogue.sqlite3")
    generation = reader.generation()
    with reader.snapshot():
        assert reader.paragraphs("mill") == (FRONT, ONE, TWO)
        stand(catalogue, "It is gone.")
        assert reader.vectors() == {"k0": [("mill", 0)], "k1": [("mill", 1), ("mill", 2)]}
        assert reader.paragraphs("mill") == (FRONT, ONE, TWO)
    assert reader.paragraphs("mill")[1].text == "It is gone."
    assert reader.generation() != generation
    reader.close()


FIRST_LAYOUT = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE paragraphs (
    document_id TEXT NOT NULL, number INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (document_id, number)
);
CREATE TABLE vectors (
    key TEXT NOT NULL, document_id TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (key, document_id, number)
);
INSERT INTO meta VALUES ('schema', '1'), ('encoder', 'one-hot');
"""


def test_the_first_layout_is_brought_to_the_present_one(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite3"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(FIRST_LAYOUT)
        old.execute("INSERT INTO documents VALUES ('mill', 'f1', ?)", (json.dumps(asdict(MILL)),))
        old.executemany(
            "INSERT INTO paragraphs VALUES ('mill', ?, ?)",
            [(p.number, json.dumps(asdict(p))) for p in (FRONT, ONE, TWO)],
        )
        old.execute("INSERT INTO vectors VALUES ('k1', 'mill', 1, 'paragraph')")
        old.commit()
    for _ in range(2):
        with closing(Catalogue(path)) as catalogue:
            assert catalogue.documents() == (MILL,)
            assert catalogue.paragraphs() == (FRONT, ONE, TWO)
            assert catalogue.kept()["mill"].facts == FileFacts("")
            assert (catalogue.meta("schema"), catalogue.meta("encoder")) == ("3", "one-hot")
            assert [version.number for version in catalogue.versions("mill")] == [1]
    with closing(Catalogue(path)) as catalogue:
        stand(catalogue, "It grinds rye.", sha256="1")
        assert past(catalogue, "It grinds.") == [(1, "It grinds.", 1)]


def test_the_second_layout_keeps_its_versions(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite3"
    with closing(Catalogue(path)) as catalogue:
        stand(catalogue, "It grinds.")
        stand(catalogue, "It grinds rye.", sha256="1")
    with closing(sqlite3.connect(path)) as old:  # what the second layout lacked
        old.executescript(
            "DROP TABLE asked; DROP TABLE since; DROP TABLE states; DELETE FROM meta WHERE key = 'change';"
            "UPDATE meta SET value = '2' WHERE key = 'schema'"
        )
    with closing(Catalogue(path)) as catalogue:
        assert catalogue.meta("schema") == "3"
        assert [version.number for version in catalogue.versions("mill")] == [1, 2]
        version = catalogue.version("one-hot", "reader")
        catalogue.ask(version, catalogue.change(), "one-hot", "reader")
        asked = catalogue.paragraphs("mill")
        stand(catalogue, "It grinds oats.", sha256="2")
        assert catalogue.contents(version).paragraphs == asked


def test_several_that_open_a_new_catalogue_at_once_get_one(tmp_path: Path) -> None:
    def opened(_: int) -> str | None:
        with closing(Catalogue(tmp_path / "new" / "catalogue.sqlite3")) as catalogue:
            return catalogue.meta("schema")

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(opened, range(24))) == {"3"}
