"""One sync, step by step: only what changed is read and embedded.

Order makes it safe to stop anywhere: first the new vectors, then the document's lines in the catalogue in one
transaction, last the vectors that no line names any more. Whatever a stop leaves behind, the next run finds, since it
compares what the catalogue names with what the store has.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from index import readers
from index.catalogue import Catalogue
from index.corpus import READING_VERSION, CorpusFile, Folder, ReadDocument, path_within, printable
from index.documents import Paragraph
from index.encoder import Encoder
from index.errors import UnreadableFile
from index.identity import Found, Planned, plan
from index.progress import Progress, Step
from index.receipts import FileReceipt, NothingRead, Receipt, State, compared, counted, described
from index.records import Failure, Kept, VectorKey
from index.store import VectorStore
from index.workers import Limits, Readers


class Brought(Protocol):
    """A document that was read and embedded elsewhere."""

    @property
    def read(self) -> ReadDocument:
        """What was read."""
        ...

    @property
    def keys(self) -> Sequence[VectorKey]:
        """The keys of its vectors, which are all in the store."""
        ...

    @property
    def embedded(self) -> int:
        """How many of them were made for it."""
        ...


Bring = Callable[[Sequence[CorpusFile]], Iterator[tuple[int, "Brought | UnreadableFile"]]]
"""Files -> their numbers with what was made of them, in any order."""


class Update:
    """One run over an index, with what its steps share."""

    def __init__(
        self,
        catalogue: Catalogue,
        store: VectorStore,
        encoder: Encoder,
        limits: Limits,
        progress: Progress,
        bring: Bring | None = None,
    ) -> None:
        """`bring` reads and embeds elsewhere; without it that is done here, a file after the other."""
        self._bring = bring
        self._catalogue = catalogue
        self._store = store
        self._encoder = encoder
        self._limits = limits
        self._progress = progress
        self._stored: set[str] = set()
        self._embedded = 0
        self._failures: dict[str, Failure] = {}

    def run(self, corpus: Path, folder: Folder, *, retry: bool = False) -> Receipt:
        """Bring the index up to what was found in the folder; see `index.sync.sync`."""
        started = time.monotonic()
        self._corpus = corpus
        named = self._catalogue.keys()
        self._stored = self._keys(named)
        torn = self._torn() if named - self._stored else set()
        known = self._catalogue.kept()
        hidden = _within(known.values(), [path_within(corpus, path) for path, _ in folder.closed])
        seen = {id: kept for id, kept in known.items() if id not in hidden}
        planned = plan([_found(corpus, file) for file in folder.files], seen, hidden)
        removed = [self._removed(id) for id in planned.gone]
        receipts = self._settled(planned.documents, torn, {} if retry else self._catalogue.failures())
        receipts |= self._brought_in(planned.documents, planned.copies, receipts)
        receipts |= _duplicates(planned.copies, receipts)
        self._catalogue.set_failures(self._failures)
        self._store.delete(sorted(self._stored - self._catalogue.keys()))
        files = [receipts[path_within(corpus, file.path)] for file in folder.files]
        receipt = Receipt(
            (*files, *removed, *_unseen(corpus, folder)), self._embedded, round(time.monotonic() - started, 2)
        )
        if not self._catalogue.ids():
            raise NothingRead(_nothing(corpus, receipt), receipt)
        return receipt

    def _keys(self, named: set[str]) -> set[str]:
        """The keys in the store; listing them is spared where their number tells that all is well."""
        return named if named and self._store.count() == len(named) else self._store.keys()

    def _torn(self) -> set[str]:
        """The documents of which vectors are missing."""
        places = self._catalogue.vectors().items()
        return {place[0] for key, found in places if key not in self._stored for place in found}

    def _removed(self, document_id: str) -> FileReceipt:
        count = len(counted(self._catalogue.paragraphs(document_id)))
        self._catalogue.remove(document_id)
        return FileReceipt("", document_id, "removed", removed=count)

    def _settled(
        self, documents: Iterable[Planned], torn: set[str], failures: Mapping[str, Failure]
    ) -> dict[str, FileReceipt]:
        """The receipts of what need not be read: files as they were, if perhaps elsewhere, and known failures."""
        receipts = {}
        counts = self._catalogue.counts()
        for planned in documents:
            path, kept = planned.found.path, planned.known
            fingerprint = _fingerprint(planned.file, planned.found.sha256)
            failure = failures.get(path)
            if not fingerprint:
                continue
            if kept and kept.fingerprint == fingerprint and planned.file.id not in torn:
                receipts[path] = self._as_before(planned, kept, *counts.get(planned.file.id, (0, 0)))
            elif failure and failure.fingerprint == self._attempt(fingerprint):
                receipts[path] = self._failed(planned, failure.reason, fingerprint)
        return receipts

    def _as_before(self, planned: Planned, kept: Kept, paragraphs: int, notes: int) -> FileReceipt:
        path, renamed_from = planned.found.path, planned.renamed_from
        if renamed_from is not None:
            self._catalogue.rename(replace(kept.document, source_path=path))
        state: State = "unchanged" if renamed_from is None else "renamed"
        receipt = FileReceipt(path, planned.file.id, state, paragraphs, notes, unchanged=paragraphs)
        return self._completed(replace(receipt, renamed_from=renamed_from), kept)

    def _failed(self, planned: Planned, reason: str, fingerprint: str) -> FileReceipt:
        """A file that could not be read. A version that was read before stays citable, as the receipt tells."""
        if fingerprint:
            self._failures[planned.found.path] = Failure(self._attempt(fingerprint), reason)
        former = counted(self._catalogue.paragraphs(planned.file.id)) if planned.known else []
        return FileReceipt(
            planned.found.path, planned.file.id, "failed", unchanged=len(former), reason=reason
        )

    def _attempt(self, fingerprint: str) -> str:
        """Another limit may let the same file be read, so it is part of what failed."""
        return f"{fingerprint} {self._limits.seconds:g} {self._limits.memory}"

    def _brought_in(
        self,
        documents: Iterable[Planned],
        copies: Mapping[str, tuple[Found, ...]],
        settled: Mapping[str, FileReceipt],
    ) -> dict[str, FileReceipt]:
        """Read and embed; where a file cannot be read, a copy of it is tried, which may have another suffix."""
        receipts = dict(settled)
        left = dict(copies)
        todo = list(documents)
        while todo:
            for planned, receipt in self._read_and_put([p for p in todo if p.found.path not in receipts]):
                receipts[planned.found.path] = receipt
            failed = [planned for planned in todo if receipts[planned.found.path].state == "failed"]
            todo = []
            for planned in failed:
                others = left.pop(planned.found.path, ())
                if others:
                    todo.append(_instead(planned, others[0]))
                    left[others[0].path] = others[1:]
        return receipts

    def _read_and_put(self, todo: list[Planned]) -> Iterator[tuple[Planned, FileReceipt]]:
        """Each file with its receipt, as they are done."""
        started = time.monotonic()
        for planned, receipt in (self._here if self._bring is None else self._elsewhere)(todo):
            now = time.monotonic()
            yield planned, replace(receipt, seconds=round(now - started, 2))
            started = now

    def _elsewhere(self, todo: list[Planned]) -> Iterator[tuple[Planned, FileReceipt]]:
        assert self._bring is not None
        done = self._bring([planned.file for planned in todo])
        for count, (number, brought) in enumerate(done, 1):
            planned = todo[number]
            if isinstance(brought, UnreadableFile):
                yield planned, self._unreadable(planned, brought)
                continue
            chunks = len(brought.keys)
            self._progress(Step("embedding", planned.found.path, count, len(todo), chunks, chunks))
            self._embedded += brought.embedded
            yield planned, self._entered(planned, brought.read, brought.keys)

    def _here(self, todo: list[Planned]) -> Iterator[tuple[Planned, FileReceipt]]:
        numbers = {planned.file.path: number for number, planned in enumerate(todo, 1)}

        def reading(file: CorpusFile) -> None:
            number = numbers[file.path]
            self._progress(Step("reading", todo[number - 1].found.path, number, len(todo)))

        with Readers(self._corpus, self._limits) as readers:
            results = readers.read_all([planned.file for planned in todo], reading)
            for planned, (_, read) in zip(todo, results, strict=True):
                if isinstance(read, UnreadableFile):
                    yield planned, self._unreadable(planned, read)
                else:
                    step = Step("embedding", planned.found.path, numbers[planned.file.path], len(todo))
                    yield planned, self._put(planned, read, step)

    def _unreadable(self, planned: Planned, why: UnreadableFile) -> FileReceipt:
        fingerprint = _fingerprint(planned.file, planned.found.sha256)
        return self._failed(planned, printable(str(why)), fingerprint)

    def _put(self, planned: Planned, read: ReadDocument, step: Step) -> FileReceipt:
        """Embed what is new of a document, then enter it."""
        from index.pipeline import chunks_of, ingest

        chunks = [c for p in read.paragraphs for c in chunks_of(read.document, p, self._encoder)]
        new = list({c.key.key: c for c in chunks if c.key.key not in self._stored}.values())
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self._progress(replace(step, done=done, total=len(new)))

        advance(0)
        ingest(self._store, self._encoder, read.document.id, new, advance)
        self._embedded += len(new)
        return self._entered(planned, read, [c.key for c in chunks])

    def _entered(self, planned: Planned, read: ReadDocument, keys: Sequence[VectorKey]) -> FileReceipt:
        """Put a document whose vectors are in the store in place of its former version."""
        self._stored.update(key.key for key in keys)
        former = self._catalogue.paragraphs(read.document.id)
        kept = Kept(read.document, _fingerprint(planned.file, read.document.sha256), read.facts)
        self._catalogue.replace(kept, read.paragraphs, keys)
        state = _state(planned, former, read)
        receipt = compared(planned.found.path, read.document.id, state, former, read.paragraphs)
        return self._completed(replace(receipt, renamed_from=planned.renamed_from), kept)

    def _completed(self, receipt: FileReceipt, kept: Kept) -> FileReceipt:
        version = self._catalogue.versions(kept.document.id)[-1].number
        return replace(described(receipt, kept.facts), version=version)


def _found(corpus: Path, file: CorpusFile) -> Found:
    """A file with the hash of its bytes; None where it is empty, too large to be read, or cannot be opened."""
    digest = None
    try:
        if 0 < file.path.stat().st_size <= readers.MAX_BYTES:
            with file.path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        pass  # reading it says what is wrong
    return Found(file, path_within(corpus, file.path), digest)


def _fingerprint(file: CorpusFile, sha256: str | None) -> str:
    """A hash of all that a document is read from; empty where the file's bytes could not be had."""
    if sha256 is None:
        return ""
    table = json.dumps(dict(file.described), sort_keys=True)
    parts = (READING_VERSION, table, file.path.suffix.lower(), printable(file.name), sha256)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _state(planned: Planned, former: tuple[Paragraph, ...], read: ReadDocument) -> State:
    if planned.known is None:
        return "added"
    before, after = (
        [(p.number, p.content_hash) for p in paragraphs] for paragraphs in (former, read.paragraphs)
    )
    documents = (replace(each, source_path="") for each in (planned.known.document, read.document))
    if before != after or next(documents) != next(documents):
        return "changed"
    return "unchanged" if planned.renamed_from is None else "renamed"


