"""Codes to characters, letters to words, and pages that are written from right to left."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from index.readers.pdf.shapes import Bar, Dot, PageText, Picture, Rule

_NOTHING = ((0x7F, 0x9F), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFF0, 0xFFFF))
_SOFT_HYPHEN = "\u00ad"


def read_character(code: int) -> str:
    """The character of a code, '' for one that has no meaning."""
    if code < 0x7F and code >= 32:
        return chr(code)
    if 0xE000 <= code <= 0xF8FF:
        return "•" if 0xF000 <= code <= 0xF0FF else ""
    if code < 32 or code > 0x10FFFF or any(low <= code <= high for low, high in _NOTHING):
        return ""
    if 0xFB00 <= code <= 0xFEFF:  # ligatures and the forms that Arabic letters take beside others
        return unicodedata.normalize("NFKC", chr(code)).strip()
    return chr(code)


def join_letters(letters: list[str], places: list[float]) -> str:
    """The letters of a word; those that are written to the left by their places, whatever their order in the file.

    A soft hyphen is one at the word's end only.
    """
    text = "".join(letters)
    if _SOFT_HYPHEN in text:
        text = text.replace(_SOFT_HYPHEN, "") + ("-" if text.endswith(_SOFT_HYPHEN) else "")
    if text.isascii() or not any(_is_leftward(c) for c in text):
        return text
    order = sorted(range(len(letters)), key=lambda at: -round(places[at], 1))
    return "".join(letters[at] for at in order)


def mirror(page: PageText) -> PageText:
    """A page most of whose letters are written from right to left, as if it were held before a mirror."""
    letters = [c for word in page.words for c in word.text if c.isalpha()]
    leftwards = sum(map(_is_leftward, letters))
    if 2 * leftwards <= len(letters):
        return page
    width = page.width
    return replace(
        page,
        words=tuple(replace(word, x0=width - word.x1, x1=width - word.x0) for word in page.words),
        rules=tuple(Rule(width - rule.x1, width - rule.x0, rule.y) for rule in page.rules),
        dots=tuple(Dot(width - dot.x, dot.y) for dot in page.dots),
        pictures=tuple(Picture(width - p.x1, width - p.x0, p.y0, p.y1) for p in page.pictures),
        bars=tuple(Bar(width - bar.x, bar.y0, bar.y1) for bar in page.bars),
        rightwards=False,
    )


def _is_leftward(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")
