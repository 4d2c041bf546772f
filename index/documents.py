"""The frozen types of the index: what a file becomes on its way to a hit.

Every text span is 0-based and end-exclusive, in Unicode code points.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from index.addresses import address

BlockKind = Literal["title", "masthead", "heading", "prose", "item", "note"]
Leg = Literal["paragraph", "sentence", "bm25"]

NO_DATE = "no date given"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines that a reader took for one thing.

    `start` and `end` are its span in the decoded file; `label` is a note's printed number or
    name where it has one; `marks` are the note markers that the reader took out of `text`.
    """

    kind: BlockKind
    text: str
    start: int
    end: int
    page: int | None = None
    label: str | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A note marker that stood in a text: `at` is the offset in the text without markers."""

    label: str
    at: int


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote or endnote behind a paragraph.

    `at` is the offset in the paragraph's text where its marker stood, None where the file
    lost the marker and only the paragraph is known.
    """

    number: int
    text: str
    url: str | None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of a document as a whole.

    `date` is ISO 8601 (a day, a month or a year); `kind` is "document" unless the corpus file says
    otherwise; `restates` names the original of a digest.
    """

    id: str
    title: str
    author: str | None
    editor: str | None
    publisher: str | None
    date: str | None
    url: str | None
    kind: str
    restates: str | None
    language: str
    source_path: str
    sha256: str

    @property
    def display_title(self) -> str:
        """The title as a citation prints it: a digest's words are not its publisher's."""
        return f"digest of “{self.title}”" if self.kind == "digest" else self.title


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of the file behind a document, beside its text.

    `name` is the file's name without suffix when it first came in: a renamed file goes on under it. The rest is as
    the reader gave it: `encoding` is None for a format that has none, `pages` for one without pages.
    """

    name: str
    encoding: str | None = None
    pages: int | None = None
    tables: int = 0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The unit that is cited. Number 0 is the document's front matter.

    `start` and `end` are its span in the decoded file (with whatever a page break put between
    its halves); `content_hash` changes exactly when `text` does.
    """

    document_id: str
    number: int
    heading: str | None
    text: str
    page: int | None
    start: int
    end: int
    content_hash: str
    notes: tuple[Note, ...] = ()

    @property
    def permalink(self) -> str:
        """The path of the paragraph on every surface of the product."""
        return address(self.document_id, self.number)


@dataclass(frozen=True, slots=True)
class Found:
    """One leg's view of a paragraph: its raw score (cosine or BM25) and its rank from 1."""

    leg: Leg
    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved paragraph. `score` is the fused score, `found_by` what each leg gave it."""

    paragraph: Paragraph
    score: float
    found_by: tuple[Found, ...]


def content_hash(text: str) -> str:
    """Sixteen hex digits of the SHA-256 of `text`."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
