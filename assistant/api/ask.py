"""POST /v1/ask: a question in, the checked answer out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from assistant.answers import MAX_QUESTION, Answer, Question, Role, Turn

from . import kinds
from .deps import OpenAssistant, find_document
from .examples import ANSWER, REQUEST
from .openapi import responses
from .problems import ProblemError

MAX_HISTORY = 100
"""Turns of a conversation; the question is understood from the last few."""

router = APIRouter(tags=["answers"])


class HistoryTurn(BaseModel):
    """One earlier message of the conversation."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    content: str


def _as_turn(entry: Any) -> Any:
    return {"role": "user", "content": entry} if isinstance(entry, str) else entry


class AskRequest(BaseModel):
    """A question, the messages before it, and perhaps the documents to keep to."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(description=f"At most {MAX_QUESTION} characters.")
    history: list[
        Annotated[HistoryTurn, BeforeValidator(_as_turn, json_schema_input_type=str | HistoryTurn)]
    ] = Field(
        default=[],
        max_length=MAX_HISTORY,
        description="The conversation so far, oldest first; a bare string is an earlier question.",
    )
    documents: list[str] = Field(default=[], description="Ids of documents; without any, all are searched.")


def checked_question(text: str) -> str:
    """The question without surrounding space, else a 422 problem."""
    question = text.strip()
    if not question:
        raise ProblemError(kinds.EMPTY_QUESTION, "The question is empty. Ask something in words.")
    if len(question) > MAX_QUESTION:
        raise ProblemError(
            kinds.QUESTION_TOO_LONG,
            f"The question has {len(question)} characters; at most {MAX_QUESTION} are read. Shorten it.",
        )
    return question


@router.post(
    "/v1/ask",
    summary="Ask the documents",
    responses={
        200: {"content": {"application/json": {"example": ANSWER.to_dict()}}},
        **responses(
            kinds.UNKNOWN_DOCUMENT,
            kinds.BODY_TOO_LARGE,
            kinds.INVALID_REQUEST,
            kinds.EMPTY_QUESTION,
            kinds.QUESTION_TOO_LONG,
            kinds.CANNOT_ANSWER,
            kinds.NOT_READY,
        ),
    },
)
def ask(
    body: Annotated[AskRequest, Body(openapi_examples={"question": {"value": REQUEST}})],
    assistant: OpenAssistant,
) -> Answer:
    """Answer from the documents, every sentence with the paragraph that it rests on.

    `verdict` says how far the documents carry the answer; `not_in_corpus` and `conflicting` are
    answers, with status 200.
    """
    text = checked_question(body.question)
    for document_id in body.documents:
        find_document(assistant.library, document_id)
    history = tuple(Turn(turn.role, turn.content) for turn in body.history)
    return assistant.ask(Question(text, history, tuple(body.documents)))
