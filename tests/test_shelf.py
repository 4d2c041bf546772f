"""The corpus folder as the chat changes it: names, sizes, removal and its undoing, suggestions."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from fakes import OneHotEncoder
from fakes_web import LIBRARY, SUPPORTED

from assistant.api.hourly import tidying
from assistant.api.service import Service
from assistant.errors import ShelfError
from assistant.settings import Settings
from assistant.shelf import Shelf, sweep
from assistant.storage.repository import Storage
from assistant.suggest import follow_ups, suggest
from index.documents import Document
from index.library import Library
from index.receipts import Receipt
from index.sync import Place, sync

ROOT = Path(__file__).parent.parent


@pytest.fixture
def place(corpus: Path, tmp_path: Path) -> Place:
    return Place(corpus, tmp_path / "data")


@pytest.fixture
def shelf(place: Place) -> Shelf:
    shelf = Shelf(
        place.corpus, place.data / "aside", lambda progress: sync(place, OneHotEncoder(), progress=progress)
    )
    shelf.read()
    return shelf


def document(place: Place, id: str) -> Document:
    library = Library(place, OneHotEncoder())
    try:
        found = library.document(id)
    finally:
        library.close()
    assert found is not None
    return found


def dropped(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "dropped"
    file.write_text(text, encoding="utf-8")
    return file


KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from assistant.shelf import Shelf

def copy(source, target):
    target.write_bytes(source.read_bytes()[:1000])
    os.kill(os.getpid(), signal.SIGKILL)

shutil.copyfile = copy
folder, file = map(Path, sys.argv[1:])
Shelf(folder, folder.parent / "aside", lambda _: None).add("bell.md", file)
"""
"""A process that is killed in the middle of moving a file in."""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_what_a_killed_upload_leaves_is_gone_at_the_next_start(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = dropped(tmp_path, "# The bell\n\n" + "The bell rings at noon. " * 1000)
    done = subprocess.run([sys.executable, "-c", KILLED, place.corpus, big], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = place.corpus.glob(".upload-*")
    own = place.corpus / ".upload-notes.md"
    own.write_text("somebody's own hidden file", encoding="utf-8")
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage:
        service = Service(storage=storage)
        settings = Settings(corpus=place.corpus, data=place.data)
        asyncio.run(started(service, settings, until=lambda: not left.exists()))
    assert not left.exists()
    assert own.exists()
    assert sorted(path.name for path in place.corpus.iterdir() if path.name[0] != ".") == [
        "corpus.toml", "mill.md", "quay.txt"
    ]  # fmt: skip


async def started(service: Service, settings: Settings, until: Callable[[], bool]) -> None:
    """What a server does of this kind while it runs, until something has come true or a minute is over."""
    async with tidying(service, settings):
        for _ in range(1200):
            if until():
                break
            await asyncio.sleep(0.05)


def test_files_that_are_being_moved_in_are_left_alone(place: Place, tmp_path: Path) -> None:
    """By this process, by another that lives, and by one whose number is another's by now, for an hour."""
    seen = []

    def copying(source: Path, target: Path) -> None:
        seen.append((target, sweep(place.corpus), target.exists()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            shutil, "copyfile", lambda source, target: (target.write_bytes(b"x"), copying(source, target))
        )
        Shelf(place.corpus, tmp_path / "aside", lambda _: Receipt((), 0)).add(
            "bell.md", dropped(tmp_path, "x")
        )
    ((_, swept, there),) = seen
    assert (swept, there) == (0, True)
    others = place.corpus / f".upload-{os.getppid()}-{'0' * 32}"
    others.write_bytes(b"x")
    assert sweep(place.corpus) == 0
    os.utime(others, (0, 0))
    assert sweep(place.corpus) == 1
    own = place.corpus / f".upload-{os.getpid()}-{'0' * 32}"
    own.write_bytes(b"x")  # of a process before this one that had its number, as in a container
    assert sweep(place.corpus) == 1


def test_a_file_is_added_read_removed_and_put_back(shelf: Shelf, place: Place, tmp_path: Path) -> None:
    shelf.add("bell.md", dropped(tmp_path, "# The bell\n\nThe bell rings at noon."))
    assert [file.state for file in shelf.read().files if file.file == "bell.md"] == ["added"]
    removed = shelf.remove(document(place, "bell"))
    assert removed.title == "The bell"
    assert not (place.corpus / "bell.md").exists()
    assert sorted(path.name for path in place.corpus.iterdir()) == ["corpus.toml", "mill.md", "quay.txt"]
    assert shelf.restore(removed.token) == "bell.md"
    assert document(place, "bell").title == "The bell"
    with pytest.raises(ShelfError, match="not kept any more"):
        shelf.restore(removed.token)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("run.exe", r"run\.exe: files of this type are not read; save it as one of \.docx, "),
        (".hidden.md", "cannot be a file's name here"),
        ("", "cannot be a file's name here"),
        ("a\n.md", "cannot be a file's name here"),
        ("x" * 200 + ".md", "cannot be a file's name here"),
    ],
)
def test_a_name_that_cannot_be_used_is_a_sentence(shelf: Shelf, name: str, sentence: str) -> None:
    with pytest.raises(ShelfError, match=sentence):
        shelf.checked_name(name)


@pytest.mark.parametrize("name", ["../../up.md", "/etc/up.md", "C:\\files\\up.md"])
def test_a_path_is_only_its_name(shelf: Shelf, name: str) -> None:
    assert shelf.checked_name(name) == "up.md"


def test_what_is_too_large_is_refused(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.shelf.MAX_BYTES", 10)
    with pytest.raises(ShelfError, match="Split the file"):
        shelf.add("long.md", dropped(tmp_path, "eleven chars"))


def test_what_corpus_toml_describes_is_not_removed(shelf: Shelf, place: Place) -> None:
    with pytest.raises(ShelfError, match=r"“The Harbour” is described in corpus\.toml"):
        shelf.remove(document(place, "harbour"))
    assert (place.corpus / "quay.txt").is_file()


@pytest.mark.parametrize("token", ["", "..", "../../corpus", "0" * 32])
def test_a_token_is_looked_up_and_no_path(shelf: Shelf, token: str) -> None:
    with pytest.raises(ShelfError, match="not kept any more"):
        shelf.restore(token)


def test_an_undo_does_not_overwrite(shelf: Shelf, place: Place) -> None:
    removed = shelf.remove(document(place, "mill"))
    (place.corpus / "mill.md").write_text("Another mill.", encoding="utf-8")
    with pytest.raises(ShelfError, match=r"another file 'mill\.md' by now"):
        shelf.restore(removed.token)


def test_suggestions_are_of_headings_days_and_names() -> None:
    paragraphs = LIBRARY.paragraphs("harbour")
    found = suggest(paragraphs, 3)
    assert found[0] == "What do the documents say about Freight?"
    assert "What do the documents say about Ferries?" in found
    assert suggest((), 3) == ()


def test_follow_ups_name_what_was_not_asked() -> None:
    paragraphs = [LIBRARY.paragraphs("harbour")[0]]
    found = follow_ups(SUPPORTED, paragraphs, most=5)
    assert any("Ines Albrecht" in each for each in found)
    assert len(found) == len(set(found))
