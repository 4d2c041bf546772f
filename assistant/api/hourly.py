"""What a server does by itself every hour: what is no longer to be kept goes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import anyio.to_thread

from assistant.settings import Settings
from index.errors import FootnoteError

from .service import Service

SECONDS = 3600

log = logging.getLogger("footnote.server")


@contextlib.asynccontextmanager
async def tidying(service: Service, settings: Settings | None) -> AsyncIterator[None]:
    """Tidy now and every hour until the block ends; without settings nothing is known of what to keep.

    Of several workers the first one does it.
    """
    task = None
    if settings is not None and service.tidies:
        task = asyncio.create_task(_for_good(service, settings))
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _for_good(service: Service, settings: Settings) -> None:
    while True:
        await anyio.to_thread.run_sync(_tidy, service, settings)
        await asyncio.sleep(SECONDS)


def _tidy(service: Service, settings: Settings) -> None:
    # Imported here: the index's modules take a second, and a server without a database does not need them.
    from assistant.tidying import tidy
    from assistant.wiring import place

    if service.storage is None:
        return
    try:
        tidied = tidy(place(settings), service.storage, settings.keep_days)
    except (FootnoteError, OSError) as error:
        log.warning("Nothing was tidied: %s", error)
        return
    for sentence in tidied.failed:
        log.warning("%s", sentence)
