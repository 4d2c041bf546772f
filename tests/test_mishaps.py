"""Kills, full disks, damaged files, two builds, clocks that go backwards, data of an earlier release: short forms."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import OneHotEncoder
from fakes_web import SUPPORTED

from assistant.answers import Question
from assistant.storage import repository
from assistant.storage.repository import Storage
from index import history
from index.library import Library
from index.sync import Place, sync

ROOT = Path(__file__).parent.parent
FORMER = ROOT / "tests" / "cases" / "former" / "0.1.0.zip"
"""The folder of data that release 0.1.0 made of the documents of conftest.py, with a conversation and a key."""
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals, fork and limits of POSIX")


def bench(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"evals.bench.{name}", *arguments, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@posix
@pytest.mark.long
def test_nothing_is_lost_by_kills() -> None:
    """Two hundred of them: python -m evals.bench.kills --points 200."""
    done = bench("kills", "--points", "5", "--seed", "7")
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    assert set(outcomes) == {"build", "upload", "delete", "answer", "feedback"}
    assert all((each["points"], each["repaired"]) == (1, 1) for each in outcomes.values())
    assert sum(each["unfinished"] for each in outcomes.values()) > 0


SHORT = (
    "no file larger than 20 kB",
    "no file larger than 180 kB",
    "a folder that may not be written to",
    "two builds at once",
    "chroma.sqlite3: all noise",
)


@posix
@pytest.mark.long
def test_every_mishap_ends_in_a_repair_or_in_a_sentence_that_helps() -> None:
    """All of them: python -m evals.bench.mishaps."""
    done = bench("mishaps", *(word for name in SHORT for word in ("--only", name)))
    endings = {each["mishap"]: each for each in json.loads(done.stdout)}
    assert [name for name, each in endings.items() if not each["well"]] == [], done.stdout
    assert "Make room" in endings["no file larger than 20 kB"]["said"]
    assert "Make room" in endings["no file larger than 180 kB"]["said"]
    assert "may be written to" in endings["a folder that may not be written to"]["said"]
    assert endings["two builds at once"]["said"] == "repaired"
    assert "Delete '" in endings["chroma.sqlite3: all noise"]["said"]


def test_a_clock_that_goes_backwards_loses_nothing(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)

    def earlier() -> str:
        nonlocal now
        now -= timedelta(hours=7)
        return now.isoformat(timespec="microseconds")

    monkeypatch.setattr(history, "_now", earlier)
    monkeypatch.setattr(repository, "_now", earlier)
    place = Place(corpus, tmp_path / "data")
    for edition in range(3):
        (corpus / "mill.md").write_text(f"# The Mill\n\nIt grinds barley {edition}.\n", encoding="utf-8")
        sync(place, OneHotEncoder())
    with closing(Library(place, OneHotEncoder())) as library:
        assert [version.number for version in library.versions("mill")] == [1, 2, 3]
        assert "barley 2" in library.paragraphs("mill")[1].text
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage:
        made = storage.start("ann", "Talk")
        for id in ("first", "second", "third"):
            answer = SUPPORTED.__class__(**{**_fields(SUPPORTED), "id": id})
            storage.keep(answer, Question("?"), "ann", made.id)
        assert [kept.id for kept in storage.answers("ann", made.id)] == ["first", "second", "third"]
        assert storage.cut("ann", "second")
        assert [kept.id for kept in storage.answers("ann", made.id)] == ["first"]


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}  # type: ignore[attr-defined]


def test_data_of_the_release_before_are_taken_over(corpus: Path, tmp_path: Path) -> None:
    place = Place(corpus, tmp_path / "data")
    with zipfile.ZipFile(FORMER) as archive:
        archive.extractall(tmp_path / "former")
    place.data.mkdir()
    (tmp_path / "former" / "index").rename(place.folder)
    database = place.data / "footnote.sqlite3"
    (tmp_path / "former" / "footnote.sqlite3").rename(database)
    receipt = sync(place, OneHotEncoder())
    assert {file.state for file in receipt.files} <= {"unchanged", "changed"}
    assert str(sync(place, OneHotEncoder())) == "0 added, 0 changed, 5 unchanged"
    with closing(Library(place, OneHotEncoder())) as library:
        assert {document.id for document in library.documents()} == {"harbour", "mill"}
        assert library.search("barley breweries")[0].paragraph.document_id == "mill"
        former = library.versions("mill")
        assert [version.number for version in former][:2] == [1, 2]
    with closing(Storage(f"sqlite:///{database}")) as storage:
        (talk,) = storage.conversations("ann")
        (kept,) = storage.answers("ann", talk.id)
        assert kept.answer.citations[0].quote == SUPPORTED.citations[0].quote
        assert storage.feedback_on("ann", [kept.id])[kept.id].thumb == "up"
        (key,) = storage.access.keys()
        assert key.name == "CI"
        assert storage.delete("ann", talk.id)
    # Vectors that had their text beside them are made anew without it.
    for file in place.folder.rglob("*"):
        if file.is_file() and "chroma" in file.parts:
            assert b"two breweries" not in file.read_bytes(), file
