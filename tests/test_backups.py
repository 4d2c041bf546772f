"""Backups are put back whole, and what is deleted is deleted: from index, database, files kept aside and backups."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import OneHotEncoder
from fakes_web import SUPPORTED

from assistant import __main__ as cli
from assistant import backups
from assistant.answers import Question
from assistant.errors import BackupError
from assistant.shelf import Shelf
from assistant.storage.engine import FILE_NAME
from assistant.storage.records import Feedback
from assistant.storage.repository import Storage
from assistant.storage.retention import note
from assistant.storage.tables import conversations
from assistant.tidying import erase, tidy
from index.library import Library
from index.sync import Place, sync

WORD = "zyzzyva"
"""Stands in one document, in a question about it and in the answer, and nowhere else."""


@pytest.fixture
def place(corpus: Path, tmp_path: Path) -> Place:
    (corpus / "song.md").write_text(f"# Song\n\nThe {WORD} sings at night.\n", encoding="utf-8")
    place = Place(corpus, tmp_path / "data")
    sync(place, OneHotEncoder())
    return place


@pytest.fixture
def storage(place: Place) -> Iterator[Storage]:
    with closing(Storage(f"sqlite:///{place.data / FILE_NAME}")) as storage:
        yield storage


def talk(storage: Storage, word: str, document_id: str = "song") -> str:
    """A conversation with one answer that cites a document, and feedback on it; its id."""
    made = storage.start("ann", f"About the {word}")
    cited = (replace(SUPPORTED.citations[0], document_id=document_id, quote=f"The {word} sings at night."),)
    answer = replace(SUPPORTED, id=f"of-{made.id}", question=f"What of the {word}?", citations=cited)
    storage.keep(answer, Question(answer.question), "ann", made.id)
    storage.give_feedback("ann", answer.id, Feedback("down", "other", comment=f"More on the {word}."))
    return made.id


def holding(folder: Path, word: str = WORD) -> list[str]:
    """The files below a folder that hold a word, packed or not."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        texts = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                texts = [archive.read(name) for name in archive.namelist()]
        if any(word.encode() in text or word.encode("utf-16-le") in text for text in texts):
            found.append(path.relative_to(folder).as_posix())
    return found


def test_a_backup_is_put_back_whole(place: Place, storage: Storage, tmp_path: Path) -> None:
    kept = talk(storage, WORD)
    (place.corpus / "mill.md").write_text("# The Mill\n\nThe mill grinds rye.\n", encoding="utf-8")
    sync(place, OneHotEncoder())
    key = storage.access.make_key("Ann", ["ask"])[1]
    file = tmp_path / "kept" / "monday.zip"
    made_at = backups.make(place, storage, file)
    with pytest.raises(BackupError, match="is there already"):
        backups.make(place, storage, file)
    assert [path.name for path in file.parent.iterdir()] == ["monday.zip"]
    assert file.stat().st_mode & 0o077 == 0
    with closing(Library(place, OneHotEncoder())) as before:
        version, hits = before.version, [hit.paragraph for hit in before.search("barley rye")]
    elsewhere = Place(tmp_path / "new" / "corpus", tmp_path / "new" / "data")
    assert backups.restore(file, elsewhere, elsewhere.data / FILE_NAME) == made_at
    sync(elsewhere, OneHotEncoder())
    with closing(Library(elsewhere, OneHotEncoder())) as after:
        assert (after.version, [hit.paragraph for hit in after.search("barley rye")]) == (version, hits)
        assert [each.number for each in after.versions("mill")] == [1, 2]
    with closing(Storage(f"sqlite:///{elsewhere.data / FILE_NAME}")) as again:
        assert [each.record for each in again.answers("ann", kept)] == [
            each.record for each in storage.answers("ann", kept)
        ]
        assert again.feedback() == storage.feedback()
        assert again.access.find(key) is not None
    assert not list(elsewhere.data.glob(".footnote-*"))
    with pytest.raises(BackupError, match="is not empty"):
        backups.restore(file, elsewhere, elsewhere.data / FILE_NAME)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def not_a_zip(file: Path) -> None:
    file.write_text("Dear all,", encoding="utf-8")


