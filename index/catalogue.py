"""The catalogue: documents, paragraphs and the keys of their vectors, in SQLite.

It is the truth of the index. A document is replaced in one transaction, so that a reader sees its old or
its new version and never a mixture; vectors without a line here are leftovers that the next sync removes.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from index.documents import Document, Note, Paragraph
from index.errors import IndexMismatch

SCHEMA = 1
VectorKind = Literal["paragraph", "sentence"]

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS paragraphs (
    document_id TEXT NOT NULL, number INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (document_id, number)
);
CREATE TABLE IF NOT EXISTS vectors (
    key TEXT NOT NULL, document_id TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (key, document_id, number)
);
CREATE INDEX IF NOT EXISTS vectors_by_paragraph ON vectors (document_id, number);
"""


@dataclass(frozen=True, slots=True)
class VectorKey:
    """The key of a vector and the paragraph that it points to."""

    key: str
    number: int
    kind: VectorKind


class Catalogue:
    """One SQLite file; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.executescript(_TABLES)
            written = self.meta("schema")
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise IndexMismatch(
                f"The index in '{path.parent}' cannot be read: {error}. "
                f"Delete '{path.parent}' and run: python -m index build"
            ) from error
        if written is None:
            self.set_meta("schema", str(SCHEMA))
        elif written != str(SCHEMA):
            self._connection.close()
            raise IndexMismatch(
                f"The index in '{path.parent}' has layout {written}, this version of Footnote uses {SCHEMA}. "
                f"Delete '{path.parent}' and run: python -m index build"
            )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[str, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def meta(self, key: str) -> str | None:
        """A value kept beside the documents, such as the encoder's name."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Keep a value beside the documents."""
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def fingerprints(self) -> dict[str, str]:
        """What each document was read from, as a hash: id -> fingerprint."""
        return {row[0]: row[1] for row in self._rows("SELECT id, fingerprint FROM documents")}

    def documents(self) -> tuple[Document, ...]:
        """All documents, sorted by id."""
        return tuple(
            Document(**json.loads(row[0])) for row in self._rows("SELECT record FROM documents ORDER BY id")
        )

    def paragraphs(self, document_id: str | None = None) -> tuple[Paragraph, ...]:
        """The paragraphs of one document, or of all, in order; number 0 first."""
        where, values = ("WHERE document_id = ?", (document_id,)) if document_id is not None else ("", ())
        rows = self._rows(f"SELECT record FROM paragraphs {where} ORDER BY document_id, number", values)
        return tuple(_paragraph(row[0]) for row in rows)

    def vectors(self) -> dict[str, list[tuple[str, int]]]:
        """Every vector key with the (document id, paragraph number) that it points to."""
        found: dict[str, list[tuple[str, int]]] = {}
        for key, document_id, number in self._rows("SELECT key, document_id, number FROM vectors"):
            found.setdefault(key, []).append((document_id, int(number)))
        return found

    def replace(
        self,
        document: Document,
        fingerprint: str,
        paragraphs: Iterable[Paragraph],
        keys: Iterable[VectorKey],
    ) -> None:
        """Put a document in place of its former version, all at once."""
        with self._transaction() as connection:
            _delete(connection, document.id)
            connection.execute(
                "INSERT INTO documents VALUES (?, ?, ?)",
                (document.id, fingerprint, json.dumps(asdict(document))),
            )
            connection.executemany(
                "INSERT INTO paragraphs VALUES (?, ?, ?)",
                [(document.id, p.number, json.dumps(asdict(p))) for p in paragraphs],
            )
            connection.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?, ?)",
                [(key.key, document.id, key.number, key.kind) for key in keys],
            )

    def remove(self, document_id: str) -> None:
        """Take a document out, all at once."""
        with self._transaction() as connection:
            _delete(connection, document_id)

    def clear(self) -> None:
        """Take every document out, all at once."""
        with self._transaction() as connection:
            for table in ("documents", "paragraphs", "vectors"):
                connection.execute(f"DELETE FROM {table}")

    def version(self, *parts: str) -> str:
        """Twelve hex digits over all documents, paragraphs and `parts`."""
        digest = hashlib.sha256()
        for row in self._rows("SELECT record FROM documents ORDER BY id"):
            digest.update(row[0].encode())
        for row in self._rows("SELECT record FROM paragraphs ORDER BY document_id, number"):
            digest.update(row[0].encode())
        for part in parts:
            digest.update(b"\0" + part.encode())
        return digest.hexdigest()[:12]


def _delete(connection: sqlite3.Connection, document_id: str) -> None:
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    connection.execute("DELETE FROM paragraphs WHERE document_id = ?", (document_id,))
    connection.execute("DELETE FROM vectors WHERE document_id = ?", (document_id,))


def _paragraph(record: str) -> Paragraph:
    values = json.loads(record)
    values["notes"] = tuple(Note(**note) for note in values["notes"])
    return Paragraph(**values)
