"""An SQLite file of the index: one connection for all threads, whole transactions, and errors that say what to do."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from index.errors import IndexMismatch, StoreError

Execute = Callable[[str, Sequence[object]], Iterable[tuple[Any, ...]]]
"""Runs one statement within the caller's transaction and gives its rows."""


class SqliteFile:
    """One file; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, made where there is none.

        Raises:
            StoreError: it is locked or may not be written to.
        """
        make_folder(path.parent)
        self._lock = threading.RLock()
        self._folder = path.parent
        with self._translated():
            self._connection = sqlite3.connect(
                path, check_same_thread=False, isolation_level=None, timeout=30
            )

    def copy_to(self, file: Path) -> None:
        """Write all, as it is at one moment, into a new file; nothing that was removed is in it.

        Raises:
            StoreError: the file cannot be written.
        """
        self._rows("VACUUM INTO ?", (str(file),))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within it everything is read from one state of the index, whatever is written meanwhile."""
        with self._lock, self._translated():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # after some errors SQLite has done so itself
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what SQLite raises into our errors."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if not isinstance(error, sqlite3.OperationalError) and type(error) is not sqlite3.DatabaseError:
                raise  # a fault of ours
            if "is full" in str(error) or "disk I/O" in str(error):
                raise StoreError(
                    f"The index in '{self._folder}' cannot be written: {error}. Make room on its disk, then try again."
                ) from error
            if isinstance(error, sqlite3.OperationalError):
                raise StoreError(
                    f"The index in '{self._folder}' cannot be opened: {error}. "
                    "Try again when no other process writes to it, and check that the folder may be written to."
                ) from error
            raise IndexMismatch(
                f"The index in '{self._folder}' cannot be read: {error}. "
                f"Delete '{self._folder}' and run: python -m index build"
            ) from error

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[str, ...]]:
        with self._lock, self._translated():
            return self._connection.execute(query, values).fetchall()


def is_damaged(file: Path) -> bool:
    """Whether an SQLite file is not what SQLite wrote; False where it is not there or cannot be opened."""
    if not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True


def make_folder(folder: Path) -> None:
    """Make a folder of the index's data.

    Raises:
        StoreError: it may not be made there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder '{folder}' cannot be made: {error.strerror or error}. "
            "Check that it may be written to, or set ASSISTANT_DATA to another one."
        ) from error
