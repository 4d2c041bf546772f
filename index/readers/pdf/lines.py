"""Words of a page -> lines: what stands on one baseline, cut where a gutter or the gap of a table runs through."""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from statistics import median

from index.readers.pdf.accents import compose_accents
from index.readers.pdf.shapes import Bar, Dot, Line, PageText, Word

BULLET = re.compile(r"^(?:[•‣▪■□●○◦▸►➢✓✔❖◆◇–—⁃∙·*-]|o)$")
_LABEL = re.compile(r"^(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.):]?\)?|\d{1,2}(?:\.\d{1,3}){1,4}\.?|§)$")
_LEADERS = re.compile(r"^[.·…_]{3,}$")
_TRAILING = re.compile(r"[.·…_]{5,}$")

_JOINS = 0.75  # of the size: a gap below this never parts
_PARTS = 2.6  # and one above this always does
_SHARED = 0.5  # how wide a gutter must be that several rows have in common
_REACH = 7  # rows above and below that are asked for the gutter
_ALONE, _NEAR = 2.6, 8.0  # of the size: how far above and below a lone piece of a row others are looked for
_FEW = 3  # words of a cell
_TALL = 8  # rows: a gutter of the page

_Row = list[Word]


def cut_lines(page: PageText) -> list[Line]:
    """The lines of a page from its top; lines of one row from the left."""
    rows = [_ordered(row, rightwards=page.rightwards) for row in _rows(_runs(compose_accents(page.words)))]
    gutters = _gutters(rows, page.width)
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


def _with_bullet(words: _Row, dots: Sequence[Dot]) -> _Row:
    """Words with a bullet before them, where one is drawn there."""
    if not words or not dots:
        return words
    first = words[0]
    for dot in dots:
        level = first.base - 0.65 * first.size < dot.y < first.base + 0.05 * first.size
        if level and 0.3 * first.size < first.x0 - dot.x < 2.5 * first.size:
            return [replace(first, text="•", x0=dot.x, x1=dot.x, glued=False), *words]
    return words


def _without_leaders(words: _Row) -> _Row:
    """Words less the dots that lead to a page number."""
    kept: _Row = []
    dots = {at for at, word in enumerate(words) if word.text in (".", "·", "…", "_")}
    for at, word in enumerate(words):
        if (at in dots and {at - 1, at + 1} & dots) or _LEADERS.match(word.text):
            continue
        text = _TRAILING.sub("", word.text)
        kept.append(word if text == word.text else replace(word, text=text or word.text))
    return kept


def _runs(words: Sequence[Word]) -> list[_Row]:
    """Words that follow each other in the file and on the page."""
    runs: list[_Row] = []
    for word in words:
        last = runs[-1][-1] if runs else None
        if last is None or not _follows(last, word):
            runs.append([word])
        else:
            runs[-1].append(word)
    return runs


def _follows(last: Word, word: Word) -> bool:
    size = max(last.size, word.size)
    apart = max(word.x0 - last.x1, last.x0 - word.x1)
    near = abs(word.base - last.base) < (0.5 if word.size != last.size else 0.3) * size
    return near and (word.glued or -0.6 * size < apart < _JOINS * size)


def _rows(runs: Sequence[_Row]) -> list[_Row]:
    """Runs with one baseline, from the top of the page; what is raised or lowered goes with the row that it is in."""
    measured = sorted(((_main(run), run) for run in runs), key=lambda pair: (pair[0].base, pair[1][0].x0))
    rows: list[tuple[float, float, _Row]] = []
    small: list[tuple[Word, _Row]] = []
    sizes = median(word.size for run in runs for word in run) if runs else 0
    for main, run in measured:
        near = [row for row in rows[-6:] if abs(row[0] - main.base) <= 0.3 * min(row[1], main.size)]
        if near:
            min(near, key=lambda row: abs(row[0] - main.base))[2].extend(run)
        elif main.size < 0.86 * sizes and len(run) <= 2:
            small.append((main, run))
        else:
            rows.append((main.base, main.size, list(run)))
    for main, run in small:
        host = next((row for row in rows if _hosts(row, main, run)), None)
        if host is not None:
            host[2].extend(run)
            continue
        same = next((row for row in rows if abs(row[0] - main.base) <= 0.3 * min(row[1], main.size)), None)
        if same is not None:
            same[2].extend(run)
        else:
            insort(rows, (main.base, main.size, list(run)), key=lambda row: row[0])
    return [row for _, _, row in rows]


def _main(run: _Row) -> Word:
    return max(run, key=lambda word: (word.size, len(word.text)))


def _hosts(row: tuple[float, float, _Row], main: Word, run: _Row) -> bool:
    """Whether a small run is a raised or lowered part of the row: beside one of its words, within its height."""
    base, size, words = row
    if not (main.size < 0.9 * size and base - 0.7 * size < main.base < base + 0.35 * size):
        return False
    left, right = run[0].x0, run[-1].x1
    return any(
        -0.5 * size < left - w.x1 < 0.4 * size or -0.5 * size < w.x0 - right < 0.4 * size for w in words
    )


