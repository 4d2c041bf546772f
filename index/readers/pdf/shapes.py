"""What a page is made of on its way from glyphs to blocks.

Lengths are points. `x` grows to the right and `y` downwards from the upper left corner of the page as it is read: a
page whose text stands on its side is turned, one that is written from right to left is mirrored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median


@dataclass(frozen=True, slots=True)
class Word:
    """Glyphs without a blank between them, in one size on one baseline.

    `glued` says that no blank parts it from the word before, `spaced` that a blank was typed after it.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool = False
    glued: bool = False
    spaced: bool = False

    @property
    def top(self) -> float:
        """About where its capitals end."""
        return self.base - 0.75 * self.size

    @property
    def bottom(self) -> float:
        """About where its descenders end."""
        return self.base + 0.22 * self.size


@dataclass(frozen=True, slots=True)
class Rule:
    """A drawn horizontal line."""

    x0: float
    x1: float
    y: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A drawn vertical line."""

    x: float
    y0: float
    y1: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The place of an image."""

    x0: float
    x1: float
    y0: float
    y1: float


@dataclass(frozen=True, slots=True)
class Dot:
    """The middle of something small and square that is drawn, as bullets are in some files."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PageText:
    """What a page holds.

    `lost` counts glyphs that stand for no character, `drawn` all that is no text; `rightwards` is False where the page
    was mirrored.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    rules: tuple[Rule, ...] = ()
    bars: tuple[Bar, ...] = ()
    dots: tuple[Dot, ...] = ()
    pictures: tuple[Picture, ...] = ()
    lost: int = 0
    drawn: int = 0
    rightwards: bool = True

    @property
    def letters(self) -> int:
        """How many characters it has."""
        return sum(len(word.text) for word in self.words)

    @property
    def is_scan(self) -> bool:
        """Whether what a person reads on it is a picture, or letters that stand for no character."""
        letters = self.letters
        if self.lost > letters or (letters < 5 and self.drawn > 0):
            return True
        largest = max(((p.x1 - p.x0) * (p.y1 - p.y0) for p in self.pictures), default=0.0)
        return letters < 60 and largest > 0.6 * self.width * self.height


@dataclass(frozen=True)
class Line:
    """Words of one row that belong together, in reading order; `row` numbers the rows of a page from its top."""

    words: tuple[Word, ...]
    page: int
    row: int

    @cached_property
    def x0(self) -> float:
        """Its left end."""
        return min(word.x0 for word in self.words)

    @cached_property
    def x1(self) -> float:
        """Its right end."""
        return max(word.x1 for word in self.words)

    @cached_property
    def main(self) -> Word:
        """The word that says its size and baseline: the size of most letters, or the one beside small capitals."""
        letters: dict[float, int] = {}
        for word in self.words:
            letters[word.size] = letters.get(word.size, 0) + len(word.text)
        most = max(letters, key=lambda key: (letters[key], key))
        enough = 0.1 * sum(letters.values())
        size = max(key for key in letters if key == most or (letters[key] >= enough and key <= 1.35 * most))
        return next(word for word in self.words if word.size == size)

    @property
    def size(self) -> float:
        """The size of most of its letters."""
        return self.main.size

    @property
    def base(self) -> float:
        """The baseline of most of its letters."""
        return self.main.base

    @cached_property
    def bold(self) -> bool:
        """Whether all its words are bold."""
        lettered = [word for word in self.words if any(c.isalnum() for c in word.text)]
        return bool(lettered) and all(word.bold for word in lettered)

    @cached_property
    def text(self) -> str:
        """Its words with blanks between them."""
        return "".join(
            word.text if word.glued or not at else f" {word.text}" for at, word in enumerate(self.words)
        )

    def is_raised(self, word: Word) -> bool:
        """Whether a word of it is smaller and stands higher than its line."""
        return word.size <= 0.86 * self.size and word.base < self.base - 0.12 * self.size


@dataclass(frozen=True)
class Region:
    """Lines of one column, from its top; those of a table, where `table` says so, a `drawn` one with its rules."""

    lines: tuple[Line, ...]
    table: bool = False
    drawn: bool = False

    @cached_property
    def x0(self) -> float:
        """Its left end."""
        return min(line.x0 for line in self.lines)

    @cached_property
    def x1(self) -> float:
        """Its right end."""
        return max(line.x1 for line in self.lines)

    @cached_property
    def top(self) -> float:
        """Where its first line begins."""
        return min(line.main.top for line in self.lines)

    @cached_property
    def bottom(self) -> float:
        """Where its last line ends."""
        return max(line.main.bottom for line in self.lines)

    @cached_property
    def size(self) -> float:
        """The median size of its lines."""
        return median(line.size for line in self.lines)

    @cached_property
    def is_prose(self) -> bool:
        """Whether it is a column of text: several lines of many words that fill its width."""
        widths = median(line.x1 - line.x0 for line in self.lines)
        words = median(len(line.text.split()) for line in self.lines)
        letters = median(len(line.text) for line in self.lines)
        full = widths >= 0.75 * (self.x1 - self.x0)
        return not self.table and len(self.lines) >= 4 and full and (words >= 4 or letters >= 25)


def overlap(a: Line | Region, b: Line | Region) -> float:
    """How far two things lie above each other; negative where a gap is between."""
    return min(a.x1, b.x1) - max(a.x0, b.x0)


def body_size(lines: Sequence[Line]) -> float:
    """The size in which most letters stand, 10 where there are none."""
    letters: dict[float, int] = {}
    for line in lines:
        size = round(line.size * 2) / 2
        letters[size] = letters.get(size, 0) + len(line.text)
    return max(letters, key=lambda key: letters[key]) if letters else 10.0
