"""Building on a Ray cluster: reading, splitting and encoding as stages of Ray Data. The one file that imports ray.

Each stage calls what a build on one machine calls, so the index is the same. The process that builds keeps the
catalogue: a document is entered once its vectors are on the Chroma server, and what is entered, or is on the server, is
not done again after a stop.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from index.chroma import ChromaServer
from index.corpus import CorpusFile, ReadDocument
from index.encoder import Encoder
from index.errors import FootnoteError, StoreError, UnreadableFile
from index.records import VectorKey
from index.store import VectorStore
from index.workers import Limits, Readers, packed, unpacked

_MOST_BLOCKS = 1000
_DOCUMENTS = 8
"""Documents that an encoder is given at once."""
CONNECT_SECONDS = 5.0
Row = dict[str, Any]


class ClusterError(FootnoteError):
    """The cluster cannot be used."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A document that was read, the keys of its vectors, and how many of them were made; all are on the server."""

    read: ReadDocument
    keys: tuple[VectorKey, ...]
    embedded: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Ray cluster: one at `address`, or where that is empty one of this machine's own that ends with the build.

    `encoder` makes the encoder in every process that needs one. Corpus folder and Chroma server are reached by the same
    path and URL from every node, and Footnote is installed there.
    """

    encoder: Callable[[], Encoder]
    address: str = ""
    processors: int | None = None
    """Of a cluster of this machine's own; None for all of them."""

    def bring(
        self,
        files: Sequence[CorpusFile],
        folder: Path,
        store: Callable[[], VectorStore],
        limits: Limits,
    ) -> Iterator[tuple[int, Brought | UnreadableFile]]:
        """Each file's number in `files` with what was made of it or why it could not be read, in any order.

        Raises:
            ClusterError: there is no such cluster, it failed, or encoder or store cannot be used on it.
        """
        if not files:
            return
        with _connected(self) as data:
            items = [
                {"number": number, "file": packed(replace(file, path=file.path.absolute()))}
                for number, file in enumerate(files)
            ]
            read = partial(_read, folder=folder.absolute(), limits=replace(limits, workers=1))
            rows = data.from_items(items, override_num_blocks=min(len(items), _MOST_BLOCKS))
            # Stages that ask for the same would be made one, with as few readers as there are encoders.
            rows = rows.map(read, num_cpus=0.5).map(partial(_split, encoder=self.encoder), num_cpus=0.5)
            rows = rows.map_batches(
                _Encoding, fn_constructor_args=(self.encoder, store), batch_size=_DOCUMENTS, batch_format="numpy",
                **_encoders(),
            )  # fmt: skip
            for row in rows.iter_rows():
                if row["failure"]:
                    raise ClusterError(row["failure"])
                done = unpacked(row["read"])
                if isinstance(done, ReadDocument):
                    keys = (VectorKey(*key) for key in json.loads(row["keys"]))
                    done = Brought(done, tuple(keys), int(row["embedded"]))
                yield int(row["number"]), done


@contextmanager
def _connected(cluster: Cluster) -> Iterator[Any]:
    """Ray Data on the cluster, quiet, and with nothing told to anybody."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
        import ray.data
        from ray.exceptions import RayError
    except ImportError as error:
        raise ClusterError(
            "Ray is not installed. Install it with: python -m pip install 'footnote[ray]'"
        ) from error

    variables = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "HF_HUB_OFFLINE": "1"}
    options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if cluster.address:
        options["address"] = cluster.address
    else:
        os.environ.setdefault("RAY_worker_niceness", "0")  # nothing else of it needs the processors
        options |= {
            "num_cpus": cluster.processors, "include_dashboard": False, "_node_ip_address": "127.0.0.1",
            "runtime_env": {"env_vars": variables},
        }  # fmt: skip
    try:
        _see_that_somebody_listens(cluster.address)
        ray.init(**options)
    except (RayError, OSError, RuntimeError, ValueError) as error:
        where = f"at '{cluster.address}'" if cluster.address else "on this machine"
        raise ClusterError(
            f"There is no Ray cluster {where}: {_line(error)} "
            "Begin one with: ray start --head, or leave the address out."
        ) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield ray.data
    except RayError as error:
        raise ClusterError(
            f"The Ray cluster failed: {_line(error)} What was done is kept; run the build again."
        ) from error
    finally:
        ray.shutdown()


def _see_that_somebody_listens(address: str) -> None:
    """Ray itself tries for many minutes.

    Raises:
        OSError: nobody does at a host and port.
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()


