"""The catalogue: documents, paragraphs and the keys of their vectors, in SQLite.

It is the truth of the index. A document is replaced in one transaction, so that a reader sees its old or
its new version and never a mixture; who reads several things that must fit together reads them within one
`snapshot`. Vectors without a line here are leftovers that the next sync removes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from index.builds import TABLE as BUILDS_TABLE
from index.builds import Build, Builds, DocumentChange
from index.documents import Document, Paragraph
from index.errors import IndexMismatch, VersionGone
from index.history import TABLES as HISTORY_TABLES
from index.history import History, PastParagraph, Version
from index.records import Contents, Failure, Kept, VectorKey, document_of, facts_of, paragraph_of, state_of
from index.shards import Row
from index.sqlite_file import Execute, SqliteFile
from index.timeline import TABLES as TIMELINE_TABLES
from index.timeline import CorpusVersion, State, Timeline, version_of

# 2: former versions, what a reader says of a file, and failures are kept. 3: the states of versions that were asked.
SCHEMA = 3

_META = "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
_TABLES = """
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, record TEXT NOT NULL, facts TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS failures (file TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, reason TEXT NOT NULL);
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


class Catalogue(SqliteFile):
    """One SQLite file; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, made where there is none, and brought to the present layout.

        Raises:
            IndexMismatch: it is no catalogue, or one of a later version of the program.
            StoreError: the file is locked or may not be written to.
        """
        super().__init__(path)
        self._history = History(self._connection.execute)
        self._timeline = Timeline(self._connection.execute)
        self._builds = Builds(self._connection.execute)
        try:
            self._rows("PRAGMA journal_mode=WAL")
            self._rows("PRAGMA secure_delete=ON")
            written = self._layout()
            if written != SCHEMA:
                written = self._migrated()
            if written == SCHEMA:
                self._rows(BUILDS_TABLE)
        except BaseException:
            self._connection.close()
            raise
        if written != SCHEMA:
            self._connection.close()
            raise IndexMismatch(
                f"The index in '{path.parent}' has layout {written}, this version of Footnote uses {SCHEMA}. "
                f"Delete '{path.parent}' and run: python -m index build"
            )

    def _layout(self) -> int | None:
        tables = self._rows("SELECT name FROM sqlite_master WHERE name = 'meta'")
        written = self.meta("schema") if tables else None
        return int(written) if written is not None else None

    def _migrated(self) -> int:
        """Bring the file to the present layout where that is known how; the layout that it has then."""
        with self._transaction() as connection:
            written = self._layout()  # another process may have been faster
            if written not in (None, 1, 2):
                return written or 0
            if written == 1:
                connection.execute("ALTER TABLE documents ADD COLUMN facts TEXT NOT NULL DEFAULT '{}'")
            for statement in (_META, *(_TABLES + HISTORY_TABLES + TIMELINE_TABLES).split(";")):
                connection.execute(statement)
            for document in self.documents() if written == 1 else ():
                self._history.begin(document.id, document.sha256)
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (str(SCHEMA),))
        return SCHEMA

    def meta(self, key: str) -> str | None:
        """A value kept beside the documents, such as the encoder's name."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Keep a value beside the documents."""
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def publish(self, *parts: str, anew: bool = False) -> None:
        """Tell who has the index open that a sync is done.

        It is no news where documents, paragraphs and `parts` are as they were, unless vectors were made `anew`.
        """
        state = self.version(*parts)
        if anew or (self.published() or "").partition(" ")[0] != state or not self.builds():
            published = f"{state} {uuid.uuid4().hex}"
            with self._transaction() as connection:
                connection.execute("INSERT OR REPLACE INTO meta VALUES ('published', ?)", (published,))
                self._builds.record(published, self.documents())
            # What was removed stands in the write-ahead log until that is begun anew.
            self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def published(self) -> str | None:
        """What the last sync that was completed left: another text where it changed anything."""
        return self.meta("published")

    def builds(self) -> tuple[Build, ...]:
        """The builds that are kept, oldest first; the last is the present state."""
        with self._lock:
            return self._builds.all()

    def name_build(self, published: str, version: str) -> None:
        """Say which corpus version the answers from a build name."""
        if any(build.version == version for build in self.builds()[-1:]):
            return  # most often: nothing to write, nobody to wait for
        with self._transaction():
            self._builds.name(published, version)

    def changes(self, build: int) -> tuple[DocumentChange, ...] | None:
        """What has changed since a build, by title; None where that build is not kept."""
        with self.snapshot():
            return self._builds.changes(build, self.documents(), self.paragraphs, self._history)

    def generation(self) -> int:
        """A number that changes when another connection has written."""
        return int(self._rows("PRAGMA data_version")[0][0])

    def ids(self) -> frozenset[str]:
        """The ids of all documents."""
        return frozenset(row[0] for row in self._rows("SELECT id FROM documents"))

    def kept(self) -> dict[str, Kept]:
        """Every document with what is kept beside it, by id, sorted."""
        rows = self._rows("SELECT id, record, fingerprint, facts FROM documents ORDER BY id")
        return {id: Kept(document_of(record), mark, facts_of(facts)) for id, record, mark, facts in rows}

    def documents(self) -> tuple[Document, ...]:
        """All documents, sorted by id."""
        return tuple(document_of(row[0]) for row in self._rows("SELECT record FROM documents ORDER BY id"))

    def paragraphs(self, document_id: str | None = None) -> tuple[Paragraph, ...]:
        """The paragraphs of one document, or of all, in order; number 0 first."""
        where, values = ("WHERE document_id = ?", (document_id,)) if document_id is not None else ("", ())
        rows = self._rows(f"SELECT record FROM paragraphs {where} ORDER BY document_id, number", values)
        return tuple(paragraph_of(row[0]) for row in rows)

    def counts(self) -> dict[str, tuple[int, int]]:
        """How many paragraphs each document has, its front matter not counted, and how many notes, by its id.

        Counted by the database: reading every paragraph of a large corpus would take most of a sync.
        """
        notes = self._rows(
            "SELECT document_id, COUNT(DISTINCT json_extract(note.value, '$.number')) "
            "FROM paragraphs, json_each(record, '$.notes') AS note "
            """WHERE paragraphs.number > 0 AND instr(record, '"notes": [{') GROUP BY document_id"""
        )
        noted = {id: int(count) for id, count in notes}
        rows = self._rows("SELECT document_id, SUM(number > 0) FROM paragraphs GROUP BY document_id")
        return {id: (int(count), noted.get(id, 0)) for id, count in rows}

    def rows(self) -> list[Row]:
        """All paragraphs in the order of `paragraphs`, without their texts."""
        rows = self._rows(
            "SELECT document_id, number, json_extract(record, '$.heading'), json_extract(record, '$.content_hash') "
            "FROM paragraphs ORDER BY document_id, number"
        )
        return [(document_id, int(number), heading, mark) for document_id, number, heading, mark in rows]

    def vectors(self) -> dict[str, list[tuple[str, int]]]:
        """Every vector key with the (document id, paragraph number) that it points to."""
        found: dict[str, list[tuple[str, int]]] = {}
        for key, document_id, number in self._rows("SELECT key, document_id, number FROM vectors"):
            found.setdefault(key, []).append((document_id, int(number)))
        return found

    def keys(self) -> set[str]:
        """Every vector key."""
        return {row[0] for row in self._rows("SELECT DISTINCT key FROM vectors")}

    def replace(
        self,
        kept: Kept,
        paragraphs: Sequence[Paragraph],
        keys: Iterable[VectorKey],
    ) -> None:
        """Put a document in place of its former version, all at once; the former texts go to the history."""
        document, state = kept.document, state_of(kept.document, paragraphs)
        with self._transaction() as connection:
            self._keep_former(document, paragraphs)
            self._count(document.id, state)
            _delete(connection.execute, document.id)
            connection.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?)",
                (document.id, kept.fingerprint, state.document, json.dumps(asdict(kept.facts))),
            )
            connection.executemany(
                "INSERT INTO paragraphs VALUES (?, ?, ?)",
                [
                    (document.id, p.number, record)
                    for p, record in zip(paragraphs, state.paragraphs, strict=True)
                ],
            )
            connection.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?, ?)",
                [(key.key, document.id, key.number, key.kind) for key in keys],
            )

    def _keep_former(self, document: Document, paragraphs: Sequence[Paragraph]) -> None:
        """Begin a version, unless the present one has the same file and the same paragraphs."""
        former = self.paragraphs(document.id)
        rows = self._rows("SELECT record FROM documents WHERE id = ?", (document.id,))
        same = former and [(p.number, p.content_hash) for p in former] == [
            (p.number, p.content_hash) for p in paragraphs
        ]
        if same and document_of(rows[0][0]).sha256 == document.sha256:
            return
        if former:
            self._history.archive(document.id, [(p.number, p.content_hash, p.text) for p in former])
        self._history.begin(document.id, document.sha256)

    def _count(self, id: str, state: State) -> None:
        """Keep what a document was, unless it stays so in its next `state`."""
        former = self._states(id).get(id)
        if former is None:
            self._timeline.enter(id)
        elif former != state:
            self._timeline.leave(id, former)

    def rename(self, document: Document) -> None:
        """Keep a document's record anew, such as where its file is now; its paragraphs stay."""
        with self._transaction() as connection:
            self._count(document.id, state_of(document, self.paragraphs(document.id)))
            connection.execute(
                "UPDATE documents SET record = ? WHERE id = ?", (json.dumps(asdict(document)), document.id)
            )

    def remove(self, document_id: str, *, for_good: bool = False) -> None:
        """Take a document out with its former versions, all at once; `for_good`, with its title in former builds."""
        with self._transaction() as connection:
            _delete(connection.execute, document_id)
            self._history.forget(document_id)
            self._timeline.forget(document_id)
            if for_good:
                self._builds.forget(document_id)

    def begin_rebuild(self, encoder: str) -> None:
        """Forget every vector, so that each document is embedded anew; ids and versions stay."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM vectors")
            connection.execute("UPDATE documents SET fingerprint = ''")
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('encoder', ?)", (encoder,))

    def failures(self) -> dict[str, Failure]:
        """The files that could not be read when that was last tried, by path in the corpus folder."""
        rows = self._rows("SELECT file, fingerprint, reason FROM failures")
        return {file: Failure(fingerprint, reason) for file, fingerprint, reason in rows}

    def set_failures(self, failures: Mapping[str, Failure]) -> None:
        """Keep these failures in place of all former ones."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM failures")
            connection.executemany(
                "INSERT INTO failures VALUES (?, ?, ?)",
                [(file, failure.fingerprint, failure.reason) for file, failure in failures.items()],
            )

    def versions(self, document_id: str) -> tuple[Version, ...]:
        """The versions that are known of a document, oldest first; the last is the present one."""
        with self._lock:
            return self._history.versions(document_id)

    def past(self, document_id: str, content_hash: str) -> tuple[PastParagraph, ...]:
        """Where a text stands or stood in a document: once for each number, by number.

        Empty where the text was never in it, or in a version older than those that are kept.
        """
        with self.snapshot():
            found = {past.number: past for past in self._history.former(document_id, content_hash)}
            present = self._history.versions(document_id)[-1:]
            for p in self.paragraphs(document_id):
                if p.content_hash == content_hash and present:
                    found[p.number] = PastParagraph(document_id, p.number, content_hash, p.text, present[0])
        return tuple(found[number] for number in sorted(found))

    def version(self, *parts: str) -> str:
        """Twelve hex digits over all documents, paragraphs and `parts`."""
        return version_of(self._states().values(), parts)

    def change(self) -> int:
        """The number of the last change of a document."""
        with self._lock:
            return self._timeline.change()

    def ask(self, version: str, change: int, encoder: str, reader: str) -> None:
        """Note that a version is asked, so that it is kept; it is the corpus at `change`."""
        with self._lock:
            known = self._timeline.asked(version)
        if known is None or known.change != change:
            with self._transaction():
                self._timeline.ask(version, change, encoder, reader)

    def asked(self) -> tuple[CorpusVersion, ...]:
        """The versions that were asked and are kept, the latest first."""
        with self._lock:
            return self._timeline.versions()

    def contents(self, version: str, *parts: str) -> Contents:
        """What the corpus was at a version that was asked; `parts` are what it is read with now.

        Raises:
            VersionGone: it never was, or a document of it has been removed or changed too often since.
        """
        with self.snapshot():
            known = self._timeline.asked(version)
            former = self._timeline.at(known.change, self._states()) if known else None
        if known is None or former is None:
            raise VersionGone(f"Nothing is known of a corpus version {version!r}. Ask the present one.")
        if former.lost:
            raise VersionGone(
                f"Corpus version {version!r} is no longer kept: {_listed(former.lost)} removed since, or changed too "
                "often. Ask the present one."
            )
        if version_of(former.states.values(), (known.encoder, known.reader)) != version:
            raise VersionGone(f"Corpus version {version!r} was not kept whole. Ask the present one.")
        return Contents(
            version_of(former.states.values(), parts),
            tuple(document_of(state.document) for state in former.states.values()),
            tuple(paragraph_of(record) for state in former.states.values() for record in state.paragraphs),
            former.changed,
        )

    def _states(self, document_id: str | None = None) -> dict[str, State]:
        """The documents as they are now, or the one, sorted by id."""
        only, values = ("", ()) if document_id is None else ("WHERE {} = ?", (document_id,))
        found: dict[str, list[str]] = {}
        of = only.format("document_id")
        for id, record in self._rows(
            f"SELECT document_id, record FROM paragraphs {of} ORDER BY document_id, number", values
        ):
            found.setdefault(id, []).append(record)
        of = only.format("id")
        documents = self._rows(f"SELECT id, record FROM documents {of} ORDER BY id", values)
        return {id: State(record, tuple(found.get(id, ()))) for id, record in documents}


def _listed(ids: Sequence[str]) -> str:
    shown = ", ".join(f"'{id}'" for id in ids[:3])
    return f"{shown}{' and others' if len(ids) > 3 else ''} {'was' if len(ids) == 1 else 'were'}"


def _delete(execute: Execute, document_id: str) -> None:
    execute("DELETE FROM documents WHERE id = ?", (document_id,))
    execute("DELETE FROM paragraphs WHERE document_id = ?", (document_id,))
    execute("DELETE FROM vectors WHERE document_id = ?", (document_id,))
