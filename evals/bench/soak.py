"""A server that is asked twice as much as it can answer: python -m evals.bench.soak --minutes 15

A server of its own is started over the corpus, with an index and a database in a folder for the occasion. First as many
clients as it answers at a time ask one question after the other: what it answers in a second is the rate that it can
sustain. Then twice that rate is offered, whatever comes back. Each question has to be answered or refused cleanly (503
or 429, with a problem document and the seconds after which to try again), the server's memory has to stay what it was
after the first fifth of the time, and who is accepted has to be answered within twice the time that a full queue takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np

from assistant.settings import Settings
from evals.bench.load import ANSWERED, REFUSED, Load
from evals.bench.served import Served, serving
from evals.cases import load_suite
from evals.report import table
from index.errors import FootnoteError

SUITE = Path(__file__).parents[1] / "suites" / "corpus.dev.yaml"
PATIENCE = 300.0
WARM_UP = 0.2
"""The share of the time in which memory may still grow: caches and the answers that are kept for a while fill."""
GROWTH = 0.05
"""By how much of itself memory may grow from the first quarter to the last of what follows."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What was sent within a minute; latencies, in seconds, of what was answered, and the server's memory in MB."""

    number: int
    offered: int
    answered: int
    refused: int
    failed: int
    p50: float | None
    p95: float | None
    p99: float | None
    memory: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A soak: rates in questions a second, memory in MB, its slope in MB an hour, latencies in seconds."""

    seconds: float
    sustained: float
    offered: float
    outcomes: dict[str, int]
    p50: float | None
    p95: float | None
    p99: float | None
    longest: float | None
    bound: float
    memory_first: float
    memory_last: float
    memory_slope: float
    files_most: int
    minutes: list[Minute]
    faults: list[str]


async def soak(
    served: Served,
    questions: Sequence[str],
    seconds: float,
    *,
    measure: float,
    factor: float,
    full: int,
    parallel: int,
) -> Outcome:
    """Measure the rate for `measure` seconds, then offer `factor` times as much.

    The server answers `parallel` questions at a time; with those that wait it accepts `full`.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    async with httpx.AsyncClient(base_url=served.url, timeout=PATIENCE, limits=limits) as http:
        load = Load(served, http, questions)
        await load.sustain(1, min(10.0, measure))  # warms up
        rate = await load.sustain(parallel, measure)
        load.asked.clear()
        load.started = time.perf_counter()
        watching = asyncio.create_task(load.watch())
        try:
            await load.offer(rate * factor, seconds)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching  # raises what ended it before
    return outcome_of(load, rate, factor, seconds, full)


