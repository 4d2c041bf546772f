"""The glyphs of a page -> words, with their places and styles."""

from __future__ import annotations

import ctypes
import math
import re
from typing import Any

from index.readers.pdf.frame import Frame, Style
from index.readers.pdf.scripts import join_letters, read_character
from index.readers.pdf.shapes import Word

_BOLD = re.compile(r"bold|black|heavy|demi|medi(?:$|[^u])|cmbx|cmssbx|[-,]bd|-b$", re.IGNORECASE)
_HYPHENS = frozenset({0x02, 0xFFFE})
_BLANKS = frozenset({0xA0, 0x3000, *range(0x2000, 0x200C)})
_TURN = math.radians(10)


class Glyphs:
    """Reads the glyphs of a file's pages. `raw` is PDFium's interface, which only its own file imports."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._bold: dict[int, bool] = {}

    def words(self, text: Any, frame: Frame) -> tuple[dict[int, list[Word]], int]:
        """Words by the quarter turns in which they stand, and how many glyphs stand for no character."""
        raw = self._raw
        unicode_of, box_of, object_of = (
            raw.FPDFText_GetUnicode,
            raw.FPDFText_GetLooseCharBox,
            raw.FPDFText_GetTextObject,
        )
        box = raw.FS_RECTF()
        pointer = ctypes.byref(box)
        found: dict[int, list[Word]] = {}
        lost = 0
        letters: list[str] = []
        places: list[float] = []
        style = Style(0, 0.0, 0.0, bold=False)
        edges = (0.0, 0.0)
        drawn = 0  # the address of the text object: glyphs of one object and height are of one style
        x0 = x1 = 0.0
        glued = False

        def flush(spaced: bool) -> None:
            if letters:
                word = Word(
                    join_letters(letters, places), x0, x1, style.base, style.size, style.bold, glued, spaced
                )
                found.setdefault(style.turn, []).append(word)
                letters.clear()
                places.clear()

        for at in range(raw.FPDFText_CountChars(text)):
            code = unicode_of(text, at)
            if (code <= 32 or code in _BLANKS) and code not in _HYPHENS:
                flush(spaced=code not in (10, 13))
                glued = code in (10, 13)  # PDFium also ends a line where a raised glyph stands
                continue
            character = "-" if code in _HYPHENS else read_character(code)
            if not character:
                lost += 1
                continue
            box_of(text, at, pointer)
            if not letters or (box.bottom, box.top) != edges or style.turn:
                thing = _address(object_of(text, at))
                if thing != drawn or (box.bottom, box.top) != edges or style.turn:
                    drawn, edges = thing, (box.bottom, box.top)
                    new = self._style(text, at, frame)
                else:
                    new = style
                if letters and not style.goes_on(new):
                    flush(spaced=False)
                    glued = True
            else:
                new = style
            begin, end = frame.across(new.turn, box.left, box.bottom, box.right, box.top)
            gap = max(begin - x1, x0 - end)
            if letters and gap > 0.6 * new.size:
                flush(spaced=False)
                glued = False
            if not letters:
                glued = glued and gap < 0.3 * new.size and new.turn == style.turn and new.touches(style)
                style, x0, x1 = new, begin, end
            else:
                x0, x1 = min(x0, begin), max(x1, end)
            letters.append(character)
            places.append(begin)
        flush(spaced=False)
        return found, lost

    def _style(self, text: Any, at: int, frame: Frame) -> Style:
        raw = self._raw
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(text, at, ctypes.byref(matrix))
        x, y = ctypes.c_double(), ctypes.c_double()
        raw.FPDFText_GetCharOrigin(text, at, ctypes.byref(x), ctypes.byref(y))
        angle = math.atan2(matrix.b, matrix.a)
        quarter = round(angle / (math.pi / 2))
        turn = quarter % 4 if abs(angle - quarter * math.pi / 2) < _TURN else 4
        scale = math.hypot(matrix.c, matrix.d) or 1.0
        size = abs(raw.FPDFText_GetFontSize(text, at)) * scale
        return Style(turn, frame.down(turn, x.value, y.value), round(size, 1) or 1.0, self._is_bold(text, at))

    def _is_bold(self, text: Any, at: int) -> bool:
        raw = self._raw
        font = raw.FPDFTextObj_GetFont(raw.FPDFText_GetTextObject(text, at))
        key = _address(font)
        if key not in self._bold:
            buffer = ctypes.create_string_buffer(256)
            size = raw.FPDFFont_GetBaseFontName(font, buffer, 256) if key else 0
            name = buffer.raw[: max(size - 1, 0)].decode("utf-8", "replace")
            weight = raw.FPDFText_GetFontWeight(text, at)
            self._bold[key] = bool(_BOLD.search(name)) or weight >= 600
        return self._bold[key]


def _address(pointer: Any) -> int:
    return ctypes.addressof(pointer.contents) if pointer else 0
