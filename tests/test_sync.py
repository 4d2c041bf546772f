"""Corpus folder -> index: only what changed, and whole again after a stop at any step."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from fakes import OneHotEncoder
from filelock import FileLock

from index import corpus as corpora
from index import pipeline, workers
from index import sync as syncing
from index.catalogue import Catalogue
from index.chroma import ChromaServer
from index.corpus import CorpusFile, ReadDocument
from index.documents import Paragraph, content_hash
from index.errors import CorpusError, IndexMismatch, IndexMissing, StoreError, UnreadableFile
from index.library import Library
from index.progress import Step
from index.readers import READERS
from index.receipts import FileReceipt, NothingRead, Receipt
from index.store import VectorStore
from index.sync import Place, remove, sync

ROOT = Path(__file__).parent.parent


class Stopped(BaseException):
    """Stands in for a process that is killed."""


posix = pytest.mark.skipif(sys.platform == "win32", reason="signals, fork and select of POSIX")


@pytest.fixture
def place(corpus: Path, tmp_path: Path, chroma: ChromaServer | None) -> Place:
    return Place(corpus, tmp_path / "data", chroma)


def states(receipt: Receipt) -> dict[str, str]:
    return {file.file or file.document_id: file.state for file in receipt.files}


def vectors(place: Place, encoder: str = "one-hot") -> set[str]:
    store = place.store(encoder)
    try:
        return store.keys()
    finally:
        store.close()


def named(place: Place) -> set[str]:
    catalogue = place.catalogue()
    try:
        return set(catalogue.vectors())
    finally:
        catalogue.close()


def version(place: Place) -> str:
    catalogue = place.catalogue()
    try:
        return catalogue.version()
    finally:
        catalogue.close()


def found(place: Place, query: str) -> list[str]:
    """The places that a query finds with its own words, best first."""
    library = Library(place, OneHotEncoder())
    try:
        hits = library.search(query)
    finally:
        library.close()
    by_words = [hit for hit in hits if any(leg.leg == "bm25" for leg in hit.found_by)]
    return [f"{hit.paragraph.document_id} {hit.paragraph.number}" for hit in by_words]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_first_run_adds_and_the_second_finds_all_unchanged(place: Place) -> None:
    encoder = OneHotEncoder()
    first = sync(place, encoder)
    assert str(first) == "5 added, 0 changed, 0 unchanged"
    assert states(first) == {"mill.md": "added", "quay.txt": "added"}
    assert [(file.paragraphs, file.notes) for file in first.files] == [(2, 0), (3, 1)]
    assert first.embedded == len(encoder.embedded) == len(vectors(place))
    before, encoder.embedded = version(place), []
    second = sync(place, encoder)
    assert [(file.paragraphs, file.notes) for file in second.files] == [(2, 0), (3, 1)]
    assert str(second) == "0 added, 0 changed, 5 unchanged"
    assert (second.embedded, encoder.embedded, version(place)) == (0, [], before)


def test_one_edited_paragraph_is_all_that_is_embedded(place: Place) -> None:
    encoder = OneHotEncoder()
    sync(place, encoder)
    encoder.embedded = []
    edit(place.corpus / "mill.md", "when the river is low", "when the river is high")
    receipt = sync(place, encoder)
    assert str(receipt) == "0 added, 1 changed, 4 unchanged"
    assert encoder.embedded == [
        "The Mill\nThe mill stands still when the river is high.",
        "The mill stands still when the river is high.",
    ]
    assert vectors(place) == named(place)


def test_a_paragraph_that_moves_is_not_embedded_again(place: Place) -> None:
    encoder = OneHotEncoder()
    sync(place, encoder)
    encoder.embedded = []
    edit(place.corpus / "mill.md", "# The Mill\n", "# The Mill\n\nIt is old.\n")
    receipt = sync(place, encoder)
    assert str(receipt) == "1 added, 0 changed, 5 unchanged"
    assert encoder.embedded == ["The Mill\nIt is old.", "It is old."]
    assert found(place, "river")[0] == "mill 3"


def test_a_paragraph_that_is_taken_out_is_counted(place: Place) -> None:
    sync(place, OneHotEncoder())
    edit(place.corpus / "mill.md", "The mill stands still when the river is low.\n", "")
    assert str(sync(place, OneHotEncoder())) == "0 added, 0 changed, 4 unchanged, 1 removed"
    assert found(place, "river") == []


def test_a_new_title_goes_into_the_vectors(place: Place) -> None:
    encoder = OneHotEncoder()
    sync(place, encoder)
    encoder.embedded = []
    edit(place.corpus / "corpus.toml", "The Harbour", "The Bay")
    receipt = sync(place, encoder)
    assert str(receipt) == "0 added, 0 changed, 5 unchanged"
    assert states(receipt) == {"mill.md": "unchanged", "quay.txt": "changed"}
    whole = [text for text in encoder.embedded if text.startswith("The Bay\n")]
    assert len(whole) == 3
    assert all("Title: The Bay" in text or "\n" not in text for text in set(encoder.embedded) - set(whole))


def test_a_file_that_is_gone_is_gone_from_search(place: Place) -> None:
    sync(place, OneHotEncoder())
    assert found(place, "barley") == ["mill 1"]
    (place.corpus / "mill.md").unlink()
    receipt = sync(place, OneHotEncoder())
    assert str(receipt) == "0 added, 0 changed, 3 unchanged, 2 removed"
    assert states(receipt) == {"quay.txt": "unchanged", "mill": "removed"}
    assert found(place, "barley") == []
    assert vectors(place) == named(place)


def test_a_text_that_stands_twice_is_one_vector_for_both(place: Place) -> None:
    encoder = OneHotEncoder()
    (place.corpus / "mill.md").write_text(
        "# The Mill\n\nIt grinds barley.\n\nIt grinds barley.\n", encoding="utf-8"
    )
    sync(place, encoder)
    assert encoder.embedded.count("It grinds barley.") == 1
    assert sorted(found(place, "barley")) == ["mill 1", "mill 2"]


def test_a_file_that_no_reader_is_for_is_skipped_by_name(place: Place) -> None:
    (place.corpus / "table.xyz").write_bytes(b"PK")
    receipt = sync(place, OneHotEncoder())
    assert states(receipt)["table.xyz"] == "skipped"
    assert receipt.failed == ()


def test_a_file_that_fails_keeps_its_former_version(place: Place) -> None:
    sync(place, OneHotEncoder())
    before = version(place)
    (place.corpus / "mill.md").write_bytes(b"")
    receipt = sync(place, OneHotEncoder())
    assert [(file.document_id, file.reason) for file in receipt.failed] == [
        ("mill", "mill.md: the file is empty.")
    ]
    assert str(receipt) == "0 added, 0 changed, 5 unchanged"
    assert found(place, "barley") == ["mill 1"]
    assert version(place) == before
    (place.corpus / "mill.md").write_text("# The Mill\n\nIt is shut.\n", encoding="utf-8")
    assert states(sync(place, OneHotEncoder()))["mill.md"] == "changed"


def test_a_new_file_that_fails_does_not_stop_the_others(place: Place) -> None:
    (place.corpus / "a.txt").write_bytes(b"one\x00two")
    receipt = sync(place, OneHotEncoder())
    assert states(receipt) == {"a.txt": "failed", "mill.md": "added", "quay.txt": "added"}


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, r"put files of these types into it: .*\.md"), ("", r"empty\.md: the file is empty\.")],
    ids=["no file", "an empty file"],
)
def test_a_folder_with_nothing_to_read_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    if text is not None:
        (folder / "empty.md").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=rf"No document in '.*corpus' could be read: {message}"):
        sync(Place(folder, tmp_path / "data"), OneHotEncoder())


def test_another_encoder_is_refused_until_a_rebuild(place: Place) -> None:
    sync(place, OneHotEncoder())
    other = OneHotEncoder(name="two-hot")
    message = (
        rf"^Index in '{place.folder}' was built with 'one-hot' but settings ask for 'two-hot'\. "
        r"Rebuild with: python -m index build$"
    )
    with pytest.raises(IndexMismatch, match=message):
        sync(place, other)
    with pytest.raises(IndexMismatch, match=message):
        Library(place, other)
    assert other.embedded == []
    receipt = sync(place, other, rebuild=True)
    assert receipt.embedded == len(other.embedded) == len(vectors(place, "two-hot"))
    assert vectors(place) == set()
    assert str(sync(place, other)) == "0 added, 0 changed, 5 unchanged"


def test_a_rebuild_with_the_same_encoder_embeds_nothing(place: Place) -> None:
    sync(place, OneHotEncoder())
    assert sync(place, OneHotEncoder(), rebuild=True).embedded == 0


def test_progress_is_told(place: Place) -> None:
    told: list[Step] = []
    receipt = sync(place, OneHotEncoder(), progress=told.append)
    rest = receipt.embedded - 6
    assert told == [
        Step("reading", "mill.md", 1, 2),
        Step("embedding", "mill.md", 1, 2, 0, 6),
        Step("embedding", "mill.md", 1, 2, 6, 6),
        Step("reading", "quay.txt", 2, 2),
        Step("embedding", "quay.txt", 2, 2, 0, rest),
        Step("embedding", "quay.txt", 2, 2, rest, rest),
    ]
    told.clear()
    sync(place, OneHotEncoder(), progress=told.append)
    assert told == []


def stop_before_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise Stopped

    monkeypatch.setattr(Catalogue, "replace", stop)


def stop_before_delete(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise Stopped

    monkeypatch.setattr(VectorStore, "delete", stop)


def stop_after_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = iter([1])
    embed = OneHotEncoder.passages

    def stop(encoder: OneHotEncoder, texts: list[str]) -> object:
        if next(batches, None) is None:
            raise Stopped
        return embed(encoder, texts)

    monkeypatch.setattr(pipeline, "_BATCH", 2)
    monkeypatch.setattr(OneHotEncoder, "passages", stop)


def stop_within_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Catalogue.replace

    def stop(catalogue: Catalogue, kept: object, paragraphs: object, keys: list[object]) -> None:
        def cut() -> object:
            yield keys[0]
            raise Stopped

        replace(catalogue, kept, paragraphs, cut())  # type: ignore[arg-type]

    monkeypatch.setattr(Catalogue, "replace", stop)


STEPS = [stop_after_a_batch, stop_before_replace, stop_within_replace, stop_before_delete]


@pytest.mark.parametrize("edited", [False, True], ids=["first run", "later run"])
@pytest.mark.parametrize("stop", STEPS, ids=lambda step: step.__name__)
def test_the_next_run_completes_what_a_stop_left(
    corpus: Path, tmp_path: Path, stop: Callable[[pytest.MonkeyPatch], None], edited: bool
) -> None:
    stopped, straight = Place(corpus, tmp_path / "stopped"), Place(corpus, tmp_path / "straight")
    if edited:
        sync(stopped, OneHotEncoder())
        edit(corpus / "mill.md", "when the river is low", "when it rains. It creaks then")
    with pytest.MonkeyPatch.context() as patched:
        stop(patched)
        with pytest.raises(Stopped):
            sync(stopped, OneHotEncoder())
    sync(stopped, OneHotEncoder())
    sync(straight, OneHotEncoder())
    assert version(stopped) == version(straight)
    assert vectors(stopped) == vectors(straight) == named(stopped)
    assert str(sync(stopped, OneHotEncoder())).startswith("0 added, 0 changed")


def test_a_stop_leaves_the_old_version_in_search(place: Place) -> None:
    sync(place, OneHotEncoder())
    edit(place.corpus / "mill.md", "barley", "rye")
    with pytest.MonkeyPatch.context() as patched:
        stop_before_replace(patched)
        with pytest.raises(Stopped):
            sync(place, OneHotEncoder())
    assert found(place, "barley") == ["mill 1"]
    assert found(place, "rye") == []


KILLED = """
import os, sys
from pathlib import Path
from fakes import OneHotEncoder
from index.catalogue import Catalogue
from index.store import VectorStore
from index.sync import Place, sync
owner, method = {"replace": (Catalogue, "replace"), "delete": (VectorStore, "delete")}[sys.argv[1]]
setattr(owner, method, lambda *_: os._exit(9))
sync(Place(Path(sys.argv[2]), Path(sys.argv[3])), OneHotEncoder())
"""


@pytest.mark.parametrize("step", ["replace", "delete"])
def test_the_next_run_completes_what_a_kill_left(corpus: Path, tmp_path: Path, step: str) -> None:
    killed, straight = Place(corpus, tmp_path / "killed"), Place(corpus, tmp_path / "straight")
    sync(killed, OneHotEncoder())
    edit(corpus / "mill.md", "barley", "rye")
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    process = subprocess.run(
        [sys.executable, "-c", KILLED, step, str(corpus), str(killed.data)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 9, process.stderr
    sync(killed, OneHotEncoder())
    sync(straight, OneHotEncoder())
    assert version(killed) == version(straight)
    assert vectors(killed) == vectors(straight) == named(killed)
    assert found(killed, "rye") == ["mill 1"]


def test_vectors_that_nothing_names_are_removed(place: Place) -> None:
    sync(place, OneHotEncoder())
    before = vectors(place)
    store = place.store("one-hot")
    store._collections["sentence"].add(
        ids=["left-over"], embeddings=[[1.0] * 14], metadatas=[{"kind": "sentence", "document": "mill"}]
    )
    store.close()
    receipt = sync(place, OneHotEncoder())
    assert (receipt.embedded, vectors(place)) == (0, before)


def test_vectors_that_are_lost_are_embedded_again(place: Place) -> None:
    encoder = OneHotEncoder()
    sync(place, encoder)
    lost = sorted(vectors(place))[:2]
    store = place.store("one-hot")
    store.delete(lost)
    store.close()
    assert sync(place, encoder).embedded == 2
    assert vectors(place) == named(place)


def test_two_corpora_do_not_overwrite_each_other(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other" / "corpus", place.data, place.server)
    other.corpus.mkdir(parents=True)
    (other.corpus / "mill.md").write_text("# Another Mill\n\nIt saws timber.\n", encoding="utf-8")
    sync(place, OneHotEncoder())
    sync(other, OneHotEncoder())
    assert found(place, "barley") == ["mill 1"]
    assert found(other, "timber") == ["mill 1"]
    assert found(other, "barley") == []
    assert str(sync(place, OneHotEncoder())) == "0 added, 0 changed, 5 unchanged"


def test_a_document_can_be_taken_out(place: Place) -> None:
    sync(place, OneHotEncoder())
    receipt = remove(place, "mill")
    assert (receipt.removed, states(receipt)) == (2, {"mill": "removed"})
    assert found(place, "barley") == []
    assert vectors(place) == named(place)
    assert str(sync(place, OneHotEncoder())) == "2 added, 0 changed, 3 unchanged"


def test_a_document_that_is_not_there_cannot_be_taken_out(place: Place) -> None:
    sync(place, OneHotEncoder())
    with pytest.raises(IndexMissing, match=r"no document 'mills' in the index\. There are: harbour, mill\."):
        remove(place, "mills")


def test_a_run_waits_for_another_and_then_says_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "LOCK_SECONDS", 0)
    place.folder.mkdir(parents=True)
    with (
        FileLock(place.folder / "index.lock"),
        pytest.raises(StoreError, match=r"Another process has been updating .*\. Wait for it or stop it"),
    ):
        sync(place, OneHotEncoder())


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("localhost", "ASSISTANT_CHROMA_URL is 'localhost'; it must look like http://localhost:8001."),
        (
            "http://127.0.0.1:9",
            "There is no Chroma server at 'http://127.0.0.1:9'. Start it with: chroma run",
        ),
    ],
)
def test_a_chroma_server_that_is_not_there_is_named(place: Place, url: str, message: str) -> None:
    with pytest.raises(StoreError) as raised:
        sync(Place(place.corpus, place.data, ChromaServer(url)), OneHotEncoder())
    assert str(raised.value).startswith(message)


def only(receipt: Receipt, state: str) -> FileReceipt:
    """The one file of a receipt in this state."""
    (file,) = [file for file in receipt.files if file.state == state]
    return file


def test_a_renamed_file_stays_the_document_that_it_was(place: Place) -> None:
    encoder = OneHotEncoder()
    (place.corpus / "hours.md").write_text("The mill is open at night.\n", encoding="utf-8")
    sync(place, encoder)
    edit(place.corpus / "hours.md", "at night", "in winter")
    sync(place, encoder)
    encoder.embedded = []
    (place.corpus / "deep").mkdir()
    (place.corpus / "hours.md").rename(place.corpus / "deep" / "opening.md")
    receipt = sync(place, encoder)
    renamed = only(receipt, "renamed")
    assert (renamed.file, renamed.renamed_from) == ("deep/opening.md", "hours.md")
    assert (renamed.document_id, renamed.version, renamed.unchanged) == ("hours", 2, 1)
    assert (receipt.embedded, encoder.embedded) == (0, [])
    assert "removed" not in states(receipt).values()
    assert states(sync(place, encoder))["deep/opening.md"] == "unchanged"
    library = Library(place, encoder)
    hours = library.document("hours")
    assert hours is not None
    assert (hours.title, hours.source_path) == ("hours", "deep/opening.md")
    past = library.paragraph_at("hours", 1, content_hash("The mill is open at night."))
    assert past is not None
    assert past.version.number == 1
    library.close()
    edit(place.corpus / "deep" / "opening.md", "in winter", "in spring")
    assert only(sync(place, encoder), "changed").document_id == "hours"


def test_a_file_of_another_format_is_read_anew_when_renamed(place: Place) -> None:
    sync(place, OneHotEncoder())
    (place.corpus / "mill.md").rename(place.corpus / "mill.txt")
    receipt = sync(place, OneHotEncoder())
    assert states(receipt)["mill.txt"] in ("changed", "renamed")
    assert "removed" not in states(receipt).values()
    assert found(place, "barley") == ["mill 1"]


def test_corpus_toml_goes_before_what_a_renamed_file_was(place: Place) -> None:
    sync(place, OneHotEncoder())
    (place.corpus / "mill.md").rename(place.corpus / "barley.md")
    with (place.corpus / "corpus.toml").open("a", encoding="utf-8") as toml:
        toml.write('[[document]]\nid = "grain"\nfile = "barley.md"\n')
    receipt = sync(place, OneHotEncoder())
    assert states(receipt) == {"barley.md": "added", "quay.txt": "unchanged", "mill": "removed"}
    assert found(place, "barley") == ["grain 1"]


def test_a_file_that_comes_first_takes_no_id_away(place: Place) -> None:
    sync(place, OneHotEncoder())
    (place.corpus / "a").mkdir()
    (place.corpus / "a" / "mill.md").write_text("It saws timber by the river.\n", encoding="utf-8")
    receipt = sync(place, OneHotEncoder())
    assert {file.file: file.document_id for file in receipt.files} == {
        "a/mill.md": "mill-2",
        "mill.md": "mill",
        "quay.txt": "harbour",
    }
    assert found(place, "barley") == ["mill 1"]


def test_a_copy_is_named_and_indexed_once(place: Place) -> None:
    (place.corpus / "a copy of mill.md").write_bytes((place.corpus / "mill.md").read_bytes())
    receipt = sync(place, OneHotEncoder())
    copy = only(receipt, "duplicate")
    assert (copy.file, copy.duplicate_of, copy.document_id) == ("a copy of mill.md", "mill.md", "mill")
    assert (receipt.added, found(place, "barley")) == (5, ["mill 1"])
    (place.corpus / "mill.md").unlink()
    receipt = sync(place, OneHotEncoder())
    assert (receipt.embedded, only(receipt, "renamed").file) == (0, "a copy of mill.md")
    assert found(place, "barley") == ["mill 1"]


def test_where_a_file_cannot_be_read_its_copy_is(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS, ".m", READERS[".md"])
    (place.corpus / "mill.m").write_bytes((place.corpus / "mill.md").read_bytes())
    (place.corpus / "mills.md").write_bytes((place.corpus / "mill.md").read_bytes())

    def refuse(file: CorpusFile, folder: Path) -> ReadDocument:
        if file.path.suffix == ".m":
            raise UnreadableFile(f"{file.path.name}: it is damaged.")
        return corpora.read_document(file, folder)

    monkeypatch.setattr(workers, "TEXT_SUFFIXES", {".md", ".txt", ".m"})
    monkeypatch.setattr(workers, "read_document", refuse)
    receipt = sync(place, OneHotEncoder())
    assert states(receipt) == {
        "mill.m": "failed", "mill.md": "added", "mills.md": "duplicate", "quay.txt": "added",
    }  # fmt: skip
    assert only(receipt, "duplicate").duplicate_of == "mill.md"
    again = sync(place, OneHotEncoder())
    assert (again.embedded, states(again)["mill.md"]) == (0, "unchanged")


def test_a_citation_can_show_what_it_cited(place: Place) -> None:
    sync(place, OneHotEncoder())
    cited = content_hash("The mill grinds barley for two breweries.")
    edit(place.corpus / "mill.md", "two breweries", "three breweries")
    receipt = only(sync(place, OneHotEncoder()), "changed")
    assert (receipt.version, receipt.changed_paragraphs) == (2, (1,))
    library = Library(place, OneHotEncoder())
    assert library.changed_since("mill", 1, cited)
    assert not library.changed_since("mill", 2, content_hash("The mill stands still when the river is low."))
    past = library.paragraph_at("mill", 1, cited)
    assert past is not None
    assert (past.text, past.version) == (
        "The mill grinds barley for two breweries.",
        library.versions("mill")[0],
    )
    assert library.paragraph_at("mill", 2, cited) is None
    assert [version.number for version in library.versions("mill")] == [1, 2]
    library.close()


def test_another_encoder_forgets_no_version_and_no_id(place: Place) -> None:
    sync(place, OneHotEncoder())
    edit(place.corpus / "mill.md", "two breweries", "three breweries")
    sync(place, OneHotEncoder())
    (place.corpus / "mill.md").rename(place.corpus / "grinder.md")
    other = OneHotEncoder(name="two-hot")
    receipt = sync(place, other, rebuild=True)
    assert only(receipt, "renamed").document_id == "mill"
    assert vectors(place, "two-hot") == named(place)
    library = Library(place, other)
    assert len(library.versions("mill")) == 2
    library.close()


def test_what_is_removed_is_not_found_by_a_library_that_is_open(place: Place) -> None:
    sync(place, OneHotEncoder())
    library = Library(place, OneHotEncoder())
    assert library.search("barley")[0].paragraph.document_id == "mill"
    (place.corpus / "mill.md").unlink()
    sync(place, OneHotEncoder())
    assert {hit.paragraph.document_id for hit in library.search("barley mill river")} <= {"harbour"}
    assert (library.document("mill"), library.paragraph("mill", 1)) == (None, None)
    assert library.paragraph("harbour", 1) is not None
    library.close()


def test_where_nothing_could_be_read_the_receipt_comes_with_the_error(place: Place) -> None:
    for path in place.corpus.iterdir():
        path.unlink()
    (place.corpus / "a.md").write_bytes(b"")
    with pytest.raises(NothingRead) as raised:
        sync(place, OneHotEncoder())
    assert states(raised.value.receipt) == {"a.md": "failed"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="such names are of Linux")
def test_a_name_that_is_no_text_stops_nothing(place: Place) -> None:
    name = os.fsdecode(b"caf\xe9.md")
    (place.corpus / name).write_text("It is open.\n", encoding="utf-8")
    assert states(sync(place, OneHotEncoder()))["caf\\xe9.md"] == "added"
    (place.corpus / name).write_bytes(b"")
    assert only(sync(place, OneHotEncoder()), "failed").reason == "caf\\xe9.md: the file is empty."


def test_a_folder_that_cannot_be_looked_into_loses_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.corpus / "deep").mkdir()
    (place.corpus / "mill.md").rename(place.corpus / "deep" / "mill.md")
    sync(place, OneHotEncoder())
    scandir = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    receipt = sync(place, OneHotEncoder())
    assert only(receipt, "failed").reason == (
        "deep: Permission denied. What was read from the folder before stays; let this user look into it."
    )
    monkeypatch.undo()
    assert found(place, "barley") == ["mill 1"]
    assert set(states(sync(place, OneHotEncoder())).values()) == {"unchanged"}


def test_a_file_that_is_too_large_is_named_before_it_is_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.readers.MAX_BYTES", 1_000_000)
    monkeypatch.setattr(workers, "TEXT_BYTES", 10_000_000)  # a worker has limits of its own
    with (place.corpus / "large.md").open("wb") as stream:
        stream.truncate(3_000_000)
    assert only(sync(place, OneHotEncoder()), "failed").reason == (
        "large.md: 3 MB; at most 1 MB are read. Split the file."
    )


# A process of its own that brings the index up to date when it is told to.
WRITER = """
import os, sys
from pathlib import Path
from fakes import OneHotEncoder
from index import pipeline
from index.chroma import server_named
from index.sync import Place, sync
pipeline._BATCH = 4
print("ready", flush=True)
for _ in sys.stdin:
    sync(Place(Path(sys.argv[1]), Path(sys.argv[2]), server_named(os.environ)), OneHotEncoder())
    print("done", flush=True)