def _encoders() -> dict[str, Any]:
    """What encoders are given, and how many may work: one on each GPU, else on half of the processors, since files are
    read meanwhile."""
    import ray

    has = ray.cluster_resources()
    if gpus := int(has.get("GPU", 0)):
        return {"num_gpus": 1, "concurrency": (1, gpus)}
    return {"num_cpus": 1, "concurrency": (1, max(1, int(has.get("CPU", 1)) // 2))}


def _line(error: Exception) -> str:
    text = str(error).strip().rpartition("\n")[2][:200].rstrip(".")
    return f"{text or type(error).__name__}."


@lru_cache(maxsize=1)
def _readers(folder: Path, limits: Limits) -> Readers:
    """The readers of a process of the cluster, which end with it."""
    return Readers(folder, limits)


@lru_cache(maxsize=1)
def _encoder(make: Callable[[], Encoder]) -> Encoder:
    return make()


def _read(row: Row, folder: Path, limits: Limits) -> Row:
    """The stage of reading: a file -> its document and paragraphs, or why it cannot be read."""
    ((_, read),) = _readers(folder, limits).read_all([unpacked(row["file"])])
    return {"number": row["number"], "read": packed(read)}


def _split(row: Row, encoder: Callable[[], Encoder]) -> Row:
    """The stage of splitting: paragraphs -> what becomes a vector, as JSON."""
    from index.pipeline import chunks_of

    read, found, failure = unpacked(row["read"]), [], ""
    try:
        if isinstance(read, ReadDocument):
            for paragraph in read.paragraphs:
                found += chunks_of(read.document, paragraph, _encoder(encoder))
    except FootnoteError as error:
        failure = str(error)
    chunks = [[[c.key.key, c.key.number, c.key.kind], c.text, c.context] for c in found]
    return {**row, "chunks": json.dumps(chunks), "failure": failure}


class _Encoding:
    """The stage of encoding: what the server has not yet is embedded and written there, batch by batch."""

    def __init__(self, encoder: Callable[[], Encoder], store: Callable[[], VectorStore]) -> None:
        self._make, self._open = encoder, store
        self._store: VectorStore | None = None

    def __call__(self, batch: Row) -> Row:
        done = [
            self._embedded(unpacked(read), json.loads(chunks)) if not failure else (0, failure)
            for read, chunks, failure in zip(batch["read"], batch["chunks"], batch["failure"], strict=True)
        ]
        return {
            "number": batch["number"], "read": batch["read"],
            "keys": [json.dumps([key for key, _, _ in json.loads(chunks)]) for chunks in batch["chunks"]],
            "embedded": [embedded for embedded, _ in done], "failure": [failure for _, failure in done],
        }  # fmt: skip

    def _embedded(self, read: ReadDocument | UnreadableFile, rows: list[Any]) -> tuple[int, str]:
        """How many vectors were made, and why it failed if it did."""
        from index.pipeline import Chunk, ingest

        if isinstance(read, UnreadableFile):
            return 0, ""
        chunks = {key[0]: Chunk(VectorKey(*key), text, context) for key, text, context in rows}
        try:
            self._store = store = self._store or self._open()
            stored = store.present(list(chunks))
            new = [chunk for key, chunk in chunks.items() if key not in stored]
            ingest(store, _encoder(self._make), read.document.id, new, lambda _: None)
        except FootnoteError as error:
            return 0, str(error)
        return len(new), ""


def on_server(server: ChromaServer | None) -> ChromaServer:
    """The server that a cluster writes to.

    Raises:
        StoreError: there is none.
    """
    if server is None:
        raise StoreError(
            "A Ray cluster writes to a Chroma server, since the embedded one is for one process. "
            "Start it with: chroma run, and set ASSISTANT_CHROMA_URL, or build without --ray."
        )
    return server
