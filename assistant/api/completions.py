"""POST /v1/chat/completions: the assistant behind the interface of a chat model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from assistant.answers import Answer, Citation, Cited, Delta, Final, Question, Turn

from . import kinds, sse
from .ask import ASK_PROBLEMS, MAX_HISTORY, checked_question
from .deps import OpenLibrary, OpenRuns, Owner, find_document
from .models import MODEL, known_model
from .openapi import responses
from .permalinks import quote_url
from .problems import ProblemError, body_of, problem_of
from .protocols import Library
from .run import Lapse, Run

router = APIRouter(tags=["openai"])


class TextPart(BaseModel):
    """A part of a message; of those that are no text, only the type is looked at."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: str = ""


class Message(BaseModel):
    """A message of the conversation. Only those of users and assistants are read."""

    model_config = ConfigDict(extra="allow")

    role: str
    content: str | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """The message's text, its parts joined."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or () if part.text)


class StreamOptions(BaseModel):
    """What a stream tells beside the answer."""

    model_config = ConfigDict(extra="allow")

    include_usage: StrictBool = False


class CompletionRequest(BaseModel):
    """A chat completion as OpenAI's clients ask for it.

    Sampling settings, tools and formats are accepted and change nothing: the paragraphs decide the answer.
    """

    model_config = ConfigDict(extra="allow")

    model: str = Field(description="`footnote`; GET /v1/models lists it.")
    messages: list[Message] = Field(min_length=1, description="The last message of a user is the question.")
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = Field(None, description="One answer is given.")
    documents: list[str] = Field([], description="Ids of documents to keep to; no setting of OpenAI's.")


def conversation(messages: list[Message], documents: list[str], library: Library) -> Question:
    """The last message of a user as the question, those before it as its history."""
    said = [message for message in messages if message.role in ("user", "assistant") and message.text.strip()]
    while said and said[-1].role != "user":
        said.pop()
    if not said:
        raise ProblemError(
            kinds.INVALID_REQUEST, "No message of role 'user' has words: there is no question."
        )
    for document_id in documents:
        find_document(library, document_id)
    history = tuple(
        Turn("user" if message.role == "user" else "assistant", message.text)
        for message in said[-1 - MAX_HISTORY : -1]
    )
    return Question(checked_question(said[-1].text), history, tuple(documents))


def usage(question: Question, answer: Answer, library: Library) -> dict[str, int]:
    """Tokens by the encoder's own count: the conversation in, the answer out."""
    said = [*(turn.content for turn in question.history), question.text]
    asked = sum(library.encoder.count_tokens(text) for text in said)
    told = library.encoder.count_tokens(answer.answer)
    return {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told}


def annotation(citation: Citation, request: Request) -> dict[str, Any]:
    """A citation as OpenAI's clients know it: where in the answer, which page, and the page's title."""
    return {
        "type": "url_citation",
        "url_citation": {
            "start_index": citation.answer_start,
            "end_index": citation.answer_end,
            "url": quote_url(citation, request),
            "title": f"{citation.title}, ¶{citation.paragraph}",
        },
    }


def source_event(citation: Citation, request: Request) -> dict[str, Any]:
    """A citation as Open WebUI shows it: an event beside the chunk, with the quote as the document."""
    url, name = quote_url(citation, request), f"{citation.title}, ¶{citation.paragraph}"
    return {
        "type": "source",
        "data": {
            "source": {"name": name, "url": url},
            "document": [citation.quote],
            "metadata": [{"source": url, "name": name}],
        },
    }


def asked(
    body: Annotated[CompletionRequest, Body(openapi_examples={"question": {"value": {
        "model": MODEL, "messages": [{"role": "user", "content": "How much did trade grow in early 2024?"}],
    }}})],
    library: OpenLibrary,
) -> tuple[CompletionRequest, Question]:  # fmt: skip
    """The request and the question in it."""
    known_model(body.model)
    return body, conversation(body.messages, body.documents, library)


@router.post(
    "/v1/chat/completions",
    summary="Ask as a chat model is asked",
    response_class=JSONResponse,
    responses={
        200: {"content": {"text/event-stream": {}}},
        **responses(kinds.UNKNOWN_MODEL, *ASK_PROBLEMS),
    },
)
async def complete(
    asked: Annotated[tuple[CompletionRequest, Question], Depends(asked)],
    library: OpenLibrary,
    runs: OpenRuns,
    owner: Owner,
    request: Request,
) -> Response:
    """Answer the last message of a user; earlier ones are its history.

    Citations are `annotations` of type `url_citation` in the message, with offsets into its content, and the whole
    answer as of `POST /v1/ask` is under `footnote`. Of a stream, both are in the last chunk with a choice.
    """
    body, question = asked
    run = runs.start(question, owner)
    if body.stream:
        with_usage = body.stream_options is not None and body.stream_options.include_usage
        return sse.EventStream(_chunks(run, library, with_usage, request))
    answer = await run.finished()
    message = {
        "role": "assistant",
        "content": answer.answer,
        "refusal": None,
        "annotations": [annotation(each, request) for each in answer.citations],
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return JSONResponse(
        {
            **_head(run, "chat.completion"),
            "choices": [choice],
            "usage": usage(question, answer, library),
            "footnote": answer.to_dict(),
        }
    )


def _head(run: Run, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{run.id}", "object": kind, "created": int(run.asked_at), "model": MODEL}


async def _chunks(run: Run, library: Library, with_usage: bool, request: Request) -> AsyncIterator[bytes]:
    head = _head(run, "chat.completion.chunk")
    if with_usage:
        head["usage"] = None

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return sse.encoded({**head, "choices": [choice], **more})

    yield chunk({"role": "assistant", "content": ""})
    try:
        async for _, event in run.follow(lapse=sse.HEARTBEAT_SECONDS):
            match event:
                case Lapse():
                    yield sse.HEARTBEAT
                case Delta(text):
                    yield chunk({"content": text})
                case Cited(citation):
                    yield chunk({}, event=source_event(citation, request))
                case Final(answer):
                    found = [annotation(each, request) for each in answer.citations]
                    yield chunk({"annotations": found}, "stop", footnote=answer.to_dict())
                    if with_usage:
                        counted = usage(run.question, answer, library)
                        yield sse.encoded({**head, "choices": [], "usage": counted})
    except Exception as error:  # noqa: BLE001 - the response has begun: it can only be told as an event
        kind, detail, _ = problem_of(error, request)
        yield sse.encoded(body_of(kind, detail, request))
    yield sse.DONE
