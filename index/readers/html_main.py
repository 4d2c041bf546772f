"""Which pieces of a page are its content: trafilatura's choice, put right by the page's own structure.

Trafilatura finds where the content is, but keeps headlines of other articles and drops rows, items and short lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from lxml import html

from index.readers.html_blocks import Piece
from index.readers.marked import without_markers

_WORD = re.compile(r"\w+")
_SHINGLE = 4
_LINKED = 0.5
_WRAPPER = 0.4  # what holds more of the content than this is not beside it
_RESCUED = 0.5
_LONG = 250
_MANY = 2000  # trafilatura's second opinions take the square of the time
_NOTICE = re.compile(
    r"^\W*(?:adverts?|advertise?ments?|sponsored(?: links?| content)?|this slideshow requires javascript"
    r"|(?:\d+ )?comments?|leave a (?:comment|reply)|(?:share|tweet|print|e-?mail|follow)(?: this)?|filed under\b.*"
    r"|(?:tags?|tagged|posted in|categories|categorized)\s*(?:as|under)?\s*:.*|(?:estimated )?read(?:ing)? time\b.*"
    r"|\d+ min(?:ute)?s?(?: |-)?read|copyright\b.*|©.*|.*\ball rights reserved\b.*"
    r"|(?:sign up|subscribe|get)\b.*\b(?:newsletters?|inbox|updates|alerts)\b.*|follow (?:us|me|him|her|them)\b.*"
    r"|(?:click|tap) here to\b.*|.*\buses? cookies\b.*|.*\b(?:earn|get) a (?:commission|share of the sale)\b.*)\W*$",
    re.IGNORECASE | re.DOTALL,
)
_ENDED = re.compile(r"[.!?…。！？][\"'”’)\]»]*$")
_CAPTION = re.compile(
    r"author|byline|caption|credit|dateline|gallery|overlay|photo|player|slideshow|thumb|timestamp",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"^\W*(?:related\b|read (?:more|also|next|full)\b|see also\b|also read\b|(?:you )?(?:may|might) also like\b|more:"
    r"|more (?:from|on|about|stories)\b|recommended\b|most (?:read|popular)\b|(?:our )?latest (?:news|stories)\b"
    r"|watch(?: now)?:|don.t miss\b|trending\b)",
    re.IGNORECASE,
)


def main_pieces(tree: html.HtmlElement, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces of the main content, in order."""
    if _is_plain(pieces):
        return list(pieces)
    kept = _matched(pieces, _extracted(tree, fast=len(pieces) > _MANY))
    beside = _beside(pieces, kept)
    for i, piece in enumerate(pieces):
        if beside.intersection(piece.furniture) and (piece.kind != "prose" or piece.linked > _LINKED):
            kept[i] = False
    plain = [not beside.intersection(piece.furniture) for piece in pieces]
    if not any(kept):
        kept = [own and (piece.linked <= _LINKED) for own, piece in zip(plain, pieces, strict=True)]
    _fill(pieces, kept, plain)
    _rescue(tree, pieces, kept, plain)
    _drop_notices(pieces, kept)
    _drop_tail(pieces, kept)
    return [piece for piece, keep in zip(pieces, kept, strict=True) if keep]


def _is_plain(pieces: Sequence[Piece]) -> bool:
    """Whether a page is a document alone, without menus or links to others."""
    words = sum(_size(piece) for piece in pieces)
    linked = sum(piece.linked * _size(piece) for piece in pieces)
    return not any(piece.furniture for piece in pieces) and linked <= 0.2 * words


def _size(piece: Piece) -> int:
    return len(_WORD.findall(piece.text))


def _extracted(tree: html.HtmlElement, *, fast: bool) -> str:
    from trafilatura import extract  # slow to import

    source = without_markers(html.tostring(tree, encoding="unicode"))
    return extract(source, include_comments=False, include_tables=True, with_metadata=False, fast=fast) or ""


def _matched(pieces: Sequence[Piece], text: str) -> list[bool]:
    """Which pieces are in `text`: half of their runs of words are, or the whole of a short one is a line of it."""
    lines = {tuple(_WORD.findall(line)) for line in text.splitlines()}
    runs = set(_runs(_WORD.findall(text)))
    matched = []
    for piece in pieces:
        own = _WORD.findall(piece.text)
        if len(own) < _SHINGLE:
            matched.append(tuple(own) in lines)
        else:
            found = [run in runs for run in _runs(own)]
            matched.append(2 * sum(found) >= len(found))
    return matched


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(words[i:] for i in range(_SHINGLE)), strict=False))


