"""The database of conversations: what it keeps, for whom, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes_web import CONFLICTING, NOT_IN_CORPUS, SUPPORTED
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from assistant.answers import Answer, Question, Turn
from assistant.errors import StorageError
from assistant.settings import Settings
from assistant.storage.records import WRONGS, Conversation, Feedback
from assistant.storage.repository import Storage
from assistant.wiring import open_storage

ANN, BEN = "ann", "ben"


def answer(id: str, like: Answer = SUPPORTED) -> Answer:
    return replace(like, id=id)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own behind a socket; skips where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if os.name == "posix" else []
    path = os.pathsep.join([*map(str, reversed(found)), os.environ.get("PATH", "")])
    initdb, pg_ctl = shutil.which("initdb", path=path), shutil.which("pg_ctl", path=path)
    if initdb is None or pg_ctl is None:
        pytest.skip("There is no PostgreSQL server. On Debian: apt-get install postgresql")
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    with tempfile.TemporaryDirectory(prefix="fn-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        if user:
            shutil.chown(folder, user)
        data = f"{folder}/data"

        def run(*command: str) -> None:
            subprocess.run(command, user=user, check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=180)

        run(initdb, "-D", data, "-U", "footnote", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c fsync=off -k {folder}"
        run(pg_ctl, "-D", data, "-w", "-t", "120", "-o", options, "-l", f"{folder}/log", "start")
        yield f"postgresql://footnote@/postgres?host={folder}"
        run(pg_ctl, "-D", data, "-w", "-m", "immediate", "stop")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'kept.sqlite3'}"
    url: str = request.getfixturevalue("postgres")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return url


@pytest.fixture
def storage(url: str) -> Iterator[Storage]:
    with closing(Storage(url)) as storage:
        yield storage


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.sqlite3"


def opened(file: Path, busy_seconds: float = 0.2) -> Storage:
    return Storage(f"sqlite:///{file}", busy_seconds=busy_seconds)


def test_a_conversation_is_there_after_a_restart_as_it_was_given(url: str) -> None:
    history = (Turn("user", "Which berth?"), Turn("assistant", "The new one."))
    question = Question("How long is the berth?", history, ("harbour",))
    with closing(Storage(url)) as storage:
        made = storage.start(ANN, " Berths ")
        storage.keep(answer("a1", CONFLICTING), question, ANN, made.id)
        storage.keep(answer("a2", NOT_IN_CORPUS), Question("And its fare? ☃"), ANN, made.id)
    with closing(Storage(url)) as storage:
        (listed,) = storage.conversations(ANN)
        first, second = storage.answers(ANN, listed.id)
    assert (listed.title, listed.id) == ("Berths", made.id)
    assert listed.updated_at == second.asked_at > first.asked_at > listed.created_at
    assert first.answer == answer("a1", CONFLICTING)
    assert first.record == json.loads(json.dumps(answer("a1", CONFLICTING).to_dict()))
    assert (first.question, first.history, first.documents) == (question.text, history, ("harbour",))
    assert (second.question, second.corpus_version) == ("And its fare? ☃", "c0ffee12")


def test_nobody_sees_changes_or_judges_what_is_anothers(storage: Storage) -> None:
    made = storage.start(ANN, "Private")
    storage.keep(answer("a1"), Question("?"), ANN, made.id)
    assert storage.conversations(BEN) == ()
    assert storage.conversation(BEN, made.id) is None
    assert storage.answers(BEN, made.id) == ()
    assert storage.answer("a1", BEN) is None
    assert not storage.rename(BEN, made.id, "Mine")
    assert not storage.cut(BEN, "a1")
    assert not storage.give_feedback(BEN, "a1", Feedback("up"))
    assert not storage.delete(BEN, made.id)
    with pytest.raises(StorageError, match=r"^The conversation is no longer there\. Start a new one\.$"):
        storage.keep(answer("b1"), Question("?"), BEN, made.id)
    assert storage.conversation(ANN, made.id) is not None
    assert [kept.id for kept in storage.answers(ANN, made.id)] == ["a1"]


def test_search_finds_words_of_title_question_and_answer(storage: Storage) -> None:
    freight, fares = storage.start(ANN, "Freight"), storage.start(ANN, "100 % fares_")
    storage.keep(answer("a1"), Question("WIE LANG ist die Mole, Übersee?"), ANN, freight.id)
    storage.keep(answer("a2", NOT_IN_CORPUS), Question("What is the fare?"), ANN, fares.id)

    def found(search: str) -> list[str]:
        return [each.title for each in storage.conversations(ANN, search)]

    assert found("") == ["100 % fares_", "Freight"]
    assert found("freight") == ["Freight"]
    assert found("übersee lang") == ["Freight"]
    assert found("54 percent") == ["Freight"]
    assert found("percent fare") == []
    assert found("%") == ["100 % fares_"]
    assert found("s_") == ["100 % fares_"]


def test_rename_delete_and_cut(storage: Storage) -> None:
    made = storage.start(ANN, "Old")
    for id in ("a1", "a2", "a3"):
        storage.keep(answer(id), Question("?"), ANN, made.id)
    storage.give_feedback(ANN, "a2", Feedback("up"))
    assert storage.rename(ANN, made.id, "New " + "x" * 300)
    renamed = storage.conversation(ANN, made.id)
    assert renamed is not None
    assert len(renamed.title) == 200
    assert storage.cut(ANN, "a2")
    assert [kept.id for kept in storage.answers(ANN, made.id)] == ["a1"]
    assert storage.feedback() == ()
    assert storage.delete(ANN, made.id)
    assert storage.answer("a1") is None
    assert not storage.cut(ANN, "a1")


def test_an_answer_is_kept_by_itself_and_once(storage: Storage) -> None:
    kept = storage.keep(answer("a1"), Question("How much?"), "key-7")
    assert storage.answer("a1") == kept
    assert storage.answer("a1", "key-7") == kept
    assert storage.answer("nope") is None
    assert not storage.cut("key-7", "a1")
    with pytest.raises(StorageError, match="'a1' is kept already"):
        storage.keep(answer("a1"), Question("How much?"), "key-7")


def test_feedback_replaces_what_was_thought_before(storage: Storage) -> None:
    storage.keep(answer("a1"), Question("How much?"), ANN)
    storage.keep(answer("a2"), Question("How long?"), BEN)
    assert storage.give_feedback(ANN, "a1", Feedback("up", "other", comment="good"))
    assert storage.feedback_on(ANN, ["a1", "a2"]) == {"a1": Feedback("up", None, "", "good")}
    for wrong in WRONGS:
        given = Feedback("down", wrong, "55 percent", " It says 55. ")
        assert storage.give_feedback(ANN, "a1", given)
    assert storage.give_feedback(BEN, "a2", Feedback("up"))
    assert [(each.owner, each.kept.id) for each in storage.feedback()] == [(BEN, "a2"), (ANN, "a1")]
    (down,) = storage.feedback("down")
    assert down.feedback == Feedback("down", "other", "55 percent", "It says 55.")
    assert down.kept.answer.short_answer == "54 percent"


def test_an_answer_of_an_unknown_shape_says_so(storage: Storage) -> None:
    kept = storage.keep(answer("a1"), Question("?"), ANN)
    older = replace(kept, record={key: value for key, value in kept.record.items() if key != "verdict"})
    with pytest.raises(StorageError, match="field 'verdict' cannot be read"):
        _ = older.answer
    assert replace(kept, record={**kept.record, "later": 1}).answer == kept.answer


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from fakes_web import SUPPORTED
from assistant.answers import Question
from assistant.storage.repository import Storage
url, name = sys.argv[1:3]
storage = Storage(url)
made = storage.start(name, name)
for number in range(25):
    storage.keep(replace(SUPPORTED, id=f"{name}{number}"), Question("?"), name, made.id)
storage.close()
"""


