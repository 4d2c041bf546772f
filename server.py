"""The server: API, document pages and the web chat in one FastAPI app.

`uvicorn --factory server:create_app` or `python -m server`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import FastAPI
from starlette.routing import Match, Mount
from starlette.types import Scope

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
    metrics,
    openapi,
    pages,
    problems,
    responses,
    search,
    stream,
    tracing,
)
from assistant.api.body import BodyLimit
from assistant.api.desk import ServiceDesk
from assistant.api.guard import NO_KEY, Guard, is_loopback
from assistant.api.headers import SecurityHeaders, is_chat
from assistant.api.mcp import McpEndpoint
from assistant.api.person import PersonCookie
from assistant.api.protocols import Assistant
from assistant.api.requests import Requests
from assistant.api.service import Service
from assistant.ingest import Ingest
from assistant.version import VERSION
from index.corpus import example_questions
from index.errors import FootnoteError
from index.progress import Progress, shown
from index.receipts import Receipt

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.shelf import Shelf
    from assistant.storage.repository import Storage

log = logging.getLogger("footnote.server")

ROUTERS = (
    ask, stream, search, answers, documents, jobs, completions, responses, embeddings, pages, login, health,
    metrics, audit, conversations, feedback, files, problems,
)  # fmt: skip


class ChatMount(Mount):
    """Gradio's mount at the root, kept to the chat's own paths: all others get our answers."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As `Mount`, but only for the paths of the chat."""
        if scope["type"] == "http" and is_chat(scope):
            return super().matches(scope)
        return Match.NONE, {}


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
    service.shelf, service.admin_password = shelf, _admin_password()
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
        lifespan=partial(_lifespan, service),
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
    app.add_middleware(Guard, service=service)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(PersonCookie)
    app.add_middleware(Requests, metrics=app.state.metrics)
    service.runs.observers.append(service.keep)
    service.runs.observers.append(
        partial(logs.observe_run, with_questions=settings is not None and settings.log_questions)
    )
    if provider is not None:
        service.runs.observers.append(tracing.observer(provider))
    _mount_chat(app, service, _examples() if examples is None else examples)
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
    service = Service(
        assistant,
        storage,
        parallel=settings.parallel,
        waiting=settings.waiting,
        public_url=settings.public_url,
    )
    service.ingest = _ingest(service, settings)
    return service


def _ingest(service: Service, settings: Settings) -> Ingest:
    from assistant.wiring import sync_with

    def sync(progress: Progress) -> Receipt:
        receipt = sync_with(settings, service.opened().library.encoder, progress)
        service.opened()  # what was read can be cited when the job says that it is done
        return receipt

    return Ingest(settings.corpus, sync)


@contextlib.asynccontextmanager
async def _lifespan(service: Service, app: FastAPI) -> AsyncIterator[None]:
    built, opened = None, None
    if service.assistant is None:
        try:
            built = service.assistant = await anyio.to_thread.run_sync(_build)
            service.shelf = service.shelf or _open_shelf(built)
        except FootnoteError as error:
            service.failure = str(error)
            log.error("%s", error)
        if service.storage is None:
            try:
                opened = service.storage = await anyio.to_thread.run_sync(_open_storage)
            except FootnoteError as error:
                service.storage_failure = str(error)
                log.error("%s", error)
    async with app.state.mcp.running():
        yield
    # Answers that were begun are finished before what they need is closed.
    await anyio.to_thread.run_sync(service.stop)
    if built is not None:
        service.assistant = None
        await anyio.to_thread.run_sync(built.close)
    if opened is not None:
        service.storage = None
        await anyio.to_thread.run_sync(opened.close)


def _build(settings: Settings | None = None) -> Assistant:
    # Imported here: the encoder and the store take seconds.
    from assistant.settings import read_settings
    from assistant.wiring import build

    with shown() as progress:
        assistant = build(settings or read_settings(), progress)
    try:
        assistant.warm_up()  # before the server says that it is ready
    except BaseException:
        assistant.close()
        raise
    return assistant


def _admin_password() -> str | None:
    settings = _settings()
    password = settings.admin_password if settings else None
    return password.get_secret_value() if password else None


def _open_shelf(assistant: Assistant, settings: Settings | None = None) -> Shelf | None:
    """The corpus folder, where the assistant's index is made from one."""
    from assistant.settings import read_settings
    from assistant.wiring import open_shelf

    encoder = getattr(assistant.library, "encoder", None)
    return None if encoder is None else open_shelf(settings or read_settings(), encoder)


def _open_storage(settings: Settings | None = None) -> Storage:
    from assistant.settings import read_settings
    from assistant.wiring import open_storage

    return open_storage(settings or read_settings())


def _examples() -> Sequence[str]:
    from assistant.settings import read_settings

    try:
        return example_questions(read_settings().corpus)
    except FootnoteError:
        return ()  # building the assistant reports it


def _mount_chat(app: FastAPI, service: Service, examples: Sequence[str]) -> None:
    import ui

    desk = ServiceDesk(service, examples)
    _within_a_loop(lambda: ui.mount(app, ui.build_page(desk)))
    *_, mounted = app.router.routes
    assert isinstance(mounted, Mount)
    app.router.routes[-1] = ChatMount("/", app=mounted.app)


def _within_a_loop(step: Callable[[], None]) -> None:
    """Run `step` under an event loop: where none runs, Gradio opens its own and never closes it."""

    async def run() -> None:
        step()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(run())
    else:
        step()


def main() -> None:
    """Serve on the address of the settings until interrupted; exit code 1 with one line on failure."""
    from assistant.settings import read_settings

    try:
        settings = read_settings()
        # Bound before the index is built, so that a port in use is known at once.
        with (
            _bind(settings.host, settings.port) as listener,
            contextlib.closing(_open_storage(settings)) as storage,
        ):
            if not (is_loopback(settings.host) or storage.access.guarded()):
                raise AddressError(f"Will not listen on {settings.host}. {NO_KEY}")
            logs.set_up(settings.log)
            with contextlib.closing(_build(settings)) as assistant:
                app = create_app(
                    assistant, storage=storage, shelf=_open_shelf(assistant, settings), settings=settings
                )
                _serve(app, listener, settings)
    except FootnoteError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None


class AddressError(FootnoteError):
    """The server cannot listen where the settings say."""


def _bind(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise AddressError(
            f"Cannot listen on {host}:{port}: {reason}. "
            "Stop the other program or set ASSISTANT_HOST and ASSISTANT_PORT."
        ) from error


def _serve(app: FastAPI, listener: socket.socket, settings: Settings) -> None:
    import uvicorn

    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"Footnote is at http://{name}:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
