"""The index of a corpus folder: where it is, bringing it up to date, taking a document out."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from index.builds import now
from index.catalogue import Catalogue
from index.chroma import SECONDS, ChromaServer
from index.cluster import Cluster, on_server
from index.corpus import CorpusFile, look_through, slug
from index.documents import Paragraph
from index.encoder import Encoder
from index.errors import IndexMismatch, IndexMissing, StoreError, UnreadableFile
from index.lexical import is_kept, keep, row_of
from index.progress import Progress, unseen
from index.receipts import FileReceipt, Receipt, counted
from index.records import VECTOR_LAYOUT
from index.shards import Row, Shard, clean, shards
from index.sqlite_file import is_damaged, make_folder
from index.store import VectorStore, collection_name
from index.update import Bring, Brought, Update
from index.workers import Limits

LOCK_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Place:
    """Where an index is: the corpus folder, the folder of its data, and perhaps a Chroma server."""

    corpus: Path
    data: Path
    server: ChromaServer | None = None

    @property
    def folder(self) -> Path:
        """The index's own folder: each corpus has one, so that two do not overwrite each other."""
        return self.data / self._name

    @property
    def prefix(self) -> str:
        """The head of its collections' names."""
        return f"footnote-{self._name}"

    @property
    def _name(self) -> str:
        path = self.corpus.resolve()
        return f"{slug(path.name)[:30]}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"

    @property
    def shards(self) -> Path:
        """What is derived from the paragraphs, in shards: their words, and what an assistant counts in them."""
        return self.folder / "shards"

    def catalogue(self) -> Catalogue:
        """The catalogue, opened; made where there is none."""
        return Catalogue(self.folder / "catalogue.sqlite3")

    def store(self, encoder: str, seconds: float = SECONDS) -> VectorStore:
        """The vectors of an encoder, opened; made where there are none. `seconds`: as in `VectorStore`."""
        name = collection_name(self.prefix, encoder)
        return VectorStore(path=self.folder / "chroma", server=self.server, collection=name, seconds=seconds)


def sync(
    place: Place,
    encoder: Encoder,
    *,
    rebuild: bool = False,
    retry: bool = False,
    limits: Limits | None = None,
    progress: Progress = unseen,
    cluster: Cluster | None = None,
) -> Receipt:
    """Bring the index up to date with the corpus folder.

    Args:
        place: where corpus and index are.
        encoder: the encoder of the settings.
        rebuild: embed everything anew where the index was built with another encoder.
        retry: read again what could not be read before; without it that waits until the file changes.
        limits: what reading one file may take.
        progress: called as files are read and chunks embedded.
        cluster: reads and embeds, in place of this process; it needs a Chroma server.

    Raises:
        NothingRead: the folder holds nothing that could be read; it carries the receipt.
        CorpusError: the folder or its corpus.toml cannot be used.
        IndexMismatch: the index was built with another encoder, and `rebuild` is not set.
        StoreError: the vector store does not answer, or another process holds the index for too long.
    """
    folder = look_through(place.corpus)
    limits = limits or Limits()
    bring = None if cluster is None else _brought_by(cluster, place, encoder.name, limits)
    with locked(place), closing(place.catalogue()) as catalogue:
        if rebuild and catalogue.meta("encoder") not in (None, encoder.name):
            catalogue.begin_rebuild(encoder.name)
        else:
            check_encoder(catalogue, place, encoder.name)
            catalogue.set_meta("encoder", encoder.name)
        _forget_other_layouts(catalogue, place, encoder.name)
        with _explained(place), closing(place.store(encoder.name)) as store:
            update = Update(catalogue, store, encoder, limits, progress, bring)
            looked_at = now()
            receipt = update.run(place.corpus, folder, retry=retry)
            catalogue.set_meta("looked_at", looked_at)
            store.drop_others(place.prefix)
            with _sharded(place, catalogue):
                catalogue.publish(encoder.name, anew=receipt.embedded > 0)
            return receipt


