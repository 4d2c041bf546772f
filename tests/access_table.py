"""Every route of the app by every role, found by asking the guard itself; docs/access.md holds it.

Write it anew with: PYTHONPATH=. python tests/access_table.py
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "access.md"
ROLES = ("no key", "ask", "manage", "admin", "revoked")
HEAD = """# Who may do what

Every route of the server, Gradio's among them, by the scope of the key that a request carries. Generated from the
app's own routes by asking its guard; a test fails when a route is missing here or a role may do other than stands
here. `PYTHONPATH=. python tests/access_table.py` writes it anew.

- **yes**: the request reaches its route. **401**, **403**: it is refused. **404**: nothing is served there.
- A key has one or more scopes; none includes another. Keys that were revoked open what is open to all.
- On a server without keys every request from this machine is let through, and no other.
- Of conversations, answers and streams each key and each browser sees its own, whatever its scope; `admin` reads
  feedback with the answers that it is about. Changing documents from the chat needs `manage`, and its list of feedback
  `admin`, although their events come in at `/gradio_api/queue/join`.

"""
VALUES = {
    "{document_id}": "harbour",
    "{answer_id}": "a1",
    "{job_id}": "0" * 32,
    "{id}.{suffix}": f"{'0' * 32}.md",
    "{slug}": "busy",
    "{path:path}": "x/y.js",
    "{size}": "192",
    "{key}": "k",
    "{session}": "s",
    "{event_id}": "e",
    "{session_hash}": "abc",
}


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every (method, path) that a router of the app or of what is mounted on it knows."""
    return sorted(
        {found for route in app.router.routes for found in _within(route)}, key=lambda r: (r[1], r[0])
    )


def _within(route: Any) -> Iterator[tuple[str, str]]:
    inner = getattr(route, "original_router", None)
    for each in inner.routes if inner is not None else ():
        yield from _within(each)
    if isinstance(route, Mount):
        for each in route.routes:
            yield from _within(each)
    elif hasattr(route, "path"):
        for method in sorted(getattr(route, "methods", None) or ["WEBSOCKET"]):
            yield method, route.path


def filled(path: str) -> str:
    """A path with values for its parameters."""
    for name, value in VALUES.items():
        path = path.replace(name, value)
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = path[:start] + "x" + path[end + 1 :]
    return path


class Found:
    """Stands behind the guard: 204 where a route would be reached, else 404."""

    def __init__(self, app: FastAPI) -> None:
        self._routes = app.router.routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = any(route.matches(scope)[0] is Match.FULL for route in self._routes)
        await Response(status_code=204 if found else 404)(scope, receive, send)


def behind_the_guard(app: FastAPI) -> FastAPI:
    """The app with everything behind its guard replaced by `Found`."""
    from assistant.api.guard import Guard

    layer: Any = app.build_middleware_stack()
    app.middleware_stack = layer
    while not isinstance(layer, Guard):
        layer = layer.app
    layer.app = Found(app)
    return app


def table(found: Iterable[tuple[str, str, dict[str, int]]]) -> str:
    """The rows as Markdown."""
    words = {204: "yes", 401: "401", 403: "403", 404: "404"}
    lines = [f"| method | path | {' | '.join(ROLES)} |", "| --- | --- |" + " --- |" * len(ROLES)]
    for method, path, statuses in found:
        cells = " | ".join(words[statuses[role]] for role in ROLES)
        lines.append(f"| {method} | `{path}` | {cells} |")
    return "\n".join(lines) + "\n"


def measured(folder: Path) -> list[tuple[str, str, dict[str, int]]]:
    """What each role may do: (method, path, role -> status)."""
    from fakes_web import fake

    import server
    from assistant.storage.access import SCOPES
    from assistant.storage.repository import Storage

    with closing(Storage(f"sqlite:///{folder / 'kept.sqlite3'}")) as storage:
        keys: dict[str, str | None] = {"no key": None}
        keys |= {scope: storage.access.make_key(scope, [scope])[1] for scope in SCOPES}
        revoked, keys["revoked"] = storage.access.make_key("revoked", SCOPES)
        storage.access.revoke(revoked.id)
        app = server.create_app(fake(), (), storage)
        every = routes(app)
        client = TestClient(behind_the_guard(app), follow_redirects=False)
        rows = []
        for method, path in every:
            statuses = {}
            for role in ROLES:
                headers = {"Authorization": f"Bearer {keys[role]}"} if keys[role] else {}
                statuses[role] = client.request(method, filled(path), headers=headers).status_code
            rows.append((method, path, statuses))
        return rows


def document(folder: Path) -> str:
    """The whole of docs/access.md."""
    return HEAD + table(measured(folder))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    with tempfile.TemporaryDirectory() as scratch:
        DOCUMENT.write_text(document(Path(scratch)), encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)} is written.")
