"""GET /conversations/{id}.md and the like: a person's conversation to take away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from assistant.exports.markdown import to_markdown
from assistant.exports.page import to_html
from assistant.exports.word import to_word
from assistant.storage.records import Conversation, KeptAnswer

from . import kinds
from .deps import OpenStorage
from .permalinks import base_url
from .problems import ProblemError

Format = Literal["md", "html", "docx"]
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FORMATS: dict[Format, tuple[str, Callable[[Conversation, Sequence[KeptAnswer], str], str | bytes]]] = {
    "md": ("text/markdown; charset=utf-8", to_markdown),
    "html": ("text/html; charset=utf-8", to_html),
    "docx": (_WORD, to_word),
}

router = APIRouter(tags=["pages"])


def get_person(request: Request) -> str:
    """Who asks, as the chat knows them, else a 404 problem: without a key or its cookie nothing is anybody's."""
    person: str | None = request.state.visitor.person
    if person is None:
        raise ProblemError(
            kinds.UNKNOWN_ROUTE, "There is nothing here without the chat's cookie. Open the chat."
        )
    return person


Person = Annotated[str, Depends(get_person)]


@router.get("/conversations/{id}.{suffix}", include_in_schema=False)
def export(id: str, suffix: Format, person: Person, storage: OpenStorage, request: Request) -> Response:
    """A conversation as a file, for the person whose it is."""
    conversation = storage.conversation(person, id)
    if conversation is None:
        raise ProblemError(kinds.UNKNOWN_ROUTE, "There is no such conversation, or it is another person's.")
    media_type, write = _FORMATS[suffix]
    body = write(conversation, storage.answers(person, id), base_url(request))
    name = quote(f"{conversation.title[:60].strip() or 'conversation'}.{suffix}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)
