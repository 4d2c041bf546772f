"""What is usual in a file and in one of its columns: the size of its text, the distance of its lines, its edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from index.readers.pdf.shapes import Line, Region, body_size

INDENT = 0.7
"""Of the size: a line that begins this far from another is set in."""
_FEW = 6  # distances that say what is usual in a column


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in a file: the size of its text, and the distance of its lines in multiples of that."""

    size: float
    leading: float

    @staticmethod
    def of(regions: Sequence[Region]) -> Usual:
        """The usual of these columns."""
        lines = [line for region in regions if not region.table for line in region.lines]
        size = body_size(lines)
        own = [region.lines for region in regions if not region.table]
        steps = [step for column in own for step in _steps(column) if abs(column[0].size - size) < 0.2 * size]
        return Usual(size, _usual(steps))


@dataclass(frozen=True, slots=True)
class Measures:
    """What is usual in a column: the distance of lines in multiples of their size, its left and right edge."""

    leading: float
    left: float
    right: float
    large: float
    hanging: bool

    @staticmethod
    def of(region: Region, usual: Usual) -> Measures:
        """Those of a column; the usual distance of lines where it has few of its own."""
        lines = region.lines
        steps = _steps(lines)
        ends = sorted(line.x1 for line in lines)
        starts = sorted(line.x0 for line in lines)
        right = ends[int(0.9 * (len(ends) - 1))]
        leading = _usual(steps) if len(steps) > _FEW else usual.leading
        left = starts[len(starts) // 10]
        return Measures(leading, left, right, 1.15 * usual.size, _is_hanging(lines, left, right))


def _is_hanging(lines: Sequence[Line], left: float, right: float) -> bool:
    """Whether entries begin at the left and go on set in, as in a list of references.

    A line at the left is then a full one where a line that is set in follows; where paragraphs begin set in, it is
    their last, and mostly short.
    """
    full: tuple[list[bool], list[bool]] = [], []
    for before, after in pairwise(lines):
        shift = (after.x0 - before.x0) / after.size
        if abs(shift) > INDENT and min(before.x0, after.x0) - left < after.size:
            full[shift < 0].append(before.x1 > right - 4 * before.size)
    inward, outward = full
    if len(inward) < 2 or len(outward) < 2:
        return False
    return sum(inward) / len(inward) > sum(outward) / len(outward) + 0.25


def _steps(lines: Sequence[Line]) -> list[float]:
    """The distances of lines of one size, in multiples of it."""
    return [
        (after.base - before.base) / after.size
        for before, after in pairwise(lines)
        if abs(after.size - before.size) <= 0.05 * after.size
        and 0.8 < (after.base - before.base) / after.size < 3
    ]


def _usual(steps: Sequence[float]) -> float:
    """The lowest distance that is common: between paragraphs there is more, and lines lie never closer."""
    ordered = sorted(steps)
    needed = 1 if len(ordered) < _FEW else max(3, len(ordered) // 8)
    for at, step in enumerate(ordered):
        near = [other for other in ordered[at:] if other <= 1.1 * step]
        if len(near) >= needed:
            return median(near)
    return 1.2
