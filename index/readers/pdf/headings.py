"""Which passages are headings and which is the title: by the outline, the size, the weight and the place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.readers.pdf.passages import Passage
from index.readers.pdf.pdfium import Bookmark

_WORDS = 20
_LINES = 4
_LARGER = 1.12
_SLIGHTLY = 1.05  # where it is numbered as well
_TERMINAL = re.compile(r"[.!?…。！？;,][\"'”’)\]»]*$")
_NUMBERING = re.compile(
    r"^(?:(?:chapter|section|part|appendix|article)\s+)?[\divxlca-z.()§-]{1,8}[.:)]?\s+", re.IGNORECASE
)
_REFERENCES = re.compile(
    r"^(?:\d+(?:\.\d+)*\.?\s+|[ivx]+\.\s+)?"
    r"(?:references|bibliography|works cited|literature(?: cited)?|literatur(?:verzeichnis)?)$",
    re.IGNORECASE,
)


def mark_headings(passages: Sequence[Passage], outline: Sequence[Bookmark], size: float) -> list[Passage]:
    """The passages, headings marked as such.

    Args:
        passages: of the whole file, in reading order.
        outline: its bookmarks.
        size: the size of its text.
    """
    titles: dict[int, set[str]] = {}
    for bookmark in outline:
        titles.setdefault(bookmark.page, set()).update({_folded(bookmark.title), _bare(bookmark.title)})
    return [
        replace(passage, kind="heading") if _is_heading(passage, titles, size) else passage
        for passage in passages
    ]


def is_references(passage: Passage) -> bool:
    """Whether a heading opens the list of references."""
    return passage.kind == "heading" and bool(_REFERENCES.match(_text(passage)))


def find_title(passages: Sequence[Passage], declared: str, size: float) -> int | None:
    """Which passage of the first page is the title: the one that the file declares, else the largest."""
    first = passages[0].page if passages else 0
    front = [
        (at, passage)
        for at, passage in enumerate(passages[:40])
        if passage.page == first and not passage.cells
    ]
    wanted = _folded(declared)
    for at, passage in front:
        if wanted and len(wanted) > 8 and _folded(_text(passage)) == wanted:
            return at
    fitting = [
        (passage.lines[0].size, -at)
        for at, passage in front
        if len(_text(passage).split()) <= 30 and sum(c.isalpha() for c in _text(passage)) > 3
    ]
    if not fitting:
        return None
    largest, at = max(fitting)
    if largest > _LARGER * size:
        return -at
    opening = front[0][1] if front else None
    return front[0][0] if opening is not None and opening.kind == "heading" else None


def _is_heading(passage: Passage, titles: Mapping[int, set[str]], size: float) -> bool:
    text = _text(passage)
    words = len(text.split())
    if (
        passage.cells is not None
        or not any(c.isalpha() for c in text)
        or words > _WORDS
        or passage.is_caption
    ):
        return False
    near = (titles.get(passage.page + shift, set()) for shift in (0, -1, 1))
    if any(_folded(text) in page or _bare(text) in page for page in near):
        return True
    if len(passage.lines) > _LINES or _TERMINAL.search(text):
        return False
    own = passage.lines[0].size
    if own > _LARGER * size and passage.kind == "prose":
        return True
    if own > _SLIGHTLY * size and len(passage.lines) == 1 and _NUMBERING.match(text):
        return True
    bold = all(line.bold for line in passage.lines)
    if own < 0.95 * size:
        return False
    capitals = text.upper() == text and words > 1 and sum(c.isalpha() for c in text) > 5
    return (bold or (capitals and text.lower() != text and len(passage.lines) == 1)) and text[:1] not in '“"('


def _text(passage: Passage) -> str:
    return " ".join(line.text for line in passage.lines)


def _folded(text: str) -> str:
    """Its letters and figures alone, in lower case."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _bare(text: str) -> str:
    """Folded without the number before it; '' where that leaves too little to compare."""
    folded = _folded(_NUMBERING.sub("", text))
    return folded if len(folded) > 3 else _folded(text)
