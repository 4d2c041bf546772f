"""Words of a page -> lines: what stands on one baseline, cut where a gutter or the gap of a table runs through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from index.readers.pdf.gutters import is_gutter, page_gutters
from index.readers.pdf.rows import JOINS, Row, find_rows
from index.readers.pdf.shapes import Bar, Dot, Line, PageText

BULLET = re.compile(r"^(?:[•‣▪■□●○◦▸►➢✓✔❖◆◇–—⁃∙·*-]|o)$")
_LABEL = re.compile(r"^(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.):]?\)?|\d{1,2}(?:\.\d{1,3}){1,4}\.?|§)$")
_LEADERS = re.compile(r"^[.·…_]{3,}$")
_TRAILING = re.compile(r"[.·…_]{5,}$")

_PARTS = 2.6  # and one above this always does
_ALONE, _NEAR = 2.6, 8.0  # of the size: how far above and below a lone piece of a row others are looked for
_FEW = 3  # words of a cell


def cut_lines(page: PageText) -> list[Line]:
    """The lines of a page from its top; lines of one row from the left."""
    rows = find_rows(page.words, rightwards=page.rightwards)
    gutters = page_gutters(rows, page.width)
    lines = []
    for number in range(len(rows)):
        for words in _cut(rows, number, page.bars, gutters):
            if kept := _with_bullet(_without_leaders(words), page.dots):
                lines.append(Line(tuple(_legible(kept, rightwards=page.rightwards)), page.number, number))
    return _rejoined(lines, gutters, page.bars)


def _rejoined(lines: Sequence[Line], gutters: Sequence[int], bars: Sequence[Bar]) -> list[Line]:
    """The lines; one that stands alone at the right of another, such as a date or a number, is part of it."""
    edges = [*gutters, *(bar.x for bar in bars)]
    joined: list[Line] = []
    for line in lines:
        left = joined[-1] if joined else None
        beside = left is not None and left.row == line.row
        if (
            left
            and beside
            and _is_lone(left, line, lines)
            and not any(left.x1 <= x <= line.x0 for x in edges)
        ):
            joined[-1] = Line((*left.words, *line.words), line.page, line.row)
        else:
            joined.append(line)
    return joined


def _is_lone(left: Line, line: Line, lines: Sequence[Line]) -> bool:
    """Whether no line nearby begins where `line` could be a column's, and a text next to it runs across the gap."""
    size = max(line.size, left.size)
    near = [other for other in lines if other.row != line.row and abs(other.base - line.base) < _NEAR * size]
    if any(other.x0 > left.x1 and abs(other.base - line.base) < _ALONE * size for other in near):
        return False
    level = [other for other in near if other.x1 > left.x0 and other.x0 < line.x1]
    above = max((other for other in level if other.row < line.row), key=lambda other: other.row, default=None)
    below = min((other for other in level if other.row > line.row), key=lambda other: other.row, default=None)
    return any(
        other is not None and len(other.words) > _FEW and other.x0 < left.x1 and other.x1 > line.x0
        for other in (above, below)
    )


def _with_bullet(words: Row, dots: Sequence[Dot]) -> Row:
    """Words with a bullet before them, where one is drawn there."""
    if not words or not dots:
        return words
    first = words[0]
    for dot in dots:
        level = first.base - 0.65 * first.size < dot.y < first.base + 0.05 * first.size
        if level and 0.3 * first.size < first.x0 - dot.x < 2.5 * first.size:
            return [replace(first, text="•", x0=dot.x, x1=dot.x, glued=False), *words]
    return words


def _without_leaders(words: Row) -> Row:
    """Words less the dots that lead to a page number."""
    kept: Row = []
    dots = {at for at, word in enumerate(words) if word.text in (".", "·", "…", "_")}
    for at, word in enumerate(words):
        if (at in dots and {at - 1, at + 1} & dots) or _LEADERS.match(word.text):
            continue
        text = _TRAILING.sub("", word.text)
        kept.append(word if text == word.text else replace(word, text=text or word.text))
    return kept


def _cut(rows: Sequence[Row], number: int, bars: Sequence[Bar], gutters: Sequence[int]) -> list[Row]:
    """A row cut where a gap is too wide for a line, at a bar, and where rows around it have the same gap."""
    row = rows[number]
    size = median(word.size for word in row)
    beside = [bar.x for bar in bars if bar.y0 - 1 < row[0].base - 0.3 * size < bar.y1 + 1]
    stretched = _is_stretched(rows, number)
    parts = [[row[0]]]
    reach = row[0].x1
    for word in row[1:]:
        gap = word.x0 - reach
        label = _is_label(parts[-1]) and gap < 5 * size
        barred = any(reach - 1 < x < word.x0 + 1 for x in beside)
        parting = gap > _PARTS * size or any(reach <= x <= word.x0 for x in gutters)
        wide = gap > JOINS * size and (parting or is_gutter(rows, number, reach, word.x0))
        if barred or (wide and not label and not stretched):
            parts.append([word])
        else:
            parts[-1].append(word)
        reach = max(reach, word.x1)
    return parts


def _is_stretched(rows: Sequence[Row], number: int) -> bool:
    """Whether a row is a line that justification stretched: wide gaps, all alike, which the rows beside it have not."""
    row = rows[number]
    gaps = [(a.x1, b.x0) for a, b in pairwise(row) if not b.glued]
    widths = [high - low for low, high in gaps]
    if len(gaps) < 2 or min(widths) < JOINS * row[0].size or max(widths) > 1.4 * min(widths):
        return False
    near = [rows[at] for at in (number - 1, number + 1) if 0 <= at < len(rows)]
    near = [other for other in near if abs(other[0].base - row[0].base) < 2 * row[0].size]
    return bool(near) and all(
        any(w.x0 < (low + high) / 2 < w.x1 for w in other) for other in near for low, high in gaps[:2]
    )


def _is_label(words: Row) -> bool:
    """A bullet or number that stands before its text with a gap between."""
    text = "".join(word.text for word in words)
    return len(words) == 1 and bool(BULLET.match(text) or (_LABEL.match(text) and not text.isdigit()))


def _legible(words: Row, *, rightwards: bool) -> Row:
    """On a mirrored page, words that are written to the right have to change places again."""
    if rightwards:
        return words
    ordered: Row = []
    held: Row = []
    for word in words:
        if _runs_right(word.text):
            held.insert(0, word)
        else:
            ordered += [*held, word]
            held = []
    return ordered + held


def _runs_right(text: str) -> bool:
    return any(c.isascii() and c.isalnum() for c in text)
