"""Files into the corpus folder and out of it, and the syncs that follow, one after another: jobs with progress."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from assistant.errors import FileProblem
from index.corpus import CORPUS_FILE, list_files, path_within
from index.documents import Document
from index.errors import FootnoteError
from index.progress import Progress, Step
from index.readers import MAX_BYTES, READERS
from index.receipts import Receipt

KEPT_JOBS = 200
MAX_NAME = 150
"""Bytes of a file's name."""

Sync = Callable[[Progress], Receipt]
"""Brings the index up to the folder."""


@dataclass(frozen=True, slots=True)
class Job:
    """One sync: why, how far it has got, and what it did. Times are UTC in ISO 8601."""

    id: str
    action: Literal["add", "remove"]
    files: tuple[str, ...]
    state: Literal["queued", "running", "done", "failed"]
    begun_at: str
    ended_at: str | None = None
    progress: Step | None = None
    receipt: Receipt | None = None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The job as plain values, ready for JSON."""
        return asdict(self)


class Ingest:
    """Changes a corpus folder and keeps the jobs of a while. Safe to use from several threads."""

    def __init__(self, corpus: Path, sync: Sync) -> None:
        """`sync` is called for one job at a time."""
        self._corpus = corpus
        self._sync = sync
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ingest")
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def add(self, files: Sequence[tuple[str, bytes]]) -> Job:
        """Put files (name, bytes) into the folder, in place of those of the same names, and begin to read them.

        Raises:
            FileProblem: a file cannot be one of the corpus; then none is put there.
        """
        for name, data in files:
            self._check(name, data)
        for name, data in files:
            _put(self._corpus / name, data)
        return self._begin("add", [name for name, _ in files])

    def remove(self, document: Document) -> Job:
        """Delete a document's file and begin to take it out of the index.

        Raises:
            FileProblem: corpus.toml describes the file, which would not be usable without it; or it cannot be deleted.
        """
        by_path = {path_within(self._corpus, each.path): each for each in list_files(self._corpus)}
        file = by_path.get(document.source_path)
        if file is not None and file.described:
            raise FileProblem(
                f"{CORPUS_FILE} describes '{document.source_path}'. Take its table out there, then remove it.",
                described=True,
            )
        try:
            if file is not None:
                file.path.unlink(missing_ok=True)
        except OSError as error:
            raise FileProblem(f"'{document.source_path}' cannot be deleted: {error.strerror}.") from error
        return self._begin("remove", [document.source_path])

    def content(self, document: Document) -> Path | None:
        """The file behind a document, if it is still there."""
        by_path = {path_within(self._corpus, each.path): each.path for each in list_files(self._corpus)}
        return by_path.get(document.source_path)

    def job(self, id: str) -> Job | None:
        """A job by its id, while it is kept."""
        with self._lock:
            return self._jobs.get(id)

    def jobs(self) -> tuple[Job, ...]:
        """The jobs that are kept, the latest first."""
        with self._lock:
            return tuple(reversed(self._jobs.values()))

    def stop(self) -> None:
        """Finish the job that runs and forget those that wait; the next sync does their work."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _check(self, name: str, data: bytes) -> None:
        if not name or name.startswith(".") or name == CORPUS_FILE or not name.isprintable():
            raise FileProblem(f"{name!r} cannot be the name of a document. Give the file another name.")
        if {"/", "\\"} & set(name) or len(name.encode(errors="replace")) > MAX_NAME:
            raise FileProblem(
                f"The file's name must have no slashes and at most {MAX_NAME} bytes. Give it another one."
            )
        if Path(name).suffix.lower() not in READERS:
            raise FileProblem(
                f"{name}: files of this type are not read; save it as one of {', '.join(sorted(READERS))}."
            )
        if len(data) > MAX_BYTES:
            raise FileProblem(
                f"{name}: {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read. Split the file.",
                too_large=True,
            )
        if not data:
            raise FileProblem(f"{name}: the file is empty.")

    def _begin(self, action: Literal["add", "remove"], files: Sequence[str]) -> Job:
        job = Job(uuid.uuid4().hex, action, tuple(files), "queued", _now())
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > KEPT_JOBS:
                self._jobs.popitem(last=False)
        self._pool.submit(self._work, job.id)
        return job

    def _work(self, id: str) -> None:
        self._change(id, state="running")
        try:
            receipt = self._sync(lambda step: self._change(id, progress=step))
        except FootnoteError as error:
            self._change(id, state="failed", error=str(error), ended_at=_now())
        except BaseException:
            self._change(id, state="failed", error="The server met a fault; its log has it.", ended_at=_now())
            raise
        else:
            self._change(id, state="done", receipt=receipt, ended_at=_now())

    def _change(self, id: str, **changes: Any) -> None:
        with self._lock:
            if id in self._jobs:
                self._jobs[id] = replace(self._jobs[id], **changes)


def _put(path: Path, data: bytes) -> None:
    """Write a file so that it is never seen half written; hidden files are passed over by syncs."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".upload-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise FileProblem(
            f"'{path.name}' cannot be written into '{path.parent}': {error.strerror or error}."
        ) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
