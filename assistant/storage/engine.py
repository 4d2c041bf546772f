"""The connection to the database: SQLite as we want it, PostgreSQL by URL, and their errors as ours."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assistant.errors import StorageError

FILE_NAME = "footnote.sqlite3"
BUSY_SECONDS = 10.0
"""How long a write waits for another process's; SQLite lets one write at a time."""


def default_url(data: Path) -> URL:
    """The database in the data folder, where no other is named."""
    return URL.create("sqlite", database=str(data / FILE_NAME))


class Database:
    """Transactions on a database. Safe to use from several threads."""

    def __init__(self, url: str | URL, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Prepare for `url`; nothing is opened yet.

        Raises:
            StorageError: the URL cannot be used.
        """
        self._url = _parsed(url)
        self._engine = _engine(self._url, busy_seconds)

    @property
    def name(self) -> str:
        """The database as a message may name it: the file, or the URL without its password."""
        if self._is_sqlite:
            return f"'{self._url.database}'"
        return f"'{self._url.render_as_string(hide_password=True)}'"

    @property
    def _is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    def make_file(self) -> None:
        """Make SQLite's file, for nobody else to read: conversations are private.

        Raises:
            StorageError: the folder may not be written to.
        """
        if not self._is_sqlite or self._url.database in (None, "", ":memory:"):
            return
        path = Path(str(self._url.database))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StorageError(
                f"The database {self.name} cannot be opened: {error.strerror or error}. "
                "Check that its folder may be written to, or set ASSISTANT_DATA to another one."
            ) from error

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads, and sees one state of the database throughout.

        Raises:
            StorageError: the database does not answer, or is damaged.
        """
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes, kept whole or not at all.

        Raises:
            StorageError: as `reading`, or another process writes for too long.
        """
        with self._translated(), self._engine.connect() as connection:
            connection.execution_options(footnote_writes=True)
            with connection.begin():
                yield connection

    def copy_to(self, file: Path) -> None:
        """Write the whole database, as it is at one moment, into a new file.

        Raises:
            StorageError: it is no SQLite database, or the file cannot be written.
        """
        if not self._is_sqlite:
            raise StorageError(
                f"The database {self.name} is no file. Back it up with PostgreSQL's own means, such as pg_dump."
            )
        with self._translated(), self._engine.connect() as connection:
            connection.connection.cursor().execute("VACUUM INTO ?", (str(file),)).close()

    def scrub(self) -> None:
        """Begin SQLite's write-ahead log anew, in which what was deleted still stands, once nobody reads from it."""
        if self._is_sqlite:
            with self._translated(), self._engine.connect() as connection:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StorageError(self._sentence(error)) from error
        except PoolTimeout as error:
            raise StorageError(
                f"The database {self.name} has no connection free. Try again in a moment."
            ) from error

    def _sentence(self, error: DBAPIError) -> str:
        reason = _first_line(error.orig or error)
        if "locked" in reason:
            return (
                f"The database {self.name} is locked: another program has been writing to it for too long. "
                "Try again, or stop that program."
            )
        if self._is_sqlite and any(word in reason for word in ("is full", "disk I/O", "readonly")):
            return (
                f"The database {self.name} cannot be written: {reason}. "
                "Make room on its disk, and check that the file may be written to."
            )
        if self._is_sqlite and not isinstance(error, OperationalError):
            return (
                f"The database {self.name} is damaged: {reason}. "
                "Put a copy of an earlier day in its place, or move it away to begin with an empty one."
            )
        return (
            f"The database {self.name} does not answer: {reason}. "
            "Check that it runs, and what ASSISTANT_DATABASE_URL says."
        )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _parsed(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(
            "ASSISTANT_DATABASE_URL is no database URL. "
            "Write it as postgresql://user:password@host/name, or leave it out for SQLite."
        ) from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StorageError(
            f"ASSISTANT_DATABASE_URL names '{parsed.get_backend_name()}'; "
            "SQLite (sqlite:///path) and PostgreSQL (postgresql://…) are supported."
        )
    return parsed


def _engine(url: URL, busy_seconds: float) -> Engine:
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.get_backend_name() == "sqlite":
        options = {"connect_args": {"timeout": busy_seconds, "check_same_thread": False}}
    try:
        engine = create_engine(url, **options)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise StorageError(
            "PostgreSQL needs its driver, which is not installed. Install it with: pip install 'footnote[postgres]'"
        ) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail at once where another one wrote in between.
    writes = connection.get_execution_options().get("footnote_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
