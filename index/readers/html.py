"""Web pages: the main content as headings, paragraphs, items, table rows and notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.documents import Block, BlockKind
from index.readers.contents import Contents, placed
from index.readers.html_blocks import Piece, cut_page
from index.readers.html_main import main_pieces
from index.readers.html_metadata import read_metadata
from index.readers.html_notes import PageNote, take_notes
from index.readers.html_page import decode_page, parse_page

_HEADING_WORDS = 12
_MIN_PROSE_WORDS = 12
_MIN_SENTENCE_WORDS = 4
_ENDED = re.compile(r"[.!?…。！？][\"'”’)\]»]*$")


def read(name: str, data: bytes) -> Contents:
    """The contents of a web page.

    Raises:
        UnreadableFile: the file is empty, or no page with text.
    """
    text, encoding = decode_page(name, data)
    return replace(read_text(name, text, whole=False), encoding=encoding)


def read_text(name: str, text: str, *, whole: bool) -> Contents:
    """The contents of a page that is decoded; of a `whole` one all is content, as in an e-mail.

    Raises:
        UnreadableFile: there is no element in it.
    """
    tree = parse_page(name, text)
    metadata = read_metadata(tree)
    notes = take_notes(tree)
    cut = cut_page(tree, [note.label for note in notes])
    pieces = cut if whole else main_pieces(tree, cut)
    kinds = _kinds(pieces, metadata.get("title", ""), plain=len(pieces) == len(cut))
    tables = len({piece.table for piece in pieces if piece.kind == "row"})
    return Contents(placed(_blocks(kinds, pieces, notes)), metadata, tables=tables)


def _blocks(kinds: Sequence[BlockKind], pieces: Sequence[Piece], notes: Sequence[PageNote]) -> list[Block]:
    blocks = [
        Block(kind, piece.text, 0, 0, marks=piece.marks) for kind, piece in zip(kinds, pieces, strict=True)
    ]
    cited = {mark.label for block in blocks for mark in block.marks}
    return blocks + [
        Block("note", note.text, 0, 0, label=note.label) for note in notes if note.label in cited
    ]


def _kinds(pieces: Sequence[Piece], title: str, *, plain: bool) -> list[BlockKind]:
    """What each piece is to the document: above its first prose stand title, byline and date."""
    kinds: list[BlockKind] = ["prose" if piece.kind == "row" else piece.kind for piece in pieces]
    body = _body_start(pieces, kinds, plain=plain)
    top = [i for i in range(body) if pieces[i].kind == "heading" and pieces[i].level == 1]
    single = top[:1] if sum(piece.kind == "heading" and piece.level == 1 for piece in pieces) == 1 else []
    for i in range(body):
        if _same(pieces[i].text, title) or i in single:
            kinds[i] = "title"
        elif pieces[i].kind != "heading" or len(pieces[i].text.split()) > _HEADING_WORDS:
            kinds[i] = "masthead"
    return kinds


def _body_start(pieces: Sequence[Piece], kinds: Sequence[BlockKind], *, plain: bool) -> int:
    """The first piece that is text: where all are short, the first that is no heading."""
    texts = [i for i, kind in enumerate(kinds) if kind != "heading"]
    long = [i for i in texts if pieces[i].kind == "row" or _is_text(pieces[i].text)]
    first = next(iter(texts), len(pieces))
    return first if plain or not long else long[0]


def _is_text(text: str) -> bool:
    words = len(text.split())
    return words >= _MIN_PROSE_WORDS or (words >= _MIN_SENTENCE_WORDS and bool(_ENDED.search(text)))


def _same(text: str, title: str) -> bool:
    return bool(title) and text.casefold() == title.casefold()
