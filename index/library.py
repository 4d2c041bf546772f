"""An opened index: its documents, their paragraphs, and search over them."""

from __future__ import annotations

from collections.abc import Sequence

from index.documents import Document, Hit, Paragraph
from index.encoder import Encoder
from index.errors import IndexMissing
from index.lexical import Lexical
from index.search import Scored, best_per_paragraph, fuse
from index.sync import Place, check_encoder

# How many vectors a dense leg brings in: enough for its scores to have a meaningful spread.
_DEPTH = 64


class Library:
    """Documents, paragraphs and search. Read-only; open a new one after a sync."""

    def __init__(self, place: Place, encoder: Encoder, *, reader: str = "") -> None:
        """Open the index at `place`; `reader` names the reading method in the version.

        Raises:
            IndexMissing: nothing was built there.
            IndexMismatch: another encoder built it.
            StoreError: the vector store does not answer.
        """
        self._encoder = encoder
        catalogue = place.catalogue()
        try:
            check_encoder(catalogue, place, encoder.name)
            self._documents = {document.id: document for document in catalogue.documents()}
            if not self._documents:
                raise IndexMissing(
                    f"There is no index in '{place.folder}'. Build it with: python -m index build"
                )
            paragraphs = catalogue.paragraphs()
            self._by_place = {(p.document_id, p.number): p for p in paragraphs}
            self._places = catalogue.vectors()
            self.version = catalogue.version(encoder.name, reader)
        finally:
            catalogue.close()
        self._store = place.store(encoder.name)
        self._lexical = Lexical(paragraphs)

    def documents(self) -> tuple[Document, ...]:
        """All documents, sorted by id."""
        return tuple(self._documents.values())

    def document(self, document_id: str) -> Document | None:
        """One document, or None."""
        return self._documents.get(document_id)

    def paragraphs(self, document_id: str) -> tuple[Paragraph, ...]:
        """A document's paragraphs in order, its front matter (number 0) first."""
        return tuple(p for place, p in self._by_place.items() if place[0] == document_id)

    def all_paragraphs(self) -> tuple[Paragraph, ...]:
        """Every paragraph of every document."""
        return tuple(self._by_place.values())

    def paragraph(self, document_id: str, number: int) -> Paragraph | None:
        """One paragraph, or None."""
        return self._by_place.get((document_id, number))

    def search(self, query: str, k: int = 8, documents: Sequence[str] = ()) -> list[Hit]:
        """The `k` paragraphs nearest to `query`, best first, within `documents` where some are named."""
        if not query.strip():
            return []
        vector = self._encoder.queries([query])[0]
        dense: dict[str, Scored] = {}
        for kind in ("paragraph", "sentence"):
            found = self._store.query(vector, _DEPTH, kind, documents)
            placed = [
                (self._by_place[place], score)
                for key, score in found
                for place in self._places.get(key, ())
                if not documents or place[0] in documents
            ]
            dense[kind] = best_per_paragraph(placed)
        return fuse(
            {
                "paragraph": dense["paragraph"],
                "sentence": dense["sentence"],
                "bm25": self._lexical.query(query, _DEPTH, documents),
            },
            k,
        )

    def close(self) -> None:
        """Let go of the vector store."""
        self._store.close()
