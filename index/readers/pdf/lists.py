"""Passages that are no text of their own: references, endnotes, the table of contents, figures at a diagram's axes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from index.readers.pdf.headings import is_references
from index.readers.pdf.notes import read_head
from index.readers.pdf.passages import Passage
from index.readers.pdf.shapes import Line
from index.readers.references import is_dated, opens_references

_CONTENTS = re.compile(
    r"^(?:(?:table of )?contents|inhalt(?:sverzeichnis)?|sommaire|table des matières|list of (?:figures|tables))$",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"^(?:notes|endnotes|end notes|footnotes|anmerkungen|notes and references)$", re.IGNORECASE
)
_ENDNOTE = re.compile(r"^\[?\d{1,3}[.)\]]?\s?\S")
_TO_PAGE = re.compile(r"(?:\s|\|\s?)(?:\d{1,4}|[ivxlc]{1,7})$")
_FEW = 4  # words of an entry of the contents whose page number stands elsewhere
_TICKS = 3  # figures alone on a page: it has a diagram
_COMPLETE = re.compile(r"(?:[.!?)\]]|https?://\S+|www\.\S+|\d)$")
_SQUARE = re.compile(r"^\[\d{1,3}\]")


def set_aside(passages: Sequence[Passage]) -> list[Passage]:
    """The passages; entries of contents are masthead, endnotes and references are notes."""
    kept: list[Passage] = []
    where: str | None = None
    named = False
    ticks = Counter(passage.page for passage in passages if _is_figure(passage))
    for passage in passages:
        text = passage.cells or " ".join(line.text for line in passage.lines)
        leads = bool(_TO_PAGE.search(text)) and len(text.split()) <= 30
        if (
            passage.kind == "prose"
            and passage.cells is None
            and _is_figure(passage)
            and ticks[passage.page] >= _TICKS
        ):
            kept.append(replace(passage, kind="masthead"))
        elif passage.kind == "heading" and not (where == "contents" and leads):
            contents = bool(_CONTENTS.match(text))
            where = "contents" if contents else "references" if is_references(passage) else None
            where = "notes" if _NOTES.match(text) else where
            named = opens_references(text)
            kept.append(passage)
        elif where == "contents" and passage.kind != "note":
            entry = leads or len(text.split()) <= _FEW
            where = "contents" if entry else None
            kept.append(replace(passage, kind="masthead") if entry else passage)
        elif where == "references" and passage.kind != "note":
            _add_reference(kept, passage, named=named)
        elif where == "notes" and passage.kind != "note" and _ENDNOTE.match(text):
            kept += _numbered(passage, _ENDNOTE)
        elif where == "notes" and kept[-1].listed and passage.kind == "prose" and passage.cells is None:
            kept[-1] = replace(kept[-1], lines=kept[-1].lines + passage.lines)
        else:
            kept.append(passage)
    return kept


def _is_figure(passage: Passage) -> bool:
    """Whether it is a figure alone, as at the axis of a diagram."""
    words = passage.lines[0].words
    return len(passage.lines) == len(words) == 1 and not any(c.isalpha() for c in words[0].text)


def _add_reference(kept: list[Passage], passage: Passage, *, named: bool) -> None:
    """Add what stands under the heading of the references: notes, one for each entry.

    Entries that are numbered in brackets have their label. Of a list by authors, a passage is an entry where it names a
    year, and what a column's end cut off goes on with the one before; what is neither is masthead, and so is all where
    the heading could also stand above a text.
    """
    if _SQUARE.match(passage.lines[0].text):
        kept += _numbered(passage, _SQUARE)
        return
    text = " ".join(line.text for line in passage.lines)
    last = kept[-1]
    if named and last.listed and last.label is None and _goes_on(last, text):
        kept[-1] = replace(last, lines=last.lines + passage.lines)
    elif named and passage.cells is None and is_dated(text):
        kept.append(replace(passage, kind="note", listed=True))
    else:
        kept.append(replace(passage, kind="masthead"))


def _goes_on(entry: Passage, text: str) -> bool:
    """Whether an entry is not complete, or the next passage begins like no entry."""
    return not _COMPLETE.search(entry.lines[-1].text) or text[:1].islower()


def _numbered(passage: Passage, pattern: re.Pattern[str]) -> list[Passage]:
    """The entries of a passage that begins with a label, each a note."""
    entries: list[list[Line]] = []
    labels: list[str] = []
    for line in passage.lines:
        head = read_head(line) if pattern.match(line.text) else None
        if head is not None:
            labels.append(head.label)
            entries.append([Line(head.rest, line.page, line.row)] if head.rest else [])
        else:
            entries[-1].append(line)
    return [
        replace(passage, kind="note", label=label, lines=tuple(lines), listed=True)
        for label, lines in zip(labels, entries, strict=True)
        if lines
    ]
