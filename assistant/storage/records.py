"""What goes into the database and comes out of it. Times are UTC in ISO 8601, to the microsecond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import TypeAdapter, ValidationError

from assistant.answers import Answer, Turn
from assistant.errors import StorageError

Thumb = Literal["up", "down"]
Wrong = Literal["wrong-number", "wrong-source", "should-have-said-no", "should-have-known", "other"]
WRONGS: tuple[Wrong, ...] = get_args(Wrong)

MAX_TITLE = 200
MAX_COMMENT = 4000
"""Characters of a title, and of a comment or a right answer; what is longer is cut."""

_ANSWER = TypeAdapter(Answer)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A person's conversation; `owner` is who may see it."""

    id: str
    owner: str
    title: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was given, with what it was asked with.

    `record` is the answer's JSON of that day, never rewritten; `documents` are those that the question kept to.
    """

    id: str
    owner: str
    conversation_id: str | None
    asked_at: str
    question: str
    history: tuple[Turn, ...]
    documents: tuple[str, ...]
    corpus_version: str
    record: dict[str, Any]

    @property
    def answer(self) -> Answer:
        """The record as an answer of this version of the program.

        Raises:
            StorageError: another version wrote it, in a shape that this one does not know.
        """
        try:
            return _ANSWER.validate_python(self.record)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise StorageError(
                f"Answer '{self.id}' was kept by another version of Footnote: its field '{field}' cannot be read. "
                "Open it with the version that gave it."
            ) from error


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person thought of an answer. `wrong` says in which way, where the thumb is down."""

    thumb: Thumb
    wrong: Wrong | None = None
    right_answer: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class GivenFeedback:
    """A feedback with who gave it when, and the answer that it is about."""

    feedback: Feedback
    owner: str
    given_at: str
    kept: KeptAnswer