def test_two_processes_start_and_write_at_once(url: str) -> None:
    root = Path(__file__).parent.parent
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, name, str(root / "tests")],
            cwd=root,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in (ANN, BEN)
    ]
    said = [writer.communicate(timeout=180)[1] for writer in writers]
    assert ([writer.returncode for writer in writers], said) == ([0, 0], ["", ""])
    with closing(Storage(url)) as storage:
        for name in (ANN, BEN):
            (made,) = storage.conversations(name)
            kept = [each.id for each in storage.answers(name, made.id)]
            assert kept == [f"{name}{number}" for number in range(25)]


def test_a_locked_database_is_waited_for_and_then_said(file: Path) -> None:
    with closing(opened(file)) as storage:
        made = storage.start(ANN, "Before")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE conversations SET title = 'Between'")
            begun = time.monotonic()
            with pytest.raises(
                StorageError, match=r"kept\.sqlite3' is locked: .* Try again, or stop that program\.$"
            ):
                storage.rename(ANN, made.id, "After")
            assert time.monotonic() - begun >= 0.15
            assert [each.title for each in storage.conversations(ANN)] == ["Before"]  # reading goes on
            other.execute("COMMIT")
        assert storage.rename(ANN, made.id, "After")


@pytest.mark.parametrize("damage", ["all", "head", "page"])
def test_a_damaged_file_is_said(file: Path, damage: str) -> None:
    with closing(opened(file)) as storage:
        made = storage.start(ANN, "Kept")
        for number in range(20):
            storage.keep(answer(f"a{number}"), Question("?"), ANN, made.id)
    data = bytearray(file.read_bytes())
    if damage == "all":
        data[:] = b"no database " * 999
    elif damage == "head":
        data[:16] = bytes(16)
    else:
        data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)

    def use() -> tuple[Conversation, ...]:
        with closing(opened(file)) as storage:
            return storage.conversations(ANN)

    with pytest.raises(StorageError, match=r"kept\.sqlite3' is damaged: .* an earlier day") as caught:
        use()
    assert "\n" not in str(caught.value)


