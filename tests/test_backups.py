"""Backups are put back whole, and what is deleted is deleted: from index, database, files kept aside and backups."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
import zlib
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
from assistant.answers import Question, Turn
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
    """The files below a folder that hold a word anywhere in their bytes, packed or not."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path.relative_to(folder).as_posix() for path in files if holds(path.read_bytes(), word)]


def holds(data: bytes, word: str = WORD) -> bool:
    """Whether bytes hold a word: as they are, in a zip file's members, or in what zlib packed, as former states are.

    Of what SQLite spreads over several pages, the first page is looked at here and the whole by `former_states`.
    """
    if any(each in data.lower() for each in (word.encode(), word.encode("utf-16-le"))):
        return True
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(holds(archive.read(name), word) for name in archive.namelist())
    return any(
        word.encode() in unpacked(data[at.start() :]).lower()
        for at in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data)
    )


def unpacked(data: bytes) -> bytes:
    """What zlib makes of bytes, as far as it gets."""
    packed, found = zlib.decompressobj(), b""
    try:
        for at in range(0, len(data), 64):
            found += packed.decompress(data[at : at + 64])
            if packed.eof:
                break
    except zlib.error:
        pass
    return found


def former_states(catalogue: Path) -> str:
    """All that the catalogue keeps of former states."""
    with closing(sqlite3.connect(catalogue)) as connection:
        packed = [row[0] for row in connection.execute("SELECT state FROM states WHERE state IS NOT NULL")]
    return "".join(zlib.decompress(each).decode() for each in packed)


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


def lived_with(place: Place, storage: Storage) -> str:
    """A document that was edited while it was asked, and quoted in an answer and before another one; their talk."""
    for edition in ("at night", "by day", "at noon"):
        song = f"# The {WORD}\n\nThe {WORD} sings {edition}.\n"
        (place.corpus / "song.md").write_text(song, encoding="utf-8")
        sync(place, OneHotEncoder())
        with closing(Library(place, OneHotEncoder(), reader="r")) as library:  # as one who answers does
            assert library.search(f"{WORD} sings")
    shelf = Shelf(place.corpus, place.folder / "removed", lambda progress: sync(place, OneHotEncoder()))
    with closing(Library(place, OneHotEncoder())) as library:
        song_document = library.document("song")
    assert song_document is not None
    shelf.restore(shelf.remove(song_document).token)
    with closing(Library(place, OneHotEncoder(), reader="r")):
        (place.corpus / "song.md").write_text(f"# The {WORD}\n\nIt sings.\n\nSo does the {WORD}.\n", "utf-8")
        sync(place, OneHotEncoder())
    made = storage.start("ann", "On singing")
    quote = f"The {WORD} sings at night."
    cited = replace(SUPPORTED.citations[0], document_id="song", quote=quote)
    told = replace(SUPPORTED, id="of-song", question="Who sings?", answer=f"{quote} [1]", citations=(cited,))
    storage.keep(told, Question(told.question), "ann", made.id)
    turns = (Turn("user", told.question), Turn("assistant", told.answer))
    later = replace(SUPPORTED, id="of-mill", question="And what of the curlew?")
    storage.keep(later, Question(later.question, (*turns, Turn("assistant", "It grinds."))), "ann", made.id)
    return made.id


def test_an_erased_document_is_nowhere(place: Place, storage: Storage, tmp_path: Path) -> None:
    other = lived_with(place, storage)
    assert WORD in former_states(place.folder / "catalogue.sqlite3")
    file = tmp_path / "backup.zip"
    storage.retention.know_backup(str(file), backups.make(place, storage, file))
    assert {Path(name).name.removesuffix("-wal") for name in holding(tmp_path)} >= {
        "song.md", "catalogue.sqlite3", FILE_NAME, "backup.zip"
    }  # fmt: skip
    with closing(Library(place, OneHotEncoder())):  # somebody has the index open
        assert erase(place, storage, "song") == 1
    assert [name for name in holding(tmp_path) if name != "backup.zip"] == []
    assert tidy(place, storage, None).rewritten == 1
    with zipfile.ZipFile(file) as archive:
        assert [name for name in archive.namelist() if holds(archive.read(name))] == []
    assert holding(tmp_path) == []
    elsewhere = Place(tmp_path / "new" / "corpus", tmp_path / "new" / "data")
    backups.restore(file, elsewhere, elsewhere.data / FILE_NAME)
    for catalogue in (place.folder / "catalogue.sqlite3", elsewhere.folder / "catalogue.sqlite3"):
        assert WORD not in former_states(catalogue)
    (kept,) = storage.answers("ann", other)
    assert (kept.question, kept.history) == (
        "And what of the curlew?",
        (Turn("user", "Who sings?"), Turn("assistant", "It grinds.")),
    )


def test_an_erased_document_leaves_the_words_of_people(place: Place, storage: Storage) -> None:
    """Title, question and feedback are no part of the document: who wrote them deletes them."""
    kept = talk(storage, WORD)
    assert erase(place, storage, "song") == 1
    assert [each.title for each in storage.conversations("ann")] == [f"About the {WORD}"]
    assert storage.answers("ann", kept) == ()
    assert storage.feedback() == ()


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
