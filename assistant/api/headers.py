"""Which paths belong to whom, and the security headers that go with them."""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Pages of document text: no script runs and nothing is loaded, whatever the text holds."""

# Gradio's page compiles its templates with `new Function` and styles inline. Everything else is
# closed, so that the browser itself refuses a request to any other machine.
CHAT_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)

# The chat needs these of Gradio's routes. Its file, upload, proxy, login and editing routes stay shut.
CHAT_PATHS = re.compile(
    r"/|/(assets|static|svelte)/.+|/(config|theme\.css|manifest\.json|favicon\.ico|robots\.txt)"
    r"|/gradio_api/(info|queue/join|queue/data|heartbeat/\w+|startup-events|cancel|reset|app_id)"
)


def own_path(scope: Scope) -> str:
    """The path by which routes are found: without the prefix that a proxy serves the app under."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if not root or not (path == root or path.startswith(f"{root}/")):
        return path
    return path[len(root) :]


def is_chat(scope: Scope) -> bool:
    """Whether the web chat serves this request's path; every other one is ours."""
    return CHAT_PATHS.fullmatch(own_path(scope)) is not None


class SecurityHeaders:
    """Middleware that sets the content policy of each surface, and forbids sniffing, framing and reading from
    elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        policy = CHAT_POLICY if is_chat(scope) else PAGE_POLICY
        if own_path(scope) == "/login":
            policy = policy.replace("form-action 'none'", "form-action 'self'")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
                # Gradio lets pages of other ports of this machine read its responses.
                for name in ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"):
                    del headers[name]
                if own_path(scope).startswith("/v1/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)
