"""Many questions from many clients at once: each gets its own answer or a clean refusal."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from fakes_web import SUPPORTED, FakeAssistant
from served import serving

import server
from assistant.answers import Answer, Event, Question
from assistant.citations import told

CLIENTS = 32
# The whole measure is a thousand questions; the default is what a slow machine does in a few seconds.
QUESTIONS = int(os.environ.get("LOAD_QUESTIONS", "192"))


class Echo(FakeAssistant):
    """Answers every question with itself."""

    def stream(self, question: Question, /) -> Iterator[Event]:
        yield from told(replace(_answer(question), citations=()))


def _answer(question: Question) -> Answer:
    return replace(SUPPORTED, id=question.text, question=question.text, answer=question.text)


async def ask_all(url: str) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    numbers = iter(range(QUESTIONS))

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
def test_every_question_gets_its_own_answer_or_a_refusal(waiting: int) -> None:
    app = server.create_app(Echo(), ())
    app.state.service.runs._waiting = waiting
    with serving(app) as url:
        outcomes = asyncio.run(ask_all(url))
    assert outcomes["own"] + outcomes["refused"] == QUESTIONS
    assert outcomes["wrong"] == 0
    if waiting >= CLIENTS:
        assert outcomes["refused"] == 0
