"""Who may do what: keys, their scopes and limits, on every path that the server has."""

from __future__ import annotations

import ipaddress
import math
import time
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import anyio.to_thread
from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.errors import StorageError
from assistant.person import Visitor, person_of
from assistant.storage.access import Key

from .headers import own_path
from .kinds import CROSS_SITE, FORBIDDEN, KEYS_NEEDED, NOT_READY, OVER_LIMIT, OVER_QUOTA, UNAUTHENTICATED
from .problems import ProblemError, problem
from .run import ANYONE
from .scopes import scope_needed
from .service import Service

COOKIE = "footnote_key"
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1", "[::1]", "testserver")
"""What a server without keys may be called."""
COUNTED = ("/v1/", "/mcp", "/gradio_api/queue/join")
"""The paths whose requests limits count: a page of the chat is many requests, a question in it is one."""
SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing."""
NO_KEY = (
    "This server has no keys, so it answers only this machine. Make one with: "
    "python -m assistant keys create NAME. Or let it listen on loopback with ASSISTANT_HOST=127.0.0.1."
)


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who asks, for the API and for the chat, and what the response says of the limits."""

    owner: str
    visitor: Visitor
    headers: dict[str, str] = field(default_factory=dict)


class Guard:
    """Middleware that lets a request pass to the app with its owner, or answers it with a problem."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the database who sent the request, where there are keys."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            admitted = await anyio.to_thread.run_sync(self._admit, request)
        except StorageError as error:
            await problem(NOT_READY, str(error), request)(scope, receive, send)
            return
        except ProblemError as error:
            wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
            if error.kind is UNAUTHENTICATED and wants_page:
                target = f"/login?next={quote(request.url.path)}"
                await RedirectResponse(target, 303)(scope, receive, send)
                return
            await problem(error.kind, error.detail, request, error.headers)(scope, receive, send)
            return
        scope.setdefault("state", {}).update(owner=admitted.owner, visitor=admitted.visitor)

        async def send_with_limits(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(admitted.headers)
            await send(message)

        await self.app(scope, receive, send_with_limits)

    def _admit(self, request: Request) -> Admitted:
        path = own_path(request.scope)
        needed = scope_needed(request.method, path)
        storage = self._service.storage
        self._refuse_other_sites(request)
        browser = person_of(request.cookies)
        if needed is None:
            return Admitted(ANYONE, Visitor(browser))
        if storage is None or not storage.access.guarded():
            if not _is_local(request):
                raise ProblemError(KEYS_NEEDED, NO_KEY)
            return Admitted(ANYONE, Visitor(browser, manages=True, administers=True))
        key = _key_of(request, self._service)
        if needed not in key.scopes:
            raise ProblemError(
                FORBIDDEN,
                f"The key '{key.name}' has not the scope '{needed}' that this needs. Use another key.",
            )
        visitor = Visitor(key.id, key.name, "manage" in key.scopes, "admin" in key.scopes)
        if not path.startswith(COUNTED):
            return Admitted(key.id, visitor)
        headers = self._within_rate(key)
        if key.per_day is not None and storage.access.spend(key.id) > key.per_day:
            seconds = 86_400 - int(time.time()) % 86_400
            raise ProblemError(
                OVER_QUOTA,
                f"The key '{key.name}' has spent its {key.per_day} requests of today. It has new ones at 0:00 UTC.",
                retry_after=seconds,
                headers=headers,
            )
        return Admitted(key.id, visitor, headers)

    def _refuse_other_sites(self, request: Request) -> None:
        """Refuse what a page elsewhere has a browser send, with the cookies and the loopback address of its user.

        A key in a header is no such thing: another site's page can send none without asking first, which is never
        allowed.
        """
        headers = request.headers
        in_header = "x-api-key" in headers or headers.get("authorization", "").lower().startswith("bearer ")
        if request.method in SAFE or in_header:
            return
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        ours = {headers.get("host", "").lower(), urlsplit(self._service.public_url or "").netloc.lower()} - {
            ""
        }
        if site is not None:
            foreign = site not in ("same-origin", "none")
        else:
            foreign = origin is not None and urlsplit(origin).netloc.lower() not in ours
        if foreign:
            raise ProblemError(
                CROSS_SITE,
                "A page of another site sent this. Open it at this server's own address, or send a key in a header.",
            )

    def _within_rate(self, key: Key) -> dict[str, str]:
        if key.per_minute is None:
            return {}
        minute = self._service.opened_storage().access.spend_minute(key.id, key.per_minute)
        seconds = max(1, math.ceil(minute.seconds))
        headers = {
            "RateLimit-Limit": str(key.per_minute),
            "RateLimit-Remaining": str(minute.left),
            "RateLimit-Reset": str(seconds),
        }
        if not minute.passed:
            raise ProblemError(
                OVER_LIMIT,
                f"The key '{key.name}' may send {key.per_minute} requests in a minute. "
                f"Try again in {seconds} seconds.",
                retry_after=seconds,
                headers=headers,
            )
        return headers


def _key_of(request: Request, service: Service) -> Key:
    """The key that the request carries: as a bearer token, in X-API-Key, or in the cookie of a login."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    secret = token.strip() if scheme.lower() == "bearer" else ""
    secret = secret or request.headers.get("x-api-key", "") or request.cookies.get(COOKIE, "")
    challenge = {"WWW-Authenticate": 'Bearer realm="footnote"'}
    if not secret:
        raise ProblemError(
            UNAUTHENTICATED, "A key is needed. Send it as 'Authorization: Bearer KEY'.", headers=challenge
        )
    key = service.opened_storage().access.find(secret)
    if key is None:
        raise ProblemError(UNAUTHENTICATED, "There is no such key.", headers=challenge)
    if key.revoked_at is not None:
        raise ProblemError(UNAUTHENTICATED, f"The key '{key.name}' was revoked.", headers=challenge)
    return key


def _is_local(request: Request) -> bool:
    """Whether the request came in on loopback or a socket file; a name stands for a test's client."""
    server = request.scope.get("server")
    here = server is None or is_loopback(str(server[0]))
    # A page elsewhere can let a browser here ask under a name that it points to loopback.
    return here and request.url.hostname in LOCAL_NAMES


def is_loopback(host: str) -> bool:
    """Whether nobody else can reach an address; a name other than 'localhost' counts only where it is no address."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return True
