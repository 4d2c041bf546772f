"""Footnotes: the small print at a column's foot, cut into notes, and the raised markers that point to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.readers.pdf.shapes import Line, Region, Rule, Word

_SMALL = 0.94  # of the body's size
SYMBOLS = "*∗†‡§¶‖#"
_RAISED = re.compile(rf"^[(\[]?(?P<label>\d{{1,3}}|[{SYMBOLS}]{{1,3}}|[a-z])[.)\]]?$")
_PLAIN = re.compile(
    rf"^(?:(?P<number>\d{{1,3}})[.)]|\[(?P<square>\d{{1,3}})\]|(?P<symbol>[{SYMBOLS}]{{1,3}}))"
)
SUFFIX = re.compile(r"(?<=[\w.,”\"’)])([*∗†‡§¶]{1,3})$")


@dataclass(frozen=True, slots=True)
class Found:
    """A note as it is printed: its label, None where it goes on from the column before, and its lines."""

    label: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the head of a note's first line: the label and the words after it."""

    label: str
    rest: tuple[Word, ...]
    raised: bool


def take_notes(
    region: Region, rules: Sequence[Rule], size: float, markers: frozenset[str]
) -> tuple[list[Line], list[Found]]:
    """The lines of a column above its notes, and its notes.

    Args:
        region: the column.
        rules: the rules of its page.
        size: the size of the document's text.
        markers: what stands raised in the text of the page.
    """
    lines = list(region.lines)
    start = len(lines)
    while start and lines[start - 1].size <= _SMALL * size:
        start -= 1
    ruled = _ruled(region, rules)
    first = _first_note(lines, start, ruled, markers)
    if first is None:
        return lines, []
    end = next((at for at in range(first + 1, len(lines)) if _is_apart(lines[at - 1], lines[at])), len(lines))
    return lines[:first] + lines[end:], _cut(lines[first:end])


def raised_labels(lines: Iterable[Line]) -> frozenset[str]:
    """The labels that stand raised in lines, not at their head."""
    found: set[str] = set()
    for line in lines:
        for word in line.words[1:]:
            if line.is_raised(word):
                found.update(labels(word.text))
            elif word.text[-1:] in SYMBOLS and (suffix := SUFFIX.search(word.text)):
                found.add(_plain(suffix[1]))
    return frozenset(found)


def labels(text: str) -> Iterator[str]:
    """The labels of a raised word: '1,2)' has two."""
    for part in re.split(r"[,;\s]+", text):
        if found := _RAISED.match(part):
            yield _plain(found["label"])


def read_head(line: Line) -> Head | None:
    """The label at the head of a line, None where none is."""
    first, *rest = line.words
    if (line.is_raised(first) or _is_small(first, rest)) and (found := _RAISED.match(first.text)):
        return Head(_plain(found["label"]), tuple(rest), raised=True)
    if (found := _PLAIN.match(first.text)) and (
        label := found["number"] or found["square"] or found["symbol"]
    ):
        left = first.text[found.end() :]
        words = (_shortened(first, left), *rest) if left else tuple(rest)
        return Head(_plain(label), words, raised=False)
    return None


def _is_small(first: Word, rest: Sequence[Word]) -> bool:
    return bool(rest) and first.size <= 0.86 * rest[0].size


def _shortened(word: Word, text: str) -> Word:
    return Word(text, word.x0, word.x1, word.base, word.size, word.bold)


def _plain(label: str) -> str:
    return label.replace("∗", "*")


def _is_apart(last: Line, line: Line) -> bool:
    """Whether a gap parts a line from the notes above it, and it is none itself."""
    return line.base - last.base > 2.2 * last.size and read_head(line) is None


def _ruled(region: Region, rules: Sequence[Rule]) -> list[float]:
    """The heights of rules that begin where the column does and run no farther than it."""
    return [
        rule.y
        for rule in rules
        if abs(rule.x0 - region.x0) < 3 * region.size and rule.x1 < region.x1 + 2 * region.size
    ]


def _first_note(
    lines: Sequence[Line], start: int, ruled: Sequence[float], markers: frozenset[str]
) -> int | None:
    """Where the notes begin: in the small print at the foot, or below the rule above the foot."""
    for at in range(start, len(lines)):
        below_rule = _is_below(lines, at, ruled)
        head = read_head(lines[at])
        if head is None:
            if below_rule:
                return at
            continue
        if head.raised or below_rule or head.label in markers:
            return at
    for at in range(max(1, len(lines) // 3), start):
        head = read_head(lines[at])
        if _is_below(lines, at, ruled) and head is not None and (head.raised or head.label in markers):
            return at
    return None


def _is_below(lines: Sequence[Line], at: int, ruled: Sequence[float]) -> bool:
    top = lines[at].base - 2.5 * lines[at].size
    if at:
        top = max(top, lines[at - 1].base)
    return any(top < y < lines[at].base - 0.5 * lines[at].size for y in ruled)


def _cut(lines: Sequence[Line]) -> list[Found]:
    """Lines cut where a line begins with a label that can follow the one before."""
    notes: list[tuple[str | None, list[Line]]] = []
    for line in lines:
        head = read_head(line)
        if head is not None and (head.raised or _may_follow(head.label, notes[-1][0] if notes else None)):
            notes.append((head.label, [Line(head.rest, line.page, line.row)] if head.rest else []))
        elif notes:
            notes[-1][1].append(line)
        else:
            notes.append((None, [line]))
    return [Found(label, tuple(own)) for label, own in notes if own]


def _may_follow(label: str, before: str | None) -> bool:
    if before is None or not before.isdigit():
        return True
    return not label.isdigit() or int(label) == int(before) + 1
