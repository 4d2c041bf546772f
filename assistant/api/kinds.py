"""The catalogue of problem types."""

from __future__ import annotations

from dataclasses import dataclass

MEDIA_TYPE = "application/problem+json"
MAX_BODY = 1024 * 1024
"""Bytes of a request; a question with a long conversation before it stays far below."""
TOO_LARGE = f"The request is larger than {MAX_BODY // 1024} KiB."


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of problem: `type` is a path that tells more about it."""

    type: str
    status: int
    title: str
    meaning: str


def _kind(slug: str, status: int, title: str, meaning: str) -> Kind:
    return Kind(f"/problems/{slug}", status, title, meaning)


INVALID_REQUEST = _kind(
    "invalid-request",
    422,
    "Invalid request",
    "A field is missing, unknown or of the wrong kind; `detail` names it.",
)
EMPTY_QUESTION = _kind("empty-question", 422, "Empty question", "The question has no words.")
QUESTION_TOO_LONG = _kind(
    "question-too-long", 422, "Question too long", "The question has more characters than are read."
)
BODY_TOO_LARGE = _kind("body-too-large", 413, "Body too large", "The request is larger than one mebibyte.")
UNKNOWN_DOCUMENT = _kind(
    "unknown-document", 404, "Unknown document", "No document of the corpus has this id."
)
UNKNOWN_ROUTE = _kind("unknown-route", 404, "Unknown route", "Nothing is served at this path.")
METHOD_NOT_ALLOWED = _kind(
    "method-not-allowed",
    405,
    "Method not allowed",
    "The path exists, but not for this method; see the Allow header.",
)
NOT_READY = _kind(
    "not-ready",
    503,
    "Not ready",
    "The index is missing, being built, of other settings or out of reach; `detail` says which.",
)
CANNOT_ANSWER = _kind(
    "cannot-answer", 500, "Cannot answer", "Something on the server has to be put right; `detail` says how."
)
INTERNAL_ERROR = _kind(
    "internal-error", 500, "Internal error", "A fault in the program; its log has the details."
)

BUSY = _kind("busy", 503, "Busy", "More questions are waiting than the server lets wait; see Retry-After.")
UNKNOWN_STREAM = _kind(
    "unknown-stream",
    404,
    "Unknown stream",
    "The stream of `Last-Event-ID` is over for so long that it is no longer kept, or never was.",
)
UNKNOWN_MODEL = _kind(
    "unknown-model", 404, "Unknown model", "GET /v1/models lists the models that there are."
)

KINDS = (
    INVALID_REQUEST, EMPTY_QUESTION, QUESTION_TOO_LONG, BODY_TOO_LARGE, UNKNOWN_DOCUMENT,
    UNKNOWN_STREAM, UNKNOWN_MODEL, UNKNOWN_ROUTE, METHOD_NOT_ALLOWED, NOT_READY, BUSY, CANNOT_ANSWER, INTERNAL_ERROR,
)  # fmt: skip
BY_STATUS = {404: UNKNOWN_ROUTE, 405: METHOD_NOT_ALLOWED, 413: BODY_TOO_LARGE, 422: INVALID_REQUEST}
