"""Problems in the OpenAPI document: which a route can end in, and what a problem looks like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .kinds import KINDS, MEDIA_TYPE, Kind


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


def describe(app: FastAPI) -> None:
    """Put the schema of a problem into the OpenAPI document of `app`."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            schema["components"]["schemas"]["Problem"] = _schema()
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
