"""Footnote's search alone: by vectors, by words, or by all legs together, and the first paragraph for an answer.

It answers as the starter can without a language model, and never that the documents do not say: what the reader adds
is the difference to `hybrid+reader`.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answers import Answer
from evals.cases import Label
from evals.scores import Ranked
from evals.starter import quoting
from evals.systems import FootnoteSystem, ranked
from index.documents import Hit, Leg

_ALL = 1000
"""More than the legs bring in together, so that each leg's own order can be had from what all of them found."""


class LegSystem:
    """The ranking of one leg, or of all fused where `leg` is None."""

    evidence = None

    def __init__(self, footnote: FootnoteSystem, name: str, leg: Leg | None) -> None:
        self.name = name
        self.about = {"encoder": footnote.about.get("encoder", ""), "leg": leg or "all, fused"}
        self._footnote = footnote
        self._leg = leg

    @property
    def version(self) -> str:
        """The corpus version."""
        return self._footnote.version

    @property
    def labels(self) -> frozenset[Label]:
        """Every paragraph of the library."""
        return self._footnote.labels

    def retrieve(self, question: str, k: int) -> list[Ranked]:
        """The best `k` paragraphs of the leg."""
        return [ranked(hit.paragraph) for hit in self._hits(question, k, ())]

    def answer(self, question: str, history: Sequence[str], documents: Sequence[str] = ()) -> Answer:
        """The first paragraph; a question's history is not used."""
        hits = self._hits(question, 1, documents)
        paragraphs = [hit.paragraph for hit in hits]
        text = paragraphs[0].text if paragraphs else ""
        titles = {
            paragraph.document_id: self._footnote.document(paragraph.document_id) for paragraph in paragraphs
        }
        return quoting(question, text, paragraphs, titles, hits[0].score if hits else 0.0, self.version)

    def _hits(self, question: str, k: int, documents: Sequence[str]) -> list[Hit]:
        if self._leg is None:
            return self._footnote.search(question, k, documents)
        found = [
            (one.rank, hit)
            for hit in self._footnote.search(question, _ALL, documents)
            for one in hit.found_by
            if one.leg == self._leg
        ]
        return [hit for _, hit in sorted(found, key=lambda pair: pair[0])[:k]]
