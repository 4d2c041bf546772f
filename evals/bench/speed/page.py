"""The page on speed, its charts, and the README's table: all made from the figures of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evals.bench.speed.bars import bars
from evals.bench.speed.charts import bars_chart, lines_chart
from evals.bench.speed.figures import Figures
from evals.bench.speed.tables import (
    NAMES,
    bars_table,
    load_table,
    median,
    peers_table,
    sizes_table,
    store_table,
)

COMMAND = "make bench"
_PEERS = """\
Each is a process of its own environment (pinned in `evals/bench/peers/*.txt`), with the same encoder files, the same
SQuAD passages and the same questions, ten at a time in turn. Peers get each passage as a document, so that none of them
cuts one in two by chance; Footnote gets Markdown files and has to find the paragraphs, and embeds each paragraph and
each of its sentences. Footnote computes in {precision}, the peers in what is their default, and it has the allocator
that `python -m index build` has. No system writes an answer here, except at the start of `ask`. A start is of a fresh
process, with index and libraries in the disk's cache."""
_SIZES = """\
Footnote alone, on paragraphs of encyclopaedia articles. Columns with a \\* are of copies of the 3,000 shortest,
each slightly changed, and their build takes vectors of other real texts, moved at random, in place of embedding, which
would take hours; reading, splitting, storing and everything after the build are the product itself."""
_LOAD = """\
A running server; clients ask, wait for the answer and ask again. The share is `clients / (the most answers a second
at any number of clients)`: what each client waits where no time is wasted and none waits longer than another."""
_STORE = """The vector store by itself, with real vectors that were moved at random."""


def files(run: Figures, folder: Path) -> dict[Path, str]:
    """speed.md and the charts that it shows, each with its text."""
    charts = {f"speed/{name}.svg": chart for name, chart in _charts(run).items() if chart}
    parts = [
        "# Speed",
        f"Measured with `{COMMAND}` on {run['machine']}, written with `python -m evals docs` from "
        "[speed.json](speed.json), which has the single measurements. Times are of that machine and moment: "
        "compare figures of one table. Intervals are of 2,000 resamples (95 %). "
        "The reader of these runs was one span model. It is two now, and a batch of paragraphs takes about twice as "
        "long to read (`python -m evals.bench.reader`): answers and the start of `ask` are slower than "
        "these figures.",
        "## Done when",
        bars_table(bars(run)),
    ]
    for title, name, about, written in (
        ("Beside other systems", "peers", _peers_about(run), peers_table),
        ("Sizes", "sizes", _SIZES, sizes_table),
        ("Many at once", "concurrency", _LOAD, load_table),
        ("The store alone", "store", _STORE, store_table),
    ):
        if run.get(name):
            shown = [f"![{title}]({path})" for path in charts if path.startswith(f"speed/{name}")]
            parts += [f"## {title}", about, written(run[name]), *shown]
    texts = {folder / path: chart for path, chart in charts.items()}
    return {**texts, folder / "speed.md": "\n\n".join(parts) + "\n"}


def readme_block(run: Figures) -> str:
    """Every system in a line each, and how many of the demands are met."""
    if not run.get("peers"):
        return f"Not measured yet. Measure with `{COMMAND}`."
    judged = bars(run)
    met = sum(bar.met is True for bar in judged)
    return "\n\n".join(
        [
            f"{run['peers']['passages']:,} SQuAD passages, the same encoder for all, one run on {run['machine']}:",
            peers_table(run["peers"]),
            f"Of {len(judged)} demands {met} are met: [docs/speed.md](docs/speed.md) has them, larger sizes, load, "
            f"and the limits of the processor beside each figure. Repeat with `{COMMAND}`.",
        ]
    )


def _peers_about(run: Figures) -> str:
    return _PEERS.format(precision=run["peers"]["precision"]) if run.get("peers") else ""


def _charts(run: Figures) -> dict[str, str]:
    systems: Figures = run.get("peers", {}).get("systems", {})
    sizes: Sequence[Figures] = run.get("sizes", ())
    levels: Sequence[Figures] = run.get("concurrency", {}).get("levels", ())
    found = {}
    if systems:
        passages = run["peers"]["passages"]
        rates = {NAMES.get(name, name): passages / median(each["build_s"]) for name, each in systems.items()}
        found["peers-ingestion"] = bars_chart("Ingestion (more is better)", "passages/s", rates)
        queries = {NAMES.get(name, name): each["query_ms"]["p50"] for name, each in systems.items()}
        found["peers-query"] = bars_chart("Median query (less is better)", "ms", queries)
    if len(sizes) > 1:
        by_size = {
            name: [(each["paragraphs"], each[key]["p50"]) for each in sizes]
            for name, key in (
                ("search", "search_ms"),
                ("answer", "answer_ms"),
                ("exact product", "exact_product_ms"),
            )
        }
        found["sizes"] = lines_chart("Medians by size", "paragraphs", "ms", by_size)
    if len(levels) > 1:
        waits = {
            p: [(each["clients"], each["answer_ms"][p]) for each in levels] for p in ("p50", "p95", "p99")
        }
        waits["share"] = [(each["clients"], each["share_ms"]) for each in levels]
        found["concurrency"] = lines_chart("Waiting for an answer", "clients", "ms", waits)
    return found
