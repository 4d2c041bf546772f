"""Short forms of the soak and of the clients that hold connections, on a server in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from evals.bench import clients, soak
from evals.bench.clients import KINDS, Kind, Outcome, faults, hold
from evals.bench.load import Asked, Load, judged
from evals.bench.served import Served, serving
from index.corpus import example_questions

CORPUS = Path(__file__).parent.parent / "corpus"
CONNECTIONS, WAITING, PARALLEL = 64, 1, 4
STREAMS = 150
linux = pytest.mark.skipif(sys.platform != "linux", reason="memory and files are read from /proc")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = {"corpus": str(CORPUS), "connections": str(CONNECTIONS), "waiting": str(WAITING)}
    with serving(tmp_path_factory.mktemp("data"), **settings) as served:
        yield served


@pytest.fixture(scope="module")
def questions() -> tuple[str, ...]:
    return tuple(example_questions(CORPUS))


@linux
@pytest.mark.long
def test_twice_as_many_questions_as_can_be_answered_are_answered_or_refused(
    served: Served, questions: tuple[str, ...]
) -> None:
    """Fifteen minutes of it: python -m evals.bench.soak."""
    outcome = asyncio.run(
        soak.soak(served, questions, 10, measure=4, factor=2, full=PARALLEL + WAITING, parallel=PARALLEL)
    )
    assert set(outcome.outcomes) <= {"answered", "refused"}
    assert outcome.outcomes["answered"] > 0
    assert sum(outcome.outcomes.values()) == max(1, round(outcome.offered * 10))
    assert outcome.offered == 2 * outcome.sustained
    assert sum(each.offered for each in outcome.minutes) == sum(outcome.outcomes.values())
    assert f"{outcome.outcomes.get('refused', 0)} refused, 0 failed" in soak.render(outcome)


@linux
@pytest.mark.long
def test_of_many_questions_at_once_some_are_refused(served: Served, questions: tuple[str, ...]) -> None:
    async def burst() -> Load:
        async with httpx.AsyncClient(base_url=served.url, timeout=soak.PATIENCE) as http:
            load = Load(served, http, questions)
            await load.offer(rate=1000, seconds=0.06)
            return load

    outcomes = [each.outcome for each in asyncio.run(burst()).asked]
    assert len(outcomes) == 60
    assert set(outcomes) == {"answered", "refused"}
    assert outcomes.count("answered") >= PARALLEL + WAITING


@linux
@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_others_are_answered_while_many_hold_connections(
    served: Served, questions: tuple[str, ...], kind: Kind
) -> None:
    """Ten thousand of each kind: python -m evals.bench.clients."""
    outcome = asyncio.run(hold(served, kind, STREAMS, 2.0, questions))
    assert faults(outcome, CONNECTIONS) == []
    assert outcome.held <= CONNECTIONS
    if kind.few:
        assert outcome.statuses == {"413": outcome.offered}
    if kind.name == "an open page":
        assert outcome.held == outcome.statuses["200"] == CONNECTIONS // 4
    if kind.name == "say nothing":
        assert outcome.closed >= STREAMS - CONNECTIONS


def a_load(sizes: list[float], *asked: Asked) -> Load:
    load = Load(None, None, ["?"])  # type: ignore[arg-type]
    load.memory = [(float(second), size) for second, size in enumerate(sizes)]
    load.asked = list(asked)
    return load


def test_what_goes_wrong_in_a_soak_is_told() -> None:
    fine = a_load([100.0] * 100, Asked(1, "answered", 2.0), Asked(70, "refused", 0.1))
    outcome = soak.outcome_of(fine, rate=2.0, factor=2, seconds=100, full=4)
    assert (outcome.faults, outcome.bound, outcome.longest) == ([], 4.0, 2.0)
    assert [(each.offered, each.answered, each.refused) for each in outcome.minutes] == [(1, 1, 0), (1, 0, 1)]
    growing = a_load([100.0 + n for n in range(100)], Asked(1, "answered", 4.5), Asked(2, "status 500", 1.0))
    outcome = soak.outcome_of(growing, rate=2.0, factor=2, seconds=100, full=4)
    assert outcome.faults == [
        "1 times: status 500",
        "memory grew from 130 to 190 MB",
        "an answer took 4.5 s, more than 4.0 s",
    ]
    assert round(outcome.memory_slope) == 3600
    warming_up = a_load([n * 5.0 for n in range(20)] + [100.0] * 80, Asked(1, "answered", 1.0))
    assert soak.outcome_of(warming_up, rate=2.0, factor=2, seconds=100, full=4).faults == []


PROBLEM = {"content-type": "application/problem+json"}


@pytest.mark.parametrize(
    ("response", "streams", "said"),
    [
        (httpx.Response(200, json={"verdict": "supported"}), False, "answered"),
        (httpx.Response(200, text="id: 1\nevent: final\ndata: {}\n\n"), True, "answered"),
        (httpx.Response(200, text="id: 1\nevent: delta\ndata: {}\n\n"), True, "an answer without its end"),
        (httpx.Response(503, headers={**PROBLEM, "retry-after": "3"}), False, "refused"),
        (httpx.Response(503, headers=PROBLEM), False, "status 503"),
        (httpx.Response(503, headers={"retry-after": "3"}), False, "status 503"),
        (httpx.Response(500, headers={**PROBLEM, "retry-after": "3"}), False, "status 500"),
    ],
)
def test_a_refusal_is_clean_or_a_failure(response: httpx.Response, streams: bool, said: str) -> None:
    assert judged(response, streams=streams) == said


def test_what_goes_wrong_beside_idle_clients_is_told() -> None:
    fine = Outcome("say nothing", 9, 4, 5, {"503": 1}, {"answered": 3, "refused": 1}, 1.0, 80, 300, 310, 300)
    assert faults(fine, 4) == []
    bad = Outcome("say nothing", 9, 4, 5, {"500": 2}, {"ReadTimeout": 1}, 1.0, 900, 300, 900, 300)
    assert faults(bad, 4) == [
        "say nothing: 1 questions beside: ReadTimeout",
        "say nothing: nobody was answered beside or afterwards",
        "say nothing: 2 times status 500",
        "say nothing: 900 files were open",
        "say nothing: memory grew by 600 MB",
    ]


@linux
def test_more_clients_than_files_may_be_open_are_not_tried(capsys: pytest.CaptureFixture[str]) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        pytest.skip("This process may open any number of files.")
    assert clients.main(["--streams", str(hard)]) == 2
    assert f"ulimit -n {hard + clients.FILES}" in capsys.readouterr().err
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard)
