"""Public sets, read from a folder that the command names: each becomes a corpus, a suite and its published measures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.errors import UsageError
from evals.public import beir, chunking, clapnq, nq, squad
from evals.public.sets import Prepared, Source, prepare

Reader = Callable[[Path], Source]

SETS: Mapping[str, Reader] = {
    "beir": beir.read,
    "squad": squad.read,
    "squad-reading": partial(squad.read, reading=True),
    "clapnq": clapnq.read,
    "clapnq-reading": partial(clapnq.read, reading=True),
    "nq": nq.read,
    "nq-reading": partial(nq.read, reading=True),
    "chunking": chunking.read,
}
"""Kind -> reader. In a "-reading" set each question is asked of its own passage alone."""


@contextmanager
def open_set(
    kind: str, folder: Path, *, limit: int | None = None, clusters: int | None = None
) -> Iterator[Prepared]:
    """A public set, ready to be run; its corpus lives in a temporary folder.

    `clusters` keeps so many articles, drawn by a fixed seed, and their passages; `limit` so many questions.

    Raises:
        UsageError: there is no such kind or folder.
        RunError: the folder does not have the set's layout; the message says which file is wrong.
    """
    if kind not in SETS:
        raise UsageError(f"There is no kind of set {kind!r}. Use one of {', '.join(SETS)}.")
    if not folder.exists():
        raise UsageError(f"There is no '{folder}'. Name the folder of the set, as in {kind}:FOLDER.")
    with TemporaryDirectory(prefix="footnote-set-") as temporary:
        corpus = Path(temporary) / kind
        corpus.mkdir()
        yield prepare(kind, SETS[kind](folder), corpus, limit=limit, clusters=clusters)