"""
# Forks a process that does so and tells each step, and kills it after as many as it is told. What takes long to
# import is imported before, so that the killing is of the work.
KILLER = """
import os, signal, sys, time
from pathlib import Path
import llama_index.core.ingestion
from fakes import OneHotEncoder
from index import pipeline
from index.sync import Place, sync
pipeline._BATCH = 4
print("ready", flush=True)
for line in sys.stdin:
    steps = int(line)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        sync(Place(Path(sys.argv[1]), Path(sys.argv[2])), OneHotEncoder(), progress=lambda _: os.write(write, b"."))
        os._exit(0)
    os.close(write)
    while steps > 0 and (seen := os.read(read, steps)):
        steps -= len(seen)
    time.sleep(int(line) % 7 / 500)
    os.kill(child, signal.SIGKILL)
    os.close(read)
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Other:
    """A process that runs `code` on an index and does a piece of work for each line that it is told."""

    def __init__(self, code: str, place: Place) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        if place.server is not None:
            environment["ASSISTANT_CHROMA_URL"] = place.server.url
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, str(place.corpus), str(place.data)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.answer() == "ready"

    def __enter__(self) -> Other:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=120)

    def tell(self, line: object) -> None:
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    @property
    def has_answered(self) -> bool:
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], 0)[0])


