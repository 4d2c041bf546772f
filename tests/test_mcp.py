"""The Model Context Protocol over HTTP and stdio, driven by the SDK's own client."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from fakes_web import LIBRARY, NOT_IN_CORPUS, SUPPORTED, fake
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent, TextResourceContents
from served import serving

import server
from assistant.storage.repository import Storage

ROOT = Path(__file__).parent.parent
Talk = Callable[[Client], Awaitable[None]]


def over_http(talk: Talk, *, app: Any = None) -> str:
    """Let a client talk to a served app; its address."""
    with serving(app or server.create_app(fake(SUPPORTED), ())) as url:

        async def run() -> None:
            async with Client(f"{url}/mcp") as client:
                await talk(client)

        anyio.run(run)
        return url


def text_of(result: Any) -> Any:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return json.loads(content.text)


def test_tools_search_fetch_and_ask() -> None:
    found: dict[str, Any] = {}

    async def talk(client: Client) -> None:
        found["tools"] = sorted(tool.name for tool in (await client.list_tools()).tools)
        found["search"] = await client.call_tool("search", {"query": "new berth"})
        found["one"] = await client.call_tool("fetch", {"id": "harbour#p3"})
        found["all"] = await client.call_tool("fetch", {"id": "harbour"})
        found["ask"] = await client.call_tool("ask", {"question": "How much?", "history": ["Which harbour?"]})
        found["gone"] = await client.call_tool("fetch", {"id": "harbour#p99"})

    url = over_http(talk)
    assert found["tools"] == ["ask", "fetch", "search"]
    results = text_of(found["search"])["results"]
    assert results == found["search"].structured_content["results"]
    assert results[0].keys() >= {"id", "title", "text", "url"}
    best = next(each for each in results if each["id"] == "harbour#p3")
    assert best["url"] == f"{url}/documents/harbour#p3"
    paragraph = LIBRARY.paragraph("harbour", 3)
    assert paragraph is not None
    one, whole = text_of(found["one"]), text_of(found["all"])
    assert (one["id"], one["text"], one["url"]) == ("harbour#p3", paragraph.text, best["url"])
    assert f"¶3 {paragraph.text}" in whole["text"]
    answer = text_of(found["ask"])
    assert (answer["verdict"], answer["answer"]) == ("supported", SUPPORTED.answer)
    assert answer["citations"][0]["url"] == f"{url}/documents/harbour#p2"
    assert found["gone"].is_error
    assert "There is nothing with the id 'harbour#p99'" in found["gone"].content[0].text


def test_documents_are_resources() -> None:
    found: dict[str, Any] = {}

    async def talk(client: Client) -> None:
        found["list"] = (await client.list_resources()).resources
        found["read"] = (await client.read_resource("footnote://documents/gazette")).contents

    over_http(talk)
    assert [str(each.uri) for each in found["list"]] == [
        "footnote://documents/harbour",
        "footnote://documents/gazette",
    ]
    (content,) = found["read"]
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "text/markdown"
    assert "¶2 At 240 metres" in content.text


def test_an_abstention_is_an_answer() -> None:
    found: list[Any] = []

    async def talk(client: Client) -> None:
        found.append(await client.call_tool("ask", {"question": "What is the fare?"}))

    over_http(talk, app=server.create_app(fake(NOT_IN_CORPUS), ()))
    assert not found[0].is_error
    assert text_of(found[0])["verdict"] == "not_in_corpus"


def test_a_client_needs_a_key_where_there_are_keys(tmp_path: Path) -> None:
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage:
        _, secret = storage.access.make_key("Ann", ["ask"])
        found: list[str] = []

        async def run(url: str) -> None:
            with pytest.raises(BaseExceptionGroup, match="unhandled errors"):
                async with Client(f"{url}/mcp") as client:
                    await client.list_tools()
            headers = {"Authorization": f"Bearer {secret}"}
            async with (
                httpx2.AsyncClient(headers=headers, timeout=60) as http,
                Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
            ):
                found.extend(tool.name for tool in (await client.list_tools()).tools)

        with serving(server.create_app(fake(), (), storage)) as url:
            anyio.run(run, url)
    assert sorted(found) == ["ask", "fetch", "search"]


@pytest.mark.slow
def test_over_stdio_the_real_assistant_answers(tmp_path: Path) -> None:
    environment = {**os.environ, "ASSISTANT_DATA": str(tmp_path), "ASSISTANT_CORPUS": str(ROOT / "corpus")}
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "assistant", "mcp"], env=environment, cwd=str(ROOT)
    )
    found: dict[str, Any] = {}

    async def run() -> None:
        async with Client(stdio_client(parameters)) as client:
            found["list"] = (await client.list_resources()).resources
            found["ask"] = await client.call_tool(
                "ask", {"question": "By what percentage did trade grow in the first five months of 2024?"}
            )

    anyio.run(run)
    assert [each.name for each in found["list"]] == ["diplomat", "issi"]
    answer = text_of(found["ask"])
    assert answer["verdict"] == "supported"
    assert "54 percent" in answer["answer"]
