"""Chroma's clients, embedded or of a server, and what they raise turned into a StoreError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from index.addresses import without_password
from index.errors import StoreError

TENANT = "default_tenant"
DATABASE = "default_database"
SECONDS = 60.0
"""The longest that a server may take for one request of a build; Chroma's client would wait for ever."""
SEARCH_SECONDS = 10.0
"""The longest that it may take for one search, for which somebody waits."""
_PASSING = frozenset({429, 502, 503, 504})
_REFUSED = frozenset({401, 403})
_MISSING = 404
_THERE = 409


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """A Chroma server, as the settings name it.

    `header` goes with every request, as 'Authorization: Bearer …'. Tenant and database are made where there are none.
    """

    url: str
    tenant: str = TENANT
    database: str = DATABASE
    header: str | None = field(default=None, repr=False)

    @property
    def address(self) -> tuple[str, int, bool]:
        """Host, port and whether the connection is encrypted.

        Raises:
            StoreError: the URL is none of a server.
        """
        parts = urlsplit(self.url)
        port: int | None = None
        with suppress(ValueError):
            port = parts.port or (443 if parts.scheme == "https" else 8000)
        if parts.scheme not in ("http", "https") or not parts.hostname or port is None:
            raise StoreError(
                f"ASSISTANT_CHROMA_URL is '{without_password(self.url)}'; it must look like http://localhost:8001."
            )
        return parts.hostname, port, parts.scheme == "https"

    @property
    def headers(self) -> dict[str, str]:
        """The header by its name; none without it.

        Raises:
            StoreError: it is no header.
        """
        if not self.header:
            return {}
        name, _, value = (part.strip() for part in self.header.partition(":"))
        if not (name and value and self.header.isascii() and self.header.isprintable()):
            raise StoreError(
                "ASSISTANT_CHROMA_AUTH is no header; it must look like: Authorization: Bearer KEY"
            )
        return {name: value}


def server_named(environment: Mapping[str, str]) -> ChromaServer | None:
    """The server that `ASSISTANT_CHROMA_…` variables name, if any."""
    url = environment.get("ASSISTANT_CHROMA_URL")
    if not url:
        return None
    return ChromaServer(
        url,
        environment.get("ASSISTANT_CHROMA_TENANT") or TENANT,
        environment.get("ASSISTANT_CHROMA_DATABASE") or DATABASE,
        environment.get("ASSISTANT_CHROMA_AUTH") or None,
    )


def embedded(path: Path, alias: str = "") -> Any:
    """A client of the Chroma in a folder; `alias` is another way to write the same path."""
    import chromadb
    from chromadb.config import Settings

    path.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(path=f"{path}{alias}", settings=Settings(anonymized_telemetry=False))


def connected(server: ChromaServer, seconds: float) -> Any:
    """A client of the server's database; tenant and database are made where there are none.

    `seconds` is the longest that one request may take.
    """
    import chromadb

    _look_up(server, seconds)
    client = chromadb.Client(_settings(server), server.tenant, server.database)
    for session in _sessions(client):
        session.timeout = seconds
    return client


def close(client: Any) -> None:
    """Let go of a client and, where it is a server's, of its connections, which Chroma leaves open."""
    sessions = _sessions(client)
    client.close()
    for session in sessions:
        session.close()


def _sessions(client: Any) -> list[Any]:
    """The HTTP clients of a client: one for its data and one for the look-up of its tenant."""
    servers = (client._server, client._admin_client._server)
    return [server._session for server in servers if hasattr(server, "_session")]


def _settings(server: ChromaServer) -> Any:
    from chromadb.config import Settings

    host, port, secure = server.address
    return Settings(
        anonymized_telemetry=False,
        chroma_api_impl="chromadb.api.fastapi.FastAPI",
        chroma_server_host=host,
        chroma_server_http_port=port,
        chroma_server_ssl_enabled=secure,
        chroma_server_headers=server.headers,
    )


def _look_up(server: ChromaServer, seconds: float) -> None:
    """See that the database is there, or make it. Chroma's client cannot, and leaves connections open when it fails."""
    import httpx

    host, port, secure = server.address
    base = f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}/api/v2/"
    databases = f"tenants/{quote(server.tenant, safe='')}/databases"
    with httpx.Client(base_url=base, headers=server.headers, timeout=seconds) as http:
        found = http.get(f"{databases}/{quote(server.database, safe='')}")
        if found.status_code == _MISSING:
            for path, name in (("tenants", server.tenant), (databases, server.database)):
                made = http.post(path, json={"name": name})
                if made.status_code != _THERE:  # the tenant is, or another process was faster
                    made.raise_for_status()
        else:
            found.raise_for_status()


@contextmanager
def ours(where: str) -> Iterator[None]:
    """Turn what Chroma raises into a StoreError that says what to do; `where` is a folder or a server's URL."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except StoreError:
        raise
    except (ChromaError, httpx.HTTPError, OSError) as error:
        raise _told(where, error) from error
    except Exception as error:
        # The client turns what it met into a ValueError or an Exception with the response's text.
        if _met(error) is None and type(error) is not Exception:
            raise
        raise _told(where, error) from error


def may_pass(error: StoreError) -> bool:
    """Whether the same request may succeed in a moment: nobody is there, or a server that is starting or busy.

    One that took all its time is not asked again: whoever waits has waited long enough.
    """
    import httpx

    met = _met(error)
    if isinstance(met, httpx.HTTPStatusError):
        return met.response.status_code in _PASSING
    return isinstance(met, httpx.TransportError) and not isinstance(met, httpx.TimeoutException)


def is_missing(error: Exception) -> bool:
    """Whether the server has no collection of the id that it was asked for."""
    from chromadb.errors import NotFoundError

    return isinstance(error, NotFoundError)


def lags_behind(error: Exception) -> bool:
    """Whether an embedded Chroma failed as it does after another process has written to its folder."""
    from chromadb.errors import InternalError

    return isinstance(error, InternalError)


def _told(where: str, error: Exception) -> StoreError:
    import httpx

    met = _met(error)
    if is_missing(error):
        return StoreError(
            f"The Chroma server at '{where}' has no vectors. Build them with: python -m index build"
        )
    if isinstance(met, httpx.ConnectError):
        return StoreError(
            f"There is no Chroma server at '{where}'. Start it with: chroma run, or unset ASSISTANT_CHROMA_URL."
        )
    if isinstance(met, httpx.TimeoutException):
        seconds = met.request.extensions["timeout"]["read"]
        return StoreError(f"The Chroma server at '{where}' did not answer in {seconds:g} seconds. Try again.")
    response = met.response if isinstance(met, httpx.HTTPStatusError) else None
    status = response.status_code if response is not None else None
    if status in _REFUSED:
        return StoreError(
            f"The Chroma server at '{where}' refuses the request ({status}). "
            "Set ASSISTANT_CHROMA_AUTH to the header that it asks for, as: Authorization: Bearer KEY"
        )
    text = response.text if response is not None else str(error)
    said = " ".join(text.split())[:200] or type(error).__name__
    code = f" ({status})" if status is not None else ""
    return StoreError(f"The vector store at '{where}' does not answer{code}: {said}")


def _met(error: BaseException) -> Exception | None:
    """What httpx raised at the bottom of an error, if it did."""
    import httpx

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, (httpx.HTTPStatusError, httpx.TransportError)):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None
