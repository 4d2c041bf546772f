"""Uploads and removals as jobs: the shelf is changed at once, and read by one job after another, with progress."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Literal

from assistant.shelf import Shelf
from index.documents import Document
from index.errors import FootnoteError
from index.progress import Step
from index.receipts import Receipt

KEPT_JOBS = 200


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
    """Changes a shelf and keeps the jobs of a while. Safe to use from several threads."""

    def __init__(self, shelf: Shelf) -> None:
        """`shelf` is read by one job at a time."""
        self.shelf = shelf
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ingest")
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def add(self, files: Sequence[tuple[str, bytes]]) -> Job:
        """Put files (name, bytes) on the shelf, in place of those of the same names, and begin to read them.

        Raises:
            ShelfError: a file cannot be one of the corpus; then none is put there.
        """
        return self._begin("add", self.shelf.put(files))

    def remove(self, document: Document) -> Job:
        """Delete a document's file and begin to take it out of the index.

        Raises:
            ShelfError: it cannot be taken out; see `Shelf.delete`.
        """
        self.shelf.delete(document)
        return self._begin("remove", (document.source_path,))

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

    def _begin(self, action: Literal["add", "remove"], files: tuple[str, ...]) -> Job:
        job = Job(uuid.uuid4().hex, action, files, "queued", _now())
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > KEPT_JOBS:
                self._jobs.popitem(last=False)
        self._pool.submit(self._work, job.id)
        return job

    def _work(self, id: str) -> None:
        self._change(id, state="running")
        try:
            receipt = self.shelf.read(lambda step: self._change(id, progress=step))
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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
