"""One file per format; `READERS` says which suffix is read by which.

A reader takes the bytes of a file and gives its blocks in reading order, with what the file says of itself. A new
format is a new file and a new line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from index.errors import UnreadableFile
from index.readers.contents import Contents
from index.readers.decode import decode
from index.readers.references import cite

__all__ = ["MAX_BYTES", "READERS", "Contents", "Reader", "read_file"]

MAX_BYTES = 50_000_000

Reader = Callable[[str, bytes], Contents]
"""Takes the file's name, for messages, and its bytes. Raises UnreadableFile with the reason and what to do."""


def _bytes(module: str) -> Reader:
    """The reader of this module, imported for the first file: most starts have nothing new to read."""

    def reader(name: str, data: bytes) -> Contents:
        contents: Contents = import_module(f"{__name__}.{module}").read(name, data)
        return contents

    return reader


def _text(module: str) -> Reader:
    """The same of a module that reads text."""

    def reader(name: str, data: bytes) -> Contents:
        decoded, encoding = decode(name, data)
        blocks, metadata = import_module(f"{__name__}.{module}").read(decoded)
        return Contents(tuple(blocks), metadata, encoding)

    return reader


READERS: Mapping[str, Reader] = {
    ".txt": _text("text"),
    ".text": _text("text"),
    ".md": _text("markdown"),
    ".markdown": _text("markdown"),
    ".docx": _bytes("docx"),
    ".pdf": _bytes("pdf"),
    ".eml": _bytes("email"),
    ".html": _bytes("html"),
    ".htm": _bytes("html"),
    ".xhtml": _bytes("html"),
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
