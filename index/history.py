"""The former versions of documents: which text stood under which number, and until when.

A version is what a document was after a sync that changed it. The paragraphs of the present version are in the
catalogue's own table; those of former ones are kept here, each text once per document, so that a citation whose
paragraph has changed since can show what it cited.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from index.sqlite_file import Execute

# A folder that is watched while somebody writes in it makes a version of every save.
KEPT_VERSIONS = 50

TABLES = """
CREATE TABLE IF NOT EXISTS versions (
    document_id TEXT NOT NULL, version INTEGER NOT NULL, sha256 TEXT NOT NULL, read_at TEXT NOT NULL,
    PRIMARY KEY (document_id, version)
);
CREATE TABLE IF NOT EXISTS former (
    document_id TEXT NOT NULL, version INTEGER NOT NULL, number INTEGER NOT NULL, content_hash TEXT NOT NULL,
    PRIMARY KEY (document_id, version, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS texts (
    document_id TEXT NOT NULL, content_hash TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (document_id, content_hash)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a document. `number` counts from 1; `read_at` is UTC in ISO 8601, to the second."""

    document_id: str
    number: int
    sha256: str
    read_at: str


@dataclass(frozen=True, slots=True)
class PastParagraph:
    """A text that stands or stood under a number; `version` is the last in which it did."""

    document_id: str
    number: int
    content_hash: str
    text: str
    version: Version


class History:
    """The versions of documents, within a connection of the catalogue."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def versions(self, document_id: str) -> tuple[Version, ...]:
        """The versions that are known of a document, oldest first; the last is the present one."""
        rows = self._execute(
            "SELECT document_id, version, sha256, read_at FROM versions WHERE document_id = ? ORDER BY version",
            (document_id,),
        )
        return tuple(Version(*row) for row in rows)

    def begin(self, document_id: str, sha256: str) -> None:
        """Start the next version of a document, or its first."""
        known = self.versions(document_id)
        self._execute(
            "INSERT INTO versions VALUES (?, ?, ?, ?)",
            (document_id, known[-1].number + 1 if known else 1, sha256, _now()),
        )
        if len(known) >= KEPT_VERSIONS:
            self._forget_until(document_id, known[-KEPT_VERSIONS].number)

    def archive(self, document_id: str, paragraphs: Iterable[tuple[int, str, str]]) -> None:
        """Keep the present paragraphs as (number, content hash, text), before they are replaced."""
        last = self.versions(document_id)[-1].number
        for number, content_hash, text in paragraphs:
            self._execute("INSERT INTO former VALUES (?, ?, ?, ?)", (document_id, last, number, content_hash))
            self._execute("INSERT OR IGNORE INTO texts VALUES (?, ?, ?)", (document_id, content_hash, text))

    def numbered(self, document_id: str, version: int) -> tuple[tuple[int, str], ...]:
        """The paragraphs of a former version as (number, content hash), by number; none of the present version."""
        rows = self._execute(
            "SELECT number, content_hash FROM former WHERE document_id = ? AND version = ? ORDER BY number",
            (document_id, version),
        )
        return tuple((int(number), content_hash) for number, content_hash in rows)

    def former(self, document_id: str, content_hash: str) -> tuple[PastParagraph, ...]:
        """Where a text stood in former versions: once for each number, by number."""
        rows = self._execute(
            "SELECT f.number, t.text, v.document_id, v.version, v.sha256, v.read_at FROM former f "
            "JOIN texts t USING (document_id, content_hash) JOIN versions v USING (document_id, version) "
            "WHERE f.document_id = ? AND f.content_hash = ? ORDER BY f.number, f.version",
            (document_id, content_hash),
        )
        last = {
            number: PastParagraph(document_id, number, content_hash, text, Version(*version))
            for number, text, *version in rows
        }
        return tuple(last.values())

    def forget(self, document_id: str) -> None:
        """Keep nothing of a document that was removed."""
        for table in ("versions", "former", "texts"):
            self._execute(f"DELETE FROM {table} WHERE document_id = ?", (document_id,))

    def _forget_until(self, document_id: str, version: int) -> None:
        for table in ("versions", "former"):
            self._execute(
                f"DELETE FROM {table} WHERE document_id = ? AND version <= ?", (document_id, version)
            )
        self._execute(
            "DELETE FROM texts WHERE document_id = ? AND content_hash NOT IN "
            "(SELECT content_hash FROM former WHERE document_id = ?)",
            (document_id, document_id),
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
