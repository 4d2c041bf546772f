"""Plain text, as people type it and as extraction from a PDF leaves it.

Blank lines part blocks, a bullet at a line's head begins an item. What a block is follows from its
form: before the first prose stand title and masthead; a short line without a full stop is a heading;
a reference with its link, or with a note's label at its head, is a note.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby

from index.documents import Block, BlockKind
from index.sentences import sentence_spans

_BULLET = re.compile(r"^\s{0,8}(?:[-*•‣▪●○◦–—⁃]\s+)(?:[oO]\s+(?=[A-Z]))?")
_NUMBERED = re.compile(r"^\s{0,8}\(?\d{1,3}[.)]\s+")
_LABEL = re.compile(
    r"^(?:\^\{?\s*(?P<tex>\d{1,3})\}?\s*|(?P<super>[⁰¹²³⁴-⁹]+)\s*|\[(?P<square>\d{1,3})\]:?\s+)"
)
_URL_ONLY = re.compile(r"^<?(?:https?://|www\.)\S[^\n]{0,400}$", re.IGNORECASE)
_URL_END = re.compile(
    r"(?:https?://|www\.)\S+(?:(?:\s\S+)?|(?:\s\S*[-/_=&?%#.]\S+){2,3}"
    r"|\s*\(?(?:last\s+)?(?:accessed|retrieved|viewed|visited)\b.{0,60})\s*$",
    re.IGNORECASE,
)
_QUOTED_TITLE = re.compile(r"[\"“][^\"”]{8,}[\"”]")
_DATED = re.compile(r"\b(?:1[5-9]|20)\d\d\b|\bn\.d\.")
_BYLINE = re.compile(r"^by\s+(?P<who>[A-Z][\w.'’ -]+(?:(?:,| and| &) [A-Z][\w.'’ -]+)*)$", re.IGNORECASE)
_EDITED = re.compile(r"^edited by[:\s]+(?P<who>.+)$", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"^(?:published(?: on)?:?\s+)?(?:[A-Z][a-z]+day,?\s+)?"
    r"(?:(?P<m1>[A-Z][a-z]+)\.?\s+(?P<d1>\d{1,2}),?\s+(?P<y1>\d{4})|(?P<d2>\d{1,2})\s+(?P<m2>[A-Z][a-z]+)\.?\s+(?P<y2>\d{4})"
    r"|(?P<iso>\d{4}-\d\d-\d\d))$",
    re.IGNORECASE,
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_TERMINAL = re.compile(r"[.!?…。！？][\"'”’)\]»]*(?:[⁰¹²³⁴-⁹₀-₉\d\s]{0,4}|\s?\[\d{1,3}\]|\^\{?\d{1,3}\}?)$")
_CONTACT = re.compile(r"^(?:web|phone|tel|fax|e-?mail|address)\b\s*:", re.IGNORECASE)
_DISCLAIMER = re.compile(r"^\(?\s*(?:disclaimer\b|(?:the )?views? expressed\b)", re.IGNORECASE)
_IMPRINT = re.compile(r"^(?:©|\(c\)|copyright\b|all rights\b|published\b|photo\b)", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"^[-–—\s]*(?:\d{1,3}|page\s+\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?[-–—\s]*$", re.IGNORECASE
)

_HEADING_WORDS = 14
_MIN_PROSE_WORDS = 12
_MIN_SENTENCE_WORDS = 5


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines of one block, joined: its text, its span in the file, and whether a bullet stood before it.

    `page` counts from 1 in a file with page breaks, else it is None.
    """

    text: str
    start: int
    end: int
    bullet: bool
    page: int | None


def read(text: str) -> tuple[list[Block], dict[str, str]]:
    """Blocks and metadata of a plain text."""
    pieces = _pieces(text)
    notes = _note_flags(pieces)
    first = _body_start(pieces, notes)
    front, metadata = _front(pieces[:first])
    heads = _running_heads(pieces)
    body = [_block(piece, note, heads) for piece, note in zip(pieces[first:], notes[first:], strict=True)]
    return front + _joined_notes(body), metadata


def clean(text: str) -> str:
    """`text` without what extraction leaves behind: entities, bracketed entities, emphasis marks."""
    text = re.sub(r"[\[{]?&[\]}]?(quot|amp|lt|gt|apos|nbsp);", r"&\1;", text)
    text = html.unescape(text).replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", "")
    text = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()


