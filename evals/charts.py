"""Charts as SVG, drawn here so that a report needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 360, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 40

Point = tuple[float, float]


def calibration_chart(bins: Sequence[tuple[float, float, int]]) -> str:
    """The share right over the mean confidence, (confidence, right, answers) of each bin, beside the diagonal."""
    most = max((count for *_, count in bins), default=1)
    dots = "".join(
        f'<circle class="mark" cx="{_x(confidence, 1):.1f}" cy="{_y(right, 1):.1f}" '
        f'r="{3 + 7 * (count / most) ** 0.5:.1f}">'
        f"<title>{count} answers: mean confidence {confidence:.2f}, {right:.2f} right</title></circle>"
        for confidence, right, count in bins
    )
    diagonal = f'<line class="ideal" x1="{_x(0, 1)}" y1="{_y(0, 1)}" x2="{_x(1, 1)}" y2="{_y(1, 1)}"/>'
    path = _path([(confidence, right) for confidence, right, _ in bins], 1, 1)
    return _chart("Calibration", "mean confidence", "share right", 1, 1, diagonal + path + dots)


def risk_chart(points: Sequence[Point]) -> str:
    """The share wrong over the share of cases that are answered."""
    dots = "".join(
        f'<circle class="mark" cx="{_x(x, 1):.1f}" cy="{_y(y, 1):.1f}" r="4">'
        f"<title>{x:.0%} answered: {y:.0%} of the answers wrong</title></circle>"
        for x, y in points
    )
    return _chart("Risk and coverage", "cases answered", "share wrong", 1, 1, _path(points, 1, 1) + dots)


def latency_chart(seconds: Sequence[float]) -> str:
    """The share of answers that were given within a time."""
    ordered = sorted(seconds)
    if not ordered:
        return ""
    most = _round_up(ordered[-1])
    points = [(0.0, 0.0), *((value, (rank + 1) / len(ordered)) for rank, value in enumerate(ordered))]
    marks = ""
    for share, name, short in ((0.5, "median", "50%"), (0.95, "95th percentile", "95%")):
        value = ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]
        marks += (
            f'<line class="ideal" x1="{_x(value, most):.1f}" x2="{_x(value, most):.1f}" '
            f'y1="{_y(0, 1)}" y2="{_y(1, 1)}">'
            f"<title>{name}: {value:.3f} s</title></line>"
            f'<text class="over" x="{_x(value, most):.1f}" y="{_TOP - 3}" text-anchor="middle">{short}</text>'
        )
    return _chart("Latency", "seconds an answer", "share of answers", most, 1, marks + _path(points, most, 1))


def interval_bar(value: float, low: float, high: float) -> str:
    """A value between 0 and 1 with its interval, as wide as a table's cell."""
    a, b, at = (100 * min(1.0, max(0.0, each)) for each in (low, high, value))
    return (
        f'<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{value:.2f}, interval {low:.2f} to {high:.2f}"><line class="axis" x1="0" x2="100" y1="5" y2="5"/>'
        f'<rect class="range" x="{a:.1f}" width="{max(0.6, b - a):.1f}" y="2.5" height="5"/>'
        f'<rect class="value" x="{max(0.0, at - 0.6):.1f}" width="1.2" y="0" height="10"/></svg>'
    )


def _chart(title: str, below: str, beside: str, x_most: float, y_most: float, body: str) -> str:
    lines = []
    for part in (0, 0.25, 0.5, 0.75, 1):
        x, y = _x(part * x_most, x_most), _y(part * y_most, y_most)
        lines.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(
            f'<text x="{x:.1f}" y="{HEIGHT - _BOTTOM + 16}" '
            f'text-anchor="{"end" if part == 1 else "middle"}">{part * x_most:g}</text>'
        )
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{part * y_most:g}</text>')
    middle = (_TOP + HEIGHT - _BOTTOM) / 2
    lines.append(
        f'<text x="{(_LEFT + WIDTH - _RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(below)}</text>'
    )
    lines.append(
        f'<text x="12" y="{middle}" text-anchor="middle" transform="rotate(-90 12 {middle})">{escape(beside)}</text>'
    )
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}: {escape(beside)} over {escape(below)}">{"".join(lines)}{body}</svg></figure>'
    )


def _path(points: Sequence[Point], x_most: float, y_most: float) -> str:
    if not points:
        return ""
    steps = " ".join(f"{_x(x, x_most):.1f},{_y(y, y_most):.1f}" for x, y in points)
    return f'<polyline class="line" points="{steps}"/>'


def _x(value: float, most: float) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * value / most


def _y(value: float, most: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / most


def _round_up(value: float) -> float:
    """The next of 1, 2, 4 and 8 times a power of ten, so that a quarter of it is a round figure."""
    step = 0.001
    while True:
        for factor in (1, 2, 4, 8):
            if factor * step >= value:
                return factor * step
        step *= 10
