"""/mcp: the Model Context Protocol over streamable HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from fastapi import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from assistant.answers import Answer, Question

from .kinds import NOT_READY
from .problems import problem
from .service import Service

PATH = "/mcp"


class McpEndpoint:
    """An ASGI app that hands requests to the protocol's server while there is one."""

    def __init__(self, service: Service, version: str) -> None:
        self._service = service
        self._version = version
        self._app: object | None = None

    @property
    def route(self) -> Route:
        """The route to add to an app."""
        return Route(PATH, endpoint=self, methods=["GET", "POST", "DELETE"])

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve until the block ends. A server of the SDK can be run once, so each block has its own."""
        from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
        from mcp.server.transport_security import TransportSecuritySettings

        from assistant.mcp_server import build_mcp

        server = build_mcp(self._service.opened, self._answer, self._service.public_url or "", self._version)
        # Who may come here, and under which name, the guard has looked at.
        open_door = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        server.streamable_http_app(
            streamable_http_path=PATH, stateless_http=True, transport_security=open_door
        )
        async with server.session_manager.run():
            self._app = StreamableHTTPASGIApp(server.session_manager)
            try:
                yield
            finally:
                self._app = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        app = self._app
        if app is None:
            response = problem(NOT_READY, "The server is starting. Try again in a moment.", Request(scope))
            await response(scope, receive, send)
            return
        await app(scope, receive, send)  # type: ignore[operator]

    async def _answer(self, question: Question, owner: str) -> Answer:
        return await self._service.runs.start(question, owner).finished()
