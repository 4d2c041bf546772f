"""What stands before a plain text's body: its title and masthead, and what they say of the document."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.documents import Block, BlockKind
from index.readers.days import iso_day
from index.readers.pieces import Piece

_BYLINE = re.compile(r"^by\s+(?P<who>[A-Z][\w.'’ -]+(?:(?:,| and| &) [A-Z][\w.'’ -]+)*)$", re.IGNORECASE)
_EDITED = re.compile(r"^edited by[:\s]+(?P<who>.+)$", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"^(?:published(?: on)?:?\s+)?(?:[A-Z][a-z]+day,?\s+)?"
    r"(?:[A-Z][a-z]+\.?\s+\d{1,2},?\s+(?P<y1>\d{4})|\d{1,2}\s+[A-Z][a-z]+\.?\s+(?P<y2>\d{4})|\d{4}-\d\d-\d\d)$",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"^(?:web|phone|tel|fax|e-?mail|address)\b\s*:", re.IGNORECASE)
_DISCLAIMER = re.compile(r"^\(?\s*(?:disclaimer\b|(?:the )?views? expressed\b)", re.IGNORECASE)
_IMPRINT = re.compile(r"^(?:©|\(c\)|copyright\b|all rights\b|published\b|photo\b)", re.IGNORECASE)


def is_front_matter(text: str) -> bool:
    """Whether a line can only be a masthead's: disclaimer, contact, imprint, editor or author."""
    return any(pattern.match(text) for pattern in (_DISCLAIMER, _CONTACT, _IMPRINT, _EDITED, _BYLINE))


def is_notice(text: str) -> bool:
    """Whether a line is a disclaimer or a contact, which can stand anywhere."""
    return bool(_DISCLAIMER.match(text) or _CONTACT.match(text))


def read_front(pieces: Sequence[Piece]) -> tuple[list[Block], dict[str, str]]:
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
            # Of a month in another language the year is known.
            day = iso_day(piece.text) or found["y1"] or found["y2"]
            if day:
                metadata.setdefault("date", day)
    title = _title_index(pieces)
    if title is not None:
        kinds[title] = "title"
        metadata["title"] = pieces[title].text
    blocks = [Block(kind, p.text, p.start, p.end, p.page) for kind, p in zip(kinds, pieces, strict=True)]
    return blocks, metadata


def _is_role(text: str) -> bool:
    return not (_EDITED.match(text) or _DATE_LINE.match(text) or _DISCLAIMER.match(text)) and len(text) < 200


def _title_index(pieces: Sequence[Piece]) -> int | None:
    """The longest line of the front that is neither byline, date, contact nor disclaimer."""
    fitting = [
        (min(len(piece.text.split()), 20), -i)
        for i, piece in enumerate(pieces)
        if not (is_front_matter(piece.text) or _DATE_LINE.match(piece.text))
        and not (i and _BYLINE.match(pieces[i - 1].text))
    ]
    return -max(fitting)[1] if fitting else None
