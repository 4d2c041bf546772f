"""What every reader gives: blocks in reading order, and what the file says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from index.documents import Block


@dataclass(frozen=True, slots=True)
class Contents:
    """A file as its reader saw it: blocks in order, and metadata under the keys of corpus.toml.

    `encoding` is None for a format that has none; `pages` None for one without pages; `tables` counts the tables whose
    rows are among the blocks; `remarks` are sentences for the receipt ("12 of 14 pages have no text; …").
    """

    blocks: tuple[Block, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = "utf-8"
    pages: int | None = None
    tables: int = 0
    remarks: tuple[str, ...] = ()


def placed(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks of a format that is no text, with spans as if their texts stood one a line."""
    found: list[Block] = []
    at = 0
    for block in blocks:
        found.append(replace(block, start=at, end=at + len(block.text)))
        at += len(block.text) + 1
    return tuple(found)
