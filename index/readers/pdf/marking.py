"""Note labels that are unique in the file, and the markers in the text that point to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.readers.pdf.notes import SUFFIX, SYMBOLS, labels
from index.readers.pdf.passages import Passage
from index.readers.pdf.shapes import Line, Word

_FIGURE = re.compile(r"(?<![\d.])\d{1,3}$")
_BRACKETED = re.compile(r"(?<=\[)\d{1,3}(?=[\],;–-])")


def name_notes(passages: Sequence[Passage]) -> list[Passage]:
    """The passages; a note that goes on from the column before is joined to it, and no two labels are the same.

    A label that was used before gets its page: "3, page 7".
    """
    named: list[Passage] = []
    used: set[str] = set()
    last: int | None = None
    for passage in passages:
        if passage.kind != "note":
            named.append(passage)
            continue
        if passage.listed and passage.label is None:
            named.append(passage)  # an entry of a list by authors
            continue
        if passage.label is None and last is not None:
            named[last] = replace(named[last], lines=named[last].lines + passage.lines)
            continue
        label = passage.label
        if label is not None and label in used:
            label = f"{label}, page {passage.page}"
        if label is not None:
            used.add(label)
        last = len(named)
        named.append(replace(passage, label=label))
    return named


class Marker:
    """Finds the notes that words point to: those of the same page or the next, then those of a list at the end."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._own: dict[tuple[int, str], str] = {}
        self._listed: dict[str, str] = {}
        for passage in passages:
            if passage.kind != "note" or not passage.label:
                continue
            printed = passage.label.partition(",")[0]
            if passage.listed:
                self._listed.setdefault(printed, passage.label)
            else:
                self._own.setdefault((passage.page, printed), passage.label)

    def resolve(self, line: Line, at: int) -> tuple[str, tuple[str, ...]]:
        """What is left of a word without markers, and the labels of the notes that they point to."""
        word = line.words[at]
        if not self._own and not self._listed:
            return word.text, ()
        if line.is_raised(word) and not (at and _is_power(line.words[at - 1], word)):
            found = [self._label(line.page, label) for label in labels(word.text)]
            if found and all(found):
                return "", tuple(label for label in found if label)
            return word.text, ()
        if self._listed and (bracketed := _BRACKETED.findall(word.text)):
            found = [self._label(line.page, label) for label in bracketed]
            return word.text, tuple(label for label in found if label)
        if (
            word.text[-1:] in SYMBOLS
            and (suffix := SUFFIX.search(word.text))
            and (label := self._own.get((line.page, suffix[1])))
        ):
            return word.text[: suffix.start()], (label,)
        return word.text, ()

    def _label(self, page: int, printed: str) -> str | None:
        on_page = self._own.get((page, printed)) or self._own.get((page + 1, printed))
        return on_page or self._listed.get(printed)


def _is_power(before: Word, word: Word) -> bool:
    """Whether a raised figure stands behind a single letter or a figure, as an exponent does."""
    return word.glued and word.text.isdigit() and (len(before.text) == 1 or bool(_FIGURE.search(before.text)))
