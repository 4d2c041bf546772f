"""Alive and ready: what a supervisor asks."""

from __future__ import annotations

import logging

from fastapi import APIRouter

from index.errors import StoreError

from . import kinds
from .deps import OpenLibrary
from .openapi import responses
from .problems import RETRY_SECONDS, ProblemError

log = logging.getLogger("footnote.server")

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is the process alive?")
def alive() -> dict[str, str]:
    """Always 200 while the process answers."""
    return {"status": "alive"}


@router.get("/readyz", summary="Can questions be answered?", responses=responses(kinds.NOT_READY))
def ready(library: OpenLibrary) -> dict[str, str]:
    """200 with the corpus version when an index is open and its vectors can be searched, else a 503 problem."""
    try:
        library.check()
    except StoreError as error:
        # Who asks here needs no key, and so is not told where the vectors are.
        log.warning("Not ready: %s", error)
        raise ProblemError(
            kinds.NOT_READY,
            "The vector store does not answer; the server's log says why.",
            retry_after=RETRY_SECONDS,
        ) from error
    return {"status": "ready", "corpus_version": library.version}
