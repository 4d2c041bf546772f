"""What a server opens when it starts, and closes when it stops: the assistant, the database, the shelf."""

from __future__ import annotations

import contextlib
import gc
import logging
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import FastAPI

from assistant.suggestions import Suggestions
from index.corpus import example_questions
from index.errors import FootnoteError
from index.progress import shown

from . import hourly
from .protocols import Assistant
from .service import Service

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.shelf import Shelf
    from assistant.storage.repository import Storage

log = logging.getLogger("footnote.server")


@contextlib.asynccontextmanager
async def lifespan(
    service: Service, suggestions: Suggestions, settings: Settings | None, app: FastAPI
) -> AsyncIterator[None]:
    """While the app runs: what `service` lacks is opened first, and closed last. A failure is kept as its sentence."""
    built, opened = None, None
    if service.assistant is None:
        try:
            built = service.assistant = await anyio.to_thread.run_sync(build)
        except FootnoteError as error:
            service.failure = str(error)
            log.error("%s", error)
        if service.storage is None:
            try:
                opened = service.storage = await anyio.to_thread.run_sync(open_storage)
            except FootnoteError as error:
                service.storage_failure = str(error)
                log.error("%s", error)
    async with app.state.mcp.running(), hourly.tidying(service, settings):
        suggestions.begin()
        yield
    await anyio.to_thread.run_sync(suggestions.stop)
    # Answers that were begun are finished before what they need is closed.
    await anyio.to_thread.run_sync(service.stop)
    if built is not None:
        service.assistant = None
        await anyio.to_thread.run_sync(built.close)
    if opened is not None:
        service.storage = None
        await anyio.to_thread.run_sync(opened.close)


def build(settings: Settings | None = None) -> Assistant:
    """The assistant of the settings, with its index brought up to date, and warm.

    Raises:
        FootnoteError: there is none; the message says why.
    """
    # Imported here: the encoder and the store take seconds.
    from assistant import wiring
    from assistant.settings import read_settings

    with shown() as progress:
        assistant = wiring.build(settings or read_settings(), progress)
    try:
        assistant.warm_up()  # before the server says that it is ready
    except BaseException:
        assistant.close()
        raise
    gc.collect()
    gc.freeze()  # what is open stays: looking through many paragraphs for garbage would hold an answer up
    return assistant


def open_shelf(service: Service, settings: Settings) -> Shelf:
    """Where documents are put, under the settings' corpus."""
    from assistant import wiring

    return wiring.open_shelf(settings, lambda: service.opened().library)


def open_storage(settings: Settings | None = None) -> Storage:
    """The database of the settings.

    Raises:
        FootnoteError: it cannot be opened; the message says why.
    """
    from assistant import wiring
    from assistant.settings import read_settings

    return wiring.open_storage(settings or read_settings())


def suggested(service: Service, settings: Settings | None, examples: Sequence[str] | None) -> Suggestions:
    """What the chat offers to begin with: `examples`, by default those of the corpus folder."""
    from assistant.wiring import place

    kept = None if settings is None else place(settings).folder / "suggestions.json"
    return Suggestions(service.opened, _examples() if examples is None else examples, kept)


def _examples() -> Sequence[str]:
    from assistant.settings import read_settings

    try:
        return example_questions(read_settings().corpus)
    except FootnoteError:
        return ()  # building the assistant reports it
