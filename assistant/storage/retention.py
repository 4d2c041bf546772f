"""What is no longer kept: old conversations, what was deleted, and the backups that may still hold either."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, delete, insert, select, update

from .engine import Database
from .tables import answers, backups, conversations, deleted, writes

Kind = Literal["conversation", "answer", "document"]


@dataclass(frozen=True, slots=True)
class Deleted:
    """Something that was deleted, when (UTC, ISO 8601)."""

    kind: Kind
    id: str
    at: str


@dataclass(frozen=True, slots=True)
class KnownBackup:
    """A backup that was made of this database; deletions until `cleaned_at` have reached it."""

    path: str
    made_at: str
    cleaned_at: str


class Retention:
    """Deletions in one database. Every method may raise `StorageError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def forget_before(self, at: datetime) -> int:
        """Delete conversations last changed before `at`, and answers outside of any given before it; how many."""
        limit = at.astimezone(UTC).isoformat(timespec="microseconds")
        old = conversations.c.updated_at < limit
        single = answers.c.conversation_id.is_(None) & (answers.c.asked_at < limit)
        with self._database.writing() as connection:
            found: list[tuple[Kind, str]] = [
                *(
                    ("conversation", id)
                    for (id,) in connection.execute(select(conversations.c.id).where(old))
                ),
                *(("answer", id) for (id,) in connection.execute(select(answers.c.id).where(single))),
            ]
            for kind, id in found:
                note(connection, kind, id)
            connection.execute(delete(conversations).where(old))
            connection.execute(delete(answers).where(single))
            connection.execute(delete(writes).where(writes.c.begun_at < limit))
        if found:
            self._database.scrub()
        return len(found)

    def forget_document(self, document_id: str) -> int:
        """Delete the answers that cite a document, with their feedback and what was quoted of them later on, and note
        that it is gone; how many."""
        with self._database.writing() as connection:
            found = _forget_citing(connection, document_id)
            for id in found:
                note(connection, "answer", id)
            note(connection, "document", document_id)
        self._database.scrub()
        return len(found)

    def deletions(self, since: str = "") -> tuple[Deleted, ...]:
        """What was deleted after `since`, the earliest first."""
        query = select(deleted).where(deleted.c.at > since).order_by(deleted.c.at)
        with self._database.reading() as connection:
            return tuple(Deleted(*row) for row in connection.execute(query))

    def apply(self, gone: Sequence[Deleted]) -> None:
        """Delete what was deleted elsewhere: the database is a copy of an earlier day."""
        with self._database.writing() as connection:
            for each in gone:  # first, as the answers that cite one tell what later ones quote
                if each.kind == "document":
                    _forget_citing(connection, each.id)
            for each in gone:
                if each.kind == "conversation":
                    connection.execute(delete(conversations).where(conversations.c.id == each.id))
                if each.kind == "answer":
                    connection.execute(delete(answers).where(answers.c.id == each.id))
                note(connection, each.kind, each.id, each.at)
        self._database.scrub()

    def forget_deletions(self) -> None:
        """Forget what was deleted, where no backup can hold it any more."""
        with self._database.writing() as connection:
            if connection.execute(select(backups.c.path).limit(1)).first() is None:
                connection.execute(delete(deleted))

    def backups(self) -> tuple[KnownBackup, ...]:
        """The backups that were made, the earliest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(backups).order_by(backups.c.made_at))
            return tuple(KnownBackup(*row) for row in rows)

    def know_backup(self, path: str, made_at: str) -> None:
        """Note a backup, so that later deletions reach it."""
        with self._database.writing() as connection:
            connection.execute(delete(backups).where(backups.c.path == path))
            connection.execute(insert(backups).values(path=path, made_at=made_at, cleaned_at=made_at))

    def cleaned(self, path: str, at: str) -> None:
        """Note that deletions until `at` have reached a backup."""
        with self._database.writing() as connection:
            connection.execute(update(backups).where(backups.c.path == path).values(cleaned_at=at))

    def forget_backup(self, path: str) -> None:
        """The backup is no longer there."""
        with self._database.writing() as connection:
            connection.execute(delete(backups).where(backups.c.path == path))


def _forget_citing(connection: Connection, document_id: str) -> list[str]:
    """Delete the answers that cite a document, also as turns before later answers; their ids."""
    told: dict[str, str] = {}
    quotes: set[str] = set()
    for id, record in connection.execute(select(answers.c.id, answers.c.record)):
        of_document = [each for each in record.get("citations", ()) if each.get("document_id") == document_id]
        if of_document:
            told[id] = record["answer"]
            quotes |= {each["quote"] for each in of_document if each["quote"]}
    for id in told:
        connection.execute(delete(answers).where(answers.c.id == id))
    for id, history in list(connection.execute(select(answers.c.id, answers.c.history))):
        kept = [turn for turn in history if not _repeats(turn, told.values(), quotes)]
        if kept != history:
            connection.execute(update(answers).where(answers.c.id == id).values(history=kept))
    return list(told)


def _repeats(turn: Mapping[str, str], told: Collection[str], quotes: Iterable[str]) -> bool:
    said = turn["content"]
    return turn["role"] == "assistant" and (said in told or any(quote in said for quote in quotes))


def note(connection: Connection, kind: Kind, id: str, at: str = "") -> None:
    """Note within a transaction that something was deleted."""
    connection.execute(delete(deleted).where(deleted.c.kind == kind, deleted.c.id == id))
    connection.execute(insert(deleted).values(kind=kind, id=id, at=at or _now()))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
