"""llama-index's starter: sentence splitter, vector index and retriever with their defaults, vectors in Chroma."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.bench.peers.protocol import Passage, serve

_COLLECTION = "starter"


class Starter:
    """Titles are metadata, which it embeds with each chunk."""

    packages = ("llama-index-core", "llama-index-vector-stores-chroma", "chromadb", "sentence-transformers")

    def load(self, model: str) -> None:
        """The encoder, with the batches that it has by default."""
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self._embedding: Any = HuggingFaceEmbedding(model_name=model)
        self._index: Any = None

    def build(self, passages: Sequence[Passage], folder: Path) -> None:
        """A document for each passage."""
        from llama_index.core import Document, StorageContext, VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter

        documents = [
            Document(
                text=each.text,
                metadata={"title": each.title, "passage": each.id},
                excluded_embed_metadata_keys=["passage"],
            )
            for each in passages
        ]
        self._index = VectorStoreIndex.from_documents(
            documents,
            storage_context=StorageContext.from_defaults(vector_store=self._store(folder)),
            transformations=[SentenceSplitter()],
            embed_model=self._embedding,
        )

    def open(self, folder: Path) -> None:
        """The index over the collection."""
        from llama_index.core import VectorStoreIndex

        self._index = VectorStoreIndex.from_vector_store(self._store(folder), embed_model=self._embedding)

    def search(self, question: str, k: int) -> list[str]:
        """The passages of the nearest chunks."""
        nodes = self._index.as_retriever(similarity_top_k=k).retrieve(question)
        return list(dict.fromkeys(node.node.metadata["passage"] for node in nodes))

    def _store(self, folder: Path) -> Any:
        import chromadb
        from llama_index.vector_stores.chroma import ChromaVectorStore

        client = chromadb.PersistentClient(path=str(folder))
        return ChromaVectorStore(chroma_collection=client.get_or_create_collection(_COLLECTION))


if __name__ == "__main__":
    serve(Starter())
