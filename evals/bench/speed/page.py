"""The page on speed, its charts, and the README's table: all made from the figures of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from evals.bench.speed.bars import STARTER, Bar, bars
from evals.bench.speed.charts import bars_chart, lines_chart
from evals.bench.speed.environments import OURS
from evals.bench.speed.figures import Figures, ratio
from evals.report import table

COMMAND = "make bench"
NAMES = {
    OURS: "Footnote",
    STARTER: "llama-index starter",
    "langchain_chroma": "LangChain + Chroma",
    "txtai_hybrid": "txtai, hybrid",
    "haystack_chroma": "Haystack + Chroma",
}
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
        "compare figures of one table. Intervals are of 2,000 resamples (95 %).",
        "## Done when",
        _bars_table(bars(run)),
    ]
    for title, name, about, written in (
        ("Beside other systems", "peers", _peers_about(run), _peers_table),
        ("Sizes", "sizes", _SIZES, _sizes_table),
        ("Many at once", "concurrency", _LOAD, _load_table),
        ("The store alone", "store", _STORE, _store_table),
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
            _peers_table(run["peers"]),
            f"Of {len(judged)} demands {met} are met: [docs/speed.md](docs/speed.md) has them, larger sizes, load, "
            f"and the limits of the processor beside each figure. Repeat with `{COMMAND}`.",
        ]
    )


def _peers_about(run: Figures) -> str:
    return _PEERS.format(precision=run["peers"]["precision"]) if run.get("peers") else ""


def _bars_table(judged: Sequence[Bar]) -> str:
    words = {True: "met", False: "not met", None: "not measured"}
    rows = [
        [
            bar.demand,
            f"{bar.side} {bar.wanted:g}",
            "–" if bar.found is None else _with_interval(bar.found, bar.low, bar.high),
            words[bar.met] + ("" if bar.certain else ", within chance"),
        ]
        for bar in judged
    ]
    return table(["demand", "wanted", "found", ""], rows)


def _peers_table(peers: Figures) -> str:
    systems: Figures = peers["systems"]
    starter = systems.get(STARTER)

    def row(name: str, figures: Figures) -> list[str]:
        rates = [peers["passages"] / each for each in figures["build_s"]]
        beside = "" if starter is None or name == STARTER else _times(starter["build_s"], figures["build_s"])
        cold = f"{_median(figures['cold_s']):.1f}"
        if "ask_s" in figures:
            cold += f" (`ask`: {_median(figures['ask_s']):.1f})"
        return [
            NAMES.get(name, name),
            f"{_median(rates):.0f}{beside}",
            _percentiles(figures["query_ms"]),
            _share(figures["first"]),
            _share(figures["in_ten"]),
            cold,
            f"{figures['memory_mb']:,.0f}",
            f"{figures['disk_mb']:,.1f}",
        ]

    head = [
        "",
        "passages/s",
        "query, ms (p50 / p95 / p99)",
        "right first",
        "in ten",
        "start, s",
        "memory, MB",
        "disk, MB",
    ]
    return table(head, [row(name, figures) for name, figures in systems.items()])


def _sizes_table(sizes: Sequence[Figures]) -> str:
    head = ["", *(f"{each['paragraphs']:,}{' *' if each['copies'] else ''}" for each in sizes)]
    return table(head, [[name, *map(show, sizes)] for name, show in _SIZE_ROWS])


def _load_table(load: Figures) -> str:
    rows = [
        [
            str(each["clients"]),
            f"{each['answers_per_s']:.1f}",
            _percentiles(each["answer_ms"]),
            f"{each['share_ms']:.0f}",
            _with_interval(*each["p95_to_share"]),
            str(each["refused"]),
        ]
        for each in load["levels"]
    ]
    return table(
        ["clients", "answers/s", "answer, ms (p50 / p95 / p99)", "share, ms", "p95 / share", "refused"], rows
    )


def _store_table(stores: Sequence[Figures]) -> str:
    head = ["vectors", *(f"{each['vectors']:,}" for each in stores)]
    return table(head, [[name, *map(show, stores)] for name, show in _STORE_ROWS])


def _charts(run: Figures) -> dict[str, str]:
    systems: Figures = run.get("peers", {}).get("systems", {})
    sizes: Sequence[Figures] = run.get("sizes", ())
    levels: Sequence[Figures] = run.get("concurrency", {}).get("levels", ())
    found = {}
    if systems:
        passages = run["peers"]["passages"]
        rates = {NAMES.get(name, name): passages / _median(each["build_s"]) for name, each in systems.items()}
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


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _times(theirs: Sequence[float], ours: Sequence[float]) -> str:
    middle, low, high = ratio(theirs, ours)
    return f" ({middle:.1f}×, {low:.1f} to {high:.1f})"


def _share(kept: Sequence[float]) -> str:
    return f"{kept[0]:.2f} ({kept[1]:.2f} to {kept[2]:.2f})"


def _percentiles(kept: Figures) -> str:
    return " / ".join(f"{kept[p]:.1f}" for p in ("p50", "p95", "p99"))


def _with_interval(found: float, low: float | None, high: float | None) -> str:
    return f"{found:.3g}" if low is None or high is None else f"{found:.2f} ({low:.2f} to {high:.2f})"


def _of(name: str, form: str = ",.0f") -> Callable[[Figures], str]:
    return lambda each: format(each[name], form)


def _median_of(name: str) -> Callable[[Figures], str]:
    return lambda each: f"{_median(each[name]):.2f}"


def _ratio_of(name: str) -> Callable[[Figures], str]:
    return lambda each: _with_interval(*each[name]) if name in each else "–"


def _times_of(name: str) -> Callable[[Figures], str]:
    return lambda each: _percentiles(each[name])


_SIZE_ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("computed in", lambda each: str(each["precision"])),
    ("vectors", _of("vectors")),
    ("built, paragraphs/s", lambda each: f"{each['paragraphs'] / _median(each['build_s']):.0f}"),
    ("built, texts/s / encoder alone on the same texts", _ratio_of("build_to_raw")),
    ("one changed paragraph, s", _median_of("one_change_s")),
    ("a new index of five paragraphs, s", _median_of("few_s")),
    ("opened, s", _of("open_s", ".2f")),
    ("search, ms (p50 / p95 / p99)", _times_of("search_ms")),
    ("encoder alone on the question, ms", _times_of("encode_query_ms")),
    ("search / encoder alone", _ratio_of("search_to_encoder")),
    ("exact product over all vectors, ms", _times_of("exact_product_ms")),
    ("answer, ms", _times_of("answer_ms")),
    ("reader alone, one batch of ten paragraphs, ms", _times_of("reader_batch_ms")),
    ("answer / (reader alone + search)", _ratio_of("answer_to_limits")),
    ("cold start of `ask`, s", _median_of("cold_start_s")),
    ("memory after the build, MB", _of("memory_mb")),
    ("memory of `ask`, MB", _of("ask_memory_mb")),
    ("disk, MB", _of("disk_mb")),
)
_STORE_ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("added, vectors/s", _of("add_per_s")),
    ("query, ms (p50 / p95 / p99)", _times_of("query_ms")),
    ("exact search, ms", _times_of("exact_ms")),
    ("recall@10 of exact search", _of("recall_at_10", ".3f")),
    ("replacing one, ms", _of("replace_one_ms", ".1f")),
    ("memory, MB", _of("memory_mb")),
    ("disk, MB", _of("disk_mb")),
)
