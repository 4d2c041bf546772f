"""The server: API, document pages and the web chat in one FastAPI app.

`uvicorn --factory server:create_app` or `python -m server`.
"""

# What is imported below takes seconds, and the command may start itself over first.
from __future__ import annotations

if __name__ == "__main__":
    from index.allocator import preload

    preload()

import argparse
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI

from assistant.api import (
    answers,
    ask,
    audit,
    completions,
    conversations,
    documents,
    embeddings,
    feedback,
    files,
    health,
    jobs,
    login,
    logs,
    memory,
    metrics,
    models,
    openapi,
    opening,
    pages,
    problems,
    replay,
    responses,
    search,
    stream,
    tracing,
)
from assistant.api.body import BodyLimit
from assistant.api.chat_mount import mount_chat
from assistant.api.desk import ServiceDesk
from assistant.api.guard import NO_KEY, Guard, is_loopback
from assistant.api.headers import SecurityHeaders
from assistant.api.language import Language
from assistant.api.listen import CONNECTIONS, AddressError, bind, serve, tell, within_files
from assistant.api.mcp import McpEndpoint
from assistant.api.peers import Peers, Seat
from assistant.api.person import PersonCookie
from assistant.api.protocols import Assistant
from assistant.api.requests import Requests
from assistant.api.service import Service
from assistant.api.streams import StreamLimit
from assistant.api.workers import Workers, check, in_a_process
from assistant.ingest import Ingest
from assistant.ui.messages import LANGUAGES
from assistant.version import VERSION
from index.errors import FootnoteError
from index.progress import shown

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.shelf import Shelf
    from assistant.storage.repository import Storage

log = logging.getLogger("footnote.server")

ROUTERS = (
    ask, stream, search, answers, replay, documents, jobs, completions, models, responses, embeddings, pages, login,
    health, metrics, audit, conversations, feedback, files, problems,
)  # fmt: skip


def create_app(
    assistant: Assistant | None = None,
    examples: Sequence[str] | None = None,
    storage: Storage | None = None,
    shelf: Shelf | None = None,
    settings: Settings | None = None,
) -> FastAPI:
    """The whole application.

    Without an assistant the app builds one from the settings when it starts, opens the database of
    conversations, and closes both when it stops. Where that fails, it serves 503 problems that say why. The chat
    offers `examples` to begin with, by default those of the corpus folder's corpus.toml. `settings` are by default
    those of the environment; documents can be uploaded where they are given or the assistant is built from them.
    """
    if assistant is None and settings is None:
        settings = _settings()
    service = _service(assistant, storage, settings)
    if shelf is None and settings is not None:
        shelf = opening.open_shelf(service, settings)
    if shelf is not None:
        service.shelf, service.ingest = shelf, Ingest(shelf)
        shelf.changed = service.note_of_chat
    suggestions = opening.suggested(service, settings, examples)
    fixed = settings.language if settings is not None else None
    provider = None
    if settings is not None and settings.otlp_url is not None:
        provider = tracing.make_provider(tracing.otlp(settings.otlp_url))
    app = FastAPI(
        title="Footnote",
        version=VERSION,
        description="Answers from a folder of documents, every sentence with its paragraph.",
        # Swagger UI and ReDoc load their scripts from a CDN.
        docs_url=None,
        redoc_url=None,
        lifespan=partial(opening.lifespan, service, suggestions, settings),
        telemetry={
            "tracing": provider is not None,
            "tracer_provider": provider,
            "metrics": False,
            "logs": False,
        },
    )
    app.state.service = service
    app.state.metrics = metrics.Metrics(service)
    app.state.mcp = McpEndpoint(service, VERSION)
    for each in ROUTERS:
        app.include_router(each.router)
    app.router.routes.append(app.state.mcp.route)
    problems.install(app)
    openapi.describe(app)
    app.add_middleware(BodyLimit)
    connections = CONNECTIONS if settings is None else settings.connections
    app.add_middleware(StreamLimit, most=connections // 4)
    app.add_middleware(Guard, service=service)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(PersonCookie)
    app.add_middleware(Language, fixed=fixed)
    app.add_middleware(Requests, metrics=app.state.metrics)
    service.runs.observers.append(service.keep)
    service.runs.observers.append(
        partial(logs.observe_run, with_questions=settings is not None and settings.log_questions)
    )
    if provider is not None:
        service.runs.observers.append(tracing.observer(provider))
    service.runs.observers.append(memory.Trimmer(memory.release()).observe_run)
    import ui  # Gradio takes a second

    mount_chat(app, ui.mount, ServiceDesk(service, suggestions), LANGUAGES if fixed is None else (fixed,))
    return app


def _settings() -> Settings | None:
    from assistant.settings import read_settings

    try:
        return read_settings()
    except FootnoteError:
        return None  # building the assistant reports it


def _service(assistant: Assistant | None, storage: Storage | None, settings: Settings | None) -> Service:
    if settings is None:
        return Service(assistant, storage)
    return Service(
        assistant,
        storage,
        parallel=settings.parallel,
        waiting=settings.waiting,
        public_url=settings.public_url,
    )


def _set_up(settings: Settings) -> Settings:
    """Begin to log, and take no more connections than there may be open files."""
    logs.set_up(settings.log)
    return settings.model_copy(update={"connections": within_files(settings.connections)})


def worker(seat: Seat, listener: socket.socket, private: socket.socket) -> None:
    """Serve as one of several workers, until the parent ends it."""
    from assistant.settings import read_settings

    settings = _set_up(read_settings())
    app = create_app(settings=settings)
    app.state.service.runs.new_id = seat.new_id
    app.state.service.tidies = seat.number == 0
    app.add_middleware(Peers, seat=seat)
    serve(app, [listener, private], settings)


def _build_first() -> None:
    """Bring the index up to date before there are workers, which would do it one after another."""
    from assistant.settings import read_settings
    from assistant.wiring import bring_up_to_date

    try:
        with shown() as progress:
            bring_up_to_date(read_settings(), progress=progress)
    except FootnoteError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None


def _serve_with_workers(listener: socket.socket, settings: Settings) -> None:
    if in_a_process(_build_first):
        raise SystemExit(1)
    with contextlib.closing(Workers(settings.workers, listener, worker)) as workers:
        workers.run(partial(tell, listener, settings))


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve on the address of the settings until interrupted; exit code 1 with one line on failure."""
    parser = argparse.ArgumentParser(prog="python -m server", description="Serve the chat and the API.")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="how many processes answer (default: ASSISTANT_WORKERS, else 1)",
    )
    options = parser.parse_args(arguments)
    if options.workers is not None:
        os.environ["ASSISTANT_WORKERS"] = str(options.workers)  # the workers read their settings themselves
    from assistant.settings import read_settings

    try:
        settings = read_settings()
        check(settings)
        # Bound before the index is built, so that a port in use is known at once.
        with (
            bind(settings.host, settings.port) as listener,
            contextlib.closing(opening.open_storage(settings)) as storage,
        ):
            if not (is_loopback(settings.host) or storage.access.guarded()):
                raise AddressError(f"Will not listen on {settings.host}. {NO_KEY}")
            settings = _set_up(settings)
            if settings.workers > 1:
                _serve_with_workers(listener, settings)
                return
            with contextlib.closing(opening.build(settings)) as assistant:
                app = create_app(assistant, storage=storage, settings=settings)
                tell(listener, settings)
                serve(app, [listener], settings)
    except FootnoteError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
