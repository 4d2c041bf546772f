"""Lines of a plain text: which of them begin something where no blank line says so.

Numbered lists and notes whose lines follow each other, and paragraphs of hard-wrapped text, which end with a line that
had room for the next word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.readers.references import opens_references

LABEL = re.compile(
    r"^(?:\^\{?\s*(?P<tex>\d{1,3})\}?\s*|(?P<super>[⁰¹²³⁴-⁹]+)\s*|\[(?P<square>\d{1,3})\]:?\s+)"
)
_NUMBER = re.compile(r"^\s{0,8}\(?(?P<number>\d{1,3})[.)]\s+\S")
_RULE = re.compile(r"^\s*(?:[-=_*~#·—]\s?){3,}\s*$")
_ENDED = re.compile(r"[.!?…][\"'”’)\]»]*(?:\[\d{1,3}\]|[⁰¹²³⁴-⁹]|\d{1,2})*\s*$")
_BEGINS = re.compile(r"^[\"'“‘«(]?[A-Z\d]")
# "Smith, J., & Lee, A. (2020)": nothing but names before the year.
_ENTRY = re.compile(
    r"^\s*(?!(?:A|After|As|At|By|During|For|From|In|It|On|Since|The|This|Until|When|With)\b)[^\W\d_a-z][\w'’-]*(?:[\s,.;&]+(?:[^\W\d_a-z][\w'’-]*|(?:and|et|al|de|der|di|du|la|of|the|van|von)\b)){0,30}"
    r"[\s,.;]*\(?(?:(?:1[5-9]|20)\d\d[a-z]?\b|n\.d\.)"
)
_COMPLETE = re.compile(r"(?:[.!?:)\]]|\d|(?:https?://|www\.)\S+|^\s*)$")
_MIN_RUN = 6
_MIN_WIDTH = 50
_ROOM = 0.85  # of the width: proportional type makes lines of unlike length
_SHORT = 0.6


def is_rule(line: str) -> bool:
    """Whether a line is drawn rather than written, such as "-----" or "* * *"."""
    return len(line) < 500 and bool(_RULE.match(line))


def line_openings(lines: Sequence[str]) -> frozenset[int]:
    """The indexes of the lines that begin a list's item, a note or a paragraph within a run of lines."""
    chains = _chains(lines)
    chained = {number: i for chain in chains if len(chain) > 2 for number, i in enumerate(chain, 1)}
    openings = {i for chain in chains for i in chain} | _labelled(lines, chained) | _references(lines)
    start = 0
    for i in range(len(lines) + 1):
        if i == len(lines) or not lines[i].strip() or is_rule(lines[i]):
            openings |= _paragraphs(lines, start, i)
            start = i + 1
    return frozenset(openings)


def _chains(lines: Sequence[str]) -> list[list[int]]:
    """Lines that are numbered 1, 2, 3 … in order, whatever stands between them."""
    chains: list[list[int]] = [[]]
    for i, line in enumerate(lines):
        found = _NUMBER.match(line)
        if found is None:
            continue
        if found["number"] == "1":
            chains.append([i])
        elif chains[-1] and int(found["number"]) == len(chains[-1]) + 1:
            chains[-1].append(i)
    return [chain for chain in chains if len(chain) > 1]


def _labelled(lines: Sequence[str], chained: dict[int, int]) -> set[int]:
    """Lines with a note's label at their head.

    A label in brackets that heads a line again further down, or is numbered there, is here a marker that extraction put
    on a line of its own.
    """
    found: set[int] = set()
    last: dict[str, int] = {}
    for i, line in enumerate(lines):
        label = LABEL.match(line.lstrip())
        if label is None:
            continue
        if label["square"]:
            last[label["square"]] = i
        else:
            found.add(i)
    found |= {i for number, i in last.items() if chained.get(int(number), -1) < i}
    return found


def _references(lines: Sequence[str]) -> set[int]:
    """Where the entries of a list of references begin that stand line below line, authors and year at their heads."""
    found: set[int] = set()
    listed = False
    for i, line in enumerate(lines):
        if opens_references(line.strip()):
            listed = True
            continue
        before = lines[i - 1].strip()
        entry = bool(_ENTRY.match(line)) and bool(_COMPLETE.search(before))
        if listed and (entry or opens_references(before)):
            found.add(i)
    return found


def _paragraphs(lines: Sequence[str], start: int, end: int) -> set[int]:
    """Where paragraphs begin in a run of lines without a blank one."""
    if end - start < 3:
        return set()
    indented = _indented(lines, start, end)
    if indented is not None:
        return indented
    lengths = sorted(len(lines[i].strip()) for i in range(start, end))
    width = lengths[int(len(lengths) * 0.9)]
    if width < _MIN_WIDTH or end - start < _MIN_RUN:
        return set()
    openings = set()
    apart = True  # whether what stands above is complete
    for i in range(start, end - 1):
        line, following = lines[i].strip(), lines[i + 1].strip()
        room = len(line) + 1 + len(following.split(maxsplit=1)[0]) <= _ROOM * width
        heading = apart and len(line) <= _SHORT * width and not line.endswith((",", ";", "-"))
        apart = room and bool(_BEGINS.match(following)) and (heading or bool(_ENDED.search(line)))
        if apart:
            openings.add(i + 1)
    return openings


def _indented(lines: Sequence[str], start: int, end: int) -> set[int] | None:
    """Where paragraphs begin in a run whose lines are partly set in; None where they are not.

    First lines that are set in follow the end of a sentence; where they do not, all but the first lines are set in, as
    in a list of references.
    """
    inner = range(start + 1, end)
    set_in = {i for i in inner if re.match(r"(?: {2,}|\t)\S", lines[i])}
    if not set_in or lines[start][:1].isspace() or len(set_in) == len(inner):
        return None
    if 2 * sum(bool(_ENDED.search(lines[i - 1])) for i in set_in) > len(set_in):
        return set_in
    return set(inner) - set_in
