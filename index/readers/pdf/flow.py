"""Paragraphs that the end of a column or of a page cut in two -> one paragraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.readers.pdf.passages import Passage

_ENDED = re.compile(r"[.!?…。！？:;][\"'”’)\]»]*[\d*†‡]{0,4}$")
_AHEAD = 30  # passages between the halves: notes, tables, captions


def join_passages(passages: Sequence[Passage]) -> list[Passage]:
    """The passages in their order, each half joined to the one that it goes on from."""
    joined: list[Passage] = []
    taken: set[int] = set()
    for at, passage in enumerate(passages):
        if at in taken:
            continue
        end = at
        while (goes_on := _continuation(passages, end, passage)) is not None:
            other = passages[goes_on]
            passage = replace(passage, lines=passage.lines + other.lines, full=other.full)
            taken.add(goes_on)
            end = goes_on
        joined.append(passage)
    return joined


def _continuation(passages: Sequence[Passage], at: int, whole: Passage) -> int | None:
    """The number of the passage with which the one at `at` goes on."""
    last = passages[at]
    text = last.lines[-1].text
    if last.kind not in ("prose", "item") or last.cells is not None or _ENDED.search(text):
        return None
    if any(p.column == last.column and p.kind not in ("note", "masthead") for p in passages[at + 1 : at + 2]):
        return None
    direct = True
    for number, passage in enumerate(passages[at + 1 : at + 1 + _AHEAD], at + 1):
        if passage.column == last.column or passage.kind in ("note", "masthead"):
            continue
        if passage.kind == "heading" or passage.page > last.lines[-1].page + 1:
            return None
        if passage.kind == "prose" and passage.cells is None and _fits(whole, passage, direct=direct):
            return number
        if passage.kind == "item" and not passage.cells:
            return None
        direct = False
    return None


def _fits(before: Passage, after: Passage, *, direct: bool) -> bool:
    """Whether the second can go on where the first stopped: in small letters, or as the very next in a full line."""
    if after.is_caption or abs(before.lines[-1].size - after.lines[0].size) > 0.1 * before.lines[-1].size:
        return False
    text = after.lines[0].text
    if text[:1].islower() or before.lines[-1].text.endswith("-"):
        return True
    return direct and before.full and not after.indented and text[:1] not in '“"•'
