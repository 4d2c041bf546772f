"""Small PDFs, drawn line by line with reportlab: what stands where is what a test says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
PLAIN, BOLD = "Times-Roman", "Times-Bold"
LEADING = 1.2

Draw = Callable[[Canvas], None]


def pdf(*pages: Draw, encrypt: StandardEncryption | None = None, **properties: str) -> bytes:
    """A file of these pages, with properties such as `title`; those left out say nothing."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, encrypt=encrypt, invariant=1)
    for name in ("title", "author", "subject"):
        getattr(canvas, f"set{name.capitalize()}")(properties.get(name, ""))
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def lines(
    canvas: Canvas,
    texts: Sequence[str],
    x: float = 72,
    y: float = 100,
    *,
    size: float = 11,
    font: str = PLAIN,
) -> float:
    """Lines below each other, the first with its baseline `y` points below the page's head; gives the next one's."""
    for text in texts:
        canvas.setFont(font, size)
        canvas.drawString(x, HEIGHT - y, text)
        y += LEADING * size
    return y


def prose(
    canvas: Canvas,
    text: str,
    x: float = 72,
    y: float = 100,
    *,
    width: float = 450,
    size: float = 11,
    indent: float = 0,
) -> float:
    """A paragraph broken into lines of at most `width`; gives the baseline of what comes next."""
    row: list[str] = []
    left = indent
    for word in text.split():
        if row and left + stringWidth(" ".join([*row, word]), PLAIN, size) > width:
            lines(canvas, [" ".join(row)], x + left, y, size=size)
            y += LEADING * size
            row, left = [], 0.0
        row.append(word)
    lines(canvas, [" ".join(row)], x + left, y, size=size)
    return y + LEADING * size


def raised(
    canvas: Canvas, before: str, mark: str, after: str, x: float = 72, y: float = 100, size: float = 11
) -> None:
    """One line in which a mark stands raised, in small figures."""
    small = 0.65 * size
    lines(canvas, [before], x, y, size=size)
    x += stringWidth(before, PLAIN, size)
    lines(canvas, [mark], x, y - 0.35 * size, size=small)
    x += stringWidth(mark, PLAIN, small)
    lines(canvas, [after], x, y, size=size)


def rule(canvas: Canvas, x0: float, x1: float, y: float) -> None:
    """A horizontal line."""
    canvas.setLineWidth(0.5)
    canvas.line(x0, HEIGHT - y, x1, HEIGHT - y)


def bar(canvas: Canvas, x: float, y0: float, y1: float) -> None:
    """A vertical line."""
    canvas.setLineWidth(0.5)
    canvas.line(x, HEIGHT - y0, x, HEIGHT - y1)
