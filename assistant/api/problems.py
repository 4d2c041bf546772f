"""Every error as an RFC 9457 problem document, and the catalogue of their types."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from assistant.errors import QuestionError, ShelfError, StorageError
from index.errors import FootnoteError, IndexMismatch, IndexMissing, StoreError, VersionGone

from .kinds import (
    BODY_TOO_LARGE,
    BY_STATUS,
    CANNOT_ANSWER,
    DESCRIBED_FILE,
    FILE_TOO_LARGE,
    INTERNAL_ERROR,
    INVALID_REQUEST,
    KINDS,
    LAST_DOCUMENT,
    MEDIA_TYPE,
    METHOD_NOT_ALLOWED,
    NOT_READY,
    UNKNOWN_ROUTE,
    UNREADABLE_FILE,
    VERSION_GONE,
    Kind,
)

log = logging.getLogger("footnote.server")


class ProblemError(Exception):
    """Ends a request with a problem of this kind; `detail` is one sentence for the reader."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`retry_after`: seconds after which the request may be tried again."""
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)


RETRY_SECONDS = 5
"""When to try again what the vector store or the database did not do; both are used again as soon as they answer."""
OPENAI_PATHS = ("/v1/chat/", "/v1/models", "/v1/embeddings", "/v1/responses")
"""Under these, a problem document has the member that OpenAI's clients read, too."""


def body_of(kind: Kind, detail: str, request: Request) -> dict[str, Any]:
    """The problem document for one problem."""
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request.url.path,
    }
    if request.url.path.startswith(OPENAI_PATHS):
        name = "server_error" if kind.status >= 500 else "invalid_request_error"
        code = kind.type.rpartition("/")[2].replace("-", "_")
        body["error"] = {"message": detail, "type": name, "param": None, "code": code}
    return body


def problem(
    kind: Kind, detail: str, request: Request, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The response for one problem."""
    # Said here too: the answer to an unforeseen exception does not pass the middleware.
    sent = {"X-Content-Type-Options": "nosniff", **(headers or {})}
    return JSONResponse(body_of(kind, detail, request), kind.status, sent, media_type=MEDIA_TYPE)


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


def problem_of(error: Exception, request: Request) -> tuple[Kind, str, Mapping[str, str] | None]:
    """What an exception is to the reader: its kind, one sentence, and headers. A fault is logged."""
    match error:
        case ProblemError():
            return error.kind, error.detail, error.headers
        case RequestValidationError():
            return INVALID_REQUEST, sentence(error.errors()[0]), None
        case HTTPException():
            return _of_http(error, request)
        case QuestionError():
            return INVALID_REQUEST, str(error), None
        case ShelfError():
            return _SHELF[error.why], str(error), None
        case VersionGone():
            return VERSION_GONE, str(error), None
        case StoreError() | StorageError():
            return NOT_READY, str(error), {"Retry-After": str(RETRY_SECONDS)}
        case IndexMissing() | IndexMismatch():
            return NOT_READY, str(error), None
        case FootnoteError():
            return CANNOT_ANSWER, str(error), None
    # The message of an unforeseen exception can hold anything, so it goes to the log alone.
    log.error("Fault at %s %s", request.method, request.url.path, exc_info=error)
    return INTERNAL_ERROR, "The server met a fault; its log has the details.", None


_SHELF = {
    "unusable": UNREADABLE_FILE,
    "too-large": FILE_TOO_LARGE,
    "described": DESCRIBED_FILE,
    "last": LAST_DOCUMENT,
}


def _of_http(error: HTTPException, request: Request) -> tuple[Kind, str, Mapping[str, str] | None]:
    kind = BY_STATUS.get(error.status_code)
    if kind is None:
        kind = Kind("about:blank", error.status_code, HTTPStatus(error.status_code).phrase, "")
    headers = dict(error.headers or {})
    if kind is METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request)) or headers.get("Allow", "another method")
    details = {
        UNKNOWN_ROUTE: f"Nothing is served at {request.url.path}. GET /openapi.json lists what is.",
        METHOD_NOT_ALLOWED: f"{request.url.path} takes {headers.get('Allow')}, not {request.method}.",
        BODY_TOO_LARGE: str(error.detail),
    }
    return kind, details.get(kind, str(error.detail)), headers


def _allowed(request: Request) -> list[str]:
    """The methods that the path takes; the exception knows only those of the first route that has the path."""
    return [
        method
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.router.routes
        )
    ]


def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 304:
        return Response(status_code=304, headers=error.headers)  # no error, and so no problem
    kind, detail, headers = problem_of(error, request)
    return problem(kind, detail, request, headers)


router = APIRouter(tags=["problems"])


@router.get(
    "/problems/{slug}",
    summary="What a type of problem means",
    responses={404: {"description": UNKNOWN_ROUTE.meaning, "content": {MEDIA_TYPE: {}}}},
)
def explain(slug: str) -> dict[str, Any]:
    """The catalogue's entry for one type of problem."""
    for kind in KINDS:
        if kind.type == f"/problems/{slug}":
            return asdict(kind)
    raise HTTPException(404)


def install(app: FastAPI) -> None:
    """Give `app` the handlers."""
    for foreseen in (ProblemError, RequestValidationError, HTTPException, FootnoteError, Exception):
        app.add_exception_handler(foreseen, _answer)
