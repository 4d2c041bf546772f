"""The systems: ours around a fake assistant, and the real baseline over a fake encoder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fakes_evals import TEXTS, paragraph, quoting

from assistant import wiring
from assistant.answers import Answer, Question, Turn
from assistant.settings import Settings
from evals.errors import UsageError
from evals.legs import LegSystem
from evals.scores import Ranked, Span
from evals.starter import Chunk, Starter, place
from evals.systems import LEGS, STARTERS, FootnoteSystem, open_system
from index.corpus import ReadDocument, list_files, read_document
from index.documents import Found, Hit, Paragraph
from index.encoder import TokenVectors, Vectors

WORDS = ("harbour", "warden", "cranes", "lighthouse")


class WordEncoder:
    """One axis per word: the cosine of two texts is seen by eye."""

    name = "words"
    window = 254

    def passages(self, texts: Sequence[str]) -> Vectors:
        found = [set(re.findall(r"[a-z]+", text.lower())) for text in texts]
        rows = np.array([[word in words for word in WORDS] for words in found], dtype=np.float32)
        return np.asarray(
            (rows + 1e-6) / np.linalg.norm(rows + 1e-6, axis=1, keepdims=True), dtype=np.float32
        )

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self.passages(texts)

    def sentences(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        return self.passages(texts), self.tokens(texts)

    def question(self, text: str) -> tuple[Vectors, TokenVectors]:
        return self.queries([text])[0], self.tokens([text])[0]

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        raise NotImplementedError

    def words(self) -> frozenset[str]:
        return frozenset(WORDS)

    def count_tokens(self, text: str) -> int:
        return len(text.split())


TEXT = """The Harbour Book

The harbour has a long quay and it was built of granite by many hands over nine summers.

The warden lives beside the gate and keeps the keys of every store in a small green box.

The cranes came later and lift timber, grain and coal from the ships that call in winter.
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "book.txt").write_text(TEXT)
    return tmp_path


def read(corpus: Path) -> ReadDocument:
    return read_document(list_files(corpus)[0], corpus)


class FakeAssistant:
    """Finds the harbour's paragraphs in order, and keeps the questions that it is asked."""

    def __init__(self) -> None:
        self.library = self
        self.version = "v1"
        self.asked: list[Question] = []

    def documents(self) -> tuple[Any, ...]:
        return (SimpleNamespace(id="harbour", title="The Harbour", publisher=None, date=None),)

    def paragraphs(self, document_id: str) -> list[Paragraph]:
        return [paragraph(number) for number in range(len(TEXTS))]

    def search(self, query: str, k: int, documents: Sequence[str] = ()) -> list[Hit]:
        """Best first for all legs together; BM25 sees it the other way round."""
        found = self.paragraphs("harbour")
        return [
            Hit(each, 1.0, (Found("paragraph", 1.0 - rank / 10, rank), Found("bm25", float(rank), 4 - rank)))
            for rank, each in enumerate(found, 1)
        ][:k]

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        return quoting((1, "The harbour opened in 1931."))


def test_ours_is_asked_as_a_user_would() -> None:
    assistant: Any = FakeAssistant()
    system = FootnoteSystem(assistant)
    assert system.labels == {"harbour#p0", "harbour#p1", "harbour#p2"}
    assert [each.paragraph for each in system.retrieve("When?", 2)] == ["harbour#p0", "harbour#p1"]
    system.answer("And then?", ("When?",), ("harbour",))
    assert assistant.asked == [Question("And then?", (Turn("user", "When?"),), ("harbour",))]


@pytest.mark.parametrize(
    ("name", "first"), [("dense", "harbour#p0"), ("hybrid", "harbour#p0"), ("bm25", "harbour#p2")]
)
def test_a_leg_ranks_by_itself_and_answers_with_its_first_paragraph(name: str, first: str) -> None:
    assistant: Any = FakeAssistant()
    system = LegSystem(FootnoteSystem(assistant), name, LEGS[name])
    assert [each.paragraph for each in system.retrieve("When?", 1)] == [first]
    answer = system.answer("When?", ())
    assert [f"{each.document_id}#p{each.paragraph}" for each in answer.citations] == [first]
    assert answer.answer == TEXTS[int(first[-1])]


def test_a_system_that_needs_a_model_says_so(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTANT_LLM_URL", raising=False)
    monkeypatch.chdir(corpus)  # away from a .env file
    with (
        pytest.raises(UsageError, match="'generative' needs a language model, and no setting names one"),
        open_system("generative", corpus),
    ):
        pass


def test_a_model_is_named_by_the_settings_or_by_the_system(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(corpus)
    monkeypatch.setenv("ASSISTANT_LLM_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("ASSISTANT_LLM_MODEL", "large")

    def build(settings: Settings) -> Any:
        assistant: Any = FakeAssistant()
        assistant.writer, assistant.close = wiring.writer(settings), lambda: None
        return assistant

    monkeypatch.setattr(wiring, "build", build)
    for name, model in {"generative": "large", "generative:small": "small"}.items():
        with open_system(name, corpus) as system:
            assert system.about["model"].startswith(f"{model}, prompt ")
    with open_system("hybrid+reader", corpus) as system:
        assert "model" not in system.about
    with (
        pytest.raises(UsageError, match="There is no system 'generative:'"),
        open_system("generative:", corpus),
    ):
        pass


def test_a_chunk_counts_as_the_paragraph_it_shares_most_with(corpus: Path) -> None:
    document = read(corpus)
    first, second = document.paragraphs[1:3]
    chunk = Chunk("book", "", first.end - 10, second.end - 5, 0.5)
    span = Span("book", chunk.start, chunk.end)
    assert place(chunk, document) == Ranked("book#p2", frozenset({"book#p1", "book#p2"}), span)


def test_a_chunk_between_paragraphs_counts_as_none(corpus: Path) -> None:
    document = read(corpus)
    gap = Chunk("book", "", document.paragraphs[1].end, document.paragraphs[2].start, 0.5)
    assert place(gap, document) == Ranked(None, frozenset(), Span("book", gap.start, gap.end))


def test_chunks_of_one_paragraph_find_it(corpus: Path) -> None:
    starter = Starter("starter", corpus, WordEncoder(), chunk_size=40, chunk_overlap=0)
    assert starter.chunks > 1
    assert starter.labels == {f"book#p{number}" for number in range(4)}
    found = starter.retrieve("Where do the cranes stand?", 2)[0]
    assert found.paragraph == "book#p3"
    answer = starter.answer("Where do the cranes stand?", ())
    assert "cranes came later" in answer.answer
    assert {each.paragraph for each in answer.citations} == {
        int(label.rpartition("#p")[2]) for label in found.touches
    }
    assert answer.verdict == "supported"
    assert {each.document_id for each in starter.answer("Where?", (), ("book",)).citations} == {"book"}


def test_by_default_a_small_file_is_one_chunk(corpus: Path) -> None:
    size, overlap = STARTERS["starter"]
    starter = Starter("starter", corpus, WordEncoder(), chunk_size=size, chunk_overlap=overlap)
    (only,) = starter.retrieve("warden", 5)
    assert only.touches == starter.labels


def test_the_defaults_are_those_of_the_library() -> None:
    from llama_index.core.node_parser import SentenceSplitter

    splitter = SentenceSplitter()
    assert STARTERS["starter"] == (splitter.chunk_size, splitter.chunk_overlap)
