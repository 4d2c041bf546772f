"""Questions to a server as fast as it answers, or at a rate of their own, and what comes back."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import httpx

from evals.bench.served import Served
from evals.errors import UsageError

ANSWERED, REFUSED = "answered", "refused"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: when it was sent, what became of it, and after how many seconds."""

    at: float
    outcome: str
    seconds: float


@dataclass(slots=True)
class Load:
    """Asks a server, and writes down what comes back and how large the server is."""

    served: Served
    http: httpx.AsyncClient
    questions: Sequence[str]
    started: float = field(default_factory=time.perf_counter)
    asked: list[Asked] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    files: int = 0
    _numbers: Iterator[int] = field(default_factory=count)

    def now(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.started

    async def ask(self) -> None:
        """The next question; every fourth is asked for a stream."""
        number, at = next(self._numbers), self.now()
        question = {"question": self.questions[number % len(self.questions)]}
        streams = number % 4 == 3
        try:
            response = await self.http.post("/v1/ask/stream" if streams else "/v1/ask", json=question)
        except httpx.HTTPError as error:
            outcome = f"{type(error).__name__} {error}".strip()
        else:
            outcome = judged(response, streams=streams)
        self.asked.append(Asked(at, outcome, self.now() - at))

    async def sustain(self, clients: int, seconds: float) -> float:
        """The questions a second that are answered where so many clients ask one after the other."""
        until = self.now() + seconds

        async def client() -> None:
            while self.now() < until:
                await self.ask()

        begun, before = self.now(), len(self.asked)
        await asyncio.gather(*(client() for _ in range(clients)))
        done = self.asked[before:]
        failed = Counter(each.outcome for each in done if each.outcome != ANSWERED)
        if failed or not done:
            raise UsageError(f"The rate cannot be measured: {dict(failed) or 'nothing was answered'}.")
        return len(done) / (self.now() - begun)

    async def offer(self, rate: float, seconds: float) -> None:
        """Send questions at a rate, whether answers come or not, and wait for the last of them."""
        begun, sent = self.now(), []
        for number in range(max(1, round(rate * seconds))):
            await asyncio.sleep(begun + number / rate - self.now())
            sent.append(asyncio.create_task(self.ask()))
        await asyncio.gather(*sent)

    async def watch(self) -> None:
        """Look at the server's size once a second, until cancelled."""
        while True:
            self.memory.append((self.now(), self.served.memory()))
            self.files = max(self.files, self.served.files())
            await asyncio.sleep(1)


def judged(response: httpx.Response, *, streams: bool) -> str:
    """Answered, refused cleanly, or what is wrong with the response."""
    if response.status_code == 200:
        whole = "\nevent: final\n" in response.text if streams else "verdict" in response.json()
        return ANSWERED if whole else "an answer without its end"
    clean = (
        response.status_code in (429, 503)
        and response.headers.get("content-type") == "application/problem+json"
        and response.headers.get("retry-after", "").isdecimal()
    )
    return REFUSED if clean else f"status {response.status_code}"
