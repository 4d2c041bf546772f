"""The vector store alone, with real vectors that were moved at random: adding, searching, recall, replacing one."""

from __future__ import annotations

import resource
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from assistant.settings import Settings
from assistant.wiring import open_encoder
from evals.bench import seconds
from evals.bench.speed.encoders import moved, moves
from evals.bench.speed.figures import SEED, Figures, megabytes, summary
from evals.bench.speed.passages import ARTICLES, some_paragraphs
from index.encoder import Vectors
from index.store import VectorStore

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

_BATCH = 5000
_DEPTH = 64
"""What a leg of the search asks for."""
_K = 10


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured: `real` is how many paragraphs are embedded for vectors to move."""

    vectors: int
    queries: int = 100
    real: int = 1000
    articles: Path = ARTICLES


def measure(job: Job) -> Figures:
    """Fill a store and search it beside the exact product over the same vectors."""
    texts = [each.text for each in some_paragraphs(job.articles, job.real)]
    real, chance = open_encoder(Settings()).passages(texts), np.random.default_rng(SEED)

    def noisy(rows: int) -> Vectors:
        around = real[chance.integers(len(real), size=rows)]
        return moved(around, moves(rows, real.shape[1], int(chance.integers(2**31))))

    with (
        TemporaryDirectory(prefix="footnote-speed-") as folder,
        closing(VectorStore(path=Path(folder), server=None, collection="noise")) as store,
    ):
        whole, build_s = np.empty((job.vectors, real.shape[1]), dtype=np.float32), 0.0
        for first in range(0, job.vectors, _BATCH):
            whole[first : first + _BATCH] = noisy(min(_BATCH, job.vectors - first))
            build_s += seconds(partial(store.add, _nodes(first, whole[first : first + _BATCH])))
        search: list[float] = []
        exact: list[float] = []
        recall = []
        for query in noisy(job.queries):
            found = _timed(partial(_nearest, store, query), search)
            right = _timed(partial(_best, whole, query), exact)
            recall.append(len({*found} & {*right}) / len(right))

        def replace() -> None:
            store.delete(["n0"])
            store.add(_nodes(job.vectors, noisy(1)))

        return {
            "vectors": job.vectors,
            "add_per_s": round(job.vectors / build_s, 1),
            "query_ms": summary(search),
            "exact_ms": summary(exact),
            "recall_at_10": round(float(np.mean(recall)), 4),
            "replace_one_ms": round(1000 * seconds(replace), 2),
            "disk_mb": round(megabytes(Path(folder)), 1),
            "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, 1),
        }


def _nodes(first: int, vectors: Vectors) -> list[TextNode]:
    from llama_index.core.schema import TextNode

    kind = {"kind": "paragraph", "document": "noise"}
    return [
        TextNode(id_=f"n{first + row}", text="-", metadata=kind, embedding=vector.tolist())
        for row, vector in enumerate(vectors)
    ]


def _nearest(store: VectorStore, query: Vectors) -> list[str]:
    return [key for key, _ in store.query(query, _DEPTH, "paragraph")][:_K]


def _best(whole: Vectors, query: Vectors) -> list[str]:
    return [f"n{row}" for row in np.argpartition(whole @ query, -_K)[-_K:]]


def _timed(call: Callable[[], list[str]], into: list[float]) -> list[str]:
    found: list[str] = []
    into.append(1000 * seconds(lambda: found.extend(call())))
    return found
