"""python -m evals.bench.speed: speed and size at growing numbers of paragraphs, beside what the processor allows.

Paragraphs are those of encyclopaedia articles, a line each, in a folder of .txt files. Each size is measured in a
process of its own, so that its memory is known. Physical limits are taken in the same run: the encoder alone on the
texts that were embedded, the exact matrix product in place of the index, and the span model alone on one batch. Times
depend on the machine and on its mood; compare only ratios of one run. Intervals are of 2000 resamples.

Beyond what can be encoded in reasonable time (--perturbed), vectors are real ones with noise, and only the store is
measured: its query, its recall against exact search, and replacing one vector.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from evals.bench import seconds
from index.errors import CorpusError, FootnoteError

ARTICLES = Path("../shared/data/wikipedia_articles")
ROUNDS = 2000
SHORTEST = 200
"""Characters of a line that counts as a paragraph; shorter ones are headings and list items."""
_SEED = 20240816
_NOISE = 0.25
_BATCH = 5000
Array = npt.NDArray[np.float64]
Figures = dict[str, Any]


def paragraphs(folder: Path) -> Iterator[tuple[str, str]]:
    """(article, text) of the folder's lines that are paragraphs."""
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if len(line) >= SHORTEST:
                yield path.stem, line.strip()


def write_corpus(articles: Path, count: int, corpus: Path) -> list[str]:
    """Write the first `count` paragraphs as Markdown, a file for each article; gives their texts.

    Raises:
        CorpusError: the folder has fewer.
    """
    written: dict[str, list[str]] = {}
    for (article, text), _ in zip(paragraphs(articles), range(count), strict=False):
        written.setdefault(article, []).append(text)
    found = sum(map(len, written.values()))
    if found < count:
        raise CorpusError(f"'{articles}' has {found} paragraphs, not {count}. Ask for at most that many.")
    for article, texts in written.items():
        title = article.replace("_", " ")
        (corpus / f"{article}.md").write_text("\n\n".join([f"# {title}", *texts]) + "\n", encoding="utf-8")
    return [text for texts in written.values() for text in texts]


