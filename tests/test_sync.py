"""Corpus folder -> index: only what changed, and whole again after a stop at any step."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import OneHotEncoder
from filelock import FileLock

from index import pipeline
from index import sync as syncing
from index.catalogue import Catalogue
from index.errors import CorpusError, IndexMismatch, IndexMissing, StoreError
from index.library import Library
from index.progress import Step
from index.receipts import Receipt
from index.store import VectorStore
from index.sync import Place, remove, sync

ROOT = Path(__file__).parent.parent


class Stopped(BaseException):
    """Stands in for a process that is killed."""


@pytest.fixture
def place(corpus: Path, tmp_path: Path) -> Place:
    return Place(corpus, tmp_path / "data")


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
    store._collection.add(
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
    other = Place(tmp_path / "other" / "corpus", place.data)
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
        sync(Place(place.corpus, place.data, url), OneHotEncoder())
    assert str(raised.value).startswith(message)
