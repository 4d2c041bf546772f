"""Columns whose lines are cells -> tables, and tables -> rows of text.

Columns are cells of one table where they stand side by side on the same baselines and one of them holds a few words
a line, or where rules are drawn across both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from index.readers.pdf.shapes import Line, Region, Rule, overlap

_FIGURE = re.compile(r"^[-–—+$€£¥(]*\d[\d.,:%/) –-]*$")
_ALIGNED = 0.7
_SHORT = 3  # words in a cell, at the median
_NUMBERS = 5  # of lines that have to follow each other


def merge_tables(regions: Sequence[Region], rules: Sequence[Rule]) -> list[Region]:
    """The regions, those that are columns of one table merged; columns of line numbers are left out."""
    columns = _without_line_numbers(regions)
    groups: list[list[Region]] = [[region] for region in columns]
    for i, a in enumerate(columns):
        for b in columns[i + 1 :]:
            first = next(group for group in groups if a in group)
            second = next(group for group in groups if b in group)
            left, right = (a, b) if a.x0 <= b.x0 else (b, a)
            if first is not second and _same_table(left, right, rules, columns):
                first.extend(second)
                groups.remove(second)
    merged: list[Region] = []
    for group in sorted(groups, key=len, reverse=True):
        if len(group) == 1 and any(_encloses(table, group[0]) for table in merged if table.table):
            table = next(table for table in merged if table.table and _encloses(table, group[0]))
            merged[merged.index(table)] = Region(
                (*table.lines, *group[0].lines), table=True, drawn=table.drawn
            )
        else:
            merged += _table(group) if len(group) > 1 else group
    return merged


def _encloses(table: Region, region: Region) -> bool:
    """Whether a region, such as a heading over two columns, lies within a table."""
    margin = table.size
    across = table.x0 - margin < region.x0 and region.x1 < table.x1 + margin
    return across and table.top - 2.5 * margin < region.top and region.bottom < table.bottom + margin


def table_rows(table: Region, rules: Sequence[Rule]) -> list[list[Line]]:
    """The lines of each row of a table, one above the other where its cells are of several lines."""
    drawn = [rule.y for rule in rules if _across(rule, table)]
    visual = _visual_rows(table.lines)
    if not visual:
        return []
    columns = max(len(row) for row in visual)
    steps = [after[0].base - before[0].base for before, after in pairwise(visual)]
    full = [step for step, row in zip(steps, visual[1:], strict=True) if len(row) == columns]
    usual = median(full) if full else 0.0
    left = min(row[0].x0 for row in visual)
    bands = _bands(visual, drawn)
    joined = _single_rows(visual, bands, drawn=table.drawn)
    rows = [list(visual[0])]
    for at, (row, step) in enumerate(zip(visual[1:], steps, strict=True), 1):
        figures = len(row) >= 0.6 * columns and _figures(row) > 0
        close = step < 1.45 * row[0].size
        headless = row[0].x0 > left + 2 * row[0].size
        goes_on = len(row) < columns and close and not figures and (headless or step < 0.87 * usual)
        inner = len(row) < 0.6 * columns if table.drawn else goes_on
        if bands[at] == bands[at - 1] and (inner or (bands[at] in joined and (table.drawn or not figures))):
            rows[-1].extend(row)
        else:
            rows.append(list(row))
    return rows


def row_text(lines: Sequence[Line]) -> str:
    """The cells of a row with " | " between them; lines of one cell have a blank between them."""
    cells: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.x0):
        home = next((cell for cell in cells if any(overlap(line, other) > 0 for other in cell)), None)
        if home is None:
            cells.append([line])
        else:
            home.append(line)
    return " | ".join(" ".join(line.text for line in sorted(cell, key=lambda one: one.row)) for cell in cells)


def _same_table(a: Region, b: Region, rules: Sequence[Rule], columns: Sequence[Region]) -> bool:
    """Whether `a` and `b`, right of it, are columns of one table."""
    if overlap(a, b) > 0.3 * a.size:
        return False
    rows = {line.row for line in a.lines}, {line.row for line in b.lines}
    shared = rows[0] & rows[1]
    if len(shared) < 2 or len(shared) < _ALIGNED * min(len(rows[0]), len(rows[1])):
        return False
    for short, other in ((a, b), (b, a)):
        if other.is_prose and any(
            c.is_prose and overlap(c, short) > 0 and overlap(c, other) <= 0 for c in columns
        ):
            return False  # a table in one column of the page, text in the other
    ruled = {round(rule.y / 2) for rule in rules if _crosses(rule, a, b)}
    if len(ruled) >= 3 and len(rows[0] | rows[1]) <= 4 * (len(ruled) - 1):
        return True
    return (_is_short(a) or _is_short(b)) and not (_is_list(a) or _is_list(b))


def _crosses(rule: Rule, a: Region, b: Region) -> bool:
    top, bottom = min(a.top, b.top), max(a.bottom, b.bottom)
    level = top - 2 * a.size < rule.y < bottom + 2 * a.size
    return level and rule.x0 < a.x1 - a.size and rule.x1 > b.x0 + b.size


def _is_short(region: Region) -> bool:
    """Whether its lines hold a few words each, or figures."""
    texts = [line.text for line in region.lines]
    if median(len(text.split()) for text in texts) <= _SHORT and max(map(len, texts)) < 60:
        return True
    return sum(bool(_FIGURE.match(text)) for text in texts) > len(texts) / 2


def _is_list(region: Region) -> bool:
    return sum(line.text[:2] in ("• ", "● ", "- ", "– ", "○ ") for line in region.lines) >= 2


def _table(group: Sequence[Region]) -> list[Region]:
    """The tables of these columns, and the lines of text above, between and below them.

    A wide gap parts two tables, and so does a line alone in larger letters; rows of one cell at head and foot are text.
    """
    rows = _visual_rows([line for region in group for line in region.lines])
    steps = [after[0].base - before[0].base for before, after in pairwise(rows)]
    usual = median(steps) if steps else 0.0
    size = median(line.size for row in rows for line in row)
    runs: list[list[list[Line]]] = [[rows[0]]]
    for row, step in zip(rows[1:], steps, strict=True):
        alone = [len(one) == 1 and one[0].size > 1.12 * size for one in (runs[-1][-1], row)]
        if step > max(2.2 * usual, 2.5 * size) or alone[0] != alone[1]:
            runs.append([])
        runs[-1].append(row)
    return [part for run in runs for part in _run(run)]


def _run(rows: Sequence[list[Line]]) -> list[Region]:
    broad = [at for at, row in enumerate(rows) if len(row) > 1]
    if not broad:
        return [Region(tuple(line for row in rows for line in row))]
    first, last = broad[0], broad[-1]
    while last + 1 < len(rows) and rows[last + 1][0].base - rows[last][0].base < 1.45 * rows[last][0].size:
        last += 1
    head, body, foot = rows[:first], rows[first : last + 1], rows[last + 1 :]
    parts = [Region(tuple(line for row in part for line in row)) for part in (head, foot) if part]
    return [*parts, Region(tuple(line for row in body for line in row), table=True)]


def _visual_rows(lines: Sequence[Line]) -> list[list[Line]]:
    rows: dict[int, list[Line]] = {}
    for line in sorted(lines, key=lambda one: (one.row, one.x0)):
        rows.setdefault(line.row, []).append(line)
    return list(rows.values())


def _across(rule: Rule, table: Region) -> bool:
    return min(rule.x1, table.x1) - max(rule.x0, table.x0) > 0.5 * (table.x1 - table.x0)


def _bands(visual: Sequence[Sequence[Line]], drawn: Sequence[float]) -> list[int]:
    """For each row, how many of the drawn rules are above it."""
    return [sum(y < row[0].base for y in drawn) for row in visual]


def _single_rows(visual: Sequence[Sequence[Line]], bands: Sequence[int], *, drawn: bool) -> frozenset[int]:
    """The bands between rules that are one row each, whose cells are of several lines.

    In a drawn grid that is every band but those with two lines that have all cells, or most and figures in two of them.
    Where there are rules alone, they part row from row only if few bands hold two lines from first cell to last.
    """
    columns = max(len(row) for row in visual)
    left = min(row[0].x0 for row in visual)
    held: dict[int, list[Sequence[Line]]] = {}
    for row, band in zip(visual, bands, strict=True):
        held.setdefault(band, []).append(row)
    if len(held) < 2:
        return frozenset()
    if drawn:
        return frozenset(band for band, rows in held.items() if not _are_several(rows, columns))
    whole = {
        band: sum(len(row) >= max(2, 0.6 * columns) and row[0].x0 < left + 2 * row[0].size for row in rows)
        for band, rows in held.items()
    }
    few = sum(count > 1 for count in whole.values()) <= len(whole) / 3
    return frozenset(held) if few else frozenset()


def _are_several(rows: Sequence[Sequence[Line]], columns: int) -> bool:
    whole = [row for row in rows if len(row) >= max(2, 0.6 * columns)]
    full = len(whole) == len(rows) and all(len(row) == columns for row in rows) and len(rows) + columns > 4
    return len(whole) > 1 and (full or all(_figures(row) > 1 for row in whole))


def _figures(row: Sequence[Line]) -> int:
    """How many cells hold a figure and little else."""
    texts = (line.text for line in row)
    return sum(len(text.split()) <= _SHORT and any(c.isdigit() for c in text) for text in texts)


def _without_line_numbers(regions: Sequence[Region]) -> list[Region]:
    """Regions less the columns in which the numbers of lines are printed."""
    return [region for region in regions if not _is_count(region, regions)]


def _is_count(region: Region, regions: Sequence[Region]) -> bool:
    texts = [line.text for line in region.lines]
    if len(texts) < _NUMBERS or not all(text.isdigit() for text in texts):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(texts)}
    edge = all(region.x0 <= other.x0 or region.x0 >= other.x1 for other in regions if other is not region)
    return len(steps) == 1 and steps <= {1, 5} and edge
