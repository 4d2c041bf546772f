"""Accents that a file draws as glyphs of their own -> letters with their accents.

Older typesetting puts "˘" over "g"; the text then has a word of an accent alone that lies within another word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from index.readers.pdf.shapes import Word

_COMBINING = {
    "`": "\u0300", "´": "\u0301", "ˆ": "\u0302", "˜": "\u0303", "¯": "\u0304", "˘": "\u0306", "˙": "\u0307",
    "¨": "\u0308", "˚": "\u030a", "˝": "\u030b", "ˇ": "\u030c", "¸": "\u0327", "˛": "\u0328",
}  # fmt: skip
_NEAR = 4  # words before and after an accent in the file


def compose_accents(words: Sequence[Word]) -> list[Word]:
    """The words, each accent that stands alone put on the letter under it, where there is one."""
    composed: list[Word | None] = list(words)
    for at, word in enumerate(words):
        if word.text not in _COMBINING:
            continue
        for near in range(max(0, at - _NEAR), min(len(words), at + _NEAR + 1)):
            host = composed[near]
            if host is None or near == at or not _lies_in(word, host):
                continue
            text = _composed(host, word)
            if text is not None:
                composed[near] = replace(host, text=text, spaced=host.spaced or word.spaced)
                composed[at] = None
                break
    return [word for word in composed if word is not None]


def _lies_in(accent: Word, host: Word) -> bool:
    middle = (accent.x0 + accent.x1) / 2
    return host.x0 - 0.5 < middle < host.x1 + 0.5 and abs(accent.base - host.base) < 0.5 * host.size


def _composed(host: Word, accent: Word) -> str | None:
    """The host's text with the accent on the letter nearest to it that can have it."""
    share = ((accent.x0 + accent.x1) / 2 - host.x0) / max(host.x1 - host.x0, 0.1)
    place = share * len(host.text) - 0.5
    for at in sorted(range(len(host.text)), key=lambda index: abs(index - place)):
        if abs(at - place) > 1.6:
            return None
        letter = {"ı": "i", "ȷ": "j"}.get(host.text[at], host.text[at])
        joined = unicodedata.normalize("NFC", letter + _COMBINING[accent.text])
        if letter.isalpha() and len(joined) == 1:
            return host.text[:at] + joined + host.text[at + 1 :]
    return None
