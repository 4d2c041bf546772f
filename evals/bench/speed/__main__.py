"""python -m evals.bench.speed: how fast, beside other systems, beside the processor's limits, at size and under load.

Times depend on the machine and on its mood; compare only ratios of one run. The figures go into OUT/speed.json, where
parts and sizes that are measured again take the place of former ones; the page OUT/speed.md and its charts are made
from them. The environments of the other systems are installed on the first run, several GB in all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from evals.bench.speed import agreement, concurrency, peers, sizes, store
from evals.bench.speed.apart import apart
from evals.bench.speed.environments import OURS, PEERS, VENVS
from evals.bench.speed.figures import Figures
from evals.bench.speed.page import files
from evals.bench.speed.passages import ARTICLES, SQUAD
from evals.bench.speed.plan import PARTS, QUICK, WHOLE, Plan
from evals.bench.speed.results import FILE, keep, read_results
from index.errors import FootnoteError

DOCS, ASIDE = Path("docs"), Path(".data/bench")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the parts that are asked for, one after the other, and write what came out after each."""
    args = _parser().parse_args(argv)
    plan = QUICK if args.quick else WHOLE
    plan = plan.on(
        args.articles, args.squad, (OURS, *(name for name in PEERS if name in args.peers)), args.venvs
    )
    plan = plan.between(args.least, args.most)
    out = args.out or (ASIDE if args.quick else DOCS)
    try:
        run = read_results(out / FILE)
        for name, figures in _measured(plan, args.only or PARTS):
            run = keep(out / FILE, name, figures)
        written = files(run, out)
        for path, text in written.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except (FootnoteError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(written[out / "speed.md"], end="")
    return 0


def _measured(plan: Plan, only: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """The figures of each part, each job in a process of its own, so that its memory is known."""
    if "peers" in only:
        yield "peers", _told(partial(peers.measure, plan.peers), "other systems")
    if "sizes" in only:
        yield (
            "sizes",
            [_told(partial(sizes.measure, job), f"{job.paragraphs:,} paragraphs") for job in plan.sizes],
        )
    if "concurrency" in only:
        yield "concurrency", _told(partial(concurrency.measure, plan.concurrency), "many at once")
    if "store" in only:
        yield "store", [_told(partial(store.measure, job), f"{job.vectors:,} vectors") for job in plan.store]
        yield "agreement", _told(partial(agreement.measure, plan.agreement), "both stores")


def _told(work: Callable[[], Figures], name: str) -> Figures:
    print(f"measuring: {name}", file=sys.stderr)
    return apart(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.speed", description=(__doc__ or "").partition("\n\n")[2]
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="small numbers: shows in some minutes that everything works")
    add("--only", action="append", choices=PARTS, help="this part alone; may be given several times")
    add("--least", type=int, metavar="N", default=0, help="leave out sizes of fewer paragraphs or vectors")
    add("--most", type=int, metavar="N", default=sys.maxsize, help="leave out sizes of more")
    add("--peers", nargs="*", choices=PEERS, default=list(PEERS), help="the other systems (default: all)")
    add("--articles", type=Path, default=ARTICLES, help="a folder of .txt files (default: %(default)s)")
    add("--squad", type=Path, default=SQUAD, help="a folder in SQuAD's layout (default: %(default)s)")
    add("--venvs", type=Path, default=VENVS, help="where the environments are (default: %(default)s)")
    add("--out", type=Path, help=f"where figures, page and charts go (default: {DOCS}, with --quick {ASIDE})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
