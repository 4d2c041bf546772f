"""python -m evals.bench.reader: what reading eight paragraphs costs, in forward passes of the encoder.

Eight paragraphs of the corpus are read for each question in one batch, by the span model alone and by the whole
reader, and are sent through the encoder one by one; the three alternate, so that all meet the same noise. Only the
ratios of one run mean anything. Memory is what the process holds beyond what it held before the reader was loaded.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evals.bench import seconds
from evals.cases import load_suite, suite_files
from evals.report import table
from index.errors import FootnoteError

_HITS = 8


def bench(corpus: Path, suite: str, questions: int) -> dict[str, float]:
    """Median milliseconds of each, their ratios, and the memory of the reader in MB."""
    from assistant.reader.evidence import SPAN_WEIGHTS, EvidenceReader, load_weights
    from assistant.reader.span import SpanReader
    from assistant.words import Rarity
    from index.encoder import SentenceEncoder
    from index.library import Library
    from index.sentences import sentence_spans
    from index.sync import Place, sync

    asked = [case.question for path in suite_files(suite, "dev") for case in load_suite(path).cases][
        :questions
    ]
    encoder = SentenceEncoder()
    with TemporaryDirectory(prefix="footnote-bench-") as data:
        place = Place(corpus, Path(data))
        sync(place, encoder)
        library = Library(place, encoder, reader="bench")
        texts = [paragraph.text for paragraph in library.all_paragraphs()]
        before = _memory()
        weights = load_weights()
        started = time.perf_counter()
        spans = SpanReader(SPAN_WEIGHTS, weights.span_sha256)
        spans.find("warm", texts[:1], [sentence_spans(texts[0])])
        load = time.perf_counter() - started
        reader = EvidenceReader(encoder, spans, Rarity(texts), {}, weights)
        hits = [library.search(question, _HITS) for question in asked]
        for question, found in zip(asked, hits, strict=True):
            reader.read(question, found)  # what is kept of each paragraph is there, as in use
        times: dict[str, list[float]] = {"encoder": [], "span model": [], "reader": []}
        for question, found in zip(asked, hits, strict=True):
            paragraphs = [hit.paragraph.text for hit in found]
            cuts = [sentence_spans(text) for text in paragraphs]
            for name, step in _steps(question, found, paragraphs, cuts, encoder, spans, reader):
                times[name].append(seconds(step))
        memory = _memory() - before
        library.close()
    median = {name: statistics.median(values) * 1000 for name, values in times.items()}
    return {
        "questions": len(asked),
        "load_and_first_ms": round(load * 1000),
        "encoder_ms": round(median["encoder"], 1),
        "span_model_ms": round(median["span model"], 1),
        "reader_ms": round(median["reader"], 1),
        "span_model_ratio": round(median["span model"] / median["encoder"], 2),
        "reader_ratio": round(median["reader"] / median["encoder"], 2),
        "memory_mb": round(memory),
    }


def _steps(
    question: str,
    hits: Sequence[Any],
    paragraphs: Sequence[str],
    cuts: Sequence[Any],
    encoder: Any,
    spans: Any,
    reader: Any,
) -> list[tuple[str, Callable[[], object]]]:
    return [
        ("encoder", lambda: [encoder.passages([text]) for text in paragraphs]),
        ("span model", lambda: spans.find(question, paragraphs, cuts)),
        ("reader", lambda: reader.read(question, hits)),
    ]


def _memory() -> float:
    """The most memory that the process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and print what it measured."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.reader", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="(default: %(default)s)")
    parser.add_argument(
        "--suite", default="corpus", help="whose dev questions are asked (default: %(default)s)"
    )
    parser.add_argument("--questions", type=int, default=60, help="(default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there, too")
    args = parser.parse_args(argv)
    try:
        measured = bench(args.corpus, args.suite, args.questions)
    except FootnoteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if args.json:
        args.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    print(table(["figure", "value"], [[name, str(value)] for name, value in measured.items()]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
