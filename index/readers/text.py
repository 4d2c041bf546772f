"""Plain text, as people type it and as extraction from a PDF leaves it.

Blank lines part blocks, a bullet at a line's head begins an item. What a block is follows from its
form: before the first prose stand title and masthead; a short line without a full stop is a heading;
a reference with its link, or with a note's label at its head, is a note.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import groupby

from index.documents import Block, BlockKind
from index.readers.front import is_front_matter, is_notice, read_front
from index.readers.pieces import Piece, cut_pieces
from index.readers.wrapping import LABEL
from index.sentences import sentence_spans

_URL_ONLY = re.compile(r"^<?(?:https?://|www\.)\S[^\n]{0,400}$", re.IGNORECASE)
_URL_END = re.compile(
    r"(?:https?://|www\.)\S+(?:(?:\s\S+)?|(?:\s\S*[-/_=&?%#.]\S+){2,3}"
    r"|\s*\(?(?:last\s+)?(?:accessed|retrieved|viewed|visited)\b.{0,60})\s*$",
    re.IGNORECASE,
)
_QUOTED_TITLE = re.compile(r"[\"“][^\"”]{8,}[\"”]")
_DATED = re.compile(r"\b(?:1[5-9]|20)\d\d\b|\bn\.d\.")
_TERMINAL = re.compile(
    r"[.!?…。！？][\"'”’)\]»]*(?:[⁰¹²³⁴-⁹₀-₉\d\s]{0,4}|(?:\s?\[[\d,;\s–-]{1,20}\]){1,5}|\^\{?\d{1,3}\}?)$"
)
_PAGE_NUMBER = re.compile(
    r"^[-–—\s]*(?:\d{1,3}|page\s+\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?[-–—\s]*$", re.IGNORECASE
)

_LONGEST_NOTE = 4000
_HEADING_WORDS = 14
_MIN_PROSE_WORDS = 12
_MIN_SENTENCE_WORDS = 5


def read(text: str) -> tuple[list[Block], dict[str, str]]:
    """Blocks and metadata of a plain text."""
    pieces = cut_pieces(text)
    notes = _note_flags(pieces)
    first = _body_start(pieces, notes)
    front, metadata = read_front(pieces[:first])
    heads = _running_heads(pieces)
    body = [_block(piece, note, heads) for piece, note in zip(pieces[first:], notes[first:], strict=True)]
    return front + _joined_notes(body), metadata


def read_body(text: str) -> list[Block]:
    """Blocks of a text that has neither title nor masthead, such as a letter's: paragraphs, items and notes."""
    pieces = cut_pieces(text)
    notes = _note_flags(pieces)
    blocks = []
    for piece, note in zip(pieces, notes, strict=True):
        kind: BlockKind = "item" if piece.bullet else "prose"
        blocks.append(
            _block(piece, note, frozenset())
            if note
            else Block(kind, piece.text, piece.start, piece.end, piece.page)
        )
    return _joined_notes(blocks)


def _note_flags(pieces: list[Piece]) -> list[bool]:
    """Which pieces are notes: labelled references, references with their link, and links alone."""
    flags: list[bool] = []
    for i, piece in enumerate(pieces):
        if piece.label is not None:
            flags.append(True)
            continue
        following = pieces[i + 1].text if i + 1 < len(pieces) else ""
        if len(piece.text) > _LONGEST_NOTE:
            flags.append(False)
            continue
        if _URL_ONLY.match(piece.text):
            flags.append(bool(flags) and flags[-1])
            continue
        reference = bool(_QUOTED_TITLE.search(piece.text) and _DATED.search(piece.text))
        linked = bool(_URL_END.search(piece.text)) or bool(_URL_ONLY.match(following))
        labelled = bool(LABEL.match(piece.text))
        flags.append(not piece.bullet and ((reference and linked) or (labelled and (reference or linked))))
    return flags


def _is_prose(piece: Piece) -> bool:
    words = len(piece.text.split())
    return bool(_TERMINAL.search(piece.text)) or words > _HEADING_WORDS * 2


def _body_start(pieces: list[Piece], notes: list[bool]) -> int:
    """Where the body begins: at the first long prose, and at the short sentences and items right above it.

    Where all are short, at the first sentence or item.
    """
    start = next((i for i in range(len(pieces)) if _opens_body(pieces, notes, i)), None)
    if start is None:
        short = (i for i, piece in enumerate(pieces) if not notes[i] and _is_sentence(piece))
        start = next(short, len(pieces))
    while 1 < start < len(pieces) and not notes[start - 1] and _is_sentence(pieces[start - 1]):
        start -= 1
    return start


def _opens_body(pieces: list[Piece], notes: list[bool], i: int) -> bool:
    """Long prose, also without an end where notes or a page cut it."""
    text = pieces[i].text
    before_notes = i + 1 < len(pieces) and notes[i + 1]
    goes_on = any(text[end - 1] == "." for _, end in sentence_spans(text)[:-1])
    return (
        not notes[i]
        and (_is_prose(pieces[i]) or before_notes or goes_on)
        and len(text.split()) >= _MIN_PROSE_WORDS
        and not is_notice(text)
    )


def _is_sentence(piece: Piece) -> bool:
    text = piece.text
    if is_front_matter(text):
        return False
    return piece.bullet or (text[-1] in ".。" and len(text.split()) >= _MIN_SENTENCE_WORDS)


def _running_heads(pieces: list[Piece]) -> frozenset[str]:
    """What stands first or last on several pages, figures left out."""
    edges = Counter(
        edge
        for _, on_page in groupby(pieces, key=lambda piece: piece.page)
        for edge in _edges([piece.text for piece in on_page])
    )
    return frozenset(edge for edge, pages in edges.items() if pages > 1)


def _edges(texts: list[str]) -> set[str]:
    return {_without_figures(text) for text in (texts[0], texts[-1]) if len(text.split()) <= _HEADING_WORDS}


def _without_figures(text: str) -> str:
    return re.sub(r"\d+", "", text)


def _block(piece: Piece, note: bool, heads: frozenset[str]) -> Block:
    if note:
        found = LABEL.match(piece.text) if piece.label is None else None
        label = piece.label
        if found:
            label = _digits(found["tex"] or found["super"] or found["square"])
        text = piece.text[found.end() :] if found else piece.text
        return Block("note", text.strip(), piece.start, piece.end, page=piece.page, label=label)
    furniture = _PAGE_NUMBER.match(piece.text) or _without_figures(piece.text) in heads
    kind = "masthead" if furniture else _body_kind(piece)
    return Block(kind, piece.text, piece.start, piece.end, page=piece.page)


def _body_kind(piece: Piece) -> BlockKind:
    if is_notice(piece.text):
        return "masthead"
    if piece.bullet:
        return "item"
    short = len(piece.text.split()) <= _HEADING_WORDS
    # A line that a page break cut ends without a full stop as well, but seldom begins with a capital.
    if short and not _TERMINAL.search(piece.text) and not piece.text[:1].islower():
        return "heading"
    return "prose"


def _joined_notes(blocks: list[Block]) -> list[Block]:
    """A link on a line of its own belongs to the note above it."""
    joined: list[Block] = []
    for block in blocks:
        previous = joined[-1] if joined else None
        if block.kind == "note" and previous and previous.kind == "note" and _URL_ONLY.match(block.text):
            joined[-1] = replace(previous, text=f"{previous.text} {block.text}", end=block.end)
        else:
            joined.append(block)
    return joined


def _digits(label: str) -> str:
    return label.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
