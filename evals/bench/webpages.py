"""python -m evals.bench.webpages --data ../shared/data: ours and trafilatura alone on pages with known article bodies.

The pages are those of scrapinghub's article-extraction benchmark. Two scores: on words, and on runs of four words as
that benchmark scores (https://github.com/scrapinghub/article-extraction-benchmark, `string_shingle_matching`):
precision and recall are means over the pages, F1 is that of the means, in brackets its 95% bootstrap interval.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from evals.errors import UsageError
from evals.report import table
from index.errors import FootnoteError, UnreadableFile
from index.readers import html

_PAGES = Path("docs/html/articles")
_TRUTH = "ground-truth.json"
_WORD = re.compile(r"\w+")
_SIZES = {"words": 1, "shingles": 4}
_ROUNDS = 1000
_SEED = 7

Extract = Callable[[str, bytes], str]
"""Takes a page's name and bytes and gives the text of its article, empty where there is none."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the benchmark: its name, its bytes and the article that people found in it."""

    name: str
    data: bytes
    article: str


@dataclass(frozen=True, slots=True)
class Score:
    """Of one system by one size of runs: shares from 0 to 1; `low` and `high` bound F1."""

    precision: float
    recall: float
    f1: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Result:
    """One system on all pages: its scores by "words" and "shingles", and seconds of processor time."""

    system: str
    pages: int
    scores: dict[str, Score]
    seconds: float


def load_pages(data: Path) -> list[Page]:
    """The pages under `data` that have a known article.

    Raises:
        UsageError: the folder or its ground truth is missing.
    """
    folder = data / _PAGES
    if not (folder / _TRUTH).is_file():
        raise UsageError(f"There is no '{folder / _TRUTH}'. Give the folder that has '{_PAGES}' with --data.")
    truth = json.loads((folder / _TRUTH).read_text(encoding="utf-8"))
    files = {path.name.removesuffix(".html.gz"): path for path in sorted(folder.glob("*.html.gz"))}
    return [
        Page(name, gzip.decompress(path.read_bytes()), truth[name]["articleBody"])
        for name, path in files.items()
        if name in truth
    ]


def ours(name: str, data: bytes) -> str:
    """What an index holds of a page: its paragraphs, and each heading that a paragraph stands under."""
    try:
        blocks = html.read(name, data).blocks
    except UnreadableFile:
        return ""
    lines: list[str] = []
    heading = ""
    for block in blocks:
        if block.kind == "heading":
            heading = block.text
        elif block.kind in ("prose", "item"):
            lines += [heading, block.text]
            heading = ""
    return "\n".join(lines)


def trafilatura_alone(name: str, data: bytes) -> str:
    """What trafilatura gives with its defaults, comments left out."""
    from trafilatura import extract

    return extract(data, include_comments=False) or ""


SYSTEMS: dict[str, Extract] = {"footnote": ours, "trafilatura": trafilatura_alone}


def measure(system: str, pages: Sequence[Page]) -> Result:
    """Run one system over the pages."""
    extract = SYSTEMS[system]
    extract("warm-up", pages[0].data)
    start = time.process_time()
    texts = [extract(page.name, page.data) for page in pages]
    seconds = time.process_time() - start
    scores = {
        kind: score([(page.article, text) for page, text in zip(pages, texts, strict=True)], size)
        for kind, size in _SIZES.items()
    }
    return Result(system, len(pages), scores, seconds)


def score(pairs: Sequence[tuple[str, str]], size: int) -> Score:
    """The score of (wanted, found) texts by runs of `size` words."""
    counts = [_shared(wanted, found, size) for wanted, found in pairs]
    precision, recall, f1 = _means(counts)
    chance = random.Random(_SEED)
    drawn = sorted(_means(chance.choices(counts, k=len(counts)))[2] for _ in range(_ROUNDS))
    return Score(precision, recall, f1, drawn[int(0.025 * _ROUNDS)], drawn[int(0.975 * _ROUNDS) - 1])


def _shared(wanted: str, found: str, size: int) -> tuple[int, int, int]:
    """How many runs both texts have, how many were found, how many were wanted."""
    ours, theirs = Counter(_runs(found, size)), Counter(_runs(wanted, size))
    return (ours & theirs).total(), ours.total(), theirs.total()


def _runs(text: str, size: int) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text)
    return (tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)) if words)


def _means(counts: Sequence[tuple[int, int, int]]) -> tuple[float, float, float]:
    precisions = [both / found for both, found, _ in counts if found]
    recalls = [both / wanted for both, _, wanted in counts if wanted]
    precision = statistics.mean(precisions) if precisions else 0.0
    recall = statistics.mean(recalls) if recalls else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def report(results: Sequence[Result]) -> str:
    """The results as a Markdown table."""
    rows = [
        [
            result.system,
            kind,
            f"{found.precision:.3f}",
            f"{found.recall:.3f}",
            f"{found.f1:.3f} ({found.low:.3f}–{found.high:.3f})",
            f"{1000 * result.seconds / result.pages:.0f}",
        ]
        for result in results
        for kind, found in result.scores.items()
    ]
    return table(["system", "by", "precision", "recall", "F1", "ms a page"], rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0, or 2 with a line on stderr where the data is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.webpages", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="the folder of the public data"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(argv)
    try:
        pages = load_pages(args.data)
        if not pages:
            raise UsageError(f"There are no pages in '{args.data / _PAGES}'.")
    except FootnoteError as error:
        print(error, file=sys.stderr)
        return 2
    results = [measure(system, pages) for system in SYSTEMS]
    print(json.dumps([asdict(result) for result in results], indent=2) if args.json else report(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
