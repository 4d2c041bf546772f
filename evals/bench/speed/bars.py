"""What is asked of the product's speed, each judged by the figures of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from evals.bench.speed.figures import Figures, Ratio, ratio

STARTER = "llama_index_starter"
SMALL, LARGE = 1000, 200_000
FEW = 5
"""The paragraphs whose indexing is what re-indexing a changed one is compared with."""
_CLIENTS = 32


@dataclass(frozen=True, slots=True)
class Bar:
    """A demand, with what was found; `found` is None where the run did not measure it."""

    demand: str
    side: Literal["at least", "at most"]
    wanted: float
    found: float | None
    low: float | None = None
    high: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether what was found is on the right side; None where nothing was."""
        if self.found is None:
            return None
        return self.found >= self.wanted if self.side == "at least" else self.found <= self.wanted

    @property
    def certain(self) -> bool:
        """Whether the whole interval is on one side."""
        return self.low is None or self.high is None or not self.low < self.wanted < self.high


def bars(run: Figures) -> list[Bar]:
    """Every demand, in order."""
    systems: Figures = run.get("peers", {}).get("systems", {})
    ours, starter = systems.get("footnote"), systems.get(STARTER)
    sizes = [each for each in run.get("sizes", ()) if not each["copies"]]
    large = _at([each for each in run.get("sizes", ()) if each["copies"]], "paragraphs", LARGE)
    small = _at(sizes, "paragraphs", SMALL)
    store = _at(run.get("store", ()), "vectors", LARGE)
    level = _at(run.get("concurrency", {}).get("levels", ()), "clients", _CLIENTS)
    agreed = run.get("agreement")
    return [
        _bar("ingestion, times the llama-index starter's", "at least", 4.0,
             ratio(starter["build_s"], ours["build_s"]) if ours and starter else None),
        _bar(f"ingestion of {SMALL:,} paragraphs, as a share of the raw encoder at the same precision", "at least", 0.9,
             small["build_to_raw"] if small else None),
        _bar("retrieval p50, times the encoder's own time for the query", "at most", 2.0,
             small["search_to_encoder"] if small else None),
        _bar("an answer, times one raw reader batch plus retrieval", "at most", 1.3,
             small["answer_to_limits"] if small else None),
        _bar("cold start of `ask` to its whole answer, times the starter's to its first hits", "at most", 0.5,
             ratio(ours["ask_s"], starter["cold_s"]) if ours and starter and ours.get("ask_s") else None),
        _bar(f"p95 at {_CLIENTS} clients, times {_CLIENTS} / (the most answers a second at any number of clients)",
             "at most", 1.2, level["p95_to_share"] if level else None),
        _bar(f"recall@10 of exact search over {LARGE:,} vectors", "at least", 0.99,
             (store["recall_at_10"], None, None) if store else None),
        _bar(f"query p50 at {LARGE:,} paragraphs, times that at {SMALL:,}", "at most", 2.0,
             ratio(large["search_ms"]["raw"], small["search_ms"]["raw"]) if large and small else None),
        _bar(f"one changed paragraph in {LARGE:,}, times a new index of {FEW} paragraphs",
             "at most", 1.0, large["one_change_to_few"] if large else None),
        _bar("answers that are the same on embedded and server store, as a share", "at least", 1.0,
             (1 - len(agreed["differing"]) / agreed["questions"], None, None) if agreed else None),
    ]  # fmt: skip


def _bar(
    demand: str,
    side: Literal["at least", "at most"],
    wanted: float,
    found: Ratio | Sequence[float | None] | None,
) -> Bar:
    return Bar(demand, side, wanted, None) if found is None else Bar(demand, side, wanted, *found)


def _at(figures: Sequence[Figures], name: str, value: int) -> Any:
    return next((each for each in figures if each[name] == value), None)
