"""The address that the server listens on, and the server that does. The one file that imports uvicorn."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from index.errors import FootnoteError

if TYPE_CHECKING:
    from assistant.settings import Settings


class AddressError(FootnoteError):
    """The server cannot listen where the settings say."""


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


def tell(listener: socket.socket, settings: Settings) -> None:
    """Say where the server is."""
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"Footnote is at http://{name}:{listener.getsockname()[1]}", flush=True)


def serve(app: ASGIApp, listeners: Sequence[socket.socket], settings: Settings) -> None:
    """Serve until interrupted."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=list(listeners))
