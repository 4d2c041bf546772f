"""Note markers on their way through a text: a reader writes them as private characters and takes them out again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.documents import Mark

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKER = re.compile(rf"{_OPEN}(\d+){_CLOSE}")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"\w")


def marker(number: int) -> str:
    """What stands in a text for the marker whose label is at index `number` of a list."""
    return f"{_OPEN}{number}{_CLOSE}"


def without_private(text: str) -> str:
    """`text` without the characters that `marker` is written with."""
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def without_markers(text: str) -> str:
    """`text` without markers."""
    return _MARKER.sub("", text)


def unmarked(text: str, labels: Sequence[str]) -> tuple[str, tuple[Mark, ...]]:
    """`text` with white space folded and without markers, and a `Mark` for each of them."""
    parts = _MARKER.split(_SPACES.sub(" ", text).strip())
    plain = parts[0]
    marks = []
    for number, part in zip(parts[1::2], parts[2::2], strict=True):
        spaced = plain.endswith(" ")
        plain = plain.rstrip()
        marks.append(Mark(labels[int(number)], len(plain)))
        if plain and spaced and _WORD.match(part):
            part = " " + part
        plain += part if plain else part.lstrip()
    return plain.rstrip(), tuple(marks)