def outcome_of(load: Load, rate: float, factor: float, seconds: float, full: int) -> Outcome:
    """What is to be said of it, and what is wrong."""
    outcomes = Counter(each.outcome for each in load.asked)
    times = sorted(each.seconds for each in load.asked if each.outcome == ANSWERED)
    settled = [(at, size) for at, size in load.memory if at >= WARM_UP * seconds] or load.memory
    quarter = max(1, len(settled) // 4)
    first, last = (
        statistics.median(size for _, size in part) for part in (settled[:quarter], settled[-quarter:])
    )
    slope = (
        statistics.linear_regression(*zip(*settled, strict=True)).slope * 3600 if len(settled) > 1 else 0.0
    )
    bound = 2 * full / rate
    faults = [
        f"{number} times: {what}" for what, number in outcomes.items() if what not in (ANSWERED, REFUSED)
    ]
    if last > first * (1 + GROWTH):
        faults.append(f"memory grew from {first:.0f} to {last:.0f} MB")
    if times and times[-1] > bound:
        faults.append(f"an answer took {times[-1]:.1f} s, more than {bound:.1f} s")
    return Outcome(
        seconds=seconds,
        sustained=rate,
        offered=rate * factor,
        outcomes=dict(outcomes),
        **_latencies(times),
        longest=times[-1] if times else None,
        bound=bound,
        memory_first=first,
        memory_last=last,
        memory_slope=slope,
        files_most=load.files,
        minutes=[_minute(load, number) for number in range(int(max(at for at, _ in load.memory) // 60) + 1)],
        faults=faults,
    )


def _minute(load: Load, number: int) -> Minute:
    asked = [each for each in load.asked if each.at // 60 == number]
    outcomes = Counter(each.outcome for each in asked)
    sizes = [size for at, size in load.memory if at // 60 == number]
    return Minute(
        number=number + 1,
        offered=len(asked),
        answered=outcomes[ANSWERED],
        refused=outcomes[REFUSED],
        failed=len(asked) - outcomes[ANSWERED] - outcomes[REFUSED],
        **_latencies([each.seconds for each in asked if each.outcome == ANSWERED]),
        memory=statistics.median(sizes) if sizes else None,
    )


def _latencies(seconds: Sequence[float]) -> dict[str, float | None]:
    return {f"p{p}": float(np.percentile(seconds, p)) if seconds else None for p in (50, 95, 99)}


def render(outcome: Outcome) -> str:
    """A sentence on the whole, and a table of its minutes."""
    told = (
        f"Sustained {outcome.sustained:.1f} questions a second; offered {outcome.offered:.1f} for "
        f"{outcome.seconds / 60:.1f} minutes: {outcome.outcomes.get(ANSWERED, 0)} answered, "
        f"{outcome.outcomes.get(REFUSED, 0)} refused, {sum(each.failed for each in outcome.minutes)} failed. "
        f"Answers took {_figure(outcome.p50)} s in the median, {_figure(outcome.p99)} s at the 99th of a hundred, "
        f"{_figure(outcome.longest)} s at the most (a full queue takes {outcome.bound / 2:.1f} s). "
        f"Memory {outcome.memory_first:.0f} MB at first, {outcome.memory_last:.0f} MB at last "
        f"({outcome.memory_slope:+.0f} MB an hour); {outcome.files_most} open files at the most."
    )
    header = [
        "minute",
        "offered",
        "answered",
        "refused",
        "failed",
        "p50, s",
        "p95, s",
        "p99, s",
        "memory, MB",
    ]
    rows = [
        [
            *(str(n) for n in (each.number, each.offered, each.answered, each.refused, each.failed)),
            *(_figure(each.p50), _figure(each.p95), _figure(each.p99)),
            "–" if each.memory is None else f"{each.memory:.0f}",
        ]
        for each in outcome.minutes
    ]
    return f"{told}\n\n{table(header, rows)}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 1 where something is wrong, with a line on stderr for each."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.soak", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--minutes", type=float, default=15, help="how long (default: %(default)s)")
    parser.add_argument(
        "--factor", type=float, default=2, help="times the sustained rate (default: %(default)s)"
    )
    parser.add_argument(
        "--measure", type=float, default=60, metavar="SECONDS", help="of the rate (default: %(default)s)"
    )
    parser.add_argument(
        "--waiting", type=int, default=64, help="how many questions may wait for their turn (%(default)s)"
    )
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="(default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all figures there, too")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="write the text there, too")
    args = parser.parse_args(argv)
    parallel = Settings.model_fields["parallel"].default
    try:
        questions = [case.question for case in load_suite(SUITE).cases]
        with (
            TemporaryDirectory(prefix="footnote-soak-") as data,
            serving(Path(data), corpus=str(args.corpus), waiting=str(args.waiting)) as served,
        ):
            outcome = asyncio.run(
                soak(
                    served,
                    questions,
                    args.minutes * 60,
                    measure=args.measure,
                    factor=args.factor,
                    full=parallel + args.waiting,
                    parallel=parallel,
                )
            )
    except FootnoteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if args.json:
        args.json.write_text(json.dumps(asdict(outcome), indent=1) + "\n", encoding="utf-8")
    if args.markdown:
        args.markdown.write_text(render(outcome) + "\n", encoding="utf-8")
    print(render(outcome))
    print(*outcome.faults, sep="\n", end="\n" if outcome.faults else "", file=sys.stderr)
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
