"""What can be evaluated: Footnote itself, and baselines that answer the same questions."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from assistant.answers import Answer, Question, Turn
from evals.cases import Label, label
from evals.errors import UsageError
from evals.invariants import Evidence
from evals.scores import Ranked

if TYPE_CHECKING:
    from assistant.chat import Assistant
    from assistant.compose import PartRead

STARTERS: dict[str, tuple[int, int]] = {
    "starter": (1024, 200),
    "starter-256": (256, 20),
    "starter-128": (128, 20),
}
"""The llama-index baselines: tokens of a chunk, and of the overlap between two. The first are the
library's defaults; at that size a chunk spans many paragraphs, so smaller ones run beside it."""

SYSTEMS = ("footnote", "footnote-open", "generative", "similarity", *STARTERS)
"""Footnote with quotes; Footnote with abstention off, for the whole of its confidence curves; Footnote with the chat
model of the settings; its search with the nearest sentence for an answer, as before there was a reader; and the
starters."""
NEAREST = 0.55
"""The cosine under which `similarity` refuses: the best on the development half, found as the reader's threshold is."""


_REFUSES_BELOW = {"footnote-open": 0.0}


class System(Protocol):
    """Anything that retrieves paragraphs and answers questions on one corpus."""

    @property
    def name(self) -> str:
        """The name in reports."""

    @property
    def version(self) -> str:
        """What it answers from: changes when the corpus, the encoder or the reader does."""

    @property
    def labels(self) -> frozenset[Label]:
        """Every paragraph of the corpus, so that a case citing another one is refused."""

    @property
    def evidence(self) -> Evidence | None:
        """The library that its answers must keep to; None for one that promises nothing."""

    def retrieve(self, question: str, k: int) -> list[Ranked]:
        """The best `k` pieces, best first."""

    def answer(self, question: str, history: Sequence[str]) -> Answer:
        """Answer a question, after the user's earlier questions."""


class FootnoteSystem:
    """The product, as the chat and the API run it."""

    def __init__(self, assistant: Assistant, name: str = "footnote") -> None:
        self.name = name
        self._assistant = assistant
        self.evidence: Evidence = assistant.library

    @property
    def version(self) -> str:
        """The corpus version."""
        return str(self._assistant.library.version)

    @property
    def labels(self) -> frozenset[Label]:
        """Every paragraph of the library."""
        library = self._assistant.library
        return frozenset(
            label(document.id, paragraph.number)
            for document in library.documents()
            for paragraph in library.paragraphs(document.id)
        )

    def retrieve(self, question: str, k: int) -> list[Ranked]:
        """The search that an answer begins with, spelling put right."""
        hits = self._assistant.search(question, k)
        found = [label(hit.paragraph.document_id, hit.paragraph.number) for hit in hits]
        return [Ranked(place, frozenset({place})) for place in found]

    def read(self, question: str, history: Sequence[str]) -> list[PartRead]:
        """What the reader makes of each part of a question."""
        return self._assistant.read(Question(question, tuple(Turn("user", text) for text in history)))

    def answer(self, question: str, history: Sequence[str]) -> Answer:
        """Ask as a user of the API would, with the earlier questions alone."""
        turns = tuple(Turn("user", text) for text in history)
        return self._assistant.ask(Question(question, turns))


@contextmanager
def open_system(name: str, corpus: Path, data: Path | None = None) -> Iterator[System]:
    """A system ready to answer on `corpus`; its index lives in `data`, else in a temporary folder.

    Raises:
        UsageError: there is no such system or no such folder.
        FootnoteError: the corpus cannot be indexed.
    """
    if name not in SYSTEMS:
        raise UsageError(f"There is no system {name!r}. Use one of {', '.join(SYSTEMS)}.")
    if not corpus.is_dir():
        raise UsageError(f"There is no corpus folder '{corpus}'. Name one with --corpus.")
    if name in STARTERS:
        from evals.starter import Starter
        from index.encoder import SentenceEncoder

        size, overlap = STARTERS[name]
        yield Starter(name, corpus, SentenceEncoder(), chunk_size=size, chunk_overlap=overlap)
        return
    with open_footnote(corpus, data, name=name, abstain_below=_REFUSES_BELOW.get(name)) as system:
        yield system


@contextmanager
def open_footnote(
    corpus: Path, data: Path | None = None, *, name: str = "footnote", abstain_below: float | None = None
) -> Iterator[FootnoteSystem]:
    """Footnote over `corpus`, with the abstention threshold of the settings unless one is given.

    As "similarity" it reads by cosine alone; as "generative" the chat model of the settings writes, and what it was
    asked is printed at the end.

    Raises:
        FootnoteError: the corpus cannot be indexed.
        UsageError: "generative" without a chat model in the settings.
    """
    from assistant.settings import read_settings
    from assistant.wiring import build

    with TemporaryDirectory(prefix="footnote-evals-") as temporary:
        changed = _changed(corpus, data or Path(temporary))
        if abstain_below is not None:
            changed["abstain_below"] = abstain_below
        settings = read_settings()
        if name != "generative":
            changed |= {"llm_url": None, "llm_model": None}
        elif settings.llm_url is None:
            raise UsageError(
                "The system 'generative' needs ASSISTANT_LLM_URL and ASSISTANT_LLM_MODEL. Set them."
            )
        assistant = build(settings.model_copy(update=changed))
        try:
            if name == "similarity":
                from evals.similarity import SimilarityReader
                from index.encoder import SentenceEncoder

                assistant = assistant.reading_with(SimilarityReader(SentenceEncoder()), NEAREST)
            if assistant.writer is not None:
                name = f"generative: {assistant.writer.label}"
            yield FootnoteSystem(assistant, name)
            if assistant.writer is not None:
                used = assistant.writer.model.usage
                print(
                    f"{name}: {used.requests} requests, {used.prompt_tokens} tokens read, "
                    f"{used.completion_tokens} written",
                    file=sys.stderr,
                )
        finally:
            assistant.close()


def _changed(corpus: Path, data: Path) -> dict[str, Any]:
    # An eval never writes to a Chroma server that others use.
    return {"corpus": corpus, "data": data, "chroma_url": None}
