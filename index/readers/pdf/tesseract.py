"""Pages without text -> words, read by the program tesseract where it is installed."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Callable
from statistics import median

from index.readers.pdf.shapes import PageText, Word

DOTS_PER_INCH = 250
_SECONDS = 90  # for one page
_SURE = 30  # percent: below that a word is a stain


def find_tesseract() -> str | None:
    """The program's path, None where it is not installed."""
    return shutil.which("tesseract")


def read_scan(program: str, page: PageText, render: Callable[[int, int], bytes]) -> PageText | None:
    """The page with the words that tesseract reads in its picture; None where it reads none or fails.

    Args:
        program: the path of tesseract.
        page: the page, without words.
        render: takes a page's number and dots per inch, gives its picture.
    """
    try:
        done = subprocess.run(
            [program, "stdin", "stdout", "--dpi", str(DOTS_PER_INCH), "tsv"],
            input=render(page.number, DOTS_PER_INCH),
            capture_output=True,
            check=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    words = _words(done.stdout.decode("utf-8", "replace"))
    return PageText(page.number, page.width, page.height, words, drawn=page.drawn) if words else None


def _words(table: str) -> tuple[Word, ...]:
    """The words of tesseract's table; those of one line share baseline and size."""
    lines: dict[tuple[str, ...], list[tuple[str, list[float]]]] = {}
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row.get("text") or "").strip()
        try:
            sure = float(row.get("conf") or -1)
            box = [
                float(row.get(key) or 0) * 72 / DOTS_PER_INCH for key in ("left", "top", "width", "height")
            ]
        except ValueError:
            continue
        if text and sure >= _SURE:
            key = tuple(str(row.get(name)) for name in ("block_num", "par_num", "line_num"))
            lines.setdefault(key, []).append((text, box))
    heights = [max(height for _, (_, _, _, height) in line) for line in lines.values()]
    usual = median(heights) if heights else 0.0
    words = []
    for line, height in zip(lines.values(), heights, strict=True):
        bottom = max(top + height for _, (_, top, _, height) in line)
        # A line without tall letters is no smaller one.
        size = round(usual if 0.65 * usual < height < 1.4 * usual else height, 1) or 1.0
        base = bottom - 0.2 * height
        words += [
            Word(text, left, left + width, base, size, spaced=True) for text, (left, _, width, _) in line
        ]
    return tuple(words)
