"""POST /chat/files: a file that somebody drops onto the chat's documents tab."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response

from . import kinds
from .conversations import Person
from .deps import OpenService
from .problems import ProblemError

PATH = "/chat/files"

router = APIRouter(tags=["pages"])


@router.post(PATH, include_in_schema=False, status_code=204)
async def upload(
    request: Request,
    service: OpenService,
    _person: Person,
    name: Annotated[str, Query(description="The file's name.")],
    x_footnote: Annotated[str | None, Header()] = None,
) -> Response:
    """Put the body's bytes into the corpus folder; the chat then has the folder read.

    The header is one that no form and no link of another site can send.
    """
    shelf = service.shelf
    if shelf is None or x_footnote != "upload":
        raise ProblemError(kinds.UNKNOWN_ROUTE, "Files cannot be added here. Open the chat's documents tab.")
    shelf.checked_name(name)
    with tempfile.TemporaryDirectory(prefix="footnote-") as folder:
        passing = Path(folder) / "upload"
        with passing.open("wb") as file:
            async for chunk in request.stream():
                await anyio.to_thread.run_sync(file.write, chunk)
        await anyio.to_thread.run_sync(shelf.add, name, passing)
    return Response(status_code=204)
