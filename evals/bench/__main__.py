"""python -m evals.bench: ours and the llama-index starter, on one corpus in one process.

Times depend on the machine and on its mood; compare only the ratios of one run. Both use the same
encoder, loaded and warmed before the first clock starts. Builds alternate, ours and the starter's, and
so do questions, so that both meet the same noise. Ours embeds every paragraph and every sentence, the
starter each chunk once.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.bench import seconds
from evals.cases import load_suite, suite_files
from evals.errors import UsageError
from evals.report import table
from evals.systems import STARTERS, System, open_system
from index.encoder import Encoder
from index.errors import FootnoteError

_K = 8


@dataclass(frozen=True, slots=True)
class Times:
    """What one system took. Build in seconds (median), latencies in milliseconds."""

    build_s: float
    paragraphs_per_s: float
    query_p50_ms: float
    query_p95_ms: float
    answer_p50_ms: float
    answer_p95_ms: float


@dataclass(frozen=True, slots=True)
class Bench:
    """One run: what it was on, both systems, and ours divided by the starter's."""

    machine: str
    encoder: str
    corpus: str
    paragraphs: int
    questions: int
    rounds: int
    footnote: Times
    starter: Times
    ratios: dict[str, float]


def bench(corpus: Path, suite: str, rounds: int) -> Bench:
    """Build both indexes `rounds` times, then ask both every question of the dev half."""
    from evals.starter import Starter
    from index.encoder import SentenceEncoder

    questions = [case.question for path in suite_files(suite, "dev") for case in load_suite(path).cases]
    encoder = SentenceEncoder()
    encoder.passages(["warm"] * 8)
    size, overlap = STARTERS["starter"]

    def build_starter() -> None:
        Starter("starter", corpus, encoder, chunk_size=size, chunk_overlap=overlap)

    ours, theirs = [], []
    _build_ours(corpus, encoder)  # the first of each also imports its libraries
    build_starter()
    for _ in range(rounds):
        ours.append(seconds(lambda: _build_ours(corpus, encoder)))
        theirs.append(seconds(build_starter))
    with open_system("footnote", corpus) as footnote, open_system("starter", corpus) as starter:
        count = len(footnote.labels)
        latencies = _latencies([footnote, starter], questions)
    measured = {
        name: _times(builds, count, *latencies[name])
        for name, builds in (("footnote", ours), ("starter", theirs))
    }
    return Bench(
        machine=f"{platform.machine()}, Python {platform.python_version()}",
        encoder=encoder.name,
        corpus=corpus.name,
        paragraphs=count,
        questions=len(questions),
        rounds=rounds,
        footnote=measured["footnote"],
        starter=measured["starter"],
        ratios={
            key: round(value / getattr(measured["starter"], key), 3)
            for key, value in asdict(measured["footnote"]).items()
        },
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and print or write what it measured."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument(
        "--corpus", type=Path, default=Path("corpus"), help="the folder (default: %(default)s)"
    )
    parser.add_argument(
        "--suite", default="corpus", help="whose dev questions are asked (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="builds of each index (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there, too")
    args = parser.parse_args(argv)
    if args.rounds < 1:
        parser.error("--rounds is at least 1")
    try:
        measured = bench(args.corpus, args.suite, args.rounds)
        if args.json:
            args.json.write_text(json.dumps(asdict(measured), indent=1) + "\n", encoding="utf-8")
    except (FootnoteError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    print(_text(measured))
    return 0


def _build_ours(corpus: Path, encoder: Encoder) -> None:
    from index.sync import Place, sync

    with TemporaryDirectory(prefix="footnote-bench-") as data:
        sync(Place(corpus, Path(data)), encoder)


def _latencies(
    systems: Sequence[System], questions: Sequence[str]
) -> dict[str, tuple[list[float], list[float]]]:
    """System -> milliseconds of each search, and of each whole answer."""
    found: dict[str, tuple[list[float], list[float]]] = {system.name: ([], []) for system in systems}
    for system in systems:
        system.answer(questions[0], ())  # loads what is loaded on first use
    for question in questions:
        for system in systems:
            queries, answers = found[system.name]
            queries.append(1000 * seconds(partial(system.retrieve, question, _K)))
            answers.append(1000 * seconds(partial(system.answer, question, ())))
    return found


def _times(builds: Sequence[float], count: int, queries: Sequence[float], answers: Sequence[float]) -> Times:
    build = statistics.median(builds)
    return Times(
        build_s=round(build, 3),
        paragraphs_per_s=round(count / build, 1),
        query_p50_ms=round(percentile(queries, 0.5), 2),
        query_p95_ms=round(percentile(queries, 0.95), 2),
        answer_p50_ms=round(percentile(answers, 0.5), 2),
        answer_p95_ms=round(percentile(answers, 0.95), 2),
    )


def _text(measured: Bench) -> str:
    ours, theirs = asdict(measured.footnote), asdict(measured.starter)
    rows = [[key, f"{ours[key]:g}", f"{theirs[key]:g}", f"{measured.ratios[key]:.2f}"] for key in ours]
    head = (
        f"'{measured.corpus}': {measured.paragraphs} paragraphs, {measured.questions} questions, "
        f"{measured.rounds} builds, {measured.encoder}, {measured.machine}"
    )
    return f"{head}\n\n{table(['', 'footnote', 'starter', 'footnote / starter'], rows)}"


if __name__ == "__main__":
    sys.exit(main())
