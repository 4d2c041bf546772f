"""What a run measures: the whole of it, and a quick one that shows that everything works."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from evals.bench.speed import agreement, concurrency, peers, sizes, store

PARTS = ("peers", "sizes", "concurrency", "store")


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs of each part."""

    peers: peers.Job
    sizes: tuple[sizes.Job, ...]
    concurrency: concurrency.Job
    store: tuple[store.Job, ...]
    agreement: agreement.Job

    def between(self, least: int, most: int) -> Plan:
        """The same without smaller and larger sizes."""
        return replace(
            self,
            sizes=tuple(job for job in self.sizes if least <= job.paragraphs <= most),
            store=tuple(job for job in self.store if least <= job.vectors <= most),
        )

    def on(self, articles: Path, squad: Path, systems: tuple[str, ...], venvs: Path) -> Plan:
        """The same with texts, systems and environments from elsewhere."""
        return Plan(
            replace(self.peers, squad=squad, systems=systems, venvs=venvs),
            tuple(replace(job, articles=articles, squad=squad) for job in self.sizes),
            replace(self.concurrency, squad=squad),
            tuple(replace(job, articles=articles) for job in self.store),
            replace(self.agreement, squad=squad),
        )


WHOLE = Plan(
    peers.Job(),
    (
        sizes.Job(1000, builds=3, questions=200, starts=3),
        sizes.Job(20_000),
        sizes.Job(200_000, copies=True, starts=1),
    ),
    concurrency.Job(),
    (store.Job(200_000), store.Job(1_000_000)),
    agreement.Job(),
)
QUICK = Plan(
    peers.Job(passages=60, rounds=2, questions=30, starts=1),
    (
        sizes.Job(60, builds=2, questions=20, changes=2),
        sizes.Job(500, copies=True, questions=20, changes=2),
    ),
    concurrency.Job(levels=(1, 4, 8), seconds=2.0, passages=60),
    (store.Job(2000, queries=30, real=100),),
    agreement.Job(passages=40, questions=15),
)
