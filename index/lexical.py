"""BM25 over the paragraphs (bm25s' words and its variant of the formula, English stems)."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from index.documents import Paragraph
from index.postings import LAYOUT, Postings, hashes_of
from index.shards import Row, Shard, shards

# Numbers and short names ("2+2", "UN", "9") count in this field: one character is a word.
_WORD = r"(?u)\b\w+\b"
# Lucene's variant, with the values that bm25s takes by default.
_K1, _B = 1.5, 0.75


class Lexical:
    """A BM25 index of paragraphs. Safe to use from several threads.

    Scores are those of bm25s over all paragraphs, whatever the shards are: rarity and average length are of all, and a
    paragraph's scores are summed in the order of the question's words.
    """

    def __init__(self, paragraphs: Sequence[Paragraph], folder: Path | None = None) -> None:
        """Shards that `folder` has are mapped, others made in memory."""
        self._paragraphs = tuple(paragraphs)
        self._parts = []
        for shard in shards(map(row_of, self._paragraphs)):
            kept = Postings.opened(shard.file(folder, kind())) if folder else None
            self._parts.append((shard.start, kept or _postings(self._paragraphs[shard.start : shard.end])))
        lengths = np.concatenate([np.zeros(0), *(part.lengths for _, part in self._parts)])
        mean = lengths.mean() if lengths.any() else 1.0
        self._norms = _K1 * ((1 - _B) + _B * lengths / mean)

    def query(self, text: str, k: int, documents: Sequence[str] = ()) -> list[tuple[Paragraph, float]]:
        """The `k` paragraphs with the highest BM25 score above 0, best first, of the same score the earlier one."""
        scores = self._scores(text)
        found = np.flatnonzero(scores > 0)
        if not documents and len(found) > k:
            least = np.partition(scores[found], len(found) - k)[len(found) - k]
            found = found[scores[found] >= least]
        best = found[np.argsort(-scores[found], kind="stable")]
        ranked = ((self._paragraphs[int(place)], float(scores[place])) for place in best)
        return [(p, s) for p, s in ranked if not documents or p.document_id in documents][:k]

    def _scores(self, text: str) -> Any:
        """The score of every paragraph, (paragraphs,), as float32 like those of bm25s."""
        scores = np.zeros(len(self._paragraphs), dtype=np.float32)
        tokens = _tokens([text])
        stems = {number: stem for stem, number in tokens.vocab.items()}
        words = [stems[number] for number in tokens.ids[0]]
        distinct = list(dict.fromkeys(words))
        hashes = hashes_of(distinct)
        found = [part.find(hashes) for _, part in self._parts]
        added: dict[str, list[tuple[Any, Any]]] = {}
        for column, word in enumerate(distinct):
            here = [
                (start, part, where)
                for (start, part), places in zip(self._parts, found, strict=True)
                if (where := places[column]) is not None
            ]
            weight = np.float32(_rarity(sum(w.stop - w.start for _, _, w in here), len(scores)))
            added[word] = []
            for start, part, where in here:
                rows, counts = part.rows(where) + np.int64(start), part.counts(where).astype(np.float64)
                gained = weight * (counts / (self._norms[rows] + counts))
                added[word].append((rows, gained.astype(np.float32)))
        for word in words:
            for rows, gained in added[word]:
                scores[rows] += gained
        return scores


def row_of(paragraph: Paragraph) -> Row:
    """What decides in which shard a paragraph is."""
    return paragraph.document_id, paragraph.number, paragraph.heading, paragraph.content_hash


@cache
def kind() -> str:
    """The ending of the files. Other words or other stems are other files."""
    made_by = (_WORD, version("bm25s"), version("PyStemmer"), LAYOUT)
    return f"{hashlib.sha256(repr(made_by).encode()).hexdigest()[:8]}.bm25"


def keep(folder: Path, shard: Shard, paragraphs: Sequence[Paragraph]) -> None:
    """Write a shard's file; `paragraphs` are those of the shard.

    Raises:
        OSError: it cannot be written.
    """
    _postings(paragraphs).save(shard.file(folder, kind()))


def is_kept(folder: Path, shard: Shard) -> bool:
    """Whether the folder has a shard's file, whole."""
    return Postings.opened(shard.file(folder, kind())) is not None


def _postings(paragraphs: Sequence[Paragraph]) -> Postings:
    texts = ["\n".join(part for part in (p.heading, p.text) if part) for p in paragraphs]
    tokens = _tokens(texts)
    return Postings.of(tokens.ids, tokens.vocab)


def _rarity(paragraphs: int, of: int) -> float:
    return math.log(1 + (of - paragraphs + 0.5) / (paragraphs + 0.5))


def _tokens(texts: Sequence[str]) -> Any:
    import bm25s
    import Stemmer

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it would tell of every step
    stemmer = Stemmer.Stemmer("english")  # one for each call: it is not safe to share between threads
    return bm25s.tokenize(
        list(texts), stopwords="en", stemmer=stemmer, token_pattern=_WORD, show_progress=False
    )
