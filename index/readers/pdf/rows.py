"""Words of a page -> rows: what stands on one baseline, with what is raised or lowered beside it."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from index.readers.pdf.accents import compose_accents
from index.readers.pdf.shapes import Word

JOINS = 0.75
"""Of the size: a gap below this never parts."""

Row = list[Word]


def find_rows(words: Sequence[Word], *, rightwards: bool) -> list[Row]:
    """The rows of a page from its top, the words of each from the left."""
    return [_ordered(row, rightwards=rightwards) for row in _rows(_runs(compose_accents(words)))]


def _runs(words: Sequence[Word]) -> list[Row]:
    """Words that follow each other in the file and on the page."""
    runs: list[Row] = []
    for word in words:
        last = runs[-1][-1] if runs else None
        if last is None or not _follows(last, word):
            runs.append([word])
        else:
            runs[-1].append(word)
    return runs


def _follows(last: Word, word: Word) -> bool:
    size = max(last.size, word.size)
    apart = max(word.x0 - last.x1, last.x0 - word.x1)
    near = abs(word.base - last.base) < (0.5 if word.size != last.size else 0.3) * size
    return near and (word.glued or -0.6 * size < apart < JOINS * size)


def _rows(runs: Sequence[Row]) -> list[Row]:
    """Runs with one baseline, from the top of the page; what is raised or lowered goes with the row that it is in."""
    measured = sorted(((_main(run), run) for run in runs), key=lambda pair: (pair[0].base, pair[1][0].x0))
    rows: list[tuple[float, float, Row]] = []
    small: list[tuple[Word, Row]] = []
    sizes = median(word.size for run in runs for word in run) if runs else 0
    for main, run in measured:
        near = [row for row in rows[-6:] if abs(row[0] - main.base) <= 0.3 * min(row[1], main.size)]
        if near:
            min(near, key=lambda row: abs(row[0] - main.base))[2].extend(run)
        elif main.size < 0.86 * sizes and len(run) <= 2:
            small.append((main, run))
        else:
            rows.append((main.base, main.size, list(run)))
    for main, run in small:
        host = next((row for row in rows if _hosts(row, main, run)), None)
        if host is not None:
            host[2].extend(run)
            continue
        same = next((row for row in rows if abs(row[0] - main.base) <= 0.3 * min(row[1], main.size)), None)
        if same is not None:
            same[2].extend(run)
        else:
            insort(rows, (main.base, main.size, list(run)), key=lambda row: row[0])
    return [row for _, _, row in rows]


def _main(run: Row) -> Word:
    return max(run, key=lambda word: (word.size, len(word.text)))


def _hosts(row: tuple[float, float, Row], main: Word, run: Row) -> bool:
    """Whether a small run is a raised or lowered part of the row: beside one of its words, within its height."""
    base, size, words = row
    if not (main.size < 0.9 * size and base - 0.7 * size < main.base < base + 0.35 * size):
        return False
    left, right = run[0].x0, run[-1].x1
    return any(
        -0.5 * size < left - w.x1 < 0.4 * size or -0.5 * size < w.x0 - right < 0.4 * size for w in words
    )


def _ordered(row: Row, *, rightwards: bool) -> Row:
    """The words of a row from the left; on a mirrored page that is the order of reading."""
    ordered = sorted(row, key=lambda word: word.x0)
    fixed = ordered[:1]
    for last, word in pairwise(ordered):
        gap = word.x0 - last.x1
        glued = word.glued and gap < 0.35 * word.size
        touching = (not rightwards or not last.spaced) and word.size != last.size and gap < 0.08 * last.size
        glued = glued or touching
        fixed.append(word if glued == word.glued else replace(word, glued=glued))
    return fixed
