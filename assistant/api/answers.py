"""GET /v1/answers/{id}: answers as they were given, and what people thought of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from assistant.answers import Answer
from assistant.storage.records import MAX_COMMENT, Feedback, GivenFeedback, KeptAnswer, Thumb, Wrong

from . import kinds
from .deps import OpenLibrary, OpenStorage, Owner
from .openapi import responses
from .problems import ProblemError
from .protocols import Library
from .writes import WriteOnce

router = APIRouter(tags=["answers"])

State = Literal["unchanged", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class CitedThen:
    """A citation's paragraph on the corpus version of its answer, and what has become of it.

    `text` is None where that version is no longer kept.
    """

    number: int
    state: State
    text: str | None


@dataclass(frozen=True, slots=True)
class AnswerThen:
    """An answer as it was given; offsets of its citations are into the paragraphs' texts of then."""

    asked_at: str
    answer: Answer
    corpus_version_now: str
    citations: tuple[CitedThen, ...]


class FeedbackRequest(BaseModel):
    """What a person thinks of an answer."""

    model_config = ConfigDict(extra="forbid")

    answer_id: str
    thumb: Thumb
    wrong: Wrong | None = Field(None, description="In which way, where the thumb is down.")
    right_answer: str = Field("", max_length=MAX_COMMENT)
    comment: str = Field("", max_length=MAX_COMMENT)


def _unknown(answer_id: str) -> ProblemError:
    return ProblemError(kinds.UNKNOWN_ANSWER, f"No answer {answer_id!r} is kept for this key.")


def get_kept(answer_id: str, storage: OpenStorage, owner: Owner) -> KeptAnswer:
    """The answer that the path names, if this key asked for it; else a 404 problem."""
    kept = storage.answer(answer_id, owner)
    if kept is None:
        raise _unknown(answer_id)
    return kept


def _then(kept: KeptAnswer, library: Library) -> tuple[CitedThen, ...]:
    found = []
    for citation in kept.answer.citations:
        now = library.paragraph(citation.document_id, citation.paragraph)
        past = library.past(citation.document_id, citation.content_hash)
        state: State = "removed" if now is None else "changed"
        if now is not None and now.content_hash == citation.content_hash:
            found.append(CitedThen(citation.number, "unchanged", now.text))
        else:
            found.append(CitedThen(citation.number, state, past[0].text if past else None))
    return tuple(found)


@router.get(
    "/v1/answers/{answer_id}",
    summary="Look an answer up",
    responses=responses(kinds.UNKNOWN_ANSWER, kinds.NOT_READY),
)
def kept_answer(answer_id: str, storage: OpenStorage, owner: Owner, library: OpenLibrary) -> AnswerThen:
    """The answer as it was given, with the paragraphs that it cited as they were on its corpus version."""
    kept = get_kept(answer_id, storage, owner)
    return AnswerThen(kept.asked_at, kept.answer, library.version, _then(kept, library))


@router.post(
    "/v1/feedback",
    status_code=201,
    response_class=JSONResponse,
    summary="Say what was wrong with an answer, or right",
    responses=responses(
        kinds.UNKNOWN_ANSWER, kinds.INVALID_REQUEST, kinds.KEY_REUSED, kinds.KEY_IN_USE, kinds.NOT_READY
    ),
)
def give_feedback(body: FeedbackRequest, storage: OpenStorage, owner: Owner, once: WriteOnce) -> JSONResponse:
    """Keep it with the answer, in place of what the same key said before."""

    def work() -> tuple[int, dict[str, Any], str]:
        given = Feedback(body.thumb, body.wrong, body.right_answer, body.comment)
        if not storage.give_feedback(owner, body.answer_id, given):
            raise _unknown(body.answer_id)
        return 201, body.model_dump(), body.answer_id

    return once.do(body.model_dump(), "feedback", work)


@router.get(
    "/v1/feedback", summary="Read the feedback", responses=responses(kinds.INVALID_REQUEST, kinds.NOT_READY)
)
def feedback(
    storage: OpenStorage,
    thumb: Annotated[Thumb | SkipJsonSchema[None], Query(description="Only this.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, tuple[GivenFeedback, ...]]:
    """What everybody thought, the latest first, each with its answer as it was given."""
    return {"feedback": storage.feedback(thumb, limit)}
