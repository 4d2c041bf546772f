"""Notes of a plain text with a plain number at their heads: "1 Smith, …", "2. Ibid.", "3Lee, …", line below line.

Such lines look like a list's items, so they are taken for notes only where all is sure: they count from 1 through the
file, every number stands raised in the text above them, in order, and they look like notes or stand under a rule or a
heading that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"^\s{0,8}(?P<label>\d{1,3})(?:[.)]\s+|\s+|(?=[A-Z“\"]))(?=\S)")
_HEADING = re.compile(r"^\W*(?:(?:end|foot)?notes?|anmerkungen|fußnoten|notas|note)\W*$", re.IGNORECASE)
_RAISED = re.compile(
    r"(?P<super>[⁰¹²³⁴-⁹]{1,3})|\^\{?(?P<tex>\d{1,3})\}?|(?<=[^\W\d_][.,;:!?])(?P<plain>\d{1,3})(?=\s|$)"
    r"|(?<=[.,;:!?][\"”’)])(?P<quoted>\d{1,3})(?=\s|$)",
)
_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SOURCE = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|https?://|\bwww\.|\bibid\b|\bop\. ?cit|\bn\.d\.|\bpp?\. ?\d|\b(?:ebd|vgl)\.|^(?:see|cf)\b",
    re.IGNORECASE,
)
_MOST_LINES = 12
_LABEL_LINE = re.compile(r"^\s*(?:\^\{?\d|[⁰¹²³⁴-⁹]|\[\d{1,3}\])")


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines that begin notes right below each other: the index of each, the number of the first, and where they end."""

    lines: tuple[int, ...]
    first: int
    end: int
    announced: bool


def numbered_notes(lines: Sequence[str], is_gap: Sequence[bool]) -> dict[int, tuple[str, int]]:
    """Where notes with plain numbers begin: a line's index -> the note's number and where in the line its text begins.

    Args:
        lines: all lines of the file.
        is_gap: for each line, whether it is blank or a rule.
    """
    counted = _counted([group for group in _groups(lines, is_gap) if _looks_like_notes(lines, group)])
    if not counted or not _are_cited(lines, counted):
        return {}
    found: dict[int, tuple[str, int]] = {}
    for group in counted:
        for i in group.lines:
            match = _NUMBER.match(lines[i])
            if match is not None:
                found[i] = (match["label"], match.end())
    return found


def _groups(lines: Sequence[str], is_gap: Sequence[bool]) -> Iterator[_Group]:
    """Numbered lines that follow each other, each run of them beginning after a gap."""
    at = 0
    while at < len(lines):
        number = _value(lines[at])
        if (
            number is None
            or is_gap[at]
            or (at > 0 and not is_gap[at - 1] and not _HEADING.match(lines[at - 1]))
        ):
            at += 1
            continue
        begins, end, i = [at], at + 1, at + 1
        while i < len(lines):
            follows = not is_gap[i] and _value(lines[i]) == number + len(begins)
            if follows:
                begins.append(i)
            elif not is_gap[i] and is_gap[i - 1]:
                break  # something else begins
            if not is_gap[i]:
                end = i + 1
            i += 1
        yield _Group(tuple(begins), number, end, _is_announced(lines, is_gap, at))
        at = max(end, at + 1)


def _value(line: str) -> int | None:
    match = _NUMBER.match(line)
    return int(match["label"]) if match else None


def _is_announced(lines: Sequence[str], is_gap: Sequence[bool], at: int) -> bool:
    """Whether a rule or a heading such as "Notes" stands right above a line."""
    while at > 0:
        at -= 1
        if lines[at].strip():
            return is_gap[at] or bool(_HEADING.match(lines[at]))
    return False


def _looks_like_notes(lines: Sequence[str], group: _Group) -> bool:
    ends = [*group.lines[1:], group.end]
    texts = [" ".join(lines[start:end]) for start, end in zip(group.lines, ends, strict=True)]
    if any(end - start > _MOST_LINES for start, end in zip(group.lines, ends, strict=True)):
        return False
    sources = sum(bool(_SOURCE.search(text[_head(text) :])) for text in texts)
    return group.announced or (len(texts) > 1 and 2 * sources > len(texts))


def _head(text: str) -> int:
    match = _NUMBER.match(text)
    return match.end() if match else 0


def _counted(groups: Sequence[_Group]) -> list[_Group]:
    """The groups that together count from 1; of two with the same numbers the later one. Else none."""
    kept: list[_Group] = []
    below: int | None = None
    for group in reversed(groups):
        if below is None or group.first + len(group.lines) == below:
            kept.append(group)
            below = group.first
    return kept[::-1] if below == 1 else []


def _are_cited(lines: Sequence[str], groups: Sequence[_Group]) -> bool:
    """Whether each number stands raised above its note, after the one before, and no other notes have labels."""
    inside = {i for group in groups for i in range(group.lines[0], group.end)}
    outside = [i for i in range(len(lines)) if i not in inside]
    if any(_LABEL_LINE.match(lines[i]) for i in outside):
        return False
    markers = [
        (i, int(next(group for group in match.groups() if group).translate(_SUPER)))
        for i in outside
        for match in _RAISED.finditer(lines[i])
    ]
    at = 0
    for group in groups:
        for number in range(group.first, group.first + len(group.lines)):
            while at < len(markers) and markers[at][1] != number:
                at += 1
            if at == len(markers) or markers[at][0] > group.lines[0]:
                return False
            at += 1
    return True
