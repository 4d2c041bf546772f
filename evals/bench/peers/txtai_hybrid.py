"""txtai's embeddings database, hybrid: vectors and BM25, with the texts kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.bench.peers.protocol import Passage, serve


class Hybrid:
    """Passages are indexed as they are, without titles."""

    packages = ("txtai", "faiss-cpu", "transformers")

    def load(self, model: str) -> None:
        """The libraries; the encoder is loaded with an index."""
        from txtai import Embeddings

        self._new: Any = lambda: Embeddings(path=model, hybrid=True, content=True)
        self._index: Any = self._new()

    def build(self, passages: Sequence[Passage], folder: Path) -> None:
        """An index, saved."""
        self._index = self._new()
        self._index.index([(each.id, each.text, None) for each in passages])
        self._index.save(str(folder))

    def open(self, folder: Path) -> None:
        """The index that was saved."""
        self._index.load(str(folder))

    def search(self, question: str, k: int) -> list[str]:
        """The nearest passages."""
        return [str(each["id"]) for each in self._index.search(question, k)]


if __name__ == "__main__":
    serve(Hybrid())
