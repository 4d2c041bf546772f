"""The coordinates of a page, turned by quarters so that its text runs to the right, and the style of a glyph."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """In which quarter turn a glyph stands, on which baseline, in which size."""

    turn: int
    base: float
    size: float
    bold: bool

    def goes_on(self, other: Style) -> bool:
        """Whether a glyph in the other style can belong to the same word."""
        return (
            self.turn == other.turn
            and abs(self.base - other.base) <= 0.1 * self.size
            and abs(self.size - other.size) <= 0.12 * self.size
            and self.bold == other.bold
        )

    def touches(self, other: Style) -> bool:
        """Whether the two stand beside each other, one perhaps raised."""
        return abs(self.base - other.base) < 0.75 * max(self.size, other.size)


@dataclass(frozen=True, slots=True)
class Frame:
    """The page's box, and its coordinates turned by quarters so that text runs to the right."""

    left: float
    bottom: float
    right: float
    top: float

    def size(self, turn: int) -> tuple[float, float]:
        """Width and height of the page in a turn."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if turn in (1, 3) else (width, height)

    def across(self, turn: int, left: float, bottom: float, right: float, top: float) -> tuple[float, float]:
        """From where to where a box reaches along the lines of a turn."""
        if turn == 1:
            return bottom - self.bottom, top - self.bottom
        if turn == 2:
            return self.right - right, self.right - left
        if turn == 3:
            return self.top - top, self.top - bottom
        return left - self.left, right - self.left

    def down(self, turn: int, x: float, y: float) -> float:
        """How far below the page's head a point is in a turn."""
        if turn == 1:
            return x - self.left
        if turn == 2:
            return y - self.bottom
        if turn == 3:
            return self.right - x
        return self.top - y
