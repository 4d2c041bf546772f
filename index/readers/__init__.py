"""One file per format; `READERS` says which suffix is read by which.

A reader takes the bytes of a file and gives its blocks in reading order, with what the file says of itself. A new
format is a new file and a new line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from index.documents import Block
from index.errors import UnreadableFile
from index.readers import docx, email, html, markdown, pdf, text
from index.readers.contents import Contents
from index.readers.decode import decode
from index.readers.references import cite

__all__ = ["MAX_BYTES", "READERS", "Contents", "Reader", "read_file"]

MAX_BYTES = 50_000_000

Reader = Callable[[str, bytes], Contents]
"""Takes the file's name, for messages, and its bytes. Raises UnreadableFile with the reason and what to do."""


def _decoded(read: Callable[[str], tuple[list[Block], dict[str, str]]]) -> Reader:
    """A reader of bytes from a reader of text."""

    def reader(name: str, data: bytes) -> Contents:
        decoded, encoding = decode(name, data)
        blocks, metadata = read(decoded)
        return Contents(tuple(blocks), metadata, encoding)

    return reader


READERS: Mapping[str, Reader] = {
    ".txt": _decoded(text.read),
    ".text": _decoded(text.read),
    ".md": _decoded(markdown.read),
    ".markdown": _decoded(markdown.read),
    ".docx": docx.read,
    ".pdf": pdf.read,
    ".eml": email.read,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
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
    contents = reader(path.name, data)
    if not any(block.kind in ("prose", "item") for block in contents.blocks):
        raise UnreadableFile(f"{path.name}: no paragraph of text was found in it. Check what the file holds.")
    return replace(contents, blocks=cite(contents.blocks))
