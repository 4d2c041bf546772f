"""What can be evaluated: Footnote itself, and baselines that answer the same questions."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from assistant.answers import Answer, Question, Turn
from evals.cases import Label, label
from evals.errors import UsageError
from evals.invariants import Evidence
from evals.scores import Ranked, Span
from index.documents import Document, Hit, Leg, Paragraph

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

LEGS: dict[str, Leg | None] = {"dense": "paragraph", "bm25": "bm25", "hybrid": None}
"""Our search by one leg alone or by all three, with the first paragraph for an answer."""
GENERATIVE = "generative"
SYSTEMS = ("footnote", "hybrid+reader", "footnote-open", "similarity", *LEGS, *STARTERS, GENERATIVE)
"""Footnote as it is shipped, twice by name; Footnote with abstention off, for the whole of its confidence curves; its
search with the nearest sentence for an answer, as before there was a reader; its search alone; the starters; and
Footnote with the language model of the settings, or as "generative:MODEL" with another one of the same server."""
NEAREST = 0.55
"""The cosine under which `similarity` refuses: the best on the development half, found as the reader's threshold is."""
_REFUSES_BELOW = {"footnote-open": 0.0}


def is_system(name: str) -> bool:
    """Whether `name` is one of `SYSTEMS`, or "generative:MODEL"."""
    system, _, model = name.partition(":")
    return name in SYSTEMS or (system == GENERATIVE and bool(model))


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

    @property
    def about(self) -> Mapping[str, str]:
        """Encoder, reader and settings, as reports and the baseline name them."""

    def retrieve(self, question: str, k: int) -> list[Ranked]:
        """The best `k` pieces, best first."""

    def answer(self, question: str, history: Sequence[str], documents: Sequence[str] = ()) -> Answer:
        """Answer a question, after the user's earlier questions, from these documents where some are named."""


class FootnoteSystem:
    """The product, as the chat and the API run it."""

    def __init__(
        self, assistant: Assistant, name: str = "footnote", about: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.about = dict(about or {})
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
        return [ranked(hit.paragraph) for hit in self._assistant.search(question, k)]

    def search(self, question: str, k: int, documents: Sequence[str] = ()) -> list[Hit]:
        """The same, with the score of each leg."""
        return self._assistant.search(question, k, documents)

    def document(self, document_id: str) -> Document:
        """A document of the library that is there."""
        return next(one for one in self._assistant.library.documents() if one.id == document_id)

    def read(self, question: str, history: Sequence[str]) -> list[PartRead]:
        """What the reader makes of each part of a question."""
        return self._assistant.read(Question(question, tuple(Turn("user", text) for text in history)))

    def answer(self, question: str, history: Sequence[str], documents: Sequence[str] = ()) -> Answer:
        """Ask as a user of the API would, with the earlier questions alone."""
        turns = tuple(Turn("user", text) for text in history)
        return self._assistant.ask(Question(question, turns, tuple(documents)))


def ranked(paragraph: Paragraph) -> Ranked:
    """A retrieved paragraph."""
    place = label(paragraph.document_id, paragraph.number)
    return Ranked(place, frozenset({place}), Span(paragraph.document_id, paragraph.start, paragraph.end))


@contextmanager
def open_system(name: str, corpus: Path, data: Path | None = None) -> Iterator[System]:
    """A system ready to answer on `corpus`; its index lives in `data`, else in a temporary folder.

    Raises:
        UsageError: there is no such system or no such folder.
        FootnoteError: the corpus cannot be indexed.
    """
    if not is_system(name):
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
        if name in LEGS:
            from evals.legs import LegSystem

            yield LegSystem(system, name, LEGS[name])
        else:
            yield system


@contextmanager
def open_footnote(
    corpus: Path, data: Path | None = None, *, name: str = "footnote", abstain_below: float | None = None
) -> Iterator[FootnoteSystem]:
    """Footnote over `corpus`, with the abstention threshold of the settings unless one is given.

    As "similarity" it reads by cosine alone; as "generative" the chat model of the settings writes, as
    "generative:MODEL" the one of that name, and what it was asked is printed at the end.

    Raises:
        UsageError: the system needs a language model and none is configured.
        FootnoteError: the corpus cannot be indexed.
    """
    from assistant.reader.evidence import load_weights
    from assistant.settings import read_settings
    from assistant.wiring import build

    settings = read_settings()
    system, _, model = name.partition(":")
    if system == GENERATIVE and not settings.llm_url:
        raise UsageError(
            f"The system '{name}' needs a language model, and no setting names one. Set ASSISTANT_LLM_URL and "
            "ASSISTANT_LLM_MODEL, or name another system."
        )
    with TemporaryDirectory(prefix="footnote-evals-") as temporary:
        # An eval never writes to a Chroma server that others use, and only `generative` asks a model.
        # Scores are to be the same on every processor, so all is computed in float32.
        changed: dict[str, Any] = {
            "corpus": corpus,
            "data": data or Path(temporary),
            "chroma_url": None,
            "precision": "float32",
        }
        if abstain_below is not None:
            changed["abstain_below"] = abstain_below
        if system != GENERATIVE:
            changed |= {"llm_url": None, "llm_model": None}
        elif model:
            changed["llm_model"] = model
        settings = settings.model_copy(update=changed)
        weights = load_weights()
        below = weights.abstain_below if settings.abstain_below is None else settings.abstain_below
        about = {"encoder": settings.encoder, "reader": weights.name, "abstain_below": f"{below:g}"}
        assistant = build(settings)
        try:
            if name == "similarity":
                from evals.similarity import SimilarityReader
                from index.encoder import SentenceEncoder

                assistant = assistant.reading_with(SimilarityReader(SentenceEncoder()), NEAREST)
                about |= {"reader": "nearest sentence", "abstain_below": f"{NEAREST:g}"}
            if assistant.writer is not None:
                about["model"] = assistant.writer.label
            yield FootnoteSystem(assistant, name, about)
            if assistant.writer is not None:
                used = assistant.writer.model.usage
                cost = used.cost(settings.llm_price_read, settings.llm_price_written)
                print(
                    f"{assistant.writer.label}: {used.requests} requests, {used.prompt_tokens} tokens read, "
                    f"{used.completion_tokens} written" + (f", {cost:.4f} in all" if cost else ""),
                    file=sys.stderr,
                )
        finally:
            assistant.close()
