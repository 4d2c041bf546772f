"""python -m evals.bench.opening: what opening an index takes, with its shards kept and without them.

The index is built of encyclopaedia paragraphs with an encoder that takes no time. It is opened in processes of their
own: with words and counts as files, and after those were deleted, which is how every start was before there were any.
Seconds are the processor's, so that a busy machine says the same.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evals.bench.kills import Hashes
from evals.bench.peers.footnote import write_files
from evals.bench.speed.passages import ARTICLES, some_paragraphs
from index.documents import Paragraph
from index.errors import FootnoteError
from index.sync import Place, sync

Figures = dict[str, float]
QUESTIONS = 100


def built(place: Place) -> Figures:
    """Build, or complete, the index."""
    return {"build_s": _seconds(lambda: sync(place, Hashes()))}


def changed(place: Place) -> Figures:
    """Change one paragraph and build again."""
    import llama_index.core.ingestion  # noqa: F401 - its import is not what is measured

    file = sorted(place.corpus.glob("*.md"))[0]
    file.write_text(file.read_text(encoding="utf-8").replace(". ", ". Indeed, ", 1), encoding="utf-8")
    return {"one_change_s": _seconds(lambda: sync(place, Hashes()))}


def opened(place: Place) -> Figures:
    """Open the index and count what an assistant counts in it, then ask for words."""
    from assistant.tallies import tally
    from assistant.words import stem_counts
    from index.lexical import Lexical
    from index.library import Library
    from index.vocabulary import word_counts

    # What is imported at first use is not what is measured.
    place.store("hashes").close()
    Lexical([Paragraph("warm", 1, None, "warm", None, 0, 4, "")]).query("warm", 1)
    held: list[Any] = []
    before = _resident()
    figures = {"open_s": _seconds(lambda: held.append(Library(place, Hashes(), reader="bench")))}
    with closing(held[0]) as library:
        paragraphs, shards, folder = library.all_paragraphs(), library.shards(), library.shard_folder
        figures["open_mb"] = _resident() - before
        figures["of_it_words_s"] = _seconds(lambda: held.append(Lexical(paragraphs, folder)))
        figures["counts_s"] = _seconds(
            lambda: [tally(shards, folder, count) for count in (stem_counts, word_counts)]
        )
        asked = [" ".join(p.text.split()[4:14]) for p in paragraphs[:: max(1, len(paragraphs) // QUESTIONS)]]
        spent = _seconds(lambda: [held[1].query(text, 64) for text in asked])
        figures["words_query_ms"] = 1000 * spent / len(asked)
        figures["paragraphs"] = len(paragraphs)
        figures["shards_mb"] = sum(file.stat().st_size for file in folder.glob("*")) / 1e6
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return figures


def measure(place: Place) -> dict[str, Figures]:
    """Every figure; the index is complete afterwards."""
    figures = {"build": _alone(built, place)}
    _alone(opened, place)  # counts what has not been counted
    figures["kept"] = _alone(opened, place)
    figures["change"] = _alone(changed, place)
    shutil.rmtree(place.shards)
    figures["without"] = _alone(opened, place)
    figures["again"] = _alone(built, place)
    return figures


def table(figures: dict[str, Figures]) -> str:
    """Opening with and without the files, as Markdown."""
    rows = (
        ("opening the index, s", "open_s", ".2f"), ("of it its words, s", "of_it_words_s", ".2f"),
        ("counts of stems and words, s", "counts_s", ".2f"), ("memory of the open index, MB", "open_mb", ",.0f"),
        ("peak of the process, MB", "peak_mb", ",.0f"), ("one question's words, ms", "words_query_ms", ".2f"),
    )  # fmt: skip
    count = figures["kept"]["paragraphs"]
    lines = [f"| {count:,.0f} paragraphs | shards kept | without |", "| --- | --: | --: |"]
    lines += [
        f"| {name} | {figures['kept'][key]:{form}} | {figures['without'][key]:{form}} |"
        for name, key, form in rows
    ]
    return "\n".join([*lines, "", f"One paragraph changed: {figures['change']['one_change_s']:.2f} s.",
                      f"Shards on disk: {figures['kept']['shards_mb']:.1f} MB."])  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.opening", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--paragraphs", type=int, default=20000, help="how many (default: %(default)s)")
    parser.add_argument(
        "--articles", type=Path, default=ARTICLES, help="a folder of .txt files (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    with TemporaryDirectory(prefix="footnote-opening-") as folder:
        place = Place(Path(folder, "corpus"), Path(folder, "data"))
        place.corpus.mkdir()
        try:
            write_files(some_paragraphs(options.articles, options.paragraphs), place.corpus)
            figures = measure(place)
        except (FootnoteError, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    print(json.dumps(figures, indent=1) if options.json else table(figures))
    return 0


def _alone(work: Callable[[Place], Figures], place: Place) -> Figures:
    """Do it in a process of its own, so that memory is its alone."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (place,))


def _seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def _resident() -> float:
    with Path("/proc/self/statm").open(encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


if __name__ == "__main__":
    sys.exit(main())
