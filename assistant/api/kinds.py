"""The catalogue of problem types."""

from __future__ import annotations

from dataclasses import dataclass

from index.readers import MAX_BYTES

MEDIA_TYPE = "application/problem+json"
MAX_BODY = 1024 * 1024
"""Bytes of a request; a question with a long conversation before it stays far below."""
MAX_UPLOAD = MAX_BYTES + MAX_BODY
"""Bytes of an upload: a file of the largest size, and what is around it."""
TOO_LARGE = f"The request is larger than {MAX_BODY // 1024} KiB."
SLOW = "The body came too slowly. Send it again over a better line."
UPLOAD_TOO_LARGE = f"The upload is larger than {MAX_BYTES // 1_000_000} MB. Send fewer files at a time."


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
MALFORMED_BODY = _kind(
    "malformed-body",
    400,
    "Malformed body",
    "The body cannot be taken apart: its form is not what its type says.",
)
EMPTY_QUESTION = _kind("empty-question", 422, "Empty question", "The question has no words.")
QUESTION_TOO_LONG = _kind(
    "question-too-long", 422, "Question too long", "The question has more characters than are read."
)
BODY_TOO_LARGE = _kind("body-too-large", 413, "Body too large", "The request is larger than its path takes.")
SLOW_BODY = _kind(
    "slow-body", 408, "Slow body", "The body comes so slowly that the server does not wait for its end."
)
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
    "Index or database is missing, being built, of other settings or out of reach; `detail` says which.",
)
CANNOT_ANSWER = _kind(
    "cannot-answer", 500, "Cannot answer", "Something on the server has to be put right; `detail` says how."
)
INTERNAL_ERROR = _kind(
    "internal-error", 500, "Internal error", "A fault in the program; its log has the details."
)

UNAUTHENTICATED = _kind(
    "unauthenticated", 401, "Unauthenticated", "The request has no key, or one that is unknown or revoked."
)
FORBIDDEN = _kind("forbidden", 403, "Forbidden", "The key has not the scope that the request needs.")
KEYS_NEEDED = _kind(
    "keys-needed",
    403,
    "Keys needed",
    "The server has no keys, and so answers only the machine that it runs on.",
)
CROSS_SITE = _kind(
    "cross-site",
    403,
    "Sent by another site",
    "A browser sent the request for a page of another site, which may change nothing here.",
)
OVER_LIMIT = _kind(
    "over-limit",
    429,
    "Over the limit",
    "The key has sent more requests in a minute than it may; see Retry-After.",
)
OVER_QUOTA = _kind(
    "over-quota", 429, "Over the quota", "The key has spent its requests of the day; see Retry-After."
)
UNKNOWN_ANSWER = _kind(
    "unknown-answer", 404, "Unknown answer", "No answer with this id is kept for this key."
)
VERSION_GONE = _kind(
    "version-gone",
    410,
    "Corpus version gone",
    "Nobody asked on this version, or a document of it was removed or changed too often since.",
)
UNKNOWN_JOB = _kind("unknown-job", 404, "Unknown job", "There is no job with this id, or it ended long ago.")
UNREADABLE_FILE = _kind(
    "unreadable-file",
    422,
    "Unreadable file",
    "No reader is for files of this type, its name cannot be used, or it is empty.",
)
FILE_TOO_LARGE = _kind(
    "file-too-large", 413, "File too large", "The file is larger than those that are read."
)
DESCRIBED_FILE = _kind(
    "described-file",
    409,
    "Described file",
    "corpus.toml describes the file; take it out there before it is removed.",
)
LAST_DOCUMENT = _kind(
    "last-document", 409, "Last document", "The only document cannot be removed; add another one before."
)
KEY_REUSED = _kind(
    "key-reused", 422, "Idempotency key reused", "The Idempotency-Key came before with another request."
)
KEY_IN_USE = _kind(
    "key-in-use",
    409,
    "Idempotency key in use",
    "The first request with this Idempotency-Key is still under way.",
)

BUSY = _kind("busy", 503, "Busy", "More questions are waiting than the server lets wait; see Retry-After.")
CROWDED = _kind(
    "crowded",
    503,
    "Crowded",
    "More requests or streams are open than the server takes at a time; see Retry-After.",
)
STOPPING = _kind("stopping", 503, "Stopping", "The server is being stopped and takes no more questions.")
UNKNOWN_STREAM = _kind(
    "unknown-stream",
    404,
    "Unknown stream",
    "The stream of `Last-Event-ID` is over for so long that it is no longer kept, or never was.",
)
UNKNOWN_MODEL = _kind(
    "unknown-model", 404, "Unknown model", "GET /v1/models lists the models that there are."
)

KINDS = tuple(kind for kind in list(vars().values()) if isinstance(kind, Kind))
BY_STATUS = {
    400: MALFORMED_BODY, 404: UNKNOWN_ROUTE, 405: METHOD_NOT_ALLOWED, 408: SLOW_BODY, 413: BODY_TOO_LARGE,
    422: INVALID_REQUEST,
}  # fmt: skip
