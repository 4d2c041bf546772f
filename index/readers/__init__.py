"""One file per format; `READERS` says which suffix is read by which.

A reader takes the decoded text of a file and gives blocks in reading order, with what the file says of
itself. A new format is a new file and a new line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.documents import Block
from index.errors import UnreadableFile
from index.readers import markdown, text
from index.readers.decode import decode

MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Contents:
    """A file as its reader saw it: blocks in order, and metadata under the keys of corpus.toml."""

    blocks: tuple[Block, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"


Reader = Callable[[str], tuple[list[Block], dict[str, str]]]

READERS: Mapping[str, Reader] = {
    ".txt": text.read,
    ".text": text.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
}


def read_file(path: Path, data: bytes) -> Contents:
    """The contents of `data`, the bytes of the file at `path`.

    Raises:
        UnreadableFile: with the reason and what to do.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(
            f"{path.name}: files of type {path.suffix or '(none)'!r} are not read; "
            f"save it as one of {', '.join(sorted(READERS))}."
        )
    if len(data) > MAX_BYTES:
        raise UnreadableFile(
            f"{path.name}: {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read. Split the file."
        )
    decoded, encoding = decode(path.name, data)
    blocks, metadata = reader(decoded)
    if not any(block.kind in ("prose", "item") for block in blocks):
        raise UnreadableFile(f"{path.name}: no paragraph of text was found in it. Check what the file holds.")
    return Contents(tuple(blocks), metadata, encoding)