def write_edition(folder: Path, edition: int) -> None:
    """Ten documents of eight paragraphs that all name their edition."""
    for n in range(10):
        lines = [f"In edition {edition} the river of mill {n} has {k} boats." for k in range(8)]
        (folder / f"m{n}.md").write_text("\n\n".join([f"# Mill {n}", *lines]), encoding="utf-8")


@posix
def test_killed_at_any_moment_the_next_run_completes_it(corpus: Path, tmp_path: Path) -> None:
    killed, straight = Place(corpus, tmp_path / "killed"), Place(corpus, tmp_path / "straight")
    sync(killed, OneHotEncoder())
    deaths = []
    with Other(KILLER, killed) as killer:
        for edition in range(2):
            write_edition(corpus, edition)
            (corpus / f"m{edition}.md").unlink()
            for steps in (1, 2, 4, 8, 13, 21, 34):
                killer.tell(steps)
                deaths.append(int(killer.answer()))
                assert editions(killed) <= {
                    (n, frozenset({e})) for n in range(10) for e in range(edition + 1)
                }
    assert deaths.count(signal.SIGKILL) > 5
    sync(killed, OneHotEncoder())
    sync(straight, OneHotEncoder())
    assert version(killed) == version(straight)
    assert vectors(killed) == vectors(straight) == named(killed)
    assert str(sync(killed, OneHotEncoder())) == "0 added, 0 changed, 77 unchanged"
    hits = {hit.split()[0] for hit in found(killed, "edition 1 boats")}
    assert hits < {f"m{n}" for n in range(10) if n != 1}


