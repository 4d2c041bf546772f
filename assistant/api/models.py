"""GET /v1/models: the assistant as a chat model, and the index's encoder as a model for embeddings."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter

from . import kinds
from .deps import OpenLibrary
from .openapi import responses
from .problems import ProblemError

MODEL = "footnote"
"""The name of the assistant among models."""
OWNER = "footnote"
_STARTED = int(time.time())

router = APIRouter(tags=["openai"])


def known_model(name: str) -> None:
    """Refuse a model that there is not, with a 404 problem."""
    if name != MODEL:
        raise ProblemError(kinds.UNKNOWN_MODEL, f"There is no model {name!r}. Ask for {MODEL!r}.")


@router.get("/v1/models", summary="List the models", responses=responses(kinds.NOT_READY))
def models(library: OpenLibrary) -> dict[str, Any]:
    """The assistant as a chat model, and the index's encoder as a model for embeddings."""
    return {"object": "list", "data": [_model(MODEL), _model(library.encoder.name)]}


@router.get(
    "/v1/models/{model:path}",
    summary="Look a model up",
    responses=responses(kinds.UNKNOWN_MODEL, kinds.NOT_READY),
)
def model(model: str, library: OpenLibrary) -> dict[str, Any]:
    """One model."""
    if model not in (MODEL, library.encoder.name):
        raise ProblemError(
            kinds.UNKNOWN_MODEL, f"There is no model {model!r}. GET /v1/models lists those there are."
        )
    return _model(model)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _STARTED, "owned_by": OWNER}