def _brought_by(cluster: Cluster, place: Place, encoder: str, limits: Limits) -> Bring:
    store = partial(
        VectorStore,
        path=place.folder / "chroma",
        server=on_server(place.server),
        collection=collection_name(place.prefix, encoder),
    )

    def bring(files: Sequence[CorpusFile]) -> Iterator[tuple[int, Brought | UnreadableFile]]:
        return cluster.bring(files, place.corpus, store, limits)

    return bring


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """Hold the index's lock, so that one process at a time changes it.

    Raises:
        StoreError: another process holds it for too long.
    """
    make_folder(place.folder)
    lock = FileLock(place.folder / "index.lock")
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except OSError as error:
        if isinstance(error, Timeout):
            raise _held(place) from error
        raise StoreError(
            f"The index in '{place.folder}' cannot be locked: {error.strerror or error}. "
            "Check that the folder may be written to, or set ASSISTANT_DATA to another one."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _forget_other_layouts(catalogue: Catalogue, place: Place, encoder: str) -> None:
    """Have every document embedded anew where an earlier version of the program stored the vectors otherwise.

    The embedded store's folder goes as a whole: what it says that it has deleted still stands in its files.
    """
    if catalogue.meta("vectors") == VECTOR_LAYOUT:
        return
    if catalogue.ids():
        catalogue.begin_rebuild(encoder)
        if place.server is None:
            shutil.rmtree(place.folder / "chroma", ignore_errors=True)
    catalogue.set_meta("vectors", VECTOR_LAYOUT)


@contextmanager
def _sharded(place: Place, catalogue: Catalogue) -> Iterator[None]:
    """Write the shards that are new or damaged; when what is within is done, delete those of former states.

    A stop in between does no harm: a reader makes in memory what it misses, and the next sync does the rest.
    """
    rows = catalogue.rows()
    present = shards(rows)
    try:
        place.shards.mkdir(exist_ok=True)
        for shard in present:
            if not is_kept(place.shards, shard):
                keep(place.shards, shard, _paragraphs(catalogue, rows, shard))
    except OSError as error:
        raise StoreError(
            f"The words in '{place.shards}' cannot be written: {error.strerror or error}. "
            "Make room on its disk and check that the folder may be written to, then try again."
        ) from error
    yield
    clean(place.shards, present)


def _paragraphs(catalogue: Catalogue, rows: Sequence[Row], shard: Shard) -> list[Paragraph]:
    """The paragraphs of a shard."""
    wanted = rows[shard.start : shard.end]
    documents = dict.fromkeys(row[0] for row in wanted)
    found = {row_of(p): p for document in documents for p in catalogue.paragraphs(document)}
    return [found[row] for row in wanted]


@contextmanager
def _explained(place: Place) -> Iterator[None]:
    """Say what to do where an embedded store cannot be used because of the disk or of its files."""
    try:
        yield
    except StoreError as error:
        folder = place.folder / "chroma"
        if place.server is None and is_damaged(folder / "chroma.sqlite3"):
            raise StoreError(
                f"The vectors in '{folder}' are damaged. Delete '{folder}' and run: python -m index build"
            ) from error
        if "disk I/O" in str(error) or "is full" in str(error):
            raise StoreError(
                f"The vectors in '{folder}' cannot be written. Make room on its disk, then try again."
            ) from error
        raise


def _held(place: Place) -> StoreError:
    return StoreError(
        f"Another process has been updating the index in '{place.folder}' for {LOCK_SECONDS // 60} minutes. "
        "Wait for it or stop it, then try again."
    )


def check_encoder(catalogue: Catalogue, place: Place, encoder: str) -> None:
    """Refuse an index that another encoder built.

    Raises:
        IndexMismatch: with the sentence that says how to rebuild.
    """
    built_with = catalogue.meta("encoder")
    if built_with is not None and built_with != encoder:
        raise IndexMismatch(
            f"Index in '{place.folder}' was built with '{built_with}' but settings ask for '{encoder}'. "
            "Rebuild with: python -m index build"
        )


def remove(place: Place, document_id: str, *, for_good: bool = False) -> Receipt:
    """Take one document out of the index; the file stays, so the next sync would read it again.

    `for_good`: that it was there is forgotten, too.

    Raises:
        IndexMissing: there is no such document.
        StoreError: the vector store does not answer, or another process holds the index for too long.
    """
    with locked(place), closing(place.catalogue()) as catalogue:
        known = catalogue.ids()
        if document_id not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise IndexMissing(f"There is no document '{document_id}' in the index. There are: {listed}.")
        paragraphs = counted(catalogue.paragraphs(document_id))
        catalogue.remove(document_id, for_good=for_good)
        with closing(place.store(catalogue.meta("encoder") or "")) as store:
            store.delete(sorted(store.keys() - catalogue.keys()))
        with _sharded(place, catalogue):
            catalogue.publish(catalogue.meta("encoder") or "")
    return Receipt((FileReceipt("", document_id, "removed", removed=len(paragraphs)),), 0)