def editions(place: Place) -> set[tuple[int, frozenset[int]]]:
    """Each of the ten documents in the catalogue with the editions that its paragraphs name."""
    catalogue = place.catalogue()
    try:
        return _editions(catalogue.paragraphs())
    finally:
        catalogue.close()


def _editions(paragraphs: Iterable[Paragraph]) -> set[tuple[int, frozenset[int]]]:
    found: dict[int, set[int]] = {}
    for p in paragraphs:
        if p.document_id.startswith("m") and p.document_id[1:].isdigit() and p.number:
            found.setdefault(int(p.document_id[1:]), set()).add(int(p.text.split()[2]))
    return {(n, frozenset(each)) for n, each in found.items()}


@posix
def test_who_reads_meanwhile_sees_the_old_or_the_new_version_of_a_document(place: Place) -> None:
    write_edition(place.corpus, 0)
    sync(place, OneHotEncoder())
    first = Library(place, OneHotEncoder())
    query = "river boats of mill 3"
    looks = 0
    with Other(WRITER, place) as writer:
        for edition in (1, 2):
            write_edition(place.corpus, edition)
            writer.tell("go")
            while not writer.has_answered:
                library = Library(place, OneHotEncoder())
                seen = _editions(library.all_paragraphs())
                assert {n for n, _ in seen} == set(range(10))
                assert all(each in ({edition - 1}, {edition}) for _, each in seen)
                for opened in (library, first):
                    for hit in opened.search(query, k=20):
                        place_of_hit = hit.paragraph.document_id, hit.paragraph.number
                        assert opened.paragraph(*place_of_hit) == hit.paragraph
                library.close()
                looks += 1
            assert writer.answer() == "done"
    assert looks > 0
    assert all(each == {0} for _, each in _editions(hit.paragraph for hit in first.search(query, k=20)))
    first.close()
    last = Library(place, OneHotEncoder())
    assert "paragraph" in {leg.leg for hit in last.search(query, k=20) for leg in hit.found_by}
    last.close()