def _instead(planned: Planned, copy: Found) -> Planned:
    """The copy in place of the file that it is a copy of, as the same document."""
    named = copy.file.described.get("id") is not None
    file = copy.file if named else replace(copy.file, id=planned.file.id, name=planned.file.name)
    return Planned(replace(copy, file=file), None if named else planned.known)


def _duplicates(
    copies: Mapping[str, tuple[Found, ...]], receipts: Mapping[str, FileReceipt]
) -> dict[str, FileReceipt]:
    """The receipts of the copies of files that are in the index."""
    found = {}
    for path, group in copies.items():
        tried = [path, *(copy.path for copy in group if copy.path in receipts)]
        for copy in group:
            if copy.path not in receipts:
                found[copy.path] = FileReceipt(
                    copy.path, receipts[tried[-1]].document_id, "duplicate", duplicate_of=tried[-1]
                )
    return found


def _within(documents: Iterable[Kept], folders: Iterable[str]) -> frozenset[str]:
    """The ids of the documents whose files are somewhere in the folders."""
    heads = tuple(f"{folder}/" for folder in folders)
    return frozenset(
        kept.document.id for kept in documents if heads and kept.document.source_path.startswith(heads)
    )


def _unseen(corpus: Path, folder: Folder) -> list[FileReceipt]:
    """The receipts of what was found and not looked into."""
    types = ", ".join(sorted(readers.READERS))
    skipped = [
        FileReceipt(
            path_within(corpus, path), "", "skipped",
            reason=f"files of type '{path.suffix or '(none)'}' are not read; save it as one of {types}.",
        )
        for path in folder.unread
    ]  # fmt: skip
    closed = [
        FileReceipt(
            path_within(corpus, path), "", "failed",
            reason=f"{path.name}: {why}. What was read from the folder before stays; let this user look into it.",
        )
        for path, why in folder.closed
    ]  # fmt: skip
    return skipped + closed


def _nothing(corpus: Path, receipt: Receipt) -> str:
    failed = receipt.failed
    if not failed:
        types = ", ".join(sorted(readers.READERS))
        return f"No document in '{corpus}' could be read: put files of these types into it: {types}."
    more = f" And {len(failed) - 1} more." if len(failed) > 1 else ""
    return f"No document in '{corpus}' could be read: {failed[0].reason}{more}"
