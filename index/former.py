"""The index as it was at a version on which somebody asked: its paragraphs, and search over them.

Vectors that are still in the store are searched there; those of paragraphs that were replaced since are made anew, in
memory.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np

from index.encoder import Vectors
from index.library import Library
from index.records import VectorKind
from index.store import VectorStore


class FormerLibrary(Library):
    """A former state of a library, whose open files it shares. What was removed since is not found in it."""

    def __init__(self, library: Library, version: str) -> None:
        """`version` is one on which somebody asked.

        Where another encoder or reader read it then, the same paragraphs are another version now.

        Raises:
            VersionGone: the version is not known or not kept.
        """
        from index.pipeline import Chunk, chunks_of, vectors_of

        self._place, self._published = library._place, library._published
        self._catalogue, self._store = library._catalogue, library._store
        self._reader, self.encoder = library._reader, library.encoder
        contents = self._catalogue.contents(version, self.encoder.name, self._reader)
        self.version = contents.version
        self._documents = {document.id: document for document in contents.documents}
        present = self._catalogue.vectors()
        as_they_are = self._documents.keys() - contents.changed
        places = {
            key: [place for place in found if place[0] in as_they_are] for key, found in present.items()
        }
        made: dict[str, tuple[str, Chunk]] = {}
        for paragraph in contents.paragraphs:
            if paragraph.document_id not in contents.changed:
                continue
            document = self._documents[paragraph.document_id]
            for chunk in chunks_of(document, paragraph, self.encoder):
                places.setdefault(chunk.key.key, []).append((document.id, paragraph.number))
                if chunk.key.key not in present:
                    made[chunk.key.key] = (document.id, chunk)
        places = {key: found for key, found in places.items() if found}
        vectors = vectors_of(list(made.values()), self.encoder)
        kept = [
            Kept(key, id, chunk.key.kind, np.asarray(vector, dtype=np.float32))
            for (key, (id, chunk)), vector in zip(made.items(), vectors, strict=True)
        ]
        self._hold(contents.paragraphs, places, FormerVectors(self._store, present, places, kept))

    def renewed(self) -> Library:
        """This library: what was does not change."""
        return self

    def close(self) -> None:
        """Nothing is let go: the files are those of the library of now."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A vector that is no longer in the store; its paragraph was of `document_id`."""

    key: str
    document_id: str
    kind: VectorKind
    vector: Vectors


class FormerVectors:
    """The vectors of a former state: those that are still in the store, and others in memory."""

    def __init__(
        self, store: VectorStore, present: Mapping[str, object], then: Container[str], kept: Sequence[Kept]
    ) -> None:
        """`present` are the keys in the store and `then` those of the former state."""
        self._store = store
        self._then = then
        self._newer = sum(key not in then for key in present)
        self._kept = kept

    def query(
        self, vector: Vectors, k: int, kind: VectorKind, documents: Sequence[str] = ()
    ) -> list[tuple[str, float]]:
        """The `k` nearest keys of a kind with their cosine, nearest first; see `VectorStore.query`."""
        # Those that came since may all be nearer.
        found = [
            (key, score)
            for key, score in self._store.query(vector, k + self._newer, kind, documents)
            if key in self._then
        ]
        kept = [
            one for one in self._kept if one.kind == kind and (not documents or one.document_id in documents)
        ]
        if kept:
            cosines = np.stack([one.vector for one in kept]) @ vector
            found += [(one.key, float(cosine)) for one, cosine in zip(kept, cosines, strict=True)]
        return nlargest(k, found, key=lambda each: each[1])
