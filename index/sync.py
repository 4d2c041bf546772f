"""Corpus folder -> index: only what changed, and a receipt.

Order makes it safe to stop anywhere: first the new vectors, then the document's lines in the catalogue
in one transaction, last the vectors that no line names any more. Whatever a stop leaves behind, the next
run finds, since it compares what the catalogue names with what the store has.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from index.catalogue import Catalogue
from index.corpus import CorpusFile, ReadDocument, list_files, list_unread, read_document, slug
from index.encoder import Encoder
from index.errors import CorpusError, IndexMismatch, IndexMissing, StoreError, UnreadableFile
from index.receipts import FileReceipt, Receipt, compared, counted
from index.store import VectorStore, collection_name

# Part of each document's fingerprint: raise it when a file would be read or cut differently.
READING_VERSION = "3"
LOCK_SECONDS = 600

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the chunks of it that are done, and how many it has."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an index is: the corpus folder, the folder of its data, and perhaps a Chroma server."""

    corpus: Path
    data: Path
    chroma_url: str | None = None

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

    def catalogue(self) -> Catalogue:
        """The catalogue, opened; made where there is none."""
        return Catalogue(self.folder / "catalogue.sqlite3")

    def store(self, encoder: str) -> VectorStore:
        """The vectors of an encoder, opened; made where there are none."""
        name = collection_name(self.prefix, encoder)
        return VectorStore(path=self.folder / "chroma", url=self.chroma_url, collection=name)


def sync(
    place: Place, encoder: Encoder, *, rebuild: bool = False, progress: Progress = lambda *_: None
) -> Receipt:
    """Bring the index up to date with the corpus folder.

    Args:
        place: where corpus and index are.
        encoder: the encoder of the settings.
        rebuild: embed everything anew where the index was built with another encoder.
        progress: called as chunks are embedded.

    Raises:
        CorpusError: the folder or its corpus.toml cannot be used, or holds nothing to read.
        IndexMismatch: the index was built with another encoder, and `rebuild` is not set.
        StoreError: the vector store does not answer, or another process holds the index for too long.
    """
    files = list_files(place.corpus)
    with _locked(place):
        return _Sync(place, encoder, rebuild, progress).run(files)


@contextmanager
def _locked(place: Place) -> Iterator[None]:
    """Hold the index's lock, so that one process at a time changes it."""
    place.folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place.folder / "index.lock")
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout as error:
        raise StoreError(
            f"Another process has been updating the index in '{place.folder}' for {LOCK_SECONDS // 60} minutes. "
            "Wait for it or stop it, then try again."
        ) from error
    try:
        yield
    finally:
        lock.release()


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


def remove(place: Place, document_id: str) -> Receipt:
    """Take one document out of the index; the file stays, so the next sync would read it again.

    Raises:
        IndexMissing: there is no such document.
        StoreError: the vector store does not answer, or another process holds the index for too long.
    """
    catalogue = place.catalogue()
    try:
        known = catalogue.fingerprints()
        if document_id not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise IndexMissing(f"There is no document '{document_id}' in the index. There are: {listed}.")
        paragraphs = counted(catalogue.paragraphs(document_id))
        encoder = catalogue.meta("encoder") or ""
        with _locked(place):
            catalogue.remove(document_id)
            store = place.store(encoder)
            try:
                store.delete(sorted(store.keys() - set(catalogue.vectors())))
            finally:
                store.close()
        gone = FileReceipt("", document_id, "removed", removed=len(paragraphs))
        return Receipt((gone,), 0)
    finally:
        catalogue.close()


class _Sync:
    """One run, with what its steps share."""

    def __init__(self, place: Place, encoder: Encoder, rebuild: bool, progress: Progress) -> None:
        self._place = place
        self._encoder = encoder
        self._rebuild = rebuild
        self._progress = progress
        self._embedded = 0

    def run(self, files: list[CorpusFile]) -> Receipt:
        self._catalogue = self._place.catalogue()
        try:
            if self._rebuild and self._catalogue.meta("encoder") not in (None, self._encoder.name):
                self._catalogue.clear()
            else:
                check_encoder(self._catalogue, self._place, self._encoder.name)
            self._catalogue.set_meta("encoder", self._encoder.name)
            self._store = self._place.store(self._encoder.name)
            try:
                return self._update(files)
            finally:
                self._store.close()
        finally:
            self._catalogue.close()

    def _update(self, files: list[CorpusFile]) -> Receipt:
        named = self._catalogue.vectors()
        stored = self._stored(set(named))
        torn = {place[0] for key, places in named.items() if key not in stored for place in places}
        before = self._catalogue.fingerprints()
        whole = {id: fingerprint for id, fingerprint in before.items() if id not in torn}
        receipts = [self._file(file, file.id in before, whole.get(file.id), stored) for file in files]
        for gone in sorted(set(before) - {file.id for file in files}):
            count = len(counted(self._catalogue.paragraphs(gone)))
            self._catalogue.remove(gone)
            receipts.append(FileReceipt("", gone, "removed", removed=count))
        receipts += [
            FileReceipt(
                path.relative_to(self._place.corpus).as_posix(), "", "skipped", reason="no reader for it"
            )
            for path in list_unread(self._place.corpus)
        ]
        if not self._catalogue.fingerprints():
            failed = next((r.reason for r in receipts if r.reason and r.state == "failed"), None)
            raise CorpusError(
                f"No document in '{self._place.corpus}' could be read"
                + (f": {failed}" if failed else ": put .txt or .md files into it.")
            )
        stale = stored - set(self._catalogue.vectors())
        self._store.delete(sorted(stale))
        self._store.drop_others(self._place.prefix)
        return Receipt(tuple(receipts), self._embedded)

    def _stored(self, named: set[str]) -> set[str]:
        """The keys in the store; listing them is spared where their number tells that all is well."""
        return named if named and self._store.count() == len(named) else self._store.keys()

    def _file(self, file: CorpusFile, known: bool, whole: str | None, stored: set[str]) -> FileReceipt:
        """Bring one file in. `whole` is the fingerprint of its former version, if all its vectors are there."""
        name = file.path.relative_to(self._place.corpus).as_posix()
        former = self._catalogue.paragraphs(file.id) if known else ()
        try:
            fingerprint = _fingerprint(file)
            if fingerprint == whole:
                return compared(name, file.id, "unchanged", former, former)
            read = read_document(file, self._place.corpus)
        except (UnreadableFile, OSError) as error:
            # A version that was read before stays citable; the receipt says that this one was not.
            return FileReceipt(name, file.id, "failed", unchanged=len(counted(former)), reason=str(error))
        self._put(read, fingerprint, stored)
        state = "changed" if former else "added"
        return compared(name, file.id, state, former, read.paragraphs)

    def _put(self, read: ReadDocument, fingerprint: str, stored: set[str]) -> None:
        from index.pipeline import chunks_of, ingest

        chunks = [c for p in read.paragraphs for c in chunks_of(read.document, p, self._encoder)]
        new = list({c.key.key: c for c in chunks if c.key.key not in stored}.values())
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self._progress(read.document.source_path, done, len(new))

        advance(0)
        ingest(self._store, self._encoder, read.document.id, new, advance)
        self._embedded += len(new)
        stored.update(c.key.key for c in new)
        self._catalogue.replace(read.document, fingerprint, read.paragraphs, [c.key for c in chunks])


def _fingerprint(file: CorpusFile) -> str:
    described = json.dumps(dict(file.described), sort_keys=True)
    content = hashlib.sha256(file.path.read_bytes()).hexdigest()
    return hashlib.sha256("\0".join((READING_VERSION, described, content)).encode()).hexdigest()
