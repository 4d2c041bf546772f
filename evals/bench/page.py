"""python -m evals.bench.page: when the chat is painted and answers, in a real Chromium.

A server of its own is started over the corpus of the settings, with an index and a database in a folder for the
occasion. Each round is a new person with an empty cache. Times are what the person sees: from the address to the first
paint and to the page that can be asked, and from Enter to the first words and to the whole answer.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from evals.bench.served import serving
from evals.errors import UsageError
from evals.report import table
from index.corpus import example_questions

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_PATIENCE_MS = 300_000
_SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@dataclass(frozen=True, slots=True)
class Visit:
    """One round, in milliseconds."""

    first_paint: float
    can_be_asked: float
    first_words: float
    whole_answer: float
    second_answer: float


def visit(browser: Browser, url: str, questions: Sequence[str]) -> Visit:
    """Open the page as a new person and ask it two questions."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        context.set_default_timeout(_PATIENCE_MS)
        page = context.new_page()
        started = time.perf_counter()
        page.goto(url)
        page.locator(".welcome").wait_for()
        can_be_asked = _since(started)
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        box = page.locator("#box textarea")
        times: list[tuple[float, float]] = []
        for number, question in enumerate(questions[:2]):
            box.fill(question)
            started = time.perf_counter()
            box.press("Enter")
            page.locator("#log .words, #log .short, #log .sides").nth(0 if not number else -1).wait_for()
            first = _since(started)
            page.locator(f".actions >> nth={number}").wait_for()
            times.append((first, _since(started)))
        return Visit(float(paint), can_be_asked, *times[0], times[1][1])
    finally:
        context.close()


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def bench(rounds: int) -> list[Visit]:
    """So many rounds with one server and one browser; a first visit, which warms both, is not counted.

    Raises:
        UsageError: there is no Chromium, no corpus to ask about, or the server does not start.
    """
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        raise UsageError("There is no Chromium. On Debian: apt-get install chromium")
    questions = example_questions(Path(os.environ.get("ASSISTANT_CORPUS") or "corpus"))
    if len(questions) < 2:
        raise UsageError(
            "The corpus offers fewer than two questions. Name some as 'examples' in corpus.toml."
        )
    with TemporaryDirectory() as data, serving(Path(data)) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_SWITCHES)
        try:
            return [visit(browser, served.url, questions) for _ in range(rounds + 1)][1:]
        finally:
            browser.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0, or 2 with a line on stderr where it cannot be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.page", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--rounds", type=int, default=5, help="visits (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(argv)
    try:
        visits = bench(max(1, args.rounds))
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps({"machine": platform.platform(), "visits": [asdict(each) for each in visits]}))
        return 0
    print(render(visits))
    return 0


def render(visits: Sequence[Visit]) -> str:
    """A table: the median of each time, and the shortest and the longest."""
    rows = []
    for name in Visit.__slots__:
        times = [getattr(each, name) for each in visits]
        figures = (statistics.median(times), min(times), max(times))
        rows.append([name.replace("_", " "), *(f"{figure:.0f}" for figure in figures)])
    return table(["ms", "median", "shortest", "longest"], rows)


if __name__ == "__main__":
    sys.exit(main())
