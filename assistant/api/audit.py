"""GET /v1/audit: who changed what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from assistant.storage.access import Audited

from . import kinds
from .deps import OpenStorage
from .openapi import responses

router = APIRouter(tags=["operation"])


@router.get(
    "/v1/audit", summary="Read the audit log", responses=responses(kinds.INVALID_REQUEST, kinds.NOT_READY)
)
def audit(
    storage: OpenStorage, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> dict[str, tuple[Audited, ...]]:
    """The writes, the latest first: uploads, removals, feedback, keys made and revoked."""
    return {"audit": storage.access.noted(limit)}
