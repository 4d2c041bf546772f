"""The vectors, in Chroma: embedded in a folder, or on a Chroma server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import numpy as np

from index.addresses import without_password
from index.breaker import Breaker
from index.chroma import (
    SECONDS,
    ChromaServer,
    close,
    connected,
    embedded,
    is_missing,
    lags_behind,
    may_pass,
    ours,
)
from index.encoder import Vectors
from index.errors import StoreError
from index.records import VectorKind

if TYPE_CHECKING:
    from llama_index.core.schema import BaseNode

T = TypeVar("T")

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds to wait before each further try of what a server did not take."""
REST_SECONDS = 2.0
"""How long a server that failed again and again is left alone; questions are refused at once meanwhile."""
_PAGE = 5000
# Seconds to wait before each try after an embedded store was written to by another process during a query.
_REOPENINGS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
_CANDIDATES = 150
"""How many vectors Chroma's graph keeps in view while it searches: with its own 100, recall@10 of 200,000 vectors is
0.989."""
_aliases = count()
_MOST_ALIASES = 200  # a path has its longest


class VectorStore:
    """Two Chroma collections, of paragraphs and of sentences: key -> vector, with the document's id as metadata.

    They are apart since Chroma filters by looking at every vector. Safe to use from several threads.
    """

    def __init__(
        self, *, path: Path, server: ChromaServer | None, collection: str, seconds: float = SECONDS
    ) -> None:
        """Open the collections in the folder `path`, or on the `server` where there is one.

        Their names begin with `collection`; `seconds` is the longest that the server may take for one request.

        Raises:
            StoreError: the server does not answer, or the folder cannot be used.
        """
        self._server = server
        self._path = path
        self._where = without_password(server.url) if server else str(path)
        self._names: dict[VectorKind, str] = {kind: f"{collection}-{kind}s" for kind in get_args(VectorKind)}
        self._seconds = seconds
        self._lock = Lock()
        self._breaker = Breaker(rest=REST_SECONDS)
        self._failure = f"The vector store at '{self._where}' is being tried again. Try again in a moment."
        self._client, self._collections = self._patiently(self._connected)

    def _connected(self) -> tuple[Any, dict[VectorKind, Any]]:
        client = embedded(self._path) if self._server is None else connected(self._server, self._seconds)
        return client, self._opened(client)

    def _opened(self, client: Any) -> dict[VectorKind, Any]:
        return {
            kind: client.get_or_create_collection(
                name,
                configuration={"hnsw": {"space": "cosine", "ef_search": _CANDIDATES}},
                embedding_function=None,
            )
            for kind, name in self._names.items()
        }

    def renew(self) -> None:
        """See what other processes have written since; a server always shows it."""
        if self._server is None:
            with ours(self._where), self._lock:
                self._reopen()

    def _reopen(self) -> None:
        """Read the folder anew. Chroma shares what it holds between clients of one path, hence another name for it."""
        close(self._client)
        self._client = embedded(self._path, alias="/." * (1 + next(_aliases) % _MOST_ALIASES))
        self._collections = self._opened(self._client)

    def add(self, nodes: Sequence[BaseNode]) -> None:
        """Add llama-index nodes that have their vectors.

        Not through llama-index's own vector store, which writes each node whole into eight lines of metadata: that
        takes twice the time.
        """
        for kind, collection in self._collections.items():
            of_kind = [node for node in nodes if node.metadata["kind"] == kind]
            if of_kind:
                add = partial(
                    collection.add,
                    ids=[node.node_id for node in of_kind],
                    embeddings=np.array([node.embedding for node in of_kind], dtype=np.float32),
                    metadatas=[{"document": node.metadata["document"]} for node in of_kind],
                )
                self._patiently(add)

    def query(
        self, vector: Vectors, k: int, kind: VectorKind, documents: Sequence[str] = ()
    ) -> list[tuple[str, float]]:
        """The `k` nearest keys of a kind with their cosine, nearest first.

        Args:
            vector: (dimension,), of length 1.
            k: how many at the most.
            kind: paragraphs or sentences.
            documents: only vectors of these documents; all where empty.
        """
        where = {"document": {"$in": list(documents)}} if documents else None
        if self._server is not None:
            found = self._unless_gone(
                lambda: self._patiently(
                    lambda: self._in_collections(lambda: self._nearest(vector, k, kind, where))
                )
            )
        else:
            with ours(self._where), self._lock:
                found = self._found(vector, k, kind, where)
        keys, distances = found["ids"][0], (found["distances"] or [[]])[0]
        return [(key, 1.0 - float(distance)) for key, distance in zip(keys, distances, strict=True)]

    def _in_collections(self, step: Callable[[], T]) -> T:
        """What a step gives, also where the server lost the collections and they have been built anew since."""
        try:
            return step()
        except Exception as error:
            if not is_missing(error):
                raise
        self._collections = {
            kind: self._client.get_collection(name, embedding_function=None)
            for kind, name in self._names.items()
        }
        return step()

    def _nearest(self, vector: Vectors, k: int, kind: VectorKind, where: dict[str, Any] | None) -> Any:
        return self._collections[kind].query(
            query_embeddings=[vector.tolist()], n_results=k, where=where, include=["distances"]
        )

    def _found(self, vector: Vectors, k: int, kind: VectorKind, where: dict[str, Any] | None) -> Any:
        """What an embedded Chroma finds.

        It filters by what is in its folder and then looks in the graph that it has in memory. Where another process has
        added vectors since, it fails from then on, so the folder is opened anew.
        """
        pauses = iter(_REOPENINGS)
        while True:
            try:
                return self._nearest(vector, k, kind, where)
            except Exception as error:
                pause = next(pauses, None)
                if pause is None or not lags_behind(error):
                    raise
                time.sleep(pause)
                self._reopen()

    def check(self) -> None:
        """See whether the server of the vectors answers, if they are on one. It is asked once, without pauses.

        Raises:
            StoreError: it does not, or did not a moment ago.
        """
        if self._server is not None:
            self._unless_gone(lambda: self._once(lambda: self._in_collections(self._counted)))

    def keys(self) -> set[str]:
        """Every key in the store."""
        return {key for kind in self._names for key in self._keys(kind)}

    def _keys(self, kind: VectorKind) -> list[str]:
        keys: list[str] = []
        while page := self._patiently(partial(self._page, kind, len(keys))):
            keys += page
        return keys

    def _page(self, kind: VectorKind, offset: int) -> list[str]:
        page: list[str] = self._collections[kind].get(limit=_PAGE, offset=offset, include=[])["ids"]
        return page

    def present(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys that are in the store."""
        found: set[str] = set()
        for at in range(0, len(keys), _PAGE):
            part = list(keys[at : at + _PAGE])
            for collection in self._collections.values():
                found.update(self._patiently(partial(collection.get, ids=part, include=[]))["ids"])
        return found

    def count(self) -> int:
        """How many vectors there are."""
        return self._patiently(self._counted)

    def _counted(self) -> int:
        return sum(int(collection.count()) for collection in self._collections.values())

    def delete(self, keys: Sequence[str]) -> None:
        """Remove vectors."""
        for at in range(0, len(keys), _PAGE):
            part = list(keys[at : at + _PAGE])
            for collection in self._collections.values():
                self._patiently(partial(collection.delete, ids=part))

    def drop_others(self, prefix: str) -> None:
        """Remove the other collections whose name begins with `prefix`: those of former encoders."""
        for other in self._patiently(lambda: self._client.list_collections()):
            if other.name not in self._names.values() and other.name.startswith(prefix):
                self._patiently(partial(self._client.delete_collection, other.name))

    def close(self) -> None:
        """Let go of the folder or the connection."""
        with ours(self._where):
            close(self._client)

    def _patiently(self, step: Callable[[], T]) -> T:
        """What a step gives; one that a server does not take is tried again, as each of them can be.

        Raises:
            StoreError: it is not taken after the last pause either, or another try would not help.
        """
        pauses = iter(PAUSES if self._server is not None else ())
        while True:
            try:
                return self._once(step)
            except StoreError as error:
                pause = next(pauses, None)
                if pause is None or not may_pass(error):
                    raise
                time.sleep(pause)

    def _once(self, step: Callable[[], T]) -> T:
        with ours(self._where):
            return step()

    def _unless_gone(self, step: Callable[[], T]) -> T:
        """What a step gives, unless the server has failed several times in a row: then it is left alone for a moment.

        So that of many who wait for a server that hangs only the first few wait for as long as it may take.

        Raises:
            StoreError: as the step, or what it raised last.
        """
        if not self._breaker.allows():
            raise StoreError(self._failure)
        try:
            given = step()
        except StoreError as error:
            self._failure = str(error)
            self._breaker.failed()
            raise
        except BaseException:
            self._breaker.given_up()
            raise
        self._breaker.succeeded()
        return given


def collection_name(prefix: str, encoder: str) -> str:
    """What collections' names begin with, for an encoder, within Chroma's rules (3 to 512 of [a-zA-Z0-9._-])."""
    return f"{prefix}-{re.sub(r'[^a-zA-Z0-9._-]+', '-', encoder).strip('-.')}"[:500].rstrip("-._")
