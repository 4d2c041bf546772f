"""The whole way with a real inference engine: it writes nonsense, and the documents are quoted instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_engine import make_model, serving

from assistant.answers import Question
from assistant.chat_model import Budgets, Message
from assistant.llm import OpenAILikeModel
from assistant.settings import Settings
from assistant.wiring import build

pytestmark = pytest.mark.slow
PATIENT = Budgets(connect=20, first=120, total=240)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The URL of an engine, and the name of its model."""
    folder = tmp_path_factory.mktemp("engine") / "tiny"
    make_model(folder)
    with serving(folder) as url:
        yield url, str(folder)


def test_a_real_engine_streams_and_its_tokens_are_counted(engine: tuple[str, str]) -> None:
    url, name = engine
    model = OpenAILikeModel(url, name, budgets=PATIENT)
    try:
        pieces = list(model.stream([Message("user", "How long is the berth?")], most_tokens=30))
    finally:
        model.close()
    assert len(pieces) > 1
    assert "".join(pieces)
    assert model.usage.requests == 1
    assert model.usage.prompt_tokens > 0
    assert 0 < model.usage.completion_tokens <= 60


def test_what_a_random_model_writes_reaches_no_answer(
    engine: tuple[str, str], corpus: Path, tmp_path: Path
) -> None:
    url, name = engine
    settings = Settings(
        corpus=corpus,
        data=tmp_path / "data",
        llm_url=url,
        llm_model=name,
        llm_first_seconds=120,
        llm_total_seconds=240,
    )
    assistant = build(settings)
    try:
        answer = assistant.ask(Question("When does the ferry cross the bay?"))
    finally:
        assistant.close()
    assert answer.mode == "extractive"
    assert answer.model == name
    assert answer.degraded is not None
    assert answer.degraded.endswith("the documents are quoted instead.")
    assert "ferry crosses the bay at night" in answer.answer
    assert all(citation.check == "verified" for citation in answer.citations)