def _pieces(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    lines: list[str] = []
    start = 0
    bullet = False
    page = 1 if "\x0c" in text else None
    at = 0

    def flush(end: int) -> None:
        if lines:
            joined = clean(_unwrapped(lines))
            if joined:
                pieces.append(_Piece(joined, start, end, bullet, page))
        lines.clear()

    for line in text.split("\n"):
        end = at + len(line)
        found = _BULLET.match(line)
        if not line.strip():
            flush(at)
            bullet = False
            page = page + line.count("\x0c") if page else None
        elif found or (not lines and _NUMBERED.match(line)) or _is_marked_line(line):
            flush(at)
            start, bullet = at, bool(found)
            lines.append(line[found.end() :] if found else line)
        else:
            if not lines:
                start, bullet = at, False
            lines.append(line)
        at = end + 1
    flush(len(text))
    return pieces


def _is_marked_line(line: str) -> bool:
    return bool(_LABEL.match(line.lstrip()))


def _unwrapped(lines: list[str]) -> str:
    joined = lines[0].strip()
    for line in lines[1:]:
        line = line.strip()
        if joined.endswith("-") and line[:1].islower() and joined[-2:-1].isalpha():
            joined = joined[:-1] + line
        else:
            joined += " " + line
    return joined


def _note_flags(pieces: list[_Piece]) -> list[bool]:
    """Which pieces are notes: labelled references, references with their link, and links alone."""
    flags: list[bool] = []
    for i, piece in enumerate(pieces):
        following = pieces[i + 1].text if i + 1 < len(pieces) else ""
        if _URL_ONLY.match(piece.text):
            flags.append(bool(flags) and flags[-1])
            continue
        reference = bool(_QUOTED_TITLE.search(piece.text) and _DATED.search(piece.text))
        linked = bool(_URL_END.search(piece.text)) or bool(_URL_ONLY.match(following))
        labelled = bool(_LABEL.match(piece.text))
        flags.append(not piece.bullet and ((reference and linked) or (labelled and (reference or linked))))
    return flags


def _is_prose(piece: _Piece) -> bool:
    words = len(piece.text.split())
    return bool(_TERMINAL.search(piece.text)) or words > _HEADING_WORDS * 2


def _body_start(pieces: list[_Piece], notes: list[bool]) -> int:
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


def _opens_body(pieces: list[_Piece], notes: list[bool], i: int) -> bool:
    """Long prose, also without an end where notes or a page cut it."""
    text = pieces[i].text
    before_notes = i + 1 < len(pieces) and notes[i + 1]
    goes_on = any(text[end - 1] == "." for _, end in sentence_spans(text)[:-1])
    return (
        not notes[i]
        and (_is_prose(pieces[i]) or before_notes or goes_on)
        and len(text.split()) >= _MIN_PROSE_WORDS
        and not _DISCLAIMER.match(text)
        and not _CONTACT.match(text)
    )


def _is_sentence(piece: _Piece) -> bool:
    text = piece.text
    if any(p.match(text) for p in (_DISCLAIMER, _CONTACT, _IMPRINT, _EDITED, _BYLINE)):
        return False
    return piece.bullet or (text[-1] in ".。" and len(text.split()) >= _MIN_SENTENCE_WORDS)


def _running_heads(pieces: list[_Piece]) -> frozenset[str]:
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


def _front(pieces: list[_Piece]) -> tuple[list[Block], dict[str, str]]:
    """Title and masthead, and what they say: author, editor, date, the author's role."""
    metadata: dict[str, str] = {}
    kinds: list[BlockKind] = ["masthead"] * len(pieces)
    for i, piece in enumerate(pieces):
        if found := _EDITED.match(piece.text):
            metadata.setdefault("editor", found["who"].strip())
        elif found := _BYLINE.match(piece.text):
            metadata.setdefault("author", found["who"].strip())
            if i + 1 < len(pieces) and _is_role(pieces[i + 1].text):
                metadata.setdefault("author_role", pieces[i + 1].text)
        elif found := _DATE_LINE.match(piece.text):
            metadata.setdefault("date", _iso(found))
    title = _title_index(pieces)
    if title is not None:
        kinds[title] = "title"
        metadata["title"] = pieces[title].text
    blocks = [Block(kind, p.text, p.start, p.end, p.page) for kind, p in zip(kinds, pieces, strict=True)]
    return blocks, metadata


def _is_role(text: str) -> bool:
    return not (_EDITED.match(text) or _DATE_LINE.match(text) or _DISCLAIMER.match(text)) and len(text) < 200


def _title_index(pieces: list[_Piece]) -> int | None:
    """The longest line of the front that is neither byline, date, contact nor disclaimer."""
    fitting = [
        (min(len(piece.text.split()), 20), -i)
        for i, piece in enumerate(pieces)
        if not any(
            p.match(piece.text) for p in (_EDITED, _BYLINE, _DATE_LINE, _CONTACT, _DISCLAIMER, _IMPRINT)
        )
        and not (i and _BYLINE.match(pieces[i - 1].text))
    ]
    return -max(fitting)[1] if fitting else None


def _iso(found: re.Match[str]) -> str:
    if found["iso"]:
        return found["iso"]
    month = (found["m1"] or found["m2"])[:3].lower()
    day, year = int(found["d1"] or found["d2"]), found["y1"] or found["y2"]
    return f"{year}-{_MONTHS.index(month) + 1:02d}-{day:02d}" if month in _MONTHS else year


def _block(piece: _Piece, note: bool, heads: frozenset[str]) -> Block:
    if note:
        found = _LABEL.match(piece.text)
        label = _digits(found["tex"] or found["super"] or found["square"]) if found else None
        text = piece.text[found.end() :] if found else piece.text
        return Block("note", text.strip(), piece.start, piece.end, page=piece.page, label=label)
    furniture = _PAGE_NUMBER.match(piece.text) or _without_figures(piece.text) in heads
    kind = "masthead" if furniture else _body_kind(piece)
    return Block(kind, piece.text, piece.start, piece.end, page=piece.page)


def _body_kind(piece: _Piece) -> BlockKind:
    if _DISCLAIMER.match(piece.text) or _CONTACT.match(piece.text):
        return "masthead"
    if piece.bullet:
        return "item"
    short = len(piece.text.split()) <= _HEADING_WORDS
    # A line that a page break cut ends without a full stop as well, but seldom begins with a capital.
    if short and not _TERMINAL.search(piece.text) and piece.text[:1] not in _lowercase(piece.text):
        return "heading"
    return "prose"


def _lowercase(text: str) -> str:
    return text[:1] if text[:1].islower() else ""


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
