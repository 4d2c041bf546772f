"""What is drawn on a page beside its text: rules, bars, bullets, pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

from index.readers.pdf.shapes import Bar, Dot, Picture, Rule

_THIN, _SHORTEST = 3.0, 15.0  # points: the width of a rule, and its length
_DOT, _MOST_DOTS = (1.5, 8.0), 150  # points: how large a bullet is; more of them are a diagram's


@dataclass(slots=True)
class Drawings:
    """The drawings of a page of this width; `count` is of all, of whatever form."""

    width: float
    rules: list[Rule] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    count: int = 0

    @property
    def bullets(self) -> tuple[Dot, ...]:
        """The dots, none where they are too many to be bullets."""
        return tuple(self.dots) if len(self.dots) <= _MOST_DOTS else ()

    def add(self, x0: float, x1: float, y0: float, y1: float, *, path: bool) -> None:
        """Take an image, or a path for a dot, a rule, a bar or else a box with two rules and bars."""
        self.count += 1
        across, down = x1 - x0, y1 - y0
        if _DOT[0] < across < _DOT[1] and 0.8 < across / max(down, 0.1) < 1.25:
            self.dots.append(Dot((x0 + x1) / 2, (y0 + y1) / 2))
        elif not path:
            self.pictures.append(Picture(x0, x1, y0, y1))
        elif down < _THIN and across >= _SHORTEST:
            self.rules.append(Rule(x0, x1, (y0 + y1) / 2))
        elif across < _THIN and down >= 2 * _THIN:
            self.bars.append(Bar((x0 + x1) / 2, y0, y1))
        elif down > 2 * _THIN and _SHORTEST <= across < 0.95 * self.width:
            self.rules += [Rule(x0, x1, y0), Rule(x0, x1, y1)]
            self.bars += [Bar(x0, y0, y1), Bar(x1, y0, y1)]
