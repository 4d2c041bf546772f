"""The assistant for programs that speak the Model Context Protocol.

`search` and `fetch` have the shape that research clients expect, `ask` gives the whole answer, and the documents are
resources. Over stdio: `python -m assistant mcp`; over HTTP the server has it at /mcp. Importing this takes a second.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp_types import Resource, ToolAnnotations
from pydantic import Field

from assistant.answers import MAX_QUESTION, Answer, Question, Turn
from assistant.errors import QuestionError
from index.addresses import address
from index.documents import Document, Paragraph

if TYPE_CHECKING:
    from assistant.api.protocols import Assistant, Library

INSTRUCTIONS = (
    "Answers from a folder of documents. `ask` gives a checked answer whose every sentence quotes a paragraph; "
    "`search` finds paragraphs and `fetch` reads one, or a whole document. Cite the url of what you use."
)
RESULTS = 10

Opened = Callable[[], "Assistant"]
"""The assistant over the index as it is now."""
Answering = Callable[[Question, str], Awaitable[Answer]]
"""Answers a question for an owner."""


def build_mcp(opened: Opened, answering: Answering, base: str, version: str) -> MCPServer[Any]:
    """The server with its tools and resources.

    `base` is the address of the document pages where a request does not tell it, without a slash at the end.
    """

    class DocumentServer(MCPServer[Any]):
        """Lists the documents as they are now."""

        async def list_resources(self) -> list[Resource]:
            return [
                Resource(
                    uri=f"footnote://documents/{document.id}",
                    name=document.id,
                    title=document.display_title,
                    mime_type="text/markdown",
                )
                for document in opened().library.documents()
            ]

    server = DocumentServer("footnote", instructions=INSTRUCTIONS, version=version, log_level="WARNING")
    reading = ToolAnnotations(read_only_hint=True, open_world_hint=False)

    def base_of(context: Context[Any, Any]) -> str:
        request = context.request_context.request
        return str(request.base_url).rstrip("/") if request is not None and not base else base

    @server.tool(annotations=reading)
    def search(query: str, context: Context[Any, Any]) -> dict[str, Any]:
        """Find the paragraphs nearest to a query, by meaning and by words. `fetch` reads one by its id."""
        if not query.strip():
            raise ToolError("The query is empty. Say in words what to look for.")
        if len(query) > MAX_QUESTION:
            raise ToolError(
                f"The query has {len(query)} characters; at most {MAX_QUESTION} are read. Shorten it."
            )
        assistant, at = opened(), base_of(context)
        titles = {each.id: each.display_title for each in assistant.library.documents()}
        return {
            "results": [
                {
                    "id": f"{hit.paragraph.document_id}#p{hit.paragraph.number}",
                    "title": f"{titles[hit.paragraph.document_id]}, ¶{hit.paragraph.number}",
                    "text": hit.paragraph.text,
                    "url": at + hit.paragraph.permalink,
                }
                for hit in assistant.search(query, k=RESULTS)
            ]
        }

    @server.tool(annotations=reading)
    def fetch(id: str, context: Context[Any, Any]) -> dict[str, Any]:
        """Read a paragraph by an id that `search` gave, such as harbour#p3, or a whole document by its own, such as
        harbour."""
        library, at = opened().library, base_of(context)
        document, paragraphs = _found(library, id)
        if not paragraphs:
            raise ToolError(f"There is nothing with the id {id!r}. Take one from the results of `search`.")
        assert document is not None
        numbered = f", ¶{paragraphs[0].number}" if "#" in id else ""
        return {
            "id": id,
            "title": document.display_title + numbered,
            "text": "\n\n".join(each.text for each in paragraphs) if "#" in id else _as_markdown(paragraphs),
            "url": at + (paragraphs[0].permalink if "#" in id else address(document.id)),
            "metadata": {
                "publisher": document.publisher,
                "author": document.author,
                "date": document.date,
                "notes": [note.text for each in paragraphs for note in each.notes],
            },
        }

    @server.tool(annotations=reading)
    async def ask(
        question: str,
        context: Context[Any, Any],
        history: Annotated[list[str], Field(description="Earlier questions, oldest first.")] = [],  # noqa: B006
        documents: Annotated[list[str], Field(description="Ids of documents to keep to.")] = [],  # noqa: B006
    ) -> dict[str, Any]:
        """Answer a question from the documents. Every sentence cites its paragraph; `verdict` says how far they carry
        the answer, and `not_in_corpus` is an answer, too."""
        turns = tuple(Turn("user", earlier) for earlier in history)
        request = context.request_context.request
        owner = getattr(request.state, "owner", "") if request is not None else ""
        try:
            answer = await answering(Question(question, turns, tuple(documents)), owner)
        except QuestionError as error:
            raise ToolError(str(error)) from error
        at = base_of(context)
        cited = [
            {**each, "url": at + each["permalink"]}
            for each in json.loads(json.dumps(answer.to_dict()["citations"]))
        ]
        return {**json.loads(json.dumps(answer.to_dict())), "citations": cited}

    @server.resource("footnote://documents/{id}", name="document", mime_type="text/markdown")
    def document(id: str) -> str:
        """A document as Markdown, with the numbers of its paragraphs."""
        found, paragraphs = _found(opened().library, id)
        if found is None or "#" in id:
            raise ResourceError(f"There is no document {id!r}.")
        return _as_markdown(paragraphs)

    return server


def _found(library: Library, id: str) -> tuple[Document | None, tuple[Paragraph, ...]]:
    """The document that an id names, and its paragraphs or the one that the id names."""
    document_id, mark, number = id.partition("#p")
    document = library.document(document_id)
    if document is None:
        return None, ()
    if not mark:
        return document, library.paragraphs(document_id)
    known = number.isdecimal() and len(number) < 10
    paragraph = library.paragraph(document_id, int(number)) if known else None
    return document, (paragraph,) if paragraph is not None else ()


def _as_markdown(paragraphs: tuple[Paragraph, ...]) -> str:
    """The front matter, then each paragraph after its number and below its heading."""
    lines, heading = [], None
    for paragraph in paragraphs:
        if paragraph.number and paragraph.heading != heading:
            heading = paragraph.heading
            lines += [f"## {heading}"] if heading else []
        lines.append(f"¶{paragraph.number} {paragraph.text}" if paragraph.number else paragraph.text)
        lines += [f"[{note.number}]: {note.text}" for note in paragraph.notes]
    return "\n\n".join(lines)
