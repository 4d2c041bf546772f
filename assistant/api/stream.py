"""POST /v1/ask/stream: the answer as it comes, as server-sent events that a client can take up again."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from pydantic.json_schema import SkipJsonSchema

from assistant.answers import Cited, Delta, Event, Final, Retrieved

from . import kinds, sse
from .ask import ASK_PROBLEMS, Asked
from .deps import OpenRuns, Owner
from .openapi import responses
from .problems import ProblemError, body_of, problem_of
from .run import Lapse, Run
from .runs import Runs

EVENTS = """\
id: 5b0c…:1
event: retrieved
data: {"stream": "5b0c…", "hits": [{"document_id": "diplomat", "paragraph": 6, "score": 1.9, …}]}

id: 5b0c…:2
event: delta
data: {"text": "Trade "}

id: 5b0c…:14
event: citation
data: {"number": 1, "document_id": "diplomat", "paragraph": 6, "quote": "…", …}

id: 5b0c…:15
event: final
data: {"id": "…", "verdict": "supported", "answer": "…", …}
"""
DESCRIPTION = """The same answer in pieces: `retrieved` (the paragraphs that are read), `delta` (text with its
markers), `citation` (one for each, after its marker), and last `final` with the whole answer as of `POST /v1/ask`,
or `error` with a problem document. Lines that begin with a colon are heartbeats.

A client that was cut off sends the request again with `Last-Event-ID`, and gets what it has not seen; the answer is
worked on meanwhile. `GET /v1/ask/stream/{stream}` does the same without a body. A stream can be taken up for five
minutes after its end, with the key that began it."""

EVENT_ID = re.compile("([0-9a-f]{32}):([0-9]{1,9})")

log = logging.getLogger("footnote.server")
router = APIRouter(tags=["answers"])

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events until `final` or `error`.",
        "content": {"text/event-stream": {"example": EVENTS}},
    }
}
LastEventId = Annotated[
    str | SkipJsonSchema[None],  # a header is there or not, and never null
    Header(description="The id of the last event that came, to go on behind it."),
]


@router.post(
    "/v1/ask/stream",
    summary="Ask, and get the answer as it comes",
    description=DESCRIPTION,
    response_class=sse.EventStream,
    responses={**_STREAM, **responses(kinds.UNKNOWN_STREAM, *ASK_PROBLEMS)},
)
async def ask_stream(
    question: Asked, runs: OpenRuns, owner: Owner, request: Request, last_event_id: LastEventId = None
) -> sse.EventStream:
    """Begin a stream, or go on with the one that `Last-Event-ID` names."""
    if not last_event_id:
        return _response(runs.start(question, owner), 0, request)
    stream, after = _place(last_event_id)
    return _response(_known(runs, stream, owner), after, request)


@router.get(
    "/v1/ask/stream/{stream}",
    summary="Take up a stream again",
    response_class=sse.EventStream,
    responses={**_STREAM, **responses(kinds.UNKNOWN_STREAM, kinds.INVALID_REQUEST)},
)
async def resume_stream(
    stream: str, runs: OpenRuns, owner: Owner, request: Request, last_event_id: LastEventId = None
) -> sse.EventStream:
    """The stream's events from its beginning, or behind `Last-Event-ID`."""
    after = 0
    if last_event_id:
        named, after = _place(last_event_id)
        if named != stream:
            raise ProblemError(
                kinds.UNKNOWN_STREAM, "The header 'Last-Event-ID' names another stream than the path."
            )
    return _response(_known(runs, stream, owner), after, request)


def _place(last_event_id: str) -> tuple[str, int]:
    named = EVENT_ID.fullmatch(last_event_id)
    if named is None:
        raise ProblemError(
            kinds.UNKNOWN_STREAM, "The header 'Last-Event-ID' names no event. Ask again without it."
        )
    return named[1], int(named[2])


def _known(runs: Runs, stream: str, owner: str) -> Run:
    run = runs.find(stream, owner)
    if run is None:
        raise ProblemError(
            kinds.UNKNOWN_STREAM, "This stream is no longer kept. Ask again without 'Last-Event-ID'."
        )
    return run


def _response(run: Run, after: int, request: Request) -> sse.EventStream:
    headers = {"Content-Location": f"/v1/ask/stream/{run.id}"}
    return sse.EventStream(_encoded(run, after, request), headers=headers)


async def _encoded(run: Run, after: int, request: Request) -> AsyncIterator[bytes]:
    number = after
    try:
        async for number, event in run.follow(after, sse.HEARTBEAT_SECONDS):
            if isinstance(event, Lapse):
                yield sse.HEARTBEAT
            else:
                name, data = _told(run, event)
                yield sse.encoded(data, event=name, id=f"{run.id}:{number}")
    except Exception as error:  # noqa: BLE001 - the response has begun: it can only be told as an event
        kind, detail, _ = problem_of(error, request)
        yield sse.encoded(body_of(kind, detail, request), event="error", id=f"{run.id}:{number + 1}")


def _told(run: Run, event: Event) -> tuple[str, Any]:
    match event:
        case Retrieved(hits):
            found = [
                {
                    "document_id": hit.paragraph.document_id,
                    "paragraph": hit.paragraph.number,
                    "permalink": hit.paragraph.permalink,
                    "score": hit.score,
                }
                for hit in hits
            ]
            return "retrieved", {"stream": run.id, "hits": found}
        case Delta(text):
            return "delta", {"text": text}
        case Cited(citation):
            return "citation", asdict(citation)
        case Final(answer):
            return "final", answer.to_dict()
