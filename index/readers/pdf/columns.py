"""Lines of a page -> regions in reading order.

Lines that have each other alone above and below are one column. Side by side, columns whose lines are cells become a
table. The order is Breuel's ("High performance document layout analysis", 2003): what is above comes before what it
stands over, what is left before what is right, unless something across both parts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.readers.pdf.grids import find_grids
from index.readers.pdf.shapes import Line, PageText, Picture, Region, overlap
from index.readers.pdf.tables import merge_tables

_ACROSS = 0.6  # of the page's width: a rule that parts what is above it from what is below
_MOST = 400  # regions: beyond that the page is a drawing, and its lines are read from the top


@dataclass(slots=True)
class _Node:
    line: Line
    above: list[_Node] = field(default_factory=list)
    below: list[_Node] = field(default_factory=list)


def find_regions(lines: Sequence[Line], page: PageText) -> list[Region]:
    """The columns and tables of a page in the order in which a person reads them."""
    grids, rest = find_grids(lines, page)
    dividers = _dividers(page)
    chains = [part for chain in _chains(rest) for part in _parted(chain, grids, dividers)]
    regions = grids + merge_tables(chains, page.rules)
    if len(regions) > _MOST:
        return [Region(tuple(lines))]
    ordered: list[Region] = []
    for band in _bands(regions, dividers):
        ordered += _sorted(band)
    return ordered


def _chains(lines: Sequence[Line]) -> list[Region]:
    """Lines linked where each is the only one below or above the other."""
    nodes = [_Node(line) for line in lines]
    open_nodes: list[_Node] = []
    for node in nodes:
        line = node.line
        open_nodes = [n for n in open_nodes if not n.below or _still_open(n, line)]
        for other in open_nodes:
            if _under(other.line, line) and not any(_under(child.line, line) for child in other.below):
                other.below.append(node)
                node.above.append(other)
        open_nodes.append(node)
    chains: list[list[Line]] = []
    home: dict[int, list[Line]] = {}
    for node in nodes:
        parent = node.above[0] if len(node.above) == 1 else None
        if parent is not None and len(parent.below) == 1:
            chain = home[id(parent)]
        else:
            chain = []
            chains.append(chain)
        chain.append(node.line)
        home[id(node)] = chain
    return [Region(tuple(chain)) for chain in chains]


def _dividers(page: PageText) -> list[Picture]:
    """What parts what is above it from what is below: rules and images that take much of the page's width."""
    drawn = [Picture(rule.x0, rule.x1, rule.y, rule.y) for rule in page.rules]
    drawn += [picture for picture in page.pictures if picture.y1 - picture.y0 < _ACROSS * page.height]
    return [one for one in drawn if one.x1 - one.x0 > _ACROSS * page.width]


def _parted(chain: Region, grids: Sequence[Region], dividers: Sequence[Picture]) -> list[Region]:
    """A column in two where a drawn table stands in it, or where a rule or an image runs across it and others."""
    heights = [grid.top + grid.size for grid in grids if overlap(grid, chain) > 0]
    broad = [one for one in dividers if one.x1 - one.x0 > 1.5 * (chain.x1 - chain.x0)]
    heights += [(one.y0 + one.y1) / 2 for one in broad if one.x0 < chain.x1 and one.x1 > chain.x0]
    parts: list[list[Line]] = [[]]
    for line in chain.lines:
        last = parts[-1][-1] if parts[-1] else None
        if last and any(last.base < y < line.base for y in heights):
            parts.append([])
        parts[-1].append(line)
    return [Region(tuple(part)) for part in parts]


def _still_open(node: _Node, line: Line) -> bool:
    return line.base - min(child.line.base for child in node.below) < 2.5 * line.size


def _under(upper: Line, lower: Line) -> bool:
    if upper.row == lower.row:
        return False
    shared = overlap(upper, lower)
    return shared > min(0.4 * lower.size, 0.5 * (lower.x1 - lower.x0), 0.5 * (upper.x1 - upper.x0))


def _bands(regions: Sequence[Region], dividers: Sequence[Picture]) -> list[list[Region]]:
    """Groups of regions that lie wholly below each other; two groups with the same columns are one."""
    bands: list[list[Region]] = []
    bottom = 0.0
    for region in sorted(regions, key=lambda r: (r.top, r.x0)):
        if bands and region.top < bottom - 0.3 * region.size:
            bands[-1].append(region)
        else:
            bands.append([region])
            bottom = region.bottom
        bottom = max(bottom, region.bottom)
    joined: list[list[Region]] = []
    for band in bands:
        if joined and not _is_divided(joined[-1], band, dividers) and _same_columns(joined[-1], band):
            joined[-1].extend(band)
        else:
            joined.append(list(band))
    return joined


def _is_divided(upper: Sequence[Region], lower: Sequence[Region], dividers: Sequence[Picture]) -> bool:
    bottom, top = max(region.bottom for region in upper), min(region.top for region in lower)
    return any(bottom - 3 < (one.y0 + one.y1) / 2 < top + 3 for one in dividers)


def _same_columns(upper: Sequence[Region], lower: Sequence[Region]) -> bool:
    """Whether a gutter runs through both, with long columns on both of its sides."""
    for left in upper:
        gutter = left.x1
        sides = [[r for r in band if r.x1 <= gutter + 1] for band in (upper, lower)]
        others = [[r for r in band if r.x0 >= gutter - 1] for band in (upper, lower)]
        clear = all(
            len(before) + len(after) == len(band)
            for before, after, band in zip(sides, others, (upper, lower), strict=True)
        )
        if clear and all(_height(part) >= 3 for part in (*sides, *others)):
            return True
    return False


def _height(regions: Sequence[Region]) -> int:
    return max((len(region.lines) for region in regions), default=0)


def _sorted(regions: Sequence[Region]) -> list[Region]:
    waiting = sorted(regions, key=lambda r: (r.top, r.x0))
    before = {id(b): {id(a) for a in waiting if a is not b and _comes_before(a, b, waiting)} for b in waiting}
    ordered: list[Region] = []
    done: set[int] = set()
    while waiting:
        free = [region for region in waiting if before[id(region)] <= done]
        chosen = free[0] if free else waiting[0]
        waiting.remove(chosen)
        done.add(id(chosen))
        ordered.append(chosen)
    return ordered


def _comes_before(a: Region, b: Region, regions: Sequence[Region]) -> bool:
    if _beside(a, b):
        if _is_next_below(a, b) or _is_next_below(b, a):
            return a.top < b.top
        return a.x0 < b.x0 and not any(_parts(c, a, b) for c in regions)
    return a.top < b.top


def _is_next_below(upper: Region, lower: Region) -> bool:
    """Whether the one is a line or two right above the other, as code is whose lines are set in and out."""
    return len(upper.lines) < 3 and -0.2 * upper.size < lower.top - upper.bottom < 1.2 * upper.size


def _beside(a: Region, b: Region) -> bool:
    return overlap(a, b) <= 0.5 * min(a.size, b.size)


def _parts(c: Region, a: Region, b: Region) -> bool:
    """Whether `c` runs across both and lies between them, `b` above."""
    if c is a or c is b or _beside(c, a) or _beside(c, b):
        return False
    return b.top < c.top < a.top
