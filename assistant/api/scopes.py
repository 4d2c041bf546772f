"""Which scope a path needs."""

from __future__ import annotations

from assistant.storage.access import Scope

OPEN_PATHS = ("/healthz", "/readyz", "/openapi.json", "/login", "/logout", "/robots.txt", "/favicon.ico")
OPEN_BELOW = ("/problems/",)
ADMIN_PATHS = ("/metrics", "/v1/audit", "/feedback.jsonl")


def scope_needed(method: str, path: str) -> Scope | None:
    """The scope that a request needs; None where anybody may send it."""
    if path in OPEN_PATHS or path.startswith(OPEN_BELOW):
        return None
    if path in ADMIN_PATHS or (path == "/v1/feedback" and method == "GET"):
        return "admin"
    if path == "/chat/files" or path.startswith("/v1/jobs"):
        return "manage"
    if path.startswith("/v1/documents") and method not in ("GET", "HEAD"):
        return "manage"
    return "ask"
