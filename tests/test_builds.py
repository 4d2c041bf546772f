"""What changed since a build, and whether the folder is followed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from fakes import OneHotEncoder

from index import builds
from index.builds import DocumentChange, differing, following, is_followed
from index.library import Library
from index.sync import Place, remove, sync


@pytest.fixture
def place(tmp_path: Path) -> Place:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    write(corpus, "mill", "The mill", "It grinds.", "It stands.", "It hums.")
    write(corpus, "barn", "The barn", "It is red.")
    return Place(corpus, tmp_path / "data")


def write(corpus: Path, name: str, title: str, *paragraphs: str) -> None:
    (corpus / f"{name}.md").write_text(f"# {title}\n\n" + "\n\n".join(paragraphs) + "\n", encoding="utf-8")


@contextmanager
def opened(place: Place) -> Iterator[Library]:
    with closing(Library(place, OneHotEncoder(), reader="quotes")) as library:
        yield library


def since(place: Place, number: int) -> tuple[DocumentChange, ...] | None:
    with opened(place) as library:
        return library.changes(number)


def test_documents_and_paragraphs_that_changed_since_a_build(place: Place) -> None:
    sync(place, OneHotEncoder())
    write(place.corpus, "mill", "The mill", "It grinds flour.", "It stands.", "It hums.", "It sleeps.")
    (place.corpus / "barn.md").unlink()
    write(place.corpus, "yard", "The yard", "It is wide.")
    sync(place, OneHotEncoder())
    assert since(place, 1) == (
        DocumentChange("barn", "The barn", "removed"),
        DocumentChange("mill", "The mill", "changed", added=(4,), changed=(1,)),
        DocumentChange("yard", "The yard", "added"),
    )
    assert since(place, 2) == ()
    assert since(place, 3) is None
    write(place.corpus, "mill", "The mill", "It stands.", "It hums.")
    sync(place, OneHotEncoder())
    assert since(place, 2) == (DocumentChange("mill", "The mill", "changed", removed=(1, 4)),)
    assert since(place, 1) == (
        DocumentChange("barn", "The barn", "removed"),
        DocumentChange("mill", "The mill", "changed", removed=(1,)),
        DocumentChange("yard", "The yard", "added"),
    )


def test_a_sync_that_changes_nothing_is_no_build_but_is_a_look(place: Place) -> None:
    sync(place, OneHotEncoder())
    with opened(place) as library:
        (first,) = library.builds()
        looked_at = library.standing().looked_at
        assert first.version == library.version
        assert looked_at is not None
    sync(place, OneHotEncoder())
    with opened(place) as library:
        assert library.builds() == (first,)
        assert (library.standing().looked_at or "") >= looked_at


def test_a_document_that_came_back_otherwise_is_changed_without_numbers(place: Place) -> None:
    sync(place, OneHotEncoder())
    remove(place, "barn")
    write(place.corpus, "barn", "The barn", "It is blue.")
    sync(place, OneHotEncoder())
    assert since(place, 1) == (DocumentChange("barn", "The barn", "changed"),)


def test_only_so_many_builds_are_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds, "KEPT_BUILDS", 2)
    for number in range(3):
        write(place.corpus, "barn", "The barn", f"It is {number} years old.")
        sync(place, OneHotEncoder())
    with opened(place) as library:
        assert [build.number for build in library.builds()] == [2, 3]
        assert library.changes(1) is None


def test_a_text_that_moved_is_the_same() -> None:
    assert differing({0: "t", 1: "a", 2: "b"}, {0: "u", 1: "b", 2: "c"}) == ((2,), (), (1,))
    assert differing({1: "a", 2: "b"}, {1: "x", 2: "b"}) == ((), (1,), ())


def test_a_folder_is_followed_for_as_long_as_somebody_does(place: Place) -> None:
    assert not is_followed(place.folder)
    begun, ended = threading.Event(), threading.Event()

    def follow() -> None:
        with following(place.folder):
            begun.set()
            ended.wait(60)

    follower = threading.Thread(target=follow)
    follower.start()
    assert begun.wait(60)
    try:
        assert is_followed(place.folder)
    finally:
        ended.set()
        follower.join(60)
    assert not is_followed(place.folder)
