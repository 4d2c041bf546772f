"""Charts as SVG files that stand alone: bars of systems, lines over sizes or clients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _ROW, _LEFT, _TOP, _RIGHT = 640, 30, 170, 44, 110
_HEIGHT, _BOTTOM = 320, 46
_COLOURS = ("#1f5fa8", "#c2571a", "#2f7d4f", "#7a4a9c")
_STYLE = "text{font:13px sans-serif;fill:#222}.t{font-weight:bold}.g{stroke:#ddd}.s{fill:#555}"

Point = tuple[float, float]


def bars_chart(title: str, unit: str, values: Mapping[str, float]) -> str:
    """A horizontal bar for each name, the first one in a colour of its own."""
    most = max(values.values(), default=1.0) or 1.0
    room = _WIDTH - _LEFT - _RIGHT
    body = []
    for row, (name, value) in enumerate(values.items()):
        y, width = _TOP + row * _ROW, max(1.0, room * value / most)
        colour = _COLOURS[0] if row == 0 else "#9aa5b1"
        body.append(
            f'<text x="{_LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="20" fill="{colour}"/>'
            f'<text x="{_LEFT + width + 6:.1f}" y="{y + 15}" class="s">{value:,.4g} {escape(unit)}</text>'
        )
    return _svg(title, _TOP + len(values) * _ROW + 10, "".join(body))


def lines_chart(title: str, below: str, beside: str, lines: Mapping[str, Sequence[Point]]) -> str:
    """A line for each name, both axes logarithmic: equal ratios are equal distances."""
    points = [point for line in lines.values() for point in line if min(point) > 0]
    if not points:
        return ""
    x_ticks, y_ticks = _ticks([x for x, _ in points]), _ticks([y for _, y in points])
    left, right, bottom = 64, _WIDTH - 24, _HEIGHT - _BOTTOM

    def across(value: float) -> float:
        return left + (right - left) * _share(value, x_ticks)

    def up(value: float) -> float:
        return bottom - (bottom - _TOP - 22) * _share(value, y_ticks)

    body = [
        *(
            f'<line class="g" x1="{left}" x2="{right}" y1="{up(y):.1f}" y2="{up(y):.1f}"/>'
            f'<text class="s" x="{left - 6}" y="{up(y) + 4:.1f}" text-anchor="end">{y:,g}</text>'
            for y in y_ticks
        ),
        *(
            f'<text class="s" x="{across(x):.1f}" y="{bottom + 18}" text-anchor="middle">{x:,g}</text>'
            for x in x_ticks
        ),
        f'<text x="{(left + right) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(below)}</text>',
        f'<text x="{left}" y="{_TOP}" class="s">{escape(beside)}</text>',
    ]
    at = left + 150
    for number, (name, line) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [(across(x), up(y)) for x, y in line if min(x, y) > 0]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        body.append(
            f'<rect x="{at}" y="{_TOP - 10}" width="12" height="12" fill="{colour}"/>'
            f'<text x="{at + 17}" y="{_TOP}">{escape(name)}</text>'
        )
        at += 40 + 7 * len(name)
    return _svg(title, _HEIGHT, "".join(body))


def _ticks(values: Sequence[float]) -> list[float]:
    """1, 2 and 5 times powers of ten, or powers alone, from just under the least to just over the greatest."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    steps = [factor * 10.0**power for power in range(low, high + 1) for factor in (1, 2, 5)]
    first = max((i for i, step in enumerate(steps) if step <= min(values)), default=0)
    last = next((i for i, step in enumerate(steps) if step >= max(values)), len(steps) - 1)
    chosen = steps[first : max(last, first + 1) + 1]
    return chosen if len(chosen) <= 8 else [10.0**power for power in range(low, high + 1)]


def _share(value: float, ticks: Sequence[float]) -> float:
    return math.log(value / ticks[0]) / math.log(ticks[-1] / ticks[0])


def _svg(title: str, height: float, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" role="img" '
        f'aria-label="{escape(title)}"><style>{_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>'
        f'<text class="t" x="12" y="22">{escape(title)}</text>{body}</svg>\n'
    )
