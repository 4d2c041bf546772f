"""A real server on a port of its own, for clients that want one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from assistant.api.connections import limited
from assistant.api.listen import CONNECTIONS

START_SECONDS = 120.0


@contextlib.contextmanager
def serving(app: ASGIApp, **options: Any) -> Iterator[str]:
    """Serve `app` on loopback until the block ends; gives its address without a slash at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        options = {"http": limited(CONNECTIONS), "ws": "none", **options}
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=5, **options)
        server = uvicorn.Server(config)
        started = threading.Event()
        failed: list[BaseException] = []

        def serve() -> None:
            async def run() -> None:
                serving = asyncio.create_task(server.serve(sockets=[listener]))
                while not server.started and not serving.done():
                    await asyncio.sleep(0.01)
                started.set()
                await serving

            try:
                asyncio.run(run())
            except BaseException as error:  # noqa: BLE001 - told to the test's thread
                failed.append(error)
                started.set()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            assert started.wait(START_SECONDS)
            assert not failed, failed
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)
