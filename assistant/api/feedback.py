"""GET /feedback.jsonl: what people said was wrong, for the evals; only a key with the scope `admin` gets it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from assistant.exports.feedback import to_lines

from .deps import OpenStorage

router = APIRouter(tags=["pages"])


@router.get("/feedback.jsonl", include_in_schema=False)
def exported(storage: OpenStorage) -> Response:
    """One record on each line, as `python -m evals add` takes it."""
    headers = {"Content-Disposition": 'attachment; filename="feedback.jsonl"', "Cache-Control": "no-store"}
    return Response(to_lines(storage.feedback("down")), media_type="application/x-ndjson", headers=headers)
