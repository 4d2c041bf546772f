"""From a folder to a cited answer, with the real encoder and the real reader, offline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import shared

from assistant.answers import Answer, Question
from assistant.chat import Assistant
from assistant.reader.evidence import SPAN_WEIGHTS
from assistant.settings import Settings
from assistant.wiring import build, place
from index.encoder import SentenceEncoder
from index.library import Library
from index.sync import sync

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent
TRADE = "By what percentage did trade turnover grow in the first five months of 2024?"
MONGOLIA = "Who is the foreign minister of Mongolia?"
needs_reader = pytest.mark.skipif(
    not SPAN_WEIGHTS.is_file(),
    reason=f"The reader is not trained: there is no {SPAN_WEIGHTS.name}. Run: python -m assistant.reader.train",
)


@pytest.fixture(scope="module", params=["corpus", "seeds"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for the shipped corpus, and for the originals where they are beside the project."""
    folder = ROOT / "corpus" if request.param == "corpus" else shared("seeds")
    return Settings(corpus=folder, data=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def assistant(settings: Settings) -> Iterator[Assistant]:
    assistant = build(settings)
    yield assistant
    assistant.close()


def slices_are_true(answer: Answer, assistant: Assistant) -> bool:
    """Whether every quote is a slice of the stored paragraph and of the answer."""
    for citation in answer.citations:
        stored = assistant.library.paragraph(citation.document_id, citation.paragraph)
        if stored is None or stored.text[citation.start : citation.end] != citation.quote:
            return False
        if answer.answer[citation.answer_start : citation.answer_end] != citation.quote:
            return False
    return True


def test_the_paragraph_that_answers_is_found_first(settings: Settings) -> None:
    encoder = SentenceEncoder(settings.encoder)
    sync(place(settings), encoder)
    library = Library(place(settings), encoder)
    try:
        best = library.search(TRADE)[0].paragraph
    finally:
        library.close()
    assert (best.document_id, best.number) == ("diplomat", 6)


@needs_reader
def test_a_figure_is_answered_and_cited(assistant: Assistant) -> None:
    answer = assistant.ask(Question(TRADE))
    assert answer.verdict == "supported"
    assert answer.short_answer is not None
    assert "54 percent" in answer.short_answer
    assert ("diplomat", 6) in [(citation.document_id, citation.paragraph) for citation in answer.citations]
    assert all(citation.check == "verified" for citation in answer.citations)
    assert slices_are_true(answer, assistant)


@needs_reader
def test_what_the_documents_do_not_say_is_not_answered(assistant: Assistant) -> None:
    answer = assistant.ask(Question(MONGOLIA))
    assert (answer.verdict, answer.citations, answer.short_answer) == ("not_in_corpus", (), None)
    assert answer.looked_at
    assert all(seen.why_not for seen in answer.looked_at)


@needs_reader
def test_a_question_restricted_to_a_document_is_answered_from_it_alone(assistant: Assistant) -> None:
    answer = assistant.ask(Question(TRADE, documents=("issi",)))
    assert {citation.document_id for citation in answer.citations} <= {"issi"}
    assert {seen.document_id for seen in answer.looked_at} == {"issi"}
