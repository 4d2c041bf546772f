"""Problems in the OpenAPI document: which a route can end in, and what a problem looks like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .kinds import (
    CROSS_SITE,
    FORBIDDEN,
    KEYS_NEEDED,
    KINDS,
    MALFORMED_BODY,
    MEDIA_TYPE,
    OVER_LIMIT,
    OVER_QUOTA,
    UNAUTHENTICATED,
    Kind,
)
from .scopes import scope_needed


def responses(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of a route that can end in these kinds."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = found.setdefault(
            kind.status, _response(kind.status, [each for each in kinds if each.status == kind.status])
        )
        entry["content"][MEDIA_TYPE]["examples"][kind.type.rpartition("/")[2]] = {"value": _example(kind)}
    return found


def _response(status: int, kinds: Sequence[Kind]) -> dict[str, Any]:
    return {
        "description": " ".join(f"**{kind.title}** (`{kind.type}`): {kind.meaning}" for kind in kinds),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
    }


def _example(kind: Kind) -> dict[str, Any]:
    return {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.meaning,
        "instance": "/v1/ask",
    }


def _schema() -> dict[str, Any]:
    listing = "\n".join(f"- `{kind.type}` ({kind.status}): {kind.meaning}" for kind in KINDS)
    return {
        "title": "Problem",
        "description": f"An RFC 9457 problem document. The types:\n\n{listing}",
        "type": "object",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": {"type": "string", "enum": [*(kind.type for kind in KINDS), "about:blank"]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "One sentence that says what to do."},
            "instance": {"type": "string", "description": "The path that was asked for."},
        },
    }


_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key made with `python -m assistant keys create`. Where none was made, none is needed.",
}


def _add_common(schema: dict[str, Any]) -> None:
    """What any body may be answered with, what the guard may answer on the paths that it guards, and what every
    response tells."""
    malformed = responses(MALFORMED_BODY)
    refusals = responses(UNAUTHENTICATED, FORBIDDEN, KEYS_NEEDED, CROSS_SITE, OVER_LIMIT, OVER_QUOTA)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if "requestBody" in operation:
                for status, response in malformed.items():
                    operation["responses"].setdefault(str(status), response)
            for response in operation["responses"].values():
                # Not one string, as FastAPI has it: what its events hold, their description says.
                response.get("content", {}).get("text/event-stream", {}).pop("schema", None)
                response.setdefault("headers", {})["X-Request-ID"] = _REQUEST_ID
            needed = scope_needed(method.upper(), path)
            if needed is None:
                continue
            operation["security"] = [{"key": []}, {}]
            operation["description"] = f"{operation.get('description', '')}\n\nScope: `{needed}`.".strip()
            for status, response in refusals.items():
                operation["responses"].setdefault(str(status), response)


_REQUEST_ID = {
    "description": "The request's id: the one that came in this header, or one that was made.",
    "schema": {"type": "string"},
}


def describe(app: FastAPI) -> None:
    """Put the schema of a problem into the OpenAPI document of `app`."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            schema["components"]["schemas"]["Problem"] = _schema()
            schema["components"]["securitySchemes"] = {"key": _KEY}
            _add_common(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