def summary(milliseconds: Sequence[float]) -> Figures:
    """p50, p95 and p99 by nearest rank, and the values."""
    ordered = sorted(milliseconds)
    shares = {f"p{p}": ordered[min(len(ordered) - 1, len(ordered) * p // 100)] for p in (50, 95, 99)}
    return {**shares, "raw": list(milliseconds)}


def ratio(ours: Sequence[float], limit: Sequence[float]) -> tuple[float, float, float]:
    """The ratio of two medians with its 95 % interval, measurements resampled in each by themselves."""
    chance = np.random.default_rng(_SEED)

    def medians(values: Sequence[float]) -> Array:
        drawn = chance.choice(np.asarray(values, dtype=float), size=(ROUNDS, len(values)))
        found: Array = np.median(drawn, axis=1)
        return found

    low, high = np.quantile(medians(ours) / medians(limit), [0.025, 0.975])
    return float(np.median(ours) / np.median(limit)), float(low), float(high)


def measure(articles: Path, count: int, questions: int) -> Figures:
    """Build an index of `count` paragraphs, and ask it about as many of them as `questions` says."""
    from assistant.answers import Question
    from assistant.settings import Settings
    from assistant.wiring import build
    from index.encoder import SentenceEncoder
    from index.sync import Place, sync

    with TemporaryDirectory(prefix="footnote-speed-") as folder:
        corpus, data = Path(folder, "corpus"), Path(folder, "data")
        corpus.mkdir()
        texts = write_corpus(articles, count, corpus)
        asked = [f"What about {' '.join(text.split()[4:14])}?" for text in _spread(texts, questions)]
        encoder = SentenceEncoder()
        _warm_up(Path(folder), texts[0], encoder)
        build_s = seconds(lambda: sync(Place(corpus, data), encoder))
        figures: Figures = {"paragraphs": count, "build_s": build_s}
        figures |= _one_change(corpus, data, encoder)
        with closing(build(Settings(corpus=corpus, data=data))) as assistant:
            assistant.warm_up()
            figures["vectors"] = sum(map(len, assistant.library._places.values()))
            figures |= _limits(assistant, asked, texts, figures["vectors"], build_s)
            answers = [1000 * seconds(_later(assistant.ask, Question(each))) for each in asked]
        figures["answer_ms"] = summary(answers)
        both = np.median(figures["search_ms"]["raw"]) + np.array(figures["reader_batch_ms"]["raw"])
        figures["answer_to_limits"] = ratio(answers, both.tolist())
        figures["disk_mb"] = _megabytes(data)
        figures["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        figures["cold_start_s"] = _cold_start(corpus, data, asked[0])
    return figures


def _warm_up(folder: Path, text: str, encoder: Any) -> None:
    """Build a small index first, so that what is measured imports and loads nothing."""
    from index.sync import Place, sync

    (folder / "warm").mkdir()
    (folder / "warm" / "warm.md").write_text(f"# Warm\n\n{text}\n", encoding="utf-8")
    sync(Place(folder / "warm", folder / "warm-data"), encoder)


def _one_change(corpus: Path, data: Path, encoder: Any) -> Figures:
    from index.sync import Place, sync

    file = next(iter(sorted(corpus.glob("*.md"))))
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(". ", ". Indeed, ", 1), encoding="utf-8")
    return {"one_change_s": seconds(lambda: sync(Place(corpus, data), encoder))}


def _limits(
    assistant: Any, asked: Sequence[str], texts: Sequence[str], vectors: int, build_s: float
) -> Figures:
    """What searching costs, beside the encoder alone, the exact product, and the span model alone."""
    from assistant.reader.evidence import SPAN_WEIGHTS
    from assistant.reader.span import SpanReader
    from index.sentences import sentence_spans

    library, spans = assistant.library, SpanReader(SPAN_WEIGHTS)
    model = library.encoder._model
    sample = list(_spread(texts, 128))
    matrix = model.passages(sample)
    whole = np.resize(matrix, (vectors, matrix.shape[1]))
    raw = len(sample) / seconds(lambda: model.passages(sample))
    search, encode, exact, batch = [], [], [], []
    for question in asked:
        encode.append(1000 * seconds(_later(model.question, question)))
        search.append(1000 * seconds(_later(library.search, question, 10)))
        vector = library.encoder.queries([question])[0]
        exact.append(1000 * seconds(_later(lambda v: np.argpartition(whole @ v, -10), vector)))
        read = [hit.paragraph.text for hit in library.search(question, 10)]
        places = [sentence_spans(text) for text in read]
        batch.append(1000 * seconds(_later(spans.find, question, read, places)))
    return {
        "raw_encoder_per_s": raw,
        "build_paragraphs_per_s": len(texts) / build_s,
        "search_ms": summary(search),
        "encode_query_ms": summary(encode),
        "exact_product_ms": summary(exact),
        "reader_batch_ms": summary(batch[1:]),  # the first also loads it
        "search_to_encoder": ratio(search, encode),
    }


def _cold_start(corpus: Path, data: Path, question: str) -> float:
    environment = {**os.environ, "ASSISTANT_CORPUS": str(corpus), "ASSISTANT_DATA": str(data)}
    command = [sys.executable, "-m", "assistant", "ask", question]
    return seconds(lambda: subprocess.run(command, env=environment, check=True, capture_output=True))


def measure_store(articles: Path, count: int, queries: int) -> Figures:
    """A store of `count` vectors, real ones with noise: building, searching, recall@10 and replacing one."""
    from llama_index.core.schema import TextNode

    from index.encoder import SentenceEncoder
    from index.store import VectorStore

    chance = np.random.default_rng(_SEED)
    texts = [text for (_, text), _ in zip(paragraphs(articles), range(1000), strict=False)]
    real = SentenceEncoder().passages(texts)

    def noisy(rows: int) -> npt.NDArray[np.float32]:
        around = real[chance.integers(len(real), size=rows)]
        moved = around + _NOISE * chance.standard_normal(around.shape) / around.shape[1] ** 0.5
        unit: npt.NDArray[np.float32] = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(
            np.float32
        )
        return unit

    def nodes(first: int, vectors: npt.NDArray[np.float32]) -> list[TextNode]:
        kind = {"kind": "paragraph", "document": "noise"}
        return [
            TextNode(id_=f"n{first + row}", text="-", metadata=kind, embedding=vector.tolist())
            for row, vector in enumerate(vectors)
        ]

    def timed(call: Callable[[], list[str]], into: list[float]) -> list[str]:
        found: list[str] = []
        into.append(1000 * seconds(lambda: found.extend(call())))
        return found

    with (
        TemporaryDirectory(prefix="footnote-speed-") as folder,
        closing(VectorStore(path=Path(folder), server=None, collection="noise")) as store,
    ):
        held, build_s = [], 0.0
        for first in range(0, count, _BATCH):
            held.append(noisy(min(_BATCH, count - first)))
            build_s += seconds(_later(store.add, nodes(first, held[-1])))
        whole = np.concatenate(held)
        search: list[float] = []
        exact: list[float] = []
        recall = []

        def nearest(query: npt.NDArray[np.float32]) -> list[str]:
            return [key for key, _ in store.query(query, 64, "paragraph")][:10]

        def best(query: npt.NDArray[np.float32]) -> list[str]:
            return [f"n{row}" for row in np.argsort(-(whole @ query))[:10]]

        for query in noisy(queries):
            found, right = timed(partial(nearest, query), search), timed(partial(best, query), exact)
            recall.append(len({*found} & {*right}) / len(right))

        def replace() -> None:
            store.delete(["n0"])
            store.add(nodes(count, noisy(1)))

        return {
            "vectors": count,
            "add_per_s": count / build_s,
            "query_ms": summary(search),
            "exact_ms": summary(exact),
            "recall_at_10": float(np.mean(recall)),
            "replace_one_ms": 1000 * seconds(replace),
            "disk_mb": _megabytes(Path(folder)),
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        }


def _megabytes(folder: Path) -> float:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6


def markdown(run: Figures) -> str:
    """The tables of docs/speed.md."""
    lines = [
        "# Speed",
        "",
        f"Written by `python -m evals.bench.speed --markdown docs/speed.md` on {run['machine']}. Times are of that",
        "machine and moment: compare figures within a table. Raw measurements are in the file that --json names.",
        "",
    ]
    if run["sizes"]:
        head = ["", *(f"{each['paragraphs']:,} paragraphs" for each in run["sizes"])]
        lines += [_table(head, [[name, *map(show, run["sizes"])] for name, show in _ROWS]), ""]
    if run["perturbed"]:
        lines += ["The store alone, with real vectors that were moved at random:", ""]
        head = ["", *(f"{each['vectors']:,} vectors" for each in run["perturbed"])]
        lines += [_table(head, [[name, *map(show, run["perturbed"])] for name, show in _STORE_ROWS]), ""]
    return "\n".join(lines)


def _times(name: str) -> Callable[[Figures], str]:
    return lambda each: " / ".join(f"{each[name][p]:.1f}" for p in ("p50", "p95", "p99"))


def _number(name: str, form: str = ",.0f") -> Callable[[Figures], str]:
    return lambda each: format(each[name], form)


def _interval(name: str) -> Callable[[Figures], str]:
    return lambda each: "{:.2f} ({:.2f} to {:.2f})".format(*each[name])


_ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("vectors", _number("vectors")),
    ("built, paragraphs/s", _number("build_paragraphs_per_s", ".1f")),
    ("encoder alone, paragraphs/s", _number("raw_encoder_per_s", ".1f")),
    ("one changed paragraph, s", _number("one_change_s", ".2f")),
    ("search, ms (p50 / p95 / p99)", _times("search_ms")),
    ("encoder alone on the question, ms", _times("encode_query_ms")),
    ("search / encoder alone", _interval("search_to_encoder")),
    ("exact product over all vectors, ms", _times("exact_product_ms")),
    ("answer, ms", _times("answer_ms")),
    ("span model alone on ten paragraphs, ms", _times("reader_batch_ms")),
    ("answer / (span model + search)", _interval("answer_to_limits")),
    ("cold start of `ask`, s", _number("cold_start_s", ".2f")),
    ("memory, MB", _number("memory_mb")),
    ("disk, MB", _number("disk_mb")),
)
_STORE_ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("added, vectors/s", _number("add_per_s")),
    ("query, ms (p50 / p95 / p99)", _times("query_ms")),
    ("exact search, ms", _times("exact_ms")),
    ("recall@10 of exact search", _number("recall_at_10", ".3f")),
    ("replacing one, ms", _number("replace_one_ms", ".1f")),
    ("memory, MB", _number("memory_mb")),
    ("disk, MB", _number("disk_mb")),
)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the tables, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.speed", description=(__doc__ or "").partition("\n\n")[2]
    )
    add = parser.add_argument
    add("--sizes", type=int, nargs="*", default=[1000, 20000], help="paragraphs (default: 1000 20000)")
    add("--perturbed", type=int, nargs="*", default=[], help="vectors of the store alone, as 200000 1000000")
    add("--questions", type=int, default=100, help="asked at each size (default: %(default)s)")
    add("--articles", type=Path, default=ARTICLES, help="a folder of .txt files (default: %(default)s)")
    add("--json", type=Path, metavar="OUT", help="write the raw measurements there")
    add("--markdown", type=Path, metavar="OUT", help="write the tables there")
    args = parser.parse_args(argv)
    if min([args.questions - 1, *args.sizes, *args.perturbed], default=1) < 1:
        parser.error("sizes are at least 1, and questions at least 2")
    run: Figures = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "sizes": [],
        "perturbed": [],
    }
    try:
        for kind, work, counts in (
            ("sizes", measure, args.sizes),
            ("perturbed", measure_store, args.perturbed),
        ):
            for count in counts:
                # A process of its own, so that its memory is of this size alone.
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    run[kind].append(pool.apply(work, (args.articles, count, args.questions)))
                if args.json:
                    args.json.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
        if args.markdown:
            args.markdown.write_text(markdown(run), encoding="utf-8")
    except (FootnoteError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(markdown(run))
    return 0


def _spread(texts: Sequence[str], count: int) -> Sequence[str]:
    """At most `count` texts, evenly from all over."""
    step = max(1, len(texts) // count)
    return texts[::step][:count]


def _later(call: Callable[..., object], *arguments: object) -> Callable[[], object]:
    return lambda: call(*arguments)


if __name__ == "__main__":
    sys.exit(main())
