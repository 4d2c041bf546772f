"""Gutters between columns: gaps that rows of a page have in common."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from index.readers.pdf.rows import JOINS, Row

_SHARED = 0.5  # how wide a gutter must be that several rows have in common
_REACH = 7  # rows above and below that are asked for the gutter
_TALL = 8  # rows: a gutter of the page


def page_gutters(rows: Sequence[Row], width: float) -> list[int]:
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
            if word.x0 - reach > JOINS * word.size:
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


def is_gutter(rows: Sequence[Row], number: int, left: float, right: float) -> bool:
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
            if after - before < JOINS * size:
                break
            a, b = low, high
            agreeing += 1
    return agreeing >= 2
