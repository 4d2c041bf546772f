"""Lines of a column -> passages: a heading, a paragraph, an item of a list, each with its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.documents import BlockKind
from index.readers.pdf.lines import BULLET
from index.readers.pdf.measures import INDENT, Measures, Usual
from index.readers.pdf.shapes import Line, Region

_ENDED = re.compile(r"[.!?…。！？:;][\"'”’)\]»]*[\d*†‡]{0,3}$")
_NUMBERED = re.compile(
    r"^(?:\(?(?P<n>\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\((?P<p>\d{1,3}|[a-zA-Z]|[ivx]{1,5})\)|[①-⑳])$"
)
_CAPTION = re.compile(
    r"^(?:fig(?:ure|\.)?|table|tab\.|abbildung|tabelle|chart|box|exhibit)\s*\d+[.:]?\b", re.IGNORECASE
)
_SPACE = 0.35  # of the size: how much more than the usual distance parts paragraphs


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that are one block.

    `column` counts columns through the file; `full` says that its last line runs to the column's end, `indented` that
    its first line is set in. `cells` is the text of a row of a table; `listed` says of a note that it stands in a list
    at the text's end.
    """

    kind: BlockKind
    lines: tuple[Line, ...]
    column: int
    full: bool = False
    indented: bool = False
    cells: str | None = None
    label: str | None = None
    listed: bool = False

    @property
    def page(self) -> int:
        """The page on which it begins."""
        return self.lines[0].page

    @property
    def is_caption(self) -> bool:
        """Whether it is the caption of a figure or a table."""
        return bool(_CAPTION.match(self.lines[0].text))


def cut_passages(region: Region, column: int, usual: Usual) -> list[Passage]:
    """The passages of a column, headings not yet told from paragraphs."""
    if not region.lines:
        return []
    measured = Measures.of(region, usual)
    groups: list[list[Line]] = [[region.lines[0]]]
    for line in region.lines[1:]:
        if _parts(groups[-1], line, measured):
            groups.append([line])
        else:
            groups[-1].append(line)
    return [_passage(group, column, measured) for group in groups]


def begins_item(line: Line) -> bool:
    """Whether a line begins with a bullet."""
    return len(line.words) > 1 and bool(BULLET.match(line.words[0].text))


def _parts(group: Sequence[Line], line: Line, measured: Measures) -> bool:
    """Whether a paragraph ends between the lines of `group` and `line`."""
    last = group[-1]
    size = max(last.size, line.size)
    step = line.base - last.base
    ended = bool(_ENDED.search(last.text))
    if abs(last.size - line.size) > 0.12 * size and not _is_dropped(last, line):
        return True
    if all(word.size > 1.04 * line.size for word in last.words) and last.size > measured.large / 1.1:
        return True
    if abs(last.size - line.size) > 0.05 * size and (ended or _is_short(last, line, measured)):
        return True
    if step > (measured.leading + _SPACE) * size or step < -0.5 * size:
        return True
    if line.size > measured.large and last.bold == line.bold and not _NUMBERED.match(line.words[0].text):
        return False  # a heading of several lines
    if _is_other_weight(last, line, measured) or begins_item(line):
        return True
    if ended and line.words[0].bold and not last.words[-1].bold and step > (measured.leading + 0.1) * size:
        return True  # a bold word at the head of a paragraph
    if _NUMBERED.match(line.words[0].text) and (ended or _is_short(last, line, measured)):
        return True
    if measured.hanging and line.x0 > measured.left + INDENT * line.size:
        return False
    if _is_short(last, line, measured) and (ended or _is_far_short(last, measured)):
        return True
    return _turns(group, line, measured) and (ended or _is_short(last, line, measured))


def _is_dropped(last: Line, line: Line) -> bool:
    """A letter that is set over several lines is no paragraph."""
    return len(last.words[0].text) == 1 and last.words[0].size > 1.8 * line.size


def _is_other_weight(last: Line, line: Line, measured: Measures) -> bool:
    """A bold line above plain ones is a heading, if it could have gone on; so is one below a paragraph's end."""
    if last.bold and not any(word.bold for word in line.words):
        return _is_short(last, line, measured) or bool(_ENDED.search(last.text))
    if line.bold and not any(word.bold for word in last.words):
        return _is_short(last, line, measured) or bool(_ENDED.search(last.text))
    return False


def _is_short(last: Line, line: Line, measured: Measures) -> bool:
    """Whether the first word of `line` had found room in the line before."""
    first = line.words[0]
    return last.x1 + (first.x1 - first.x0) + 0.6 * last.size < measured.right - 0.3 * last.size


def _is_far_short(last: Line, measured: Measures) -> bool:
    """Whether a line ends so early that its paragraph ends there, though no full stop says so."""
    return last.x1 - measured.left < 0.6 * (measured.right - measured.left)


def _turns(group: Sequence[Line], line: Line, measured: Measures) -> bool:
    """Whether the indentation says that a paragraph begins: set in after lines that are not, or hanging."""
    last = group[-1]
    shift = line.x0 - last.x0
    if measured.hanging:
        return shift < -INDENT * line.size
    if shift > INDENT * line.size:
        return not begins_item(group[0]) and last.x0 < measured.left + 2 * line.size
    if shift < -INDENT * line.size:
        return len(group) > 1 and abs(last.x0 - group[-2].x0) < INDENT * line.size
    return False


def _passage(group: Sequence[Line], column: int, measured: Measures) -> Passage:
    first, last = group[0], group[-1]
    kind: BlockKind = "prose"
    lines = tuple(group)
    if begins_item(first):
        kind = "item"
        lines = (Line(first.words[1:], first.page, first.row), *group[1:])
    elif _NUMBERED.match(first.words[0].text) and len(first.words) > 1:
        kind = "item"
    full = last.x1 > measured.right - 5 * last.size
    indented = len(group) > 1 and first.x0 - group[1].x0 > INDENT * first.size
    return Passage(kind, lines, column, full, indented)
