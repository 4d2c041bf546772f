"""Lines -> text: blanks where they belong, hyphens at line ends undone, markers taken out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from index.documents import Mark
from index.readers.pdf.shapes import Line, Word

Resolve = Callable[[Line, int], tuple[str, tuple[str, ...]]]
"""Takes a line and the place of a word in it, gives the word's text without markers, and the markers' labels."""

_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST = re.compile(r"([^\W\d_]+)-$")
_FIRST = re.compile(r"^[^\W\d_]+")
_URL = re.compile(r"(?:https?://|www\.)\S*$", re.IGNORECASE)
_LONGEST = 200  # letters of a word or a link that a line's end cuts
_DASHES = "–—/"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a file that stand within lines, and whether its Korean lines end in blanks where words end."""

    words: Counter[str]
    marks_blanks: bool

    @staticmethod
    def of(lines: Iterable[Line]) -> Vocabulary:
        """The vocabulary of these lines."""
        words: Counter[str] = Counter()
        hangul = blanks = 0
        for line in lines:
            words.update(token.casefold() for token in _TOKEN.findall(line.text.removesuffix("-")))
            if _is_hangul(line.text[-1:]):
                hangul += 1
                blanks += line.words[-1].spaced
        return Vocabulary(words, 0.15 * hangul < blanks < 0.95 * hangul)


def join_lines(
    lines: Sequence[Line], vocabulary: Vocabulary, resolve: Resolve | None = None
) -> tuple[str, tuple[Mark, ...]]:
    """The text of lines, and the markers that stood in it."""
    text = ""
    marks: list[Mark] = []
    before: Line | None = None
    widest = max((line.x1 - line.x0 for line in lines), default=0.0)
    for line in lines:
        for at, word in enumerate(line.words):
            left, labels = resolve(line, at) if resolve else (word.text, ())
            if left:
                text = _ahead(text, left, word, before if not at else None, vocabulary, widest) + left
            marks += [Mark(label, len(text)) for label in labels]
        before = line
    return text, tuple(marks)


def join_texts(left: str, right: str, vocabulary: Vocabulary) -> str:
    """`left` as it has to be before `right` can follow it: without its hyphen, or with a blank."""
    if found := _LAST.search(left, max(0, len(left) - _LONGEST)):
        return left[:-1] if _is_broken(found[1], right, vocabulary) else left
    if left.endswith(tuple(_DASHES)) and left[-2:-1].isalnum():
        return left
    return left if not left or left.endswith(" ") else left + " "


def _ahead(
    text: str, left: str, word: Word, before: Line | None, vocabulary: Vocabulary, widest: float
) -> str:
    """The text so far as it has to be before the next word; `before` is the line that ended, if one did."""
    if before is None:
        return text if word.glued or not text else text + " "
    last, first = text[-1:], left[:1]
    if _is_wide(last) and _is_wide(first):
        return text
    full = before.x1 - before.x0 > widest - 3 * before.size
    if (
        full
        and vocabulary.marks_blanks
        and _is_hangul(last)
        and _is_hangul(first)
        and not before.words[-1].spaced
    ):
        return text
    if last in "/-_=&?%.~" and not first.isupper() and _URL.search(text, max(0, len(text) - _LONGEST)):
        return text
    return join_texts(text, left, vocabulary)


def _is_broken(before: str, right: str, vocabulary: Vocabulary) -> bool:
    """Whether the hyphen after `before` was put there by the end of the line.

    The file's own words decide where they can; else a hyphen before a small letter is one of the line's end.
    """
    found = _FIRST.match(right)
    if not found or not right[:1].islower():
        return False
    whole, parted = (before + found.group()).casefold(), f"{before}-{found.group()}".casefold()
    return vocabulary.words[whole] >= vocabulary.words[parted]


def _is_wide(character: str) -> bool:
    """Whether it is written without blanks: Chinese or Japanese."""
    return bool(character) and unicodedata.east_asian_width(character) in "WF" and not _is_hangul(character)


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"
