"""POST /v1/responses: the assistant behind OpenAI's newer interface, plain and streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from assistant.answers import Answer, Citation, Delta, Final, Question

from . import kinds, openapi, sse
from .ask import ASK_PROBLEMS
from .completions import Message, TextPart, conversation, usage
from .deps import OpenLibrary, OpenRuns, Owner
from .models import MODEL, known_model
from .permalinks import quote_url
from .problems import problem_of
from .protocols import Library
from .run import Lapse, Run

router = APIRouter(tags=["openai"])


class InputItem(BaseModel):
    """An item of the input; only messages are read."""

    model_config = ConfigDict(extra="allow")

    type: str = "message"
    role: str = ""
    content: str | list[TextPart] | None = None


class ResponseRequest(BaseModel):
    """A response as OpenAI's clients ask for it. Settings of sampling, tools and formats change nothing."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(description="`footnote`; GET /v1/models lists it.")
    input: str | Annotated[list[InputItem], Field(min_length=1)] = Field(
        description="The question, or a conversation whose last message of a user is it."
    )
    stream: StrictBool | None = None
    documents: list[str] = Field([], description="Ids of documents to keep to; no setting of OpenAI's.")


def asked(
    body: Annotated[
        ResponseRequest,
        Body(openapi_examples={"question": {"value": {"model": MODEL, "input": "How much did trade grow?"}}}),
    ],
    library: OpenLibrary,
) -> tuple[ResponseRequest, Question]:
    """The request and the question in it."""
    known_model(body.model)
    items = [InputItem(role="user", content=body.input)] if isinstance(body.input, str) else body.input
    messages = [Message(role=item.role, content=item.content) for item in items if item.type == "message"]
    return body, conversation(messages, body.documents, library)


@router.post(
    "/v1/responses",
    summary="Ask as OpenAI's Responses are asked",
    response_class=JSONResponse,
    responses={
        200: {"content": {"text/event-stream": {}}},
        **openapi.responses(kinds.UNKNOWN_MODEL, *ASK_PROBLEMS),
    },
)
async def respond(
    asked: Annotated[tuple[ResponseRequest, Question], Depends(asked)],
    library: OpenLibrary,
    runs: OpenRuns,
    owner: Owner,
    request: Request,
) -> Response:
    """Answer the last message of a user; earlier ones are its history.

    Each citation is an annotation of type `url_citation`, with offsets and the paragraph's address, and one of type
    `file_citation` with the document's id. The whole answer as of `POST /v1/ask` is under `footnote`.
    """
    body, question = asked
    told = Told(runs.start(question, owner), library, request)
    if body.stream:
        return sse.EventStream(told.events())
    return JSONResponse(told.response(await told.run.finished()))


@dataclass
class Told:
    """One response as it is told; `sequence` numbers its events."""

    run: Run
    library: Library
    request: Request
    sequence: int = field(default=-1)

    def response(self, answer: Answer | None, status: str = "completed") -> dict[str, Any]:
        """The response, without an output where there is no answer yet."""
        made: dict[str, Any] = {
            "id": f"resp_{self.run.id}",
            "object": "response",
            "created_at": int(self.run.asked_at),
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "model": MODEL,
            "output": [],
            "parallel_tool_calls": False,
            "temperature": None,
            "tool_choice": "none",
            "tools": [],
            "top_p": None,
            "usage": None,
        }
        if answer is not None:
            counted = usage(self.run.question, answer, self.library)
            made["output"] = [self._message([self._part(answer.answer, answer.citations)], "completed")]
            made["usage"] = {
                "input_tokens": counted["prompt_tokens"],
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": counted["completion_tokens"],
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": counted["total_tokens"],
            }
            made["footnote"] = answer.to_dict()
        return made

    async def events(self) -> AsyncIterator[bytes]:
        """The response as OpenAI's events, in their order."""
        at = {"item_id": f"msg_{self.run.id}", "output_index": 0, "content_index": 0}
        yield self._event("created", response=self.response(None, "in_progress"))
        yield self._event("in_progress", response=self.response(None, "in_progress"))
        yield self._event("output_item.added", output_index=0, item=self._message([], "in_progress"))
        yield self._event("content_part.added", **at, part=self._part("", ()))
        try:
            async for _, event in self.run.follow(lapse=sse.HEARTBEAT_SECONDS):
                match event:
                    case Lapse():
                        yield sse.HEARTBEAT
                    case Delta(text):
                        yield self._event("output_text.delta", **at, delta=text, logprobs=[])
                    case Final(answer):
                        part = self._part(answer.answer, answer.citations)
                        for index, each in enumerate(part["annotations"]):
                            yield self._event(
                                "output_text.annotation.added", **at, annotation_index=index, annotation=each
                            )
                        yield self._event("output_text.done", **at, text=answer.answer, logprobs=[])
                        yield self._event("content_part.done", **at, part=part)
                        item = self._message([part], "completed")
                        yield self._event("output_item.done", output_index=0, item=item)
                        yield self._event("completed", response=self.response(answer))
        except Exception as error:  # noqa: BLE001 - the response has begun: it can only be told as an event
            kind, detail, _ = problem_of(error, self.request)
            failed = self.response(None, "failed")
            code = "server_error" if kind.status >= 500 else "invalid_prompt"
            yield self._event("failed", response={**failed, "error": {"code": code, "message": detail}})

    def _event(self, name: str, **values: Any) -> bytes:
        self.sequence += 1
        kind = f"response.{name}"
        return sse.encoded({"type": kind, "sequence_number": self.sequence, **values}, event=kind)

    def _message(self, content: list[dict[str, Any]], status: str) -> dict[str, Any]:
        id = f"msg_{self.run.id}"
        return {"type": "message", "id": id, "role": "assistant", "status": status, "content": content}

    def _part(self, text: str, citations: tuple[Citation, ...]) -> dict[str, Any]:
        found = [each for citation in citations for each in self._annotations(citation)]
        return {"type": "output_text", "text": text, "annotations": found, "logprobs": []}

    def _annotations(self, citation: Citation) -> tuple[dict[str, Any], ...]:
        name = f"{citation.title}, ¶{citation.paragraph}"
        return (
            {
                "type": "url_citation",
                "start_index": citation.answer_start,
                "end_index": citation.answer_end,
                "url": quote_url(citation, self.request),
                "title": name,
            },
            {
                "type": "file_citation",
                "file_id": citation.document_id,
                "filename": citation.title,
                "index": citation.answer_end,
            },
        )
