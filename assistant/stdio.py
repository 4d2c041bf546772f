"""python -m assistant mcp: the Model Context Protocol over stdin and stdout."""

from __future__ import annotations

import anyio
import anyio.to_thread

from assistant.answers import Answer, Question
from assistant.settings import read_settings
from index.progress import shown


def serve_stdio() -> int:
    """Serve until stdin ends. Nothing but the protocol goes to stdout."""
    from assistant.mcp_server import build_mcp
    from assistant.version import VERSION
    from assistant.wiring import build

    settings = read_settings()
    with shown() as progress:
        assistant = build(settings, progress)

    async def answering(question: Question, owner: str) -> Answer:
        return await anyio.to_thread.run_sync(assistant.renewed().ask, question)

    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    try:
        anyio.run(build_mcp(assistant.renewed, answering, base, VERSION).run_stdio_async)
    finally:
        assistant.close()
    return 0
