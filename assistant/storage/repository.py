"""The repository: conversations, answers and feedback, as records."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Select, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from assistant.answers import Answer, Question, Turn
from assistant.errors import StorageError

from .access import Access
from .engine import BUSY_SECONDS, Database
from .migrate import migrate
from .records import MAX_COMMENT, MAX_TITLE, Conversation, Feedback, GivenFeedback, KeptAnswer, Thumb
from .retention import Retention, note
from .tables import answers, conversations, feedback


class Storage:
    """One database. Safe to use from several threads, and from several processes at once.

    Everything that belongs to a person is asked for with its `owner`, and found for nobody else. Every method raises
    `StorageError` where the database does not answer, is locked for too long, or is damaged.
    """

    def __init__(self, url: str | URL, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open the database at `url`, made and brought to the present layout where needed.

        Raises:
            StorageError: it cannot be opened, or a later version of the program wrote it.
        """
        self._database = Database(url, busy_seconds=busy_seconds)
        self.access = Access(self._database)
        """Keys, their limits, the audit log."""
        self.retention = Retention(self._database)
        """What is no longer kept, and the backups."""
        try:
            self._database.make_file()
            with self._database.writing() as connection:
                migrate(connection)
        except BaseException:
            self._database.close()
            raise

    def copy_to(self, file: Path) -> None:
        """Write the whole SQLite database, as it is at one moment, into a new file.

        Raises:
            StorageError: it is no SQLite database, or the file cannot be written.
        """
        self._database.copy_to(file)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    # Conversations

    def start(self, owner: str, title: str) -> Conversation:
        """A new conversation."""
        now = _now()
        made = Conversation(uuid.uuid4().hex, owner, _cut(title, MAX_TITLE), now, now)
        with self._database.writing() as connection:
            connection.execute(insert(conversations).values(**asdict(made)))
        return made

    def conversations(self, owner: str, search: str = "", limit: int = 200) -> tuple[Conversation, ...]:
        """A person's conversations, the latest first; with `search`, those that have these words."""
        query = select(conversations).where(conversations.c.owner == owner)
        for word in search.casefold().split():
            within = select(answers.c.conversation_id).where(
                answers.c.searched.contains(word, autoescape=True)
            )
            titled = func.lower(conversations.c.title).contains(word, autoescape=True)
            query = query.where(or_(titled, conversations.c.id.in_(within)))
        query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id).limit(limit)
        with self._database.reading() as connection:
            return tuple(Conversation(*row) for row in connection.execute(query))

    def conversation(self, owner: str, id: str) -> Conversation | None:
        """One conversation, or None where this person has none of this id."""
        with self._database.reading() as connection:
            return _conversation(connection, owner, id)

    def rename(self, owner: str, id: str, title: str) -> bool:
        """Give a conversation another title; whether there was one."""
        change = update(conversations).where(conversations.c.id == id, conversations.c.owner == owner)
        with self._database.writing() as connection:
            return connection.execute(change.values(title=_cut(title, MAX_TITLE))).rowcount > 0

    def delete(self, owner: str, id: str) -> bool:
        """Delete a conversation with its answers and their feedback; whether there was one."""
        gone = delete(conversations).where(conversations.c.id == id, conversations.c.owner == owner)
        with self._database.writing() as connection:
            found = connection.execute(gone).rowcount > 0
            if found:
                note(connection, "conversation", id)
        self._database.scrub()
        return found

    # Answers

    def keep(
        self, answer: Answer, question: Question, owner: str, conversation_id: str | None = None
    ) -> KeptAnswer:
        """Keep an answer as it was given, at the end of a conversation or by itself.

        Raises:
            StorageError: this person has no such conversation, or the answer is kept already.
        """
        kept = KeptAnswer(
            id=answer.id,
            owner=owner,
            conversation_id=conversation_id,
            asked_at=_now(),
            question=question.text,
            history=question.history,
            documents=question.documents,
            corpus_version=answer.corpus_version,
            record=json.loads(json.dumps(answer.to_dict())),
        )
        with self._database.writing() as connection:
            if conversation_id is not None and _conversation(connection, owner, conversation_id) is None:
                raise StorageError("The conversation is no longer there. Start a new one.")
            try:
                connection.execute(insert(answers).values(**_values(kept, answer)))
            except IntegrityError as error:
                raise StorageError(
                    f"Answer '{answer.id}' is kept already. Ask again to get another."
                ) from error
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(updated_at=kept.asked_at)
            )
        return kept

    def answers(self, owner: str, conversation_id: str) -> tuple[KeptAnswer, ...]:
        """The answers of a conversation in order; none where it is not this person's."""
        query = _kept().where(answers.c.conversation_id == conversation_id, answers.c.owner == owner)
        with self._database.reading() as connection:
            return tuple(_answer(row) for row in connection.execute(query.order_by(answers.c.place)))

    def answer(self, id: str, owner: str | None = None) -> KeptAnswer | None:
        """One answer by its id; with `owner`, only where it is that person's."""
        query = _kept().where(answers.c.id == id)
        if owner is not None:
            query = query.where(answers.c.owner == owner)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return _answer(row) if row else None

    def cut(self, owner: str, id: str) -> bool:
        """Take an answer and all that follow it out of their conversation; whether there was one."""
        mine = select(answers.c.conversation_id, answers.c.place).where(
            answers.c.id == id, answers.c.owner == owner, answers.c.conversation_id.is_not(None)
        )
        with self._database.writing() as connection:
            found = connection.execute(mine).first()
            if found is None:
                return False
            following = (answers.c.conversation_id == found[0]) & (answers.c.place >= found[1])
            for row in connection.execute(select(answers.c.id).where(following)).all():
                note(connection, "answer", row[0])
            connection.execute(delete(answers).where(following))
        self._database.scrub()
        return True

    # Feedback

    def give_feedback(self, owner: str, answer_id: str, given: Feedback) -> bool:
        """Keep what a person thinks of an answer of theirs, in place of what they thought before."""
        with self._database.writing() as connection:
            mine = select(answers.c.id).where(answers.c.id == answer_id, answers.c.owner == owner)
            if connection.execute(mine).first() is None:
                return False
            connection.execute(
                delete(feedback).where(feedback.c.answer_id == answer_id, feedback.c.owner == owner)
            )
            connection.execute(
                insert(feedback).values(
                    answer_id=answer_id,
                    owner=owner,
                    thumb=given.thumb,
                    wrong=given.wrong if given.thumb == "down" else None,
                    right_answer=_cut(given.right_answer, MAX_COMMENT),
                    comment=_cut(given.comment, MAX_COMMENT),
                    given_at=_now(),
                )
            )
        return True

    def feedback_on(self, owner: str, answer_ids: Sequence[str]) -> dict[str, Feedback]:
        """What a person thinks of some answers: answer id -> feedback, where there is any."""
        columns = (feedback.c.answer_id, *_FEEDBACK)
        query = select(*columns).where(feedback.c.owner == owner, feedback.c.answer_id.in_(answer_ids))
        with self._database.reading() as connection:
            return {row[0]: Feedback(*row[1:]) for row in connection.execute(query)}

    def feedback(self, thumb: Thumb | None = None, limit: int = 500) -> tuple[GivenFeedback, ...]:
        """What everybody thought, the latest first, each with its answer."""
        query = (
            select(*_KEPT, feedback.c.owner, feedback.c.given_at, *_FEEDBACK)
            .join_from(feedback, answers, feedback.c.answer_id == answers.c.id)
            .order_by(feedback.c.place.desc())
            .limit(limit)
        )
        if thumb is not None:
            query = query.where(feedback.c.thumb == thumb)
        width = len(_KEPT)
        with self._database.reading() as connection:
            return tuple(
                GivenFeedback(Feedback(*row[width + 2 :]), row[width], row[width + 1], _answer(row))
                for row in connection.execute(query)
            )


