"""A running server under load: clients that each ask, wait for the answer and ask again (a closed loop).

A level's first answer of each client is not counted, since the queue fills while they come. Throughput is the answers
a second after that; the throughput limit is the best of all levels. With `n` clients, each one's share of the limit is
an answer every `n / limit` seconds: that is what a fair server without any waste lets each of them wait.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from assistant.settings import Settings
from assistant.wiring import bring_up_to_date
from evals.bench.peers.footnote import write_files
from evals.bench.served import serving
from evals.bench.speed.figures import Figures, percentile_interval, summary
from evals.bench.speed.passages import SQUAD, questions_and_passages
from evals.errors import RunError

_PATIENCE = 600.0
_WAVES = 3
"""Answers for each client, at least, that a level counts."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured: the numbers of clients, and how long each level counts at least."""

    levels: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    seconds: float = 10.0
    passages: int = 1000
    squad: Path = SQUAD


@dataclass(slots=True)
class _Level:
    """What the clients of a level share."""

    clients: int
    seconds: float
    questions: Iterator[str]
    warm: int = 0
    begun: float | None = None
    ended: float | None = None
    milliseconds: list[float] = field(default_factory=list)
    refused: int = 0

    def answered(self, milliseconds: float) -> None:
        """Count an answer, and end the level where it has lasted."""
        now = time.perf_counter()
        if self.begun is None:
            self.warm += 1
            if self.warm >= self.clients:
                self.begun = now
        elif self.ended is None:
            self.milliseconds.append(milliseconds)
            lasted = now - self.begun >= self.seconds
            if lasted and len(self.milliseconds) >= _WAVES * self.clients:
                self.ended = now


def measure(job: Job) -> Figures:
    """Serve an index of SQuAD's passages, and ask the server from ever more clients."""
    data = questions_and_passages(job.squad, job.passages)
    asked = itertools.cycle([each.question for each in data.asked])
    with TemporaryDirectory(prefix="footnote-speed-") as folder:
        corpus, index = Path(folder, "corpus"), Path(folder, "data")
        write_files(data.passages, corpus)
        bring_up_to_date(Settings(corpus=corpus, data=index))
        with serving(index, Path(os.devnull), corpus=str(corpus)) as served:
            asyncio.run(_level(served.url, _Level(1, 0.0, asked)))  # what is loaded on first use
            levels = [asyncio.run(_level(served.url, _Level(n, job.seconds, asked))) for n in job.levels]
    return {"passages": job.passages, "levels": levels, **_limit(levels)}


def _limit(levels: Sequence[Figures]) -> Figures:
    limit = max(each["answers_per_s"] for each in levels)
    for each in levels:
        share_ms = 1000 * each["clients"] / limit
        each["share_ms"] = round(share_ms, 2)
        _, low, high = percentile_interval(each["answer_ms"]["raw"], 95)
        each["p95_to_share"] = (each["answer_ms"]["p95"] / share_ms, low / share_ms, high / share_ms)
    return {"answers_per_s": limit}


async def _level(url: str, level: _Level) -> Figures:
    async with httpx.AsyncClient(
        base_url=url, timeout=_PATIENCE, limits=httpx.Limits(max_connections=level.clients)
    ) as http:
        await asyncio.gather(*(_client(http, level) for _ in range(level.clients)))
    assert level.begun is not None
    assert level.ended is not None
    rate = len(level.milliseconds) / (level.ended - level.begun)
    return {
        "clients": level.clients,
        "answers_per_s": round(rate, 2),
        "refused": level.refused,
        "answer_ms": summary(level.milliseconds),
    }


async def _client(http: httpx.AsyncClient, level: _Level) -> None:
    while level.ended is None:
        start = time.perf_counter()
        response = await http.post("/v1/ask", json={"question": next(level.questions)})
        if response.status_code == 503:
            level.refused += 1
            await asyncio.sleep(float(response.headers.get("retry-after", "1")))
        elif response.status_code == 200:
            level.answered(1000 * (time.perf_counter() - start))
        else:
            raise RunError(f"The server answered {response.status_code}: {response.text[:200]}")
