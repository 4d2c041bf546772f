"""What the catalogue keeps of documents, paragraphs and their vectors, and the texts that these are kept as."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from index.documents import Document, FileFacts, Note, Paragraph
from index.timeline import State

VECTOR_LAYOUT = "4"
"""Part of each vector's key: raise it when what is stored with a vector changes. 4: kinds are apart."""
VectorKind = Literal["paragraph", "sentence"]


@dataclass(frozen=True, slots=True)
class VectorKey:
    """The key of a vector and the paragraph that it points to."""

    key: str
    number: int
    kind: VectorKind


@dataclass(frozen=True, slots=True)
class Kept:
    """What the catalogue keeps of a document beside its paragraphs.

    `fingerprint` is a hash of all that the document was read from; it is empty where it must be read again.
    """

    document: Document
    fingerprint: str
    facts: FileFacts


@dataclass(frozen=True, slots=True)
class Contents:
    """The documents and paragraphs of a corpus version that was asked before; `changed` are the ids of documents that
    are not as they were. `version` is what the same contents are called as they are read now."""

    version: str
    documents: tuple[Document, ...]
    paragraphs: tuple[Paragraph, ...]
    changed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, as it was when that was tried."""

    fingerprint: str
    reason: str


def state_of(document: Document, paragraphs: Sequence[Paragraph]) -> State:
    """A document and its paragraphs as records."""
    return State(json.dumps(asdict(document)), tuple(json.dumps(asdict(p)) for p in paragraphs))


def document_of(record: str) -> Document:
    """The document of a record."""
    return Document(**json.loads(record))


def facts_of(record: str) -> FileFacts:
    """What a reader said of a file, of a record."""
    values = {"name": "", **json.loads(record)}
    return FileFacts(**values | {"remarks": tuple(values.get("remarks", ()))})


def paragraph_of(record: str) -> Paragraph:
    """The paragraph of a record."""
    values = json.loads(record)
    values["notes"] = tuple(Note(**note) for note in values["notes"])
    return Paragraph(**values)
