"""Many questions from many clients at once: each gets its own answer or a clean refusal."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes_web import SUPPORTED, FakeAssistant
from served import serving

import server
from assistant.answers import Answer, Event, Question
from assistant.citations import told
from assistant.settings import Settings
from evals.cases import load_suite

ROOT = Path(__file__).parent.parent
CLIENTS = 32
PATIENCE = 600
FEW, MANY = 192, 1000
"""Questions at a time: what a slow machine does in a few seconds, and the whole measure."""
READ = int(os.environ.get("LOAD_QUESTIONS", "64"))
"""Questions for the real assistant, which needs a quarter of a second for each."""


class Echo(FakeAssistant):
    """Answers every question with itself."""

    def stream(self, question: Question, /) -> Iterator[Event]:
        yield from told(replace(_answer(question), citations=()))


def _answer(question: Question) -> Answer:
    return replace(SUPPORTED, id=question.text, question=question.text, answer=question.text)


async def ask_all(url: str, questions: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    numbers = iter(range(questions))

    async def client(name: int) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=120) as http:
            for number in numbers:
                text = f"Question {number} of client {name}?"
                way = ("ask", "stream", "openai")[number % 3]
                if way == "ask":
                    response = await http.post("/v1/ask", json={"question": text})
                    own = response.status_code == 200 and response.json()["answer"] == text
                elif way == "stream":
                    response = await http.post("/v1/ask/stream", json={"question": text})
                    own = response.status_code == 200 and f'"answer": "{text}"' in response.text
                else:
                    body = {"model": "footnote", "messages": [{"role": "user", "content": text}]}
                    response = await http.post("/v1/chat/completions", json=body)
                    own = (
                        response.status_code == 200
                        and response.json()["choices"][0]["message"]["content"] == text
                    )
                if response.status_code == 503:
                    assert response.json()["type"] == "/problems/busy"
                    assert int(response.headers["retry-after"]) >= 1
                    outcomes["refused"] += 1
                else:
                    outcomes["own" if own else "wrong"] += 1

    await asyncio.gather(*(client(name) for name in range(CLIENTS)))
    return outcomes


@pytest.mark.parametrize("waiting", [64, 4])
@pytest.mark.parametrize("questions", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_every_question_gets_its_own_answer_or_a_refusal(waiting: int, questions: int) -> None:
    app = server.create_app(Echo(), ())
    app.state.service.runs._waiting = waiting
    with serving(app) as url:
        outcomes = asyncio.run(ask_all(url, questions))
    assert outcomes["own"] + outcomes["refused"] == questions
    assert outcomes["wrong"] == 0
    if waiting >= CLIENTS:
        assert outcomes["refused"] == 0


@pytest.mark.long
def test_the_real_assistant_answers_many_as_it_answers_one(tmp_path: Path) -> None:
    from assistant.wiring import build, open_storage

    settings = Settings(corpus=ROOT / "corpus", data=tmp_path / "data")
    asked = [case.question for case in load_suite(ROOT / "evals" / "suites" / "corpus.dev.yaml").cases][:16]
    found: list[tuple[str, dict[str, Any]]] = []

    async def ask_again_and_again(url: str, alone: dict[str, tuple[str, str]]) -> None:
        numbers = iter(range(READ))

        async def client() -> None:
            async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
                for number in numbers:
                    question = asked[number % len(asked)]
                    sent = {"X-Request-ID": f"request-{number}"}
                    response = await http.post("/v1/ask", json={"question": question}, headers=sent)
                    assert response.status_code == 200
                    assert response.headers["x-request-id"] == sent["X-Request-ID"]
                    answer = response.json()
                    assert (answer["verdict"], answer["answer"]) == alone[question]
                    found.append((question, answer))

        await asyncio.gather(*(client() for _ in range(CLIENTS)))

    with closing(build(settings)) as assistant, closing(open_storage(settings)) as storage:
        with serving(server.create_app(assistant, (), storage)) as url:
            with httpx.Client(base_url=url, timeout=PATIENCE) as http:
                answers = [http.post("/v1/ask", json={"question": each}).json() for each in asked]
            asyncio.run(
                ask_again_and_again(url, {a["question"]: (a["verdict"], a["answer"]) for a in answers})
            )
        kept = [storage.answer(answer["id"]) for _, answer in found]
    assert len({answer["id"] for _, answer in found}) == READ
    assert [each.question if each else None for each in kept] == [question for question, _ in found]
