"""Haystack pipelines: embedder and writer, then embedder and retriever, over its Chroma document store.

Since Haystack 3 the sentence-transformers embedders are in a package of their own, `sentence-transformers-haystack`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.bench.peers.protocol import Passage, serve

_COLLECTION = "passages"


class Pipelines:
    """Titles are metadata, which it keeps and does not embed."""

    packages = ("haystack-ai", "chroma-haystack", "chromadb", "sentence-transformers")

    def load(self, model: str) -> None:
        """Both embedders, each with the encoder."""
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        self._of_documents: Any = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
        self._of_questions: Any = SentenceTransformersTextEmbedder(model=model, progress_bar=False)
        self._of_documents.warm_up()
        self._of_questions.warm_up()
        self._query: Any = None

    def build(self, passages: Sequence[Passage], folder: Path) -> None:
        """A document for each passage."""
        from haystack import Document, Pipeline
        from haystack.components.writers import DocumentWriter

        documents = [
            Document(content=each.text, meta={"title": each.title, "passage": each.id}) for each in passages
        ]
        pipeline = Pipeline()
        pipeline.add_component("embedder", self._of_documents)
        pipeline.add_component("writer", DocumentWriter(document_store=self._store(folder)))
        pipeline.connect("embedder.documents", "writer.documents")
        pipeline.run({"embedder": {"documents": documents}})
        pipeline.remove_component("embedder")  # a component is of one pipeline at a time
        self.open(folder)

    def open(self, folder: Path) -> None:
        """The pipeline that searches."""
        from haystack import Pipeline
        from haystack_integrations.components.retrievers.chroma import ChromaEmbeddingRetriever

        if self._query is not None:
            self._query.remove_component("embedder")
        self._query = Pipeline()
        self._query.add_component("embedder", self._of_questions)
        self._query.add_component("retriever", ChromaEmbeddingRetriever(document_store=self._store(folder)))
        self._query.connect("embedder.embedding", "retriever.query_embedding")

    def search(self, question: str, k: int) -> list[str]:
        """The nearest passages."""
        found = self._query.run({"embedder": {"text": question}, "retriever": {"top_k": k}})
        return [each.meta["passage"] for each in found["retriever"]["documents"]]

    def _store(self, folder: Path) -> Any:
        from haystack_integrations.document_stores.chroma import ChromaDocumentStore

        return ChromaDocumentStore(
            collection_name=_COLLECTION, persist_path=str(folder), distance_function="cosine"
        )


if __name__ == "__main__":
    serve(Pipelines())
