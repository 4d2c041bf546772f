"""BM25 over the paragraphs, through llama-index's retriever (bm25s, English stems)."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from index.documents import Paragraph


class Lexical:
    """A BM25 index of paragraphs, in memory."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        from llama_index.core.schema import TextNode
        from llama_index.retrievers.bm25 import BM25Retriever

        self._paragraphs = tuple(paragraphs)
        self._lock = Lock()
        nodes = [
            TextNode(id_=str(i), text="\n".join(part for part in (p.heading, p.text) if part))
            for i, p in enumerate(self._paragraphs)
        ]
        # Numbers and short names ("2+2", "UN", "9") count in this field: one character is a word.
        self._retriever = BM25Retriever.from_defaults(
            nodes=nodes, similarity_top_k=len(nodes), token_pattern=r"(?u)\b\w+\b"
        )

    def query(self, text: str, k: int, documents: Sequence[str] = ()) -> list[tuple[Paragraph, float]]:
        """The `k` paragraphs with the highest BM25 score above 0, best first."""
        self._retriever.similarity_top_k = (
            len(self._paragraphs) if documents else min(k, len(self._paragraphs))
        )
        found = [
            (self._paragraphs[int(node.node.node_id)], float(node.score or 0.0))
            for node in self._retriever.retrieve(text)
        ]
        return [(p, s) for p, s in found if s > 0 and (not documents or p.document_id in documents)][:k]