def rewritten(file: Path, change: Callable[[str, bytes], tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(file) as archive:
        members = [change(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)


def changed(file: Path) -> None:
    rewritten(file, lambda name, data: (name, data + b"x" if name.endswith("song.md") else data))


def leading_out(file: Path) -> None:
    def change(name: str, data: bytes) -> tuple[str, bytes]:
        renamed = name.replace("corpus/song.md", "corpus/../../../song.md")
        return renamed, data.replace(b"corpus/song.md", b"corpus/../../../song.md")

    rewritten(file, change)


def later(file: Path) -> None:
    rewritten(file, lambda name, data: (name, data.replace(b'"format": 1', b'"format": 2')))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (cut, "is no whole backup"),
        (not_a_zip, "is no whole backup"),
        (changed, "'corpus/song.md' is not what it was"),
        (leading_out, "leads out of it"),
        (later, "has format 2"),
        (Path.unlink, "There is no file"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_what_is_no_whole_backup_changes_nothing(
    place: Place, storage: Storage, tmp_path: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    file = tmp_path / "backup.zip"
    backups.make(place, storage, file)
    damage(file)
    elsewhere = Place(tmp_path / "new" / "corpus", tmp_path / "new" / "data")
    with pytest.raises(BackupError, match=sentence) as caught:
        backups.restore(file, elsewhere, elsewhere.data / FILE_NAME)
    assert "\n" not in str(caught.value)
    assert not elsewhere.corpus.exists()
    assert not (tmp_path / "song.md").exists()
    assert list(elsewhere.data.iterdir()) == []


def test_a_deleted_conversation_is_nowhere(place: Place, storage: Storage, tmp_path: Path) -> None:
    (place.corpus / "song.md").unlink()
    sync(place, OneHotEncoder())
    kept, other = talk(storage, WORD), talk(storage, "curlew")
    file = tmp_path / "backup.zip"
    storage.retention.know_backup(str(file), backups.make(place, storage, file))
    assert holding(tmp_path) != []
    assert storage.delete("ann", kept)
    assert holding(place.data) == []
    assert holding(tmp_path) == ["backup.zip"]
    tidied = tidy(place, storage, None)
    assert (tidied.rewritten, tidied.backups, tidied.failed) == (1, 0, ())
    assert holding(tmp_path) == []
    assert holding(tmp_path, "curlew") != []
    assert tidy(place, storage, None).rewritten == 0
    elsewhere = Place(tmp_path / "new" / "corpus", tmp_path / "new" / "data")
    backups.restore(file, elsewhere, elsewhere.data / FILE_NAME)
    with closing(Storage(f"sqlite:///{elsewhere.data / FILE_NAME}")) as again:
        assert [each.id for each in again.conversations("ann")] == [other]


def test_a_removed_document_is_gone_from_the_index(place: Place, tmp_path: Path) -> None:
    (place.corpus / "song.md").write_text(f"# Song\n\nThe {WORD} sings by day.\n", encoding="utf-8")
    sync(place, OneHotEncoder())
    (place.corpus / "song.md").unlink()
    with closing(Library(place, OneHotEncoder())):  # somebody has the index open
        sync(place, OneHotEncoder())
    assert holding(tmp_path) == []


def test_an_erased_document_is_nowhere(place: Place, storage: Storage, tmp_path: Path) -> None:
    talk(storage, WORD)
    other = talk(storage, "curlew", "mill")
    shelf = Shelf(place.corpus, place.folder / "removed", lambda progress: sync(place, OneHotEncoder()))
    with closing(Library(place, OneHotEncoder())) as library:
        song = library.document("song")
    assert song is not None
    shelf.restore(shelf.remove(song).token)
    file = tmp_path / "backup.zip"
    storage.retention.know_backup(str(file), backups.make(place, storage, file))
    assert erase(place, storage, "song") == 1
    assert tidy(place, storage, None).rewritten == 1
    left = holding(tmp_path)
    # The person's own words, which are no part of the document: title and question of the conversation.
    assert {Path(name).name for name in left} <= {FILE_NAME, f"{FILE_NAME}-wal", "backup.zip"}
    assert [each.question for each in storage.answers("ann", other)] == ["What of the curlew?"]
    with zipfile.ZipFile(file) as archive:
        assert "corpus/song.md" not in archive.namelist()
        assert f"The {WORD} sings".encode() not in archive.read(FILE_NAME) + archive.read("catalogue.sqlite3")


def test_what_is_older_than_the_setting_says_is_deleted(
    place: Place, storage: Storage, tmp_path: Path
) -> None:
    old, new = talk(storage, WORD), talk(storage, "curlew")
    file = tmp_path / "backup.zip"
    storage.retention.know_backup(str(file), backups.make(place, storage, file))
    ago = (datetime.now(UTC) - timedelta(days=31)).isoformat(timespec="microseconds")
    with storage._database.writing() as connection:
        connection.execute(conversations.update().where(conversations.c.id == old).values(updated_at=ago))
        note(connection, "document", "gone")
    assert tidy(place, storage, None).conversations == 0
    tidied = tidy(place, storage, 30)
    assert (tidied.conversations, tidied.rewritten) == (1, 1)
    assert [each.id for each in storage.conversations("ann")] == [new]
    with zipfile.ZipFile(file) as archive:
        assert WORD.encode() not in archive.read(FILE_NAME)
    storage.retention.know_backup(str(file), ago)
    assert tidy(place, storage, 30).backups == 1
    assert not file.exists()
    assert storage.retention.deletions() == ()


def test_a_removed_file_is_kept_aside_for_a_day(place: Place, storage: Storage) -> None:
    shelf = Shelf(place.corpus, place.folder / "removed", lambda progress: sync(place, OneHotEncoder()))
    with closing(Library(place, OneHotEncoder())) as library:
        song = library.document("song")
    assert song is not None
    shelf.remove(song)
    assert holding(place.folder) != []
    assert tidy(place, storage, None).files == 0
    assert tidy(place, storage, None, undo_seconds=-1).files == 1
    assert holding(place.folder) == []


def test_the_commands(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSISTANT_CORPUS", str(place.corpus))
    monkeypatch.setenv("ASSISTANT_DATA", str(place.data))
    file = tmp_path / "backup.zip"

    def run(*arguments: str) -> dict[str, object]:
        assert cli.main([*arguments, "--json"]) == 0
        told: dict[str, object] = json.loads(capsys.readouterr().out)
        return told

    assert run("backup", str(file))["file"] == str(file)
    assert run("erase", "song")["rewritten"] == 1
    assert holding(tmp_path) == []
    assert run("tidy")["conversations"] == 0
    assert cli.main(["erase", "song"]) == 1
    assert capsys.readouterr().err.startswith("assistant: There is no document 'song'.")
    assert cli.main(["erase", "harbour"]) == 1
    assert "corpus.toml describes 'quay.txt'" in capsys.readouterr().err
    assert cli.main(["restore", str(file)]) == 1
    assert "is not empty" in capsys.readouterr().err
    monkeypatch.setenv("ASSISTANT_CORPUS", str(tmp_path / "new" / "corpus"))
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "new" / "data"))
    assert run("restore", str(file))["made_at"]
