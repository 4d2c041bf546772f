"""Alive and ready: what a supervisor asks."""

from __future__ import annotations

from fastapi import APIRouter

from . import kinds
from .deps import OpenLibrary
from .openapi import responses

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is the process alive?")
def alive() -> dict[str, str]:
    """Always 200 while the process answers."""
    return {"status": "alive"}


@router.get("/readyz", summary="Can questions be answered?", responses=responses(kinds.NOT_READY))
def ready(library: OpenLibrary) -> dict[str, str]:
    """200 with the corpus version when an index is open and its vectors can be searched, else a 503 problem."""
    library.check()
    return {"status": "ready", "corpus_version": library.version}