_KEPT = tuple(
    answers.c[name]
    for name in (
        "id", "owner", "conversation_id", "asked_at", "question", "history", "documents", "corpus_version", "record"
    )
)  # fmt: skip
_FEEDBACK = (feedback.c.thumb, feedback.c.wrong, feedback.c.right_answer, feedback.c.comment)


def _kept() -> Select[Any]:
    return select(*_KEPT)


def _answer(row: Sequence[Any]) -> KeptAnswer:
    id, owner, conversation_id, asked_at, question, history, documents, version, record = row[: len(_KEPT)]
    turns = tuple(Turn(turn["role"], turn["content"]) for turn in history)
    return KeptAnswer(
        id, owner, conversation_id, asked_at, question, turns, tuple(documents), version, record
    )


def _values(kept: KeptAnswer, answer: Answer) -> dict[str, Any]:
    return {**asdict(kept), "searched": f"{kept.question}\n{answer.answer}".casefold()}


def _conversation(connection: Connection, owner: str, id: str) -> Conversation | None:
    query = select(conversations).where(conversations.c.id == id, conversations.c.owner == owner)
    row = connection.execute(query).first()
    return Conversation(*row) if row else None


def _cut(text: str, length: int) -> str:
    return text.replace("\0", "").strip()[:length]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
