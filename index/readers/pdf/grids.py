"""Tables that are drawn: rules and bars that touch each other, and the lines between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from index.readers.pdf.shapes import Line, PageText, Region

_TOUCH = 3.0  # points
_MOST = 600  # rules and bars: beyond that they are a drawing
_WORDY = 80  # words in a row, at the median: beyond that the grid is the page's layout


@dataclass(slots=True)
class _Box:
    """What a group of rules and bars covers, and where they lie."""

    x0: float
    x1: float
    y0: float
    y1: float
    ys: list[float]
    xs: list[float]

    def touches(self, other: _Box) -> bool:
        return (
            self.x0 - _TOUCH <= other.x1
            and other.x0 - _TOUCH <= self.x1
            and self.y0 - _TOUCH <= other.y1
            and other.y0 - _TOUCH <= self.y1
        )

    def take(self, other: _Box) -> None:
        self.x0, self.x1 = min(self.x0, other.x0), max(self.x1, other.x1)
        self.y0, self.y1 = min(self.y0, other.y0), max(self.y1, other.y1)
        self.ys += other.ys
        self.xs += other.xs

    def holds(self, line: Line) -> bool:
        middle = line.base - 0.3 * line.size
        return self.y0 <= middle <= self.y1 and self.x0 - 1 <= (line.x0 + line.x1) / 2 <= self.x1 + 1

    @property
    def is_grid(self) -> bool:
        """Whether it has two rows and two columns at least."""
        inner = [x for x in self.xs if self.x0 + 2 * _TOUCH < x < self.x1 - 2 * _TOUCH]
        return len(_distinct(self.ys)) >= 3 and bool(inner)


def find_grids(lines: Sequence[Line], page: PageText) -> tuple[list[Region], list[Line]]:
    """The drawn tables of a page, and the lines that stand in none of them."""
    tables: list[Region] = []
    rest = list(lines)
    for box in _boxes(page):
        held = [line for line in rest if box.is_grid and box.holds(line)]
        if not _has_cells(held) or _is_layout(held, box):
            continue
        tables.append(Region(tuple(held), table=True, drawn=True))
        rest = [line for line in rest if line not in held]
    return tables, rest


def _has_cells(lines: Sequence[Line]) -> bool:
    """Whether two rows at least have two cells."""
    rows = Counter(line.row for line in lines)
    return sum(count > 1 for count in rows.values()) >= 2


def _boxes(page: PageText) -> list[_Box]:
    single = [_Box(rule.x0, rule.x1, rule.y, rule.y, [rule.y], []) for rule in page.rules]
    single += [_Box(bar.x, bar.x, bar.y0, bar.y1, [], [bar.x]) for bar in page.bars]
    if len(single) > _MOST:
        return []
    boxes: list[_Box] = []
    for box in single:
        touching = [other for other in boxes if other.touches(box)]
        for other in touching:
            box.take(other)
        boxes = [other for other in boxes if not any(other is one for one in touching)] + [box]
    return boxes


def _is_layout(lines: Sequence[Line], box: _Box) -> bool:
    words: dict[int, int] = {}
    ys = _distinct(box.ys)
    for line in lines:
        band = sum(y < line.base for y in ys)
        words[band] = words.get(band, 0) + len(line.words)
    columns = len({round(line.x0 / 20) for line in lines})
    return columns < 2 or median(words.values()) > _WORDY


def _distinct(values: Sequence[float]) -> list[float]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _TOUCH:
            kept.append(value)
    return kept
