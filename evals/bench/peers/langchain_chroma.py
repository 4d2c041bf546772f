"""A LangChain pipeline: recursive splitter, HuggingFace embeddings and Chroma, as its tutorial has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.bench.peers.protocol import Passage, serve

_CHUNK, _OVERLAP = 1000, 200
"""Characters, as in the tutorial on retrieval."""


class Pipeline:
    """Titles are metadata, which it keeps and does not embed."""

    packages = ("langchain-chroma", "langchain-huggingface", "chromadb", "sentence-transformers")

    def load(self, model: str) -> None:
        """The encoder."""
        from langchain_huggingface import HuggingFaceEmbeddings

        self._embedding: Any = HuggingFaceEmbeddings(model_name=model)
        self._store: Any = None

    def build(self, passages: Sequence[Passage], folder: Path) -> None:
        """A document for each passage, split where it is long."""
        from langchain_chroma import Chroma
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        documents = [
            Document(page_content=each.text, metadata={"title": each.title, "passage": each.id})
            for each in passages
        ]
        splitter = RecursiveCharacterTextSplitter(chunk_size=_CHUNK, chunk_overlap=_OVERLAP)
        chunks = splitter.split_documents(documents)
        self._store = Chroma.from_documents(chunks, self._embedding, persist_directory=str(folder))

    def open(self, folder: Path) -> None:
        """The store over the collection."""
        from langchain_chroma import Chroma

        self._store = Chroma(embedding_function=self._embedding, persist_directory=str(folder))

    def search(self, question: str, k: int) -> list[str]:
        """The passages of the nearest chunks."""
        found = self._store.similarity_search(question, k=k)
        return list(dict.fromkeys(each.metadata["passage"] for each in found))


if __name__ == "__main__":
    serve(Pipeline())
