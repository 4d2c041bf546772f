"""The builds of an index: which documents each of them left, so that it can be told what has changed since.

A build is a sync that changed something. Of each one a list of its documents is kept; their former paragraphs are in
the history.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from index.documents import Document, Paragraph
from index.history import History
from index.sqlite_file import Execute

KEPT_BUILDS = 50
FOLLOWING_SECONDS = 5
"""How long one that begins to follow a folder waits for another to end."""

# Beside the tables of the layout: an index without this one is as good, it only tells of no change before the next.
TABLE = """
CREATE TABLE IF NOT EXISTS builds (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, published TEXT NOT NULL, version TEXT NOT NULL,
    documents TEXT NOT NULL
)
"""
Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Build:
    """A build. `at` is UTC in ISO 8601, to the second.

    `version` is the corpus version that answers from it name; empty where nobody has opened the index as it was then.
    """

    number: int
    at: str
    version: str


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What became of a document since a build, its front matter left aside.

    `added` and `changed` are numbers of paragraphs as they are now, `removed` as they were then. All are empty where
    only what is said of the document has changed, and where the version of then is no longer kept.
    """

    document_id: str
    title: str
    state: Literal["added", "changed", "removed"]
    added: Numbers = ()
    changed: Numbers = ()
    removed: Numbers = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the index stands to its folder: when the folder was last looked through, and whether it is followed."""

    looked_at: str | None
    followed: bool


class Builds:
    """The builds, within a connection of the catalogue."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def record(self, published: str, documents: Iterable[Document]) -> None:
        """Keep the documents as this build leaves them, in place of the oldest one's where there are many."""
        kept = {
            each.id: [each.display_title, each.sha256, self._version(each.id)]
            for each in sorted(documents, key=lambda document: document.id)
        }
        self._execute(
            "INSERT INTO builds (at, published, version, documents) VALUES (?, ?, '', ?)",
            (now(), published, json.dumps(kept)),
        )
        self._execute(
            "DELETE FROM builds WHERE number NOT IN (SELECT number FROM builds ORDER BY number DESC LIMIT ?)",
            (KEPT_BUILDS,),
        )

    def forget(self, document_id: str) -> None:
        """Let no build tell of a document any more."""
        for number, documents in list(self._execute("SELECT number, documents FROM builds", ())):
            kept = json.loads(documents)
            if kept.pop(document_id, None) is not None:
                self._execute("UPDATE builds SET documents = ? WHERE number = ?", (json.dumps(kept), number))

    def name(self, published: str, version: str) -> None:
        """Say which corpus version the answers from a build name."""
        self._execute(
            "UPDATE builds SET version = ? WHERE published = ? AND version != ?",
            (version, published, version),
        )

    def all(self) -> tuple[Build, ...]:
        """The builds that are kept, oldest first; the last is the present state."""
        return tuple(
            Build(*row) for row in self._execute("SELECT number, at, version FROM builds ORDER BY number", ())
        )

    def changes(
        self,
        number: int,
        documents: Iterable[Document],
        paragraphs: Callable[[str], Iterable[Paragraph]],
        history: History,
    ) -> tuple[DocumentChange, ...] | None:
        """What has changed since build `number`, by title; None where that build is not kept."""
        rows = list(self._execute("SELECT documents FROM builds WHERE number = ?", (number,)))
        if not rows:
            return None
        then: dict[str, tuple[str, str, int]] = {
            id: tuple(kept) for id, kept in json.loads(rows[0][0]).items()
        }
        present = {document.id: document for document in documents}
        found = [
            DocumentChange(id, title, "removed") for id, (title, _, _) in then.items() if id not in present
        ]
        for id, document in present.items():
            title = document.display_title
            if id not in then:
                found.append(DocumentChange(id, title, "added"))
            elif then[id] != (title, document.sha256, self._version(id)):
                kept = {version.number: version.sha256 for version in history.versions(id)}
                _, sha256, version = then[id]
                numbers: tuple[Numbers, Numbers, Numbers] = ((), (), ())
                if version in kept and version != max(kept) and kept[version] == sha256:
                    now_there = {p.number: p.content_hash for p in paragraphs(id)}
                    numbers = differing(dict(history.numbered(id, version)), now_there)
                found.append(DocumentChange(id, title, "changed", *numbers))
        return tuple(sorted(found, key=lambda change: (change.title.casefold(), change.document_id)))

    def _version(self, document_id: str) -> int:
        rows = self._execute("SELECT MAX(version) FROM versions WHERE document_id = ?", (document_id,))
        return int(next(iter(rows))[0] or 0)


def differing(before: Mapping[int, str], after: Mapping[int, str]) -> tuple[Numbers, Numbers, Numbers]:
    """The numbers of the paragraphs that were added, changed and removed.

    Args:
        before: content hashes by number, as it was; number 0 does not count.
        after: the same, as it is. A text that stands in both is the same paragraph, wherever it stands.
    """
    old, new = set(before.values()), set(after.values())
    fresh = {number for number, text in after.items() if number and text not in old}
    gone = {number for number, text in before.items() if number and text not in new}
    changed = fresh & gone
    return tuple(sorted(fresh - changed)), tuple(sorted(changed)), tuple(sorted(gone - changed))


@contextmanager
def following(folder: Path) -> Iterator[None]:
    """Within it the corpus of the index in `folder` counts as followed; it ends with the process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = _follower(folder)
    try:
        lock.acquire(timeout=FOLLOWING_SECONDS)
    except Timeout:  # another process follows it as well
        yield
        return
    try:
        yield
    finally:
        lock.release()


def is_followed(folder: Path) -> bool:
    """Whether a process follows the corpus of the index in `folder`."""
    if not folder.is_dir():
        return False
    lock = _follower(folder)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _follower(folder: Path) -> FileLock:
    return FileLock(folder / "followed.lock")


def now() -> str:
    """UTC in ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
