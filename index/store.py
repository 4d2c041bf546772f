"""The vectors, in Chroma: embedded in a folder, or a Chroma server. The one file that imports chromadb."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index.catalogue import VectorKind
from index.encoder import Vectors
from index.errors import StoreError

if TYPE_CHECKING:
    from llama_index.vector_stores.chroma import ChromaVectorStore

_PAGE = 5000
# Seconds to wait before each try after an embedded store was written to by another process during a query.
_PAUSES = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
_aliases = count()
_MOST_ALIASES = 200  # a path has its longest


class VectorStore:
    """One Chroma collection: key -> vector, with kind and document id as metadata."""

    def __init__(self, *, path: Path, url: str | None, collection: str) -> None:
        """Open the collection in the folder `path`, or on the server at `url` where one is given.

        Raises:
            StoreError: the server does not answer, or the folder cannot be used.
        """
        self._where = url or str(path)
        self._path = None if url else path
        self._name = collection
        self._lock = Lock()
        with _ours(self._where):
            self._client = _client(path, url)
            self._collection = self._opened()

    def _opened(self) -> Any:
        return self._client.get_or_create_collection(
            self._name, metadata={"hnsw:space": "cosine"}, embedding_function=None
        )

    def renew(self) -> None:
        """See what other processes have written since; a server always shows it."""
        with _ours(self._where), self._lock:
            if self._path is not None:
                self._reopen(self._path)

    def _reopen(self, path: Path) -> None:
        """Read the folder anew. Chroma shares what it holds between clients of one path, hence another name for it."""
        self._client.close()
        self._client = _client(path, None, alias="/." * (1 + next(_aliases) % _MOST_ALIASES))
        self._collection = self._opened()

    def frame(self) -> ChromaVectorStore:
        """The collection as llama-index's vector store, for the ingestion pipeline to write to."""
        from llama_index.vector_stores.chroma import ChromaVectorStore

        return ChromaVectorStore.from_collection(self._collection)

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
        where: dict[str, Any] = {"kind": kind}
        if documents:
            where = {"$and": [where, {"document": {"$in": list(documents)}}]}
        with _ours(self._where), self._lock:
            found = self._found(vector, k, where)
        keys, distances = found["ids"][0], (found["distances"] or [[]])[0]
        return [(key, 1.0 - float(distance)) for key, distance in zip(keys, distances, strict=True)]

    def _found(self, vector: Vectors, k: int, where: dict[str, Any]) -> Any:
        """What Chroma finds.

        An embedded Chroma filters by what is in its folder and then looks in the graph that it has in memory. Where
        another process has added vectors since, it fails from then on, so the folder is opened anew.
        """
        from chromadb.errors import InternalError

        pauses = iter(_PAUSES)
        while True:
            try:
                size = min(k, self._collection.count())
                if not size:
                    return {"ids": [[]], "distances": [[]]}
                return self._collection.query(
                    query_embeddings=[vector.tolist()], n_results=size, where=where, include=["distances"]
                )
            except InternalError:
                pause = next(pauses, None)
                if self._path is None or pause is None:
                    raise
                time.sleep(pause)
                self._reopen(self._path)

    def keys(self) -> set[str]:
        """Every key in the collection."""
        keys: set[str] = set()
        with _ours(self._where):
            while True:
                page = self._collection.get(limit=_PAGE, offset=len(keys), include=[])["ids"]
                if not page:
                    return keys
                keys.update(page)

    def count(self) -> int:
        """How many vectors there are."""
        with _ours(self._where):
            return int(self._collection.count())

    def delete(self, keys: Sequence[str]) -> None:
        """Remove vectors."""
        with _ours(self._where):
            for at in range(0, len(keys), _PAGE):
                self._collection.delete(ids=list(keys[at : at + _PAGE]))

    def drop_others(self, prefix: str) -> None:
        """Remove the other collections whose name begins with `prefix`: those of former encoders."""
        with _ours(self._where):
            for other in self._client.list_collections():
                if other.name != self._name and other.name.startswith(prefix):
                    self._client.delete_collection(other.name)

    def close(self) -> None:
        """Let go of the folder or the connection."""
        with _ours(self._where):
            self._client.close()


def collection_name(prefix: str, encoder: str) -> str:
    """A collection's name for an encoder, within Chroma's rules (3 to 512 of [a-zA-Z0-9._-])."""
    return f"{prefix}-{re.sub(r'[^a-zA-Z0-9._-]+', '-', encoder).strip('-.')}"[:500].rstrip("-._")


def _client(path: Path, url: str | None, alias: str = "") -> Any:
    import chromadb
    from chromadb.config import Settings

    quiet = Settings(anonymized_telemetry=False)
    if url is None:
        path.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(path=f"{path}{alias}", settings=quiet)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StoreError(f"ASSISTANT_CHROMA_URL is '{url}'; it must look like http://localhost:8001.")
    ssl = parts.scheme == "https"
    return chromadb.HttpClient(
        host=parts.hostname, port=parts.port or (443 if ssl else 8000), ssl=ssl, settings=quiet
    )


@contextmanager
def _ours(where: str) -> Iterator[None]:
    """Turn what Chroma raises into a StoreError."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, httpx.HTTPError, ConnectionError, OSError) as error:
        raise StoreError(f"The vector store at '{where}' does not answer: {error}") from error
    except ValueError as error:
        # The HTTP client raises a plain ValueError where it finds no server.
        if "connect" not in str(error).lower():
            raise
        raise StoreError(
            f"There is no Chroma server at '{where}'. Start it with: chroma run, or unset ASSISTANT_CHROMA_URL."
        ) from error
