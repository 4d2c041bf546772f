"""Blocks -> numbered paragraphs.

Paragraphs are the prose blocks and list items in reading order, counted from 1. Titles, mastheads,
headings and notes are not counted. A paragraph that a page break or a block of notes cut in two is one
paragraph again. Number 0 is the front matter, so that "who wrote it" is citable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.documents import Block, Document, Mark, Paragraph, content_hash
from index.footnotes import Prose, attach

_MONTHS = "January February March April May June July August September October November December".split()
_ENDED = re.compile(r"[.!?…。！？:;][\"'”’)\]»]*(?:[⁰¹²³⁴-⁹₀-₉\d\s]{0,4}|\s?\[\d{1,3}\]|\^\{?\d{1,3}\}?)$")


def number_paragraphs(
    document: Document, blocks: Sequence[Block], author_role: str | None = None
) -> tuple[Paragraph, ...]:
    """The paragraphs of a document, number 0 first.

    Each text is without note markers; each paragraph carries the notes that its markers point to.
    """
    notes = [block for block in blocks if block.kind == "note"]
    proses = _proses(blocks)
    numbered = [_front_matter(document, blocks, author_role)]
    for number, (prose, (text, behind)) in enumerate(zip(proses, attach(proses, notes), strict=True), 1):
        numbered.append(
            Paragraph(
                document_id=document.id,
                number=number,
                heading=prose.heading,
                text=text,
                page=prose.page,
                start=prose.start,
                end=prose.end,
                content_hash=content_hash(text),
                notes=behind,
            )
        )
    return tuple(numbered)


def readable_date(iso: str) -> str:
    """'2024-08-16' as '16 August 2024'; a month or a year alone likewise."""
    parts = iso.split("-")
    if not all(part.isdigit() for part in parts) or len(parts) > 3:
        return iso
    if len(parts) > 1 and not 1 <= int(parts[1]) <= 12:
        return iso
    words = [parts[0]]
    if len(parts) > 1:
        words.insert(0, _MONTHS[int(parts[1]) - 1])
    if len(parts) > 2:
        words.insert(0, str(int(parts[2])))
    return " ".join(words)


def _proses(blocks: Sequence[Block]) -> list[Prose]:
    proses: list[Prose] = []
    headings: list[str] = []
    notes = 0
    cut = False  # only notes and furniture stand between the last prose and here
    furniture = False
    for block in blocks:
        if block.kind == "note":
            notes += 1
        elif block.kind == "heading":
            headings = [block.text.rstrip(":").strip()]
            cut = False
        elif block.kind == "masthead":
            furniture = True
        elif block.kind in ("prose", "item"):
            if cut and _continues(
                proses[-1], block, interrupted=furniture or notes > proses[-1].notes_before
            ):
                proses[-1] = _joined(proses[-1], block, notes)
            else:
                heading = headings[-1] if headings else None
                proses.append(
                    Prose(block.text, block.start, block.end, heading, block.page, block.marks, notes)
                )
            cut, furniture = True, False
    return proses


def _continues(before: Prose, block: Block, *, interrupted: bool) -> bool:
    """A block that goes on in lower case after one without an end, with notes or a page's end between."""
    turned = block.page is not None and block.page != before.page
    return (interrupted or turned) and not _ENDED.search(before.text) and block.text[:1].islower()


def _joined(before: Prose, block: Block, notes: int) -> Prose:
    hyphen = before.text.endswith("-") and before.text[-2:-1].isalpha()
    text = before.text[:-1] if hyphen else before.text + " "
    marks = tuple(Mark(mark.label, mark.at + len(text)) for mark in block.marks)
    return replace(
        before, text=text + block.text, end=block.end, marks=before.marks + marks, notes_before=notes
    )


def _front_matter(document: Document, blocks: Sequence[Block], author_role: str | None) -> Paragraph:
    author = ", ".join(part for part in (document.author, author_role if document.author else None) if part)
    lines = (
        ("Title", document.title),
        ("Author", author),
        ("Editor", document.editor),
        ("Publisher", document.publisher),
        ("Date of publication", readable_date(document.date) if document.date else None),
        ("Digest of", document.restates),
    )
    text = "\n".join(f"{label}: {value}" for label, value in lines if value)
    front = [block for block in blocks if block.kind in ("title", "masthead")]
    return Paragraph(
        document_id=document.id,
        number=0,
        heading=None,
        text=text,
        page=front[0].page if front else None,
        start=front[0].start if front else 0,
        end=front[-1].end if front else 0,
        content_hash=content_hash(text),
    )
