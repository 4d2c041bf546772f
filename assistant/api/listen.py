"""The address that the server listens on, and the server that does. The one file that runs uvicorn."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from index.errors import FootnoteError

if TYPE_CHECKING:
    from assistant.settings import Settings


CONNECTIONS = 2000
"""How many connections may be open at a time, where no setting says."""
FEWEST = 16
BACKLOG = 128
"""Connections that have come and are not taken in yet."""
FILES = 128
"""Files that the index, the database and the logs need at a time."""

log = logging.getLogger("footnote.server")


class AddressError(FootnoteError):
    """The server cannot listen where or as the settings say."""


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        AddressError: another program does, or this machine has no such address.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise AddressError(
            f"Cannot listen on {host}:{port}: {reason}. "
            "Stop the other program or set ASSISTANT_HOST and ASSISTANT_PORT."
        ) from error


def within_files(connections: int) -> int:
    """So many connections, or as many as this process may open files for; that limit is raised where it may be.

    Raises:
        AddressError: it may open too few.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections + BACKLOG + FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return connections
    raised = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if raised > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    fits = max(soft, raised) - BACKLOG - FILES
    if fits < FEWEST:
        raise AddressError(
            f"This process may open only {hard} files at a time, which is too few to serve. "
            f"Raise the limit with: ulimit -n {needed}"
        )
    if fits < connections:
        log.warning(
            "Only %d connections are taken at a time instead of %d, because this process may open only %d files. "
            "Raise the limit with: ulimit -n %d",
            fits, connections, hard, needed,
        )  # fmt: skip
    return min(fits, connections)


def tell(listener: socket.socket, settings: Settings) -> None:
    """Say where the server is."""
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"Footnote is at http://{name}:{listener.getsockname()[1]}", flush=True)


def serve(app: ASGIApp, listeners: Sequence[socket.socket], settings: Settings) -> None:
    """Serve until interrupted."""
    import uvicorn

    from .connections import limited

    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        http=limited(settings.connections),
        ws="none",
        backlog=BACKLOG,
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=list(listeners))