def test_a_later_layout_is_refused_and_left_alone(url: str) -> None:
    with closing(Storage(url)) as storage:
        storage.start(ANN, "Kept")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="has layout 9999, which this version of Footnote does not know"):
        Storage(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
    engine.dispose()
    with closing(Storage(url)) as storage:
        assert [each.title for each in storage.conversations(ANN)] == ["Kept"]


def test_the_migrations_make_the_tables_that_are_used(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from assistant.storage.tables import metadata

    with closing(Storage(url)):
        engine = create_engine(url)
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        engine.dispose()


def test_the_default_is_a_file_in_the_data_folder_that_is_nobody_elses(tmp_path: Path) -> None:
    data = tmp_path / "dä ta?#%20"
    with closing(open_storage(Settings(data=data))) as storage:
        storage.start(ANN, "Kept")
        assert sorted(path.name for path in data.iterdir())[0] == "footnote.sqlite3"
        assert all(path.stat().st_mode & 0o077 == 0 for path in data.iterdir())


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "ASSISTANT_DATABASE_URL is no database URL"),
        ("mysql://a:secret@b/c", "names 'mysql'"),
        ("sqlite:////proc/nowhere/kept.sqlite3", "cannot be opened: .*ASSISTANT_DATA"),
        ("postgresql://ann:secret@127.0.0.1:1/kept", "does not answer: .*ASSISTANT_DATABASE_URL"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_sentence(url: str, sentence: str) -> None:
    with pytest.raises(StorageError, match=sentence) as caught:
        Storage(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_vendor_error_never_crosses(file: Path) -> None:
    with closing(opened(file)) as storage:
        with closing(sqlite3.connect(file)) as other:
            other.execute("DROP TABLE feedback")
        with pytest.raises(StorageError, match="does not answer: no such table: feedback") as caught:
            storage.feedback()
        assert isinstance(caught.value.__cause__, OperationalError)
