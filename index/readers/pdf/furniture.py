"""Running heads, running feet and page numbers: found by what pages have in common, and left out.

What a running head says is kept once: a journal's name or a docket's number may stand nowhere else.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from index.readers.pdf.shapes import Line, body_size

_EDGE = 0.14  # of the page's height, at its head and at its foot
_OUTERMOST = 0.25  # the same for the outermost row, where margins are wide
_ROWS = 4  # rows that a running head can have
_WORDS = 20
_SHORT = 12  # words beside a page number
_LEVEL = 8.0  # points by which a running head may move
_NUMBER = re.compile(r"(?<![\w.,])\d{1,5}(?![\w,]|\.\d)")
_CHAPTERED = re.compile(r"^(?:[A-Z]{1,2}|\d{1,2})\s?[-–]\s?\d{1,4}$")
_MARGIN = 1.2  # of the size: how far a page number stands from the words of its head
_ROMAN = re.compile(r"^[ivxlc]{1,7}$", re.IGNORECASE)
_PAGE = re.compile(
    r"^[-–—\s|\[]*(?:(?:page|seite|p\.|pg\.?)\s*)?\d{1,5}(?:\s*(?:of|/|von|\|)\s*\d{1,5})?[-–—\s|\]]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PageLines:
    """The lines of a page, from its top, and how high it is."""

    number: int
    height: float
    lines: tuple[Line, ...]

    @cached_property
    def large(self) -> float:
        """The size above which a line is a heading."""
        return 1.25 * body_size(self.lines)


@dataclass(frozen=True, slots=True)
class Bodies:
    """The lines of each page without furniture, and of each running head and foot the line in which it first stood."""

    lines: tuple[tuple[Line, ...], ...]
    heads: tuple[Line, ...]


def without_furniture(pages: Sequence[PageLines]) -> Bodies:
    """The lines of each page less running heads, running feet and page numbers."""
    edges = [_edges(page) for page in pages]
    repeated = _repeated(pages, edges)
    shifts = _shifts(pages, edges)
    kept = []
    heads: dict[str, Line] = {}
    for page, (head, foot) in zip(pages, edges, strict=True):
        out: set[int] = set()
        for rows in (head, foot):
            for at, row in enumerate(rows):
                alone = (
                    len(row) == 1
                    and at < 2
                    and _is_page_number(row[0])
                    and _is_apart(row[0], page, rows is head)
                )
                lone = len(pages) == 1 and not at and _is_numbered_head(row, page, rows is head)
                for line in row:
                    if id(line) in repeated:
                        heads.setdefault(_key(line), line)
                if alone or lone or _numbered(row, page, shifts):
                    out.update(id(line) for line in row)
                else:
                    out.update(id(line) for line in row if id(line) in repeated)
        kept.append(tuple(line for line in page.lines if id(line) not in out))
    return Bodies(tuple(kept), tuple(heads.values()))


_Rows = list[list[Line]]
_Shifts = tuple[frozenset[int], frozenset[int]]


def _edges(page: PageLines) -> tuple[_Rows, _Rows]:
    """The outermost rows at head and foot, outermost first."""
    rows: dict[int, list[Line]] = defaultdict(list)
    for line in page.lines:
        rows[line.row].append(line)
    ordered = [rows[key] for key in sorted(rows)]
    depth = [_OUTERMOST, *([_EDGE] * (_ROWS - 1))]
    head = [row for row, edge in zip(ordered, depth, strict=False) if row[0].base < edge * page.height]
    upwards = zip(reversed(ordered), depth, strict=False)
    return head, [row for row, edge in upwards if row[0].base > (1 - edge) * page.height]


def _repeated(pages: Sequence[PageLines], edges: Iterable[tuple[_Rows, _Rows]]) -> set[int]:
    """The ids of lines that stand at one height of several pages, figures left out."""
    places: dict[str, list[tuple[int, float, Line]]] = defaultdict(list)
    for page, (head, foot) in zip(pages, edges, strict=True):
        for line in (line for row in (*head, *foot) for line in row):
            if len(line.words) <= _WORDS:
                places[_key(line)].append((page.number, line.base, line))
    found: set[int] = set()
    for key, places_of in places.items():
        if not key:
            continue
        for number, base, line in places_of:
            if any(n != number and abs(b - base) < _LEVEL for n, b, _ in places_of):
                found.add(id(line))
    return found


def _key(line: Line) -> str:
    text = re.sub(r"\d+", "#", line.text).casefold()
    return text if any(c.isalpha() for c in text) and len(text) > 2 else ""


def _shifts(pages: Sequence[PageLines], edges: Sequence[tuple[_Rows, _Rows]]) -> _Shifts:
    """By how much printed page numbers differ from the count of pages, where several pages agree."""
    votes: tuple[Counter[int], Counter[int]] = Counter(), Counter()
    for page, (head, foot) in zip(pages, edges, strict=True):
        rows = [row for part in (head, foot) for row in part[:2]]
        for count, alone in zip(votes, (True, False), strict=True):
            count.update(
                {number - page.number for row in rows for number in _numbers(row, page.large, alone=alone)}
            )
    few, many = max(2, min(3, len(pages)), 0.2 * len(pages)), max(3, 0.5 * len(pages))
    return (
        frozenset(shift for shift, count in votes[0].items() if count >= few),
        frozenset(shift for shift, count in votes[1].items() if count >= many),
    )


def _numbers(row: Sequence[Line], large: float, *, alone: bool) -> list[int]:
    """The numbers that lines of a row consist of, or else those with which its short lines begin or end.

    A line larger than `large` is a heading.
    """
    found = []
    for line in row:
        if alone and _PAGE.match(line.text):
            found += [int(match.group()) for match in list(_NUMBER.finditer(line.text))[:1]]
        elif (
            not alone
            and len(line.words) <= _SHORT
            and line.size <= large
            and not line.is_raised(line.words[0])
        ):
            ends = (match for match in _NUMBER.finditer(line.text) if _is_outer(match, line.text))
            found += [int(match.group()) for match in ends]
    return found


def _is_outer(match: re.Match[str], text: str) -> bool:
    return match.start() <= 2 or match.end() >= len(text) - 2


def _numbered(row: Sequence[Line], page: PageLines, shifts: _Shifts) -> bool:
    if sum(len(line.words) for line in row) > _WORDS:
        return False
    return any(
        found - page.number in agreed
        for agreed, alone in zip(shifts, (True, False), strict=True)
        for found in _numbers(row, page.large, alone=alone)
    )


def _is_page_number(line: Line) -> bool:
    if _PAGE.match(line.text) or _CHAPTERED.match(line.text):
        return True
    return bool(_ROMAN.match(line.text) and line.text.islower())


def _is_numbered_head(row: Sequence[Line], page: PageLines, at_head: bool) -> bool:
    """Whether the outermost row of a page that stands alone is its running head: words and, far from them, a number.

    An entry of a table of contents looks like it, but more of its kind are next to it.
    """
    if not _has_margin_number(row) or any(1.25 * line.size > 1.02 * page.large for line in row):
        return False
    others = [line for line in page.lines if line.row != row[0].row]
    nearest = min(others, key=lambda line: abs(line.base - row[0].base), default=None)
    beside = [line for line in others if nearest is not None and line.row == nearest.row]
    return _is_apart(row[0], page, at_head) and bool(beside) and not _has_margin_number(beside)


def _has_margin_number(row: Sequence[Line]) -> bool:
    """Whether a row has few words and begins or ends with a number that a wide gap parts from them."""
    words = sorted((word for line in row for word in line.words), key=lambda word: word.x0)
    if not 2 <= len(words) <= _WORDS:
        return False
    gaps = ((words[0], words[1].x0 - words[0].x1), (words[-1], words[-1].x0 - words[-2].x1))
    return any(word.text.isdigit() and len(word.text) < 5 and gap > _MARGIN * word.size for word, gap in gaps)


def _is_apart(line: Line, page: PageLines, at_head: bool) -> bool:
    """Whether a wide gap is between a row at the page's edge and the next towards its middle."""
    sign = 1 if at_head else -1
    inward = [sign * (other.base - line.base) for other in page.lines if other.row != line.row]
    return min((step for step in inward if step > 0), default=page.height) > 1.7 * line.size
