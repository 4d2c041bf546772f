"""The tables of the page on speed, each made from the figures of its part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evals.bench.speed.bars import STARTER, Bar
from evals.bench.speed.environments import OURS
from evals.bench.speed.figures import Figures, ratio
from evals.report import table

NAMES = {
    OURS: "Footnote",
    STARTER: "llama-index starter",
    "langchain_chroma": "LangChain + Chroma",
    "txtai_hybrid": "txtai, hybrid",
    "haystack_chroma": "Haystack + Chroma",
}


def bars_table(judged: Sequence[Bar]) -> str:
    """Every demand with what was found."""
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


def peers_table(peers: Figures) -> str:
    """Every system in a line."""
    systems: Figures = peers["systems"]
    starter = systems.get(STARTER)

    def row(name: str, figures: Figures) -> list[str]:
        rates = [peers["passages"] / each for each in figures["build_s"]]
        beside = "" if starter is None or name == STARTER else _times(starter["build_s"], figures["build_s"])
        cold = f"{median(figures['cold_s']):.1f}"
        if "ask_s" in figures:
            cold += f" (`ask`: {median(figures['ask_s']):.1f})"
        return [
            NAMES.get(name, name),
            f"{median(rates):.0f}{beside}",
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


def sizes_table(sizes: Sequence[Figures]) -> str:
    """Every size in a column."""
    head = ["", *(f"{each['paragraphs']:,}{' *' if each['copies'] else ''}" for each in sizes)]
    return table(head, [[name, *map(show, sizes)] for name, show in _SIZE_ROWS])


def load_table(load: Figures) -> str:
    """Every number of clients in a line."""
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


def store_table(stores: Sequence[Figures]) -> str:
    """Every number of vectors in a column."""
    head = ["vectors", *(f"{each['vectors']:,}" for each in stores)]
    return table(head, [[name, *map(show, stores)] for name, show in _STORE_ROWS])


def median(values: Sequence[float]) -> float:
    """The middle value, of an even number the upper one of two."""
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
    return lambda each: f"{median(each[name]):.2f}"


def _ratio_of(name: str) -> Callable[[Figures], str]:
    return lambda each: _with_interval(*each[name]) if name in each else "–"


def _times_of(name: str) -> Callable[[Figures], str]:
    return lambda each: _percentiles(each[name])


_SIZE_ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("computed in", lambda each: str(each["precision"])),
    ("vectors", _of("vectors")),
    ("built, paragraphs/s", lambda each: f"{each['paragraphs'] / median(each['build_s']):.0f}"),
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
