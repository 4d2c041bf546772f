"""Every error as an RFC 9457 problem document, and the catalogue of their types."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant.errors import QuestionError
from index.errors import FootnoteError, IndexMismatch, IndexMissing, StoreError

from .kinds import (
    BODY_TOO_LARGE,
    BY_STATUS,
    CANNOT_ANSWER,
    INTERNAL_ERROR,
    INVALID_REQUEST,
    KINDS,
    MEDIA_TYPE,
    METHOD_NOT_ALLOWED,
    NOT_READY,
    TOO_LARGE,
    UNKNOWN_ROUTE,
    Kind,
)

log = logging.getLogger("footnote.server")


class ProblemError(Exception):
    """Ends a request with a problem of this kind; `detail` is one sentence for the reader."""

    def __init__(self, kind: Kind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def problem(
    kind: Kind, detail: str, request: Request, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The response for one problem."""
    body = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request.url.path,
    }
    # Said here too: the answer to an unforeseen exception does not pass the middleware.
    sent = {"X-Content-Type-Options": "nosniff", **(headers or {})}
    return JSONResponse(body, kind.status, sent, media_type=MEDIA_TYPE)


def sentence(error: Mapping[str, Any]) -> str:
    """One validation error as a sentence that names the field.

    `error` is an entry of pydantic's `errors()`: its `loc` starts with where the field stands
    (body, query or path).
    """
    where, *path = error["loc"]
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    if error["type"] == "json_invalid":
        return f"The body is not valid JSON: {error.get('ctx', {}).get('error', 'it cannot be parsed')}."
    if not name:
        return "The body must be a JSON object, sent as application/json."
    noun = "field" if where == "body" else "parameter"
    if error["type"] == "missing":
        return f"The {noun} '{name}' is missing."
    if error["type"] == "extra_forbidden":
        return f"The {noun} '{name}' is not known."
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"The {noun} '{name}' is not usable: {message[:1].lower()}{message[1:]}."


def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)
    return problem(error.kind, error.detail, request)


def _on_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem(INVALID_REQUEST, sentence(error.errors()[0]), request)


def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    kind = BY_STATUS.get(error.status_code)
    if kind is None:
        kind = Kind("about:blank", error.status_code, HTTPStatus(error.status_code).phrase, "")
    allowed = (error.headers or {}).get("Allow", "another method")
    details = {
        UNKNOWN_ROUTE: f"Nothing is served at {request.url.path}. GET /openapi.json lists what is.",
        METHOD_NOT_ALLOWED: f"{request.url.path} takes {allowed}, not {request.method}.",
        BODY_TOO_LARGE: TOO_LARGE,
    }
    return problem(kind, details.get(kind, str(error.detail)), request, error.headers)


def _on_footnote(request: Request, error: Exception) -> JSONResponse:
    kind = CANNOT_ANSWER
    if isinstance(error, IndexMissing | IndexMismatch | StoreError):
        kind = NOT_READY
    if isinstance(error, QuestionError):
        kind = INVALID_REQUEST
    return problem(kind, str(error), request)


def _on_fault(request: Request, error: Exception) -> JSONResponse:
    # The message of an unforeseen exception can hold anything, so it goes to the log alone.
    log.error("Fault at %s %s", request.method, request.url.path, exc_info=error)
    return problem(INTERNAL_ERROR, "The server met a fault; its log has the details.", request)


router = APIRouter(tags=["problems"])


@router.get("/problems/{slug}", summary="What a type of problem means")
def explain(slug: str) -> dict[str, Any]:
    """The catalogue's entry for one type of problem."""
    for kind in KINDS:
        if kind.type == f"/problems/{slug}":
            return asdict(kind)
    raise HTTPException(404)


def install(app: FastAPI) -> None:
    """Give `app` the handlers."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(FootnoteError, _on_footnote)
    app.add_exception_handler(Exception, _on_fault)
