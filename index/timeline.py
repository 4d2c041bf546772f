"""What the corpus was at each version that was asked: the former states of documents, and which of them go together.

Every change of a document is counted. A document is in a state from one change until another; a corpus version is the
states at one change. The present states are in the catalogue's own tables; of former ones only those are kept here
that belong to a version on which somebody asked.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from index.sqlite_file import Execute

# A folder that is watched while somebody writes in it makes a state of every save that is asked about.
KEPT_STATES = 50

TABLES = """
CREATE TABLE IF NOT EXISTS asked (
    version TEXT PRIMARY KEY, change INTEGER NOT NULL, encoder TEXT NOT NULL, reader TEXT NOT NULL,
    opened_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS since (document_id TEXT PRIMARY KEY, change INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS states (
    document_id TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, state BLOB,
    PRIMARY KEY (document_id, first)
);
"""


@dataclass(frozen=True, slots=True)
class State:
    """A document as the catalogue writes it: its record, and those of its paragraphs by number."""

    document: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CorpusVersion:
    """A version that can be asked: when it was first opened (UTC, ISO 8601), and what read it then."""

    version: str
    change: int
    encoder: str
    reader: str
    opened_at: str


@dataclass(frozen=True, slots=True)
class Former:
    """The states at one change; `changed` are the ids of those that are no longer the present ones, and `lost` of
    those that are not kept."""

    states: dict[str, State]
    changed: frozenset[str]
    lost: tuple[str, ...]


def version_of(states: Iterable[State], parts: Iterable[str]) -> str:
    """Twelve hex digits over all documents, sorted by id, their paragraphs and `parts`."""
    digest, found = hashlib.sha256(), tuple(states)
    for state in found:
        digest.update(state.document.encode())
    for state in found:
        for paragraph in state.paragraphs:
            digest.update(paragraph.encode())
    for part in parts:
        digest.update(b"\0" + part.encode())
    return digest.hexdigest()[:12]


class Timeline:
    """The states of documents, within a connection of the catalogue."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def ask(self, version: str, change: int, encoder: str, reader: str) -> None:
        """Note that `version` is asked, which is the corpus at `change`."""
        self._execute(
            "INSERT OR REPLACE INTO asked VALUES (?, ?, ?, ?, ?)",
            (version, change, encoder, reader, datetime.now(UTC).isoformat(timespec="seconds")),
        )

    def asked(self, version: str) -> CorpusVersion | None:
        """A version that was asked, whether all of it is kept or not."""
        rows = self._execute("SELECT * FROM asked WHERE version = ?", (version,))
        return next((CorpusVersion(*row) for row in rows), None)

    def versions(self) -> tuple[CorpusVersion, ...]:
        """The versions that were asked and are kept, the latest first."""
        rows = self._execute(
            "SELECT * FROM asked a WHERE NOT EXISTS (SELECT 1 FROM states s WHERE s.state IS NULL "
            "AND a.change BETWEEN s.first AND s.last) ORDER BY change DESC, opened_at DESC",
            (),
        )
        return tuple(CorpusVersion(*row) for row in rows)

    def change(self) -> int:
        """The number of the last change."""
        rows = tuple(self._execute("SELECT value FROM meta WHERE key = 'change'", ()))
        return int(rows[0][0]) if rows else 0

    def leave(self, document_id: str, state: State) -> None:
        """Count a change of a document, before which it was in `state`."""
        self._end(document_id, zlib.compress(json.dumps([state.document, *state.paragraphs]).encode()))
        self._execute(
            "UPDATE states SET state = NULL WHERE document_id = ? AND state IS NOT NULL AND first NOT IN "
            "(SELECT first FROM states WHERE document_id = ? AND state IS NOT NULL ORDER BY first DESC LIMIT ?)",
            (document_id, document_id, KEPT_STATES),
        )

    def enter(self, document_id: str) -> None:
        """Count a change, from which on a document is in its present state."""
        self._count()
        self._execute("INSERT OR REPLACE INTO since VALUES (?, ?)", (document_id, self.change()))

    def forget(self, document_id: str) -> None:
        """Count the removal of a document, and keep nothing of what it was but that it was."""
        self._end(document_id, None)
        self._execute("DELETE FROM since WHERE document_id = ?", (document_id,))
        self._execute("UPDATE states SET state = NULL WHERE document_id = ?", (document_id,))

    def at(self, change: int, present: dict[str, State]) -> Former:
        """The states of all documents at a change, sorted by id, of which the `present` ones may be some."""
        first: dict[str, int] = dict(self._execute("SELECT document_id, change FROM since", ()))
        states = {id: state for id, state in present.items() if first.get(id, 0) <= change}
        rows = self._execute(
            "SELECT document_id, state FROM states WHERE ? BETWEEN first AND last ORDER BY document_id",
            (change,),
        )
        changed, lost = set(), []
        for id, packed in rows:
            if packed is None:
                lost.append(id)
                continue
            document, *paragraphs = json.loads(zlib.decompress(packed))
            states[id] = State(document, tuple(paragraphs))
            changed.add(id)
        return Former({id: states[id] for id in sorted(states)}, frozenset(changed), tuple(lost))

    def _end(self, document_id: str, state: bytes | None) -> None:
        """End the present state, kept where somebody asked while it was; the next begins with the next change."""
        last = self.change()
        rows = tuple(self._execute("SELECT change FROM since WHERE document_id = ?", (document_id,)))
        first = int(rows[0][0]) if rows else 0
        if tuple(self._execute("SELECT 1 FROM asked WHERE change BETWEEN ? AND ? LIMIT 1", (first, last))):
            self._execute(
                "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)", (document_id, first, last, state)
            )
        self.enter(document_id)

    def _count(self) -> None:
        self._execute("INSERT OR REPLACE INTO meta VALUES ('change', ?)", (str(self.change() + 1),))
