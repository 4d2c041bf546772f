"""Every request gets an id, a line in the log and its place in the metrics."""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import Metrics
from .request_ids import request_id

HEADER = "X-Request-ID"
USABLE = re.compile(r"[\w.:-]{1,64}", re.ASCII)

log = logging.getLogger("footnote.access")


class Requests:
    """Middleware that names, times and counts. It logs no query and no body: both may hold what people ask."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its own id, or one that is made for it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        name = given if USABLE.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = name
        token = request_id.set(name)
        started, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            # The route, not the path: each document has its own.
            route = getattr(scope.get("route"), "path", None) or "other"
            self._metrics.observe_request(scope["method"], route, status, seconds)
            log.info(
                "%s %s %d",
                scope["method"],
                route,
                status,
                extra={
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                    "owner": scope["state"].get("owner", ""),
                },
            )
            request_id.reset(token)
