"""A plain text cut at its blank lines and bullets into pieces, cleaned of what extraction leaves behind."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from index.readers.numbered_notes import numbered_notes
from index.readers.wrapping import is_rule, line_openings

_BULLET = re.compile(r"^\s{0,8}(?:[-*•‣▪●○◦–—⁃]\s+)(?:[oO]\s+(?=[A-Z]))?")
_NUMBERED = re.compile(r"^\s{0,8}\(?\d{1,3}[.)]\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of one block, joined: its text, its span in the file, and whether a bullet stood before it.

    `page` counts from 1 in a file with page breaks, else it is None. `label` is the number of a note with a plain
    number at its head, which is not in the text; else it is None.
    """

    text: str
    start: int
    end: int
    bullet: bool
    page: int | None
    label: str | None = None


def clean(text: str) -> str:
    """`text` without what extraction leaves behind: entities, bracketed entities, emphasis marks."""
    text = re.sub(r"[\[{]?&[\]}]?(quot|amp|lt|gt|apos|nbsp);", r"&\1;", text)
    text = html.unescape(text).replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", "")
    text = re.sub(r"\*\*(?=\S)(.{1,1000}?)(?<=\S)\*\*", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()


def cut_pieces(text: str) -> list[Piece]:
    """The pieces of `text` in order, their spans in it."""
    pieces: list[Piece] = []
    lines: list[str] = []
    start = 0
    bullet = False
    label: str | None = None
    page = 1 if "\x0c" in text else None
    at = 0
    every = text.split("\n")
    openings = line_openings(every)
    numbered = numbered_notes(every, [not line.strip() or is_rule(line) for line in every])

    def flush(end: int) -> None:
        if lines:
            joined = clean(_unwrapped(lines))
            if joined:
                pieces.append(Piece(joined, start, end, bullet, page, label))
        lines.clear()

    for i, line in enumerate(every):
        end = at + len(line)
        found = _BULLET.match(line)
        if not line.strip() or is_rule(line):
            flush(at)
            bullet, label = False, None
            page = page + line.count("\x0c") if page else None
        elif i in numbered:
            flush(at)
            label, head = numbered[i]
            start, bullet = at, False
            lines.append(line[head:])
        elif found or i in openings or (not lines and _NUMBERED.match(line)):
            flush(at)
            start, bullet, label = at, bool(found), None
            lines.append(line[found.end() :] if found else line)
        else:
            if not lines:
                start, bullet, label = at, False, None
            lines.append(line)
        at = end + 1
    flush(len(text))
    return pieces


def _unwrapped(lines: list[str]) -> str:
    joined = lines[0].strip()
    for line in lines[1:]:
        line = line.strip()
        if joined.endswith("-") and line[:1].islower() and joined[-2:-1].isalpha():
            joined = joined[:-1] + line
        else:
            joined += " " + line
    return joined
