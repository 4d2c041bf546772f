"""Pages of words -> blocks and metadata: the steps of the reader in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.documents import Block
from index.readers.pdf.columns import find_regions
from index.readers.pdf.flow import join_passages
from index.readers.pdf.front import mark_front
from index.readers.pdf.furniture import PageLines, without_furniture
from index.readers.pdf.headings import mark_headings
from index.readers.pdf.joining import Vocabulary, join_lines
from index.readers.pdf.lines import cut_lines
from index.readers.pdf.lists import set_aside
from index.readers.pdf.marking import Marker, name_notes
from index.readers.pdf.measures import Usual
from index.readers.pdf.notes import Found, raised_labels, take_notes
from index.readers.pdf.passages import Passage, cut_passages
from index.readers.pdf.pdfium import Bookmark
from index.readers.pdf.shapes import Line, PageText, Region
from index.readers.pdf.tables import row_text, table_rows


@dataclass(frozen=True, slots=True)
class Assembled:
    """What the reader found: blocks in order, metadata under the keys of corpus.toml, how many tables."""

    blocks: tuple[Block, ...]
    metadata: Mapping[str, str]
    tables: int


def assemble(
    pages: Sequence[PageText], outline: Sequence[Bookmark], properties: Mapping[str, str]
) -> Assembled:
    """The blocks of a file's pages.

    Args:
        pages: in order, at least one with words.
        outline: the file's bookmarks.
        properties: what the file says of itself.
    """
    cut = [PageLines(page.number, page.height, tuple(cut_lines(page))) for page in pages]
    bodies = without_furniture(cut)
    regions = [
        find_regions(list(body), page) if body else [] for body, page in zip(bodies.lines, pages, strict=True)
    ]
    usual = Usual.of([region for on_page in regions for region in on_page])
    passages = list(_passages(regions, pages, usual))
    tables = sum(region.table for on_page in regions for region in on_page)
    passages = mark_headings(passages, outline, usual.size)
    passages = name_notes(set_aside(passages))
    passages, metadata = mark_front(passages, properties, usual.size)
    vocabulary = Vocabulary.of(line for body in bodies.lines for line in body)
    blocks = _blocks(_with_heads(join_passages(passages), bodies.heads), vocabulary)
    return Assembled(blocks, metadata, tables)


def _passages(
    regions: Sequence[Sequence[Region]], pages: Sequence[PageText], usual: Usual
) -> Iterator[Passage]:
    """The passages of all pages; a column's notes follow its text."""
    column = 0
    for on_page, page in zip(regions, pages, strict=True):
        markers = raised_labels(line for region in on_page for line in region.lines)
        for region in on_page:
            column += 1
            if region.table:
                yield from _rows(region, page, column)
                continue
            lines, notes = take_notes(region, page.rules, usual.size, markers)
            yield from cut_passages(Region(tuple(lines)), column, usual)
            yield from (_note(found, column) for found in notes)


def _rows(table: Region, page: PageText, column: int) -> Iterator[Passage]:
    for row in table_rows(table, page.rules):
        ordered: list[Line] = sorted(row, key=lambda line: (line.row, line.x0))
        yield Passage("prose", tuple(ordered), column, cells=row_text(ordered))


def _note(found: Found, column: int) -> Passage:
    return Passage("note", found.lines, column, label=found.label)


def _with_heads(passages: Sequence[Passage], heads: Sequence[Line]) -> list[Passage]:
    """The passages, and before those of its page each running head where it first stood."""
    left = sorted(heads, key=lambda head: (head.page, head.row))
    put: list[Passage] = []
    for passage in passages:
        while left and left[0].page <= passage.page:
            put.append(Passage("masthead", (left.pop(0),), 0))
        put.append(passage)
    return put + [Passage("masthead", (head,), 0) for head in left]


def _blocks(passages: Sequence[Passage], vocabulary: Vocabulary) -> tuple[Block, ...]:
    marker = Marker(passages)
    blocks: list[Block] = []
    at = 0
    for passage in passages:
        resolve = None if passage.kind == "note" else marker.resolve
        text, marks = join_lines(passage.lines, vocabulary, resolve)
        if passage.cells is not None:
            text, marks = passage.cells, ()
        text = _cleaned(text) if not marks else text
        if not any(c.isalnum() for c in text):
            continue
        blocks.append(Block(passage.kind, text, at, at + len(text), passage.page, passage.label, marks))
        at += len(text) + 2
    return tuple(blocks)


def _cleaned(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
