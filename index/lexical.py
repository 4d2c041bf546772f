"""BM25 over the paragraphs (bm25s, English stems)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from index.documents import Paragraph

# Numbers and short names ("2+2", "UN", "9") count in this field: one character is a word.
_WORD = r"(?u)\b\w+\b"


class Lexical:
    """A BM25 index of paragraphs, in memory. Safe to use from several threads."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        import bm25s

        self._paragraphs = tuple(paragraphs)
        texts = ["\n".join(part for part in (p.heading, p.text) if part) for p in self._paragraphs]
        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it would tell of every step
        self._index = bm25s.BM25()
        self._index.index(_tokens(texts), show_progress=False)

    def query(self, text: str, k: int, documents: Sequence[str] = ()) -> list[tuple[Paragraph, float]]:
        """The `k` paragraphs with the highest BM25 score above 0, best first."""
        most = len(self._paragraphs) if documents else min(k, len(self._paragraphs))
        places, scores = self._index.retrieve(_tokens([text]), k=most, show_progress=False)
        found = [
            (self._paragraphs[int(place)], float(score))
            for place, score in zip(places[0], scores[0], strict=True)
        ]
        return [(p, s) for p, s in found if s > 0 and (not documents or p.document_id in documents)][:k]


def _tokens(texts: Sequence[str]) -> Any:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")  # one for each call: it is not safe to share between threads
    return bm25s.tokenize(
        list(texts), stopwords="en", stemmer=stemmer, token_pattern=_WORD, show_progress=False
    )
