"""Paragraphs in shards: runs of bounded length whose derived data are files, each made anew only with its shard.

Where a shard ends is decided by the names of its paragraphs, so that a change of one document moves no border further
on. A shard's name is a hash of what stands in it: a file of that name is right, and one that is missing, because
somebody was stopped or because the index has moved on, is only made again.
"""

from __future__ import annotations

import hashlib
import os
import time
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SHORTEST, LONGEST = 1024, 12288
"""Paragraphs of a shard; the last one may be shorter. Most have about 4,000."""
ONE_IN = 3072
_UNFINISHED = ".part"
_UNFINISHED_SECONDS = 3600

Row = tuple[str, int, str | None, str]
"""A paragraph by document id, number, heading and content hash."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The paragraphs from `start` to `end`, exclusive, in the order of the index."""

    name: str
    start: int
    end: int

    def file(self, folder: Path, kind: str) -> Path:
        """Where data of a kind that are derived from it are kept."""
        return folder / f"{self.name}.{kind}"


def shards(rows: Iterable[Row]) -> tuple[Shard, ...]:
    """The shards of paragraphs in the order of the index."""
    found, start, at, digest = [], 0, 0, hashlib.sha256()
    for at, (document_id, number, heading, content_hash) in enumerate(rows):
        size = at - start
        ends = size >= SHORTEST and not zlib.crc32(f"{document_id}\0{number}".encode()) % ONE_IN
        if ends or size >= LONGEST:
            found.append(Shard(digest.hexdigest()[:32], start, at))
            start, digest = at, hashlib.sha256()
        digest.update(f"{heading or ''}\0{content_hash}\n".encode(errors="surrogatepass"))
    last = Shard(digest.hexdigest()[:32], start, at + 1)
    return (*found, last) if digest.digest() != hashlib.sha256().digest() else tuple(found)


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A path to write to, which takes the file's name at the end of the block: it is seen whole or not at all.

    Raises:
        OSError: it cannot be written; nothing is left of it.
    """
    passing = file.with_name(f"{file.name}.{os.getpid()}{_UNFINISHED}")
    try:
        yield passing
        passing.replace(file)
    except OSError:
        passing.unlink(missing_ok=True)
        raise


def clean(folder: Path, present: Collection[Shard]) -> None:
    """Delete what belongs to shards that are no longer in the index, and what was never finished."""
    names = {shard.name for shard in present}
    for file in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):  # another process has it open, or has deleted it: the next sync does
            unfinished = (
                file.suffix == _UNFINISHED and time.time() - file.stat().st_mtime > _UNFINISHED_SECONDS
            )
            if unfinished or file.name.partition(".")[0] not in names:
                file.unlink()
