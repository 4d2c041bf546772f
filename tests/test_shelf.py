"""The corpus folder as the chat changes it: names, sizes, removal and its undoing, suggestions."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import OneHotEncoder
from fakes_web import LIBRARY, SUPPORTED

from assistant.errors import ShelfError
from assistant.shelf import Shelf
from assistant.suggest import follow_ups, suggest
from index.documents import Document
from index.library import Library
from index.sync import Place, sync


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