def _beside(pieces: Sequence[Piece], kept: Sequence[bool]) -> frozenset[int]:
    """The furniture of the page, without what has the name of furniture and holds much of the content."""
    held: Counter[int] = Counter()
    for piece, keep in zip(pieces, kept, strict=True):
        if keep:
            held.update(dict.fromkeys(piece.furniture, _size(piece)))
    whole = sum(_size(piece) for piece, keep in zip(pieces, kept, strict=True) if keep)
    every = {number for piece in pieces for number in piece.furniture}
    return frozenset(number for number in every if held[number] <= _WRAPPER * whole)


def _fill(pieces: Sequence[Piece], kept: list[bool], plain: Sequence[bool]) -> None:
    """Between the first and the last piece of the content: what stands in the same element as its neighbours."""
    places = [i for i, keep in enumerate(kept) if keep]
    if not places:
        return
    around = Counter(_place(pieces[i]) for i in places if pieces[i].kind == "prose")
    tables = {pieces[i].table for i in places if pieces[i].kind == "row"}
    for i in range(places[0], places[-1] + 1):
        piece = pieces[i]
        if kept[i] or not plain[i] or not _WORD.search(piece.text):
            continue
        if piece.kind == "row":
            kept[i] = piece.table in tables
        elif piece.linked <= _LINKED and not _is_beside_text(piece.box):
            kept[i] = around[_place(piece)] > 1


def _place(piece: Piece) -> html.HtmlElement:
    """The element that a piece stands in as one of several; for an item or a quotation, what holds the whole of it."""
    element = piece.box
    for parent in element.iterancestors():
        if parent.tag in ("blockquote", "dl", "ol", "ul") or element.tag in ("blockquote", "dl", "ol", "ul"):
            element = parent
        elif element is not piece.box or element.getnext() is not None or element.getprevious() is not None:
            return parent
        else:
            element = parent
    return element


def _is_beside_text(box: html.HtmlElement) -> bool:
    """Captions, credits and bylines stand among the paragraphs and are none."""
    around = [box, *list(box.iterancestors())[:2]]
    return any(
        element.tag in ("figcaption", "figure")
        or _CAPTION.search(f"{element.get('class', '')} {element.get('id', '')}")
        for element in around
    )


def _rescue(tree: html.HtmlElement, pieces: Sequence[Piece], kept: list[bool], plain: Sequence[bool]) -> None:
    """Where the page names its one main element and less than half of its text was kept, all of it is."""
    for tag in ("main", "article"):
        found = list(tree.iter(tag))
        if len(found) != 1:
            continue
        inside = set(found[0].iter())
        own = [i for i, piece in enumerate(pieces) if piece.box in inside and plain[i]]
        fitting = [i for i in own if pieces[i].linked <= _LINKED]
        held = sum(_size(pieces[i]) for i in fitting if kept[i])
        if fitting and held < _RESCUED * sum(_size(pieces[i]) for i in fitting):
            for i in fitting:
                kept[i] = True
        return


def _drop_notices(pieces: Sequence[Piece], kept: list[bool]) -> None:
    """Lines that belong to the site, and lines that only lead elsewhere with the links under them."""
    leading = False
    for i, piece in enumerate(pieces):
        if not kept[i]:
            continue
        short = len(piece.text) <= _LONG
        away = short and bool(_ELSEWHERE.match(piece.text))
        if leading and piece.linked > 0.8:
            kept[i] = False
        elif away and (piece.linked > _LINKED or _leads(pieces, kept, i)):
            kept[i], leading = False, True
        else:
            leading = False
            if short and piece.kind in ("prose", "heading") and _NOTICE.match(piece.text):
                kept[i] = False


def _leads(pieces: Sequence[Piece], kept: Sequence[bool], i: int) -> bool:
    following = next((pieces[j] for j in range(i + 1, len(pieces)) if kept[j]), None)
    return following is None or following.linked > 0.8


def _drop_tail(pieces: Sequence[Piece], kept: list[bool]) -> None:
    """Links after the last text of an article lead to others."""
    places = [i for i, keep in enumerate(kept) if keep]
    tail: list[int] = []
    for i in reversed(places):
        scrap = pieces[i].kind == "prose" and _size(pieces[i]) < 5 and not _ENDED.search(pieces[i].text)
        if pieces[i].linked <= 0.8 and pieces[i].kind != "heading" and not scrap:
            break
        tail.append(i)
    whole = sum(_size(pieces[i]) for i in places)
    if sum(_size(pieces[i]) for i in tail) < 0.3 * whole:
        for i in tail:
            kept[i] = False
