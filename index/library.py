"""An opened index: its documents, their paragraphs, and search over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Protocol

from index.builds import Build, DocumentChange, Standing, is_followed
from index.catalogue import Catalogue
from index.chroma import SEARCH_SECONDS
from index.documents import Document, Hit, Paragraph
from index.encoder import Encoder, Vectors
from index.errors import IndexMissing
from index.history import PastParagraph, Version
from index.lexical import Lexical, row_of
from index.records import VectorKind
from index.search import Scored, best_per_paragraph, fuse
from index.shards import Shard, shards
from index.store import VectorStore
from index.sync import Place, check_encoder
from index.timeline import CorpusVersion

Places = Mapping[str, Sequence[tuple[str, int]]]
"""The key of a vector -> the (document id, paragraph number) that it stands for."""


class VectorSearch(Protocol):
    """What finds vectors: a store, or one with more in memory."""

    def query(
        self, vector: Vectors, k: int, kind: VectorKind, documents: Sequence[str] = (), /
    ) -> list[tuple[str, float]]:
        """The `k` nearest keys of a kind with their cosine, nearest first; see `VectorStore.query`."""
        ...


# How many vectors a dense leg brings in: enough for its scores to have a meaningful spread.
_DEPTH = 64


class Library:
    """Documents, paragraphs and search, as they were when it was opened; `renewed` has them as they are now.

    A document that is removed meanwhile is no longer found, so that nothing more is cited from it.
    """

    def __init__(
        self, place: Place, encoder: Encoder, *, reader: str = "", beside: Library | None = None
    ) -> None:
        """Open the index at `place`; `reader` names the reading method in the version.

        `beside` is a library of the same index whose open files this one shares; closing one closes both.

        Raises:
            IndexMissing: nothing was built there.
            IndexMismatch: another encoder built it.
            StoreError: the vector store does not answer.
        """
        self._place = place
        self.encoder = encoder
        self._reader = reader
        self._catalogue: Catalogue = beside._catalogue if beside else place.catalogue()
        try:
            with self._catalogue.snapshot():
                check_encoder(self._catalogue, place, encoder.name)
                self._documents = {document.id: document for document in self._catalogue.documents()}
                if not self._documents:
                    raise IndexMissing(
                        f"There is no index in '{place.folder}'. Build it with: python -m index build"
                    )
                paragraphs = self._catalogue.paragraphs()
                places = self._catalogue.vectors()
                change = self._catalogue.change()
                self.version = self._catalogue.version(encoder.name, reader)
                self._published = self._catalogue.published()
            if reader:  # who only searches gives no answers that somebody might look into again
                self._catalogue.ask(self.version, change, encoder.name, reader)
            if self._published is not None:
                self._catalogue.name_build(self._published, self.version)
            self._store: VectorStore = beside._store if beside else place.store(encoder.name, SEARCH_SECONDS)
        except BaseException:
            if not beside:
                self._catalogue.close()
            raise
        self._hold(paragraphs, places, self._store)

    def _hold(self, paragraphs: Sequence[Paragraph], places: Places, vectors: VectorSearch) -> None:
        """Take what is read and searched; where `paragraphs` go with keys of vectors is in `places`."""
        self._by_place = {(p.document_id, p.number): p for p in paragraphs}
        self._by_document: dict[str, list[Paragraph]] = {}
        for p in paragraphs:
            self._by_document.setdefault(p.document_id, []).append(p)
        self._places = places
        self._vectors = vectors
        self._lexical = Lexical(paragraphs, self._place.shards)
        self._lock = Lock()
        self._generation = -1
        self._gone: frozenset[str] = frozenset()

    def renewed(self) -> Library:
        """The index as it is now: this library where no sync has changed it since, else a new one beside it.

        Asking costs one look into a table. This library stays as it was, for who is still reading in it.

        Raises:
            IndexMissing: nothing is left in it.
            IndexMismatch: another encoder has built it anew.
            StoreError: the vector store does not answer.
        """
        if self._catalogue.published() == self._published:
            return self
        library = Library(self._place, self.encoder, reader=self._reader, beside=self)
        self._store.renew()
        return library

    def at(self, version: str) -> Library:
        """The index as it was at a version on which somebody asked, read with the encoder of now.

        Paragraphs that are no longer in the index are embedded for it, which takes a while where they are many.

        Raises:
            VersionGone: the version is not known, or a document of it has been removed or changed too often since.
        """
        from index.former import FormerLibrary

        return self if version == self.version else FormerLibrary(self, version)

    def asked(self) -> tuple[CorpusVersion, ...]:
        """The versions that `at` takes, the latest first."""
        return self._catalogue.asked()

    def documents(self) -> tuple[Document, ...]:
        """All documents, sorted by id."""
        return tuple(self._documents.values())

    def document(self, document_id: str) -> Document | None:
        """One document, or None, also where it was removed since this was opened."""
        return None if document_id in self._removed() else self._documents.get(document_id)

    def paragraphs(self, document_id: str) -> tuple[Paragraph, ...]:
        """A document's paragraphs in order, its front matter (number 0) first."""
        return tuple(self._by_document.get(document_id, ()))

    def all_paragraphs(self) -> tuple[Paragraph, ...]:
        """Every paragraph of every document."""
        return tuple(self._by_place.values())

    def shards(self) -> tuple[tuple[Shard, tuple[Paragraph, ...]], ...]:
        """The shards of all paragraphs, each with its own; `shard_folder` has what is derived from them."""
        whole = self.all_paragraphs()
        return tuple((each, whole[each.start : each.end]) for each in shards(map(row_of, whole)))

    @property
    def shard_folder(self) -> Path:
        """Where what is derived from shards is kept. What belongs to none is deleted by the next sync."""
        return self._place.shards

    def paragraph(self, document_id: str, number: int) -> Paragraph | None:
        """One paragraph, or None, also where its document was removed since this was opened."""
        return None if document_id in self._removed() else self._by_place.get((document_id, number))

    def versions(self, document_id: str) -> tuple[Version, ...]:
        """The versions that the index knows of a document, oldest first; the last is the present one."""
        return self._catalogue.versions(document_id)

    def builds(self) -> tuple[Build, ...]:
        """The builds that are kept, oldest first; the last is the present state."""
        return self._catalogue.builds()

    def changes(self, build: int) -> tuple[DocumentChange, ...] | None:
        """What has changed since a build, by title; None where that build is not kept."""
        return self._catalogue.changes(build)

    def standing(self) -> Standing:
        """When the folder was last looked through, and whether it is followed."""
        return Standing(self._catalogue.meta("looked_at"), is_followed(self._place.folder))

    def past(self, document_id: str, content_hash: str) -> tuple[PastParagraph, ...]:
        """Where a text stands or stood in a document: once for each number, by number.

        Empty where it never did, or only in a version older than those that are kept.
        """
        return self._catalogue.past(document_id, content_hash)

    def paragraph_at(self, document_id: str, number: int, content_hash: str) -> PastParagraph | None:
        """The text with this hash that stands or stood under this number, with the last version in which it did."""
        past = self.past(document_id, content_hash)
        return next((each for each in past if each.number == number), None)

    def changed_since(self, document_id: str, number: int, content_hash: str) -> bool:
        """Whether another text, or none, stands under this number than the one that was cited."""
        paragraph = self.paragraph(document_id, number)
        return paragraph is None or paragraph.content_hash != content_hash

    def search(self, query: str, k: int = 8, documents: Sequence[str] = ()) -> list[Hit]:
        """The `k` paragraphs nearest to `query`, best first, within `documents` where some are named."""
        if not query.strip():
            return []
        gone = self._removed()
        vector = self.encoder.queries([query])[0]
        dense: dict[str, Scored] = {}
        for kind in ("paragraph", "sentence"):
            found = self._vectors.query(vector, _DEPTH, kind, documents)
            placed = [
                (self._by_place[place], score)
                for key, score in found
                for place in self._places.get(key, ())
                if (not documents or place[0] in documents) and place[0] not in gone
            ]
            dense[kind] = best_per_paragraph(placed)
        words = self._lexical.query(query, _DEPTH, documents)
        return fuse(
            {
                "paragraph": dense["paragraph"],
                "sentence": dense["sentence"],
                "bm25": [(p, score) for p, score in words if p.document_id not in gone],
            },
            k,
        )

    def check(self) -> None:
        """See whether questions can be searched for now.

        Raises:
            StoreError: the vector store does not answer.
        """
        self._store.check()

    def close(self) -> None:
        """Let go of the index."""
        self._store.close()
        self._catalogue.close()

    def _removed(self) -> frozenset[str]:
        """The ids of the documents that were removed since this was opened; asked anew where something was written."""
        with self._lock:
            generation = self._catalogue.generation()
            if generation != self._generation:
                self._generation = generation
                self._gone = frozenset(self._documents.keys() - self._catalogue.ids())
            return self._gone