def _ordered(row: _Row, *, rightwards: bool) -> _Row:
    """The words of a row from the left; on a mirrored page that is the order of reading."""
    ordered = sorted(row, key=lambda word: word.x0)
    fixed = ordered[:1]
    for last, word in pairwise(ordered):
        gap = word.x0 - last.x1
        glued = word.glued and gap < 0.35 * word.size
        touching = (not rightwards or not last.spaced) and word.size != last.size and gap < 0.08 * last.size
        glued = glued or touching
        fixed.append(word if glued == word.glued else replace(word, glued=glued))
    return fixed


def _gutters(rows: Sequence[_Row], width: float) -> list[int]:
    """Where a gutter runs down much of the page: x on a grid of points.

    Each x is asked how many rows have text on both sides of it and a gap there, and how many run across it.
    """
    size = int(width) + 2
    both, across, left, right = ([0] * (size + 1) for _ in range(4))

    def count(changes: list[int], low: float, high: float) -> None:
        begin, end = min(max(int(low) + 1, 0), size), min(max(int(high) + 1, 0), size)
        changes[begin] += 1
        changes[max(begin, end)] -= 1

    for row in rows:
        begin = reach = row[0].x0
        for word in row:
            if word.x0 - reach > _JOINS * word.size:
                count(both, reach, word.x0)
            elif word.x0 > reach:
                count(across, reach, word.x0)
            count(across, max(word.x0, reach), word.x1)
            reach = max(reach, word.x1)
        count(right, -1, begin)
        count(left, reach, size)
    counted = zip(*(accumulate(changes) for changes in (both, across, left, right)), strict=True)
    return [
        x
        for x, (sides, through, before, after) in enumerate(counted)
        if 0.12 * width < x < 0.88 * width
        and (support := sides + min(before, after)) >= _TALL
        and through <= 0.6 * support
        and sides + after >= _TALL
    ]


def _cut(rows: Sequence[_Row], number: int, bars: Sequence[Bar], gutters: Sequence[int]) -> list[_Row]:
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
        wide = gap > _JOINS * size and (parting or _is_gutter(rows, number, reach, word.x0))
        if barred or (wide and not label and not stretched):
            parts.append([word])
        else:
            parts[-1].append(word)
        reach = max(reach, word.x1)
    return parts


def _is_stretched(rows: Sequence[_Row], number: int) -> bool:
    """Whether a row is a line that justification stretched: wide gaps, all alike, which the rows beside it have not."""
    row = rows[number]
    gaps = [(a.x1, b.x0) for a, b in pairwise(row) if not b.glued]
    widths = [high - low for low, high in gaps]
    if len(gaps) < 2 or min(widths) < _JOINS * row[0].size or max(widths) > 1.4 * min(widths):
        return False
    near = [rows[at] for at in (number - 1, number + 1) if 0 <= at < len(rows)]
    near = [other for other in near if abs(other[0].base - row[0].base) < 2 * row[0].size]
    return bool(near) and all(
        any(w.x0 < (low + high) / 2 < w.x1 for w in other) for other in near for low, high in gaps[:2]
    )


def _is_label(words: _Row) -> bool:
    """A bullet or number that stands before its text with a gap between."""
    text = "".join(word.text for word in words)
    return len(words) == 1 and bool(BULLET.match(text) or (_LABEL.match(text) and not text.isdigit()))


def _is_gutter(rows: Sequence[_Row], number: int, left: float, right: float) -> bool:
    """Whether two more rows nearby have text on both sides of the gap and none in it."""
    agreeing = 0
    for step in (-1, 1):
        a, b = left, right
        for at in range(number + step, number + step * (_REACH + 1), step):
            if not 0 <= at < len(rows):
                break
            row = rows[at]
            size = row[0].size
            before = max((w.x1 for w in row if w.x0 < (a + b) / 2), default=None)
            after = min((w.x0 for w in row if w.x0 >= (a + b) / 2), default=None)
            low = a if before is None else max(a, before)
            high = b if after is None else min(b, after)
            if high - low < _SHARED * size:
                break
            if before is None or after is None:
                continue
            if after - before < _JOINS * size:
                break
            a, b = low, high
            agreeing += 1
    return agreeing >= 2


def _legible(words: _Row, *, rightwards: bool) -> _Row:
    """On a mirrored page, words that are written to the right have to change places again."""
    if rightwards:
        return words
    ordered: _Row = []
    held: _Row = []
    for word in words:
        if _runs_right(word.text):
            held.insert(0, word)
        else:
            ordered += [*held, word]
            held = []
    return ordered + held


def _runs_right(text: str) -> bool:
    return any(c.isascii() and c.isalnum() for c in text)
