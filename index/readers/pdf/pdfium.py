"""The one file that imports pypdfium2: bytes of a PDF -> words, rules, properties, outline, pictures of pages.

PDFium is not thread-safe, so one lock is held while a file is open, and a broken file can end the process that reads
it: who reads files of unknown origin does so in a process of its own.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from threading import Lock
from typing import Any

from index.errors import UnreadableFile
from index.readers.pdf.shapes import Bar, Dot, PageText, Rule, Word

MAX_PAGES = 5000
_MAX_OBJECTS = 20_000
_MOST_BOOKMARKS = 10_000
_LOCK = Lock()
_BOLD = re.compile(r"bold|black|heavy|demi|medi(?:$|[^u])|cmbx|cmssbx|[-,]bd|-b$", re.IGNORECASE)
_HYPHENS = frozenset({0x02, 0xFFFE, 0xAD})
_DOT, _MOST_DOTS = (1.5, 8.0), 150  # points: how large a bullet is; more of them are a diagram's
_BLANKS = frozenset({0xA0, 0x3000, *range(0x2000, 0x200C)})
_TURN = math.radians(10)
_THIN, _SHORTEST = 3.0, 15.0  # points: the width of a rule, and its length


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline: its title, and the page that it leads to, from 1."""

    title: str
    page: int


class PdfFile:
    """An open PDF. Pages are numbered from 1."""

    def __init__(self, document: Any) -> None:
        from pypdfium2 import raw

        self._document = document
        self._raw = raw
        self._is_form = bool(document.get_formtype())
        self._bold: dict[int, bool] = {}

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return len(self._document)

    @property
    def attachments(self) -> int:
        """How many files are attached to it."""
        return int(self._document.count_attachments())

    def property(self, name: str) -> str:
        """An entry of its document information, '' where it has none."""
        return str(self._document.get_metadata_value(name))

    def language(self) -> str:
        """The language that it says it is in, '' where it says none."""
        raw = self._raw
        size = raw.FPDFCatalog_GetLanguage(self._document.raw, None, 0)
        buffer = ctypes.create_string_buffer(max(size, 2))
        pointer = ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR))
        raw.FPDFCatalog_GetLanguage(self._document.raw, pointer, size)
        return buffer.raw[: max(size - 2, 0)].decode("utf-16-le", "replace")

    def outline(self) -> list[Bookmark]:
        """Its bookmarks in order; those that lead nowhere are left out."""
        found = []
        for entry in islice(self._document.get_toc(max_depth=6), _MOST_BOOKMARKS):
            target = entry.get_dest()
            page = target.get_index() if target else None
            if page is not None:
                found.append(Bookmark(" ".join(entry.get_title().split()), page + 1))
        return found

    def read_page(self, number: int) -> PageText | None:
        """The words of a page in the order of the file, its rules and pictures; None where the page is damaged."""
        from pypdfium2 import PdfiumError

        try:
            page = self._page(number)
        except PdfiumError:
            return None
        try:
            left, bottom, right, top = page.get_bbox()
            frame = _Frame(left, bottom, right, top)
            textpage = page.get_textpage()
            try:
                by_turn, lost = self._words(textpage.raw, frame)
            finally:
                textpage.close()
            turn = max(by_turn, key=lambda key: sum(len(w.text) for w in by_turn[key]), default=0)
            width, height = frame.size(turn)
            words = tuple(
                word
                for word in by_turn.get(turn, ())
                if word.x1 >= -1 and word.x0 <= width + 1 and 0 <= word.base <= height
            )
            drawn = _drawings(page, frame, turn)
            rules, bars = tuple(drawn.rules), tuple(drawn.bars)
            dots = tuple(drawn.dots) if len(drawn.dots) <= _MOST_DOTS else ()
            covered = drawn.largest / max(width * height, 1)
            return _mirrored(
                PageText(number, width, height, words, rules, bars, dots, lost, drawn.pictures, covered)
            )
        except PdfiumError:
            return None
        finally:
            page.close()

    def _page(self, number: int) -> Any:
        """A page; what was filled into a form is part of it."""
        page = self._document[number - 1]
        if self._is_form and self._raw.FPDFPage_Flatten(page.raw, self._raw.FLAT_NORMALDISPLAY):
            page.close()
            page = self._document[number - 1]
        return page

    def render(self, number: int, dots_per_inch: int) -> bytes:
        """A page as a grey picture in the format PGM."""
        page = self._document[number - 1]
        try:
            bitmap = page.render(scale=dots_per_inch / 72, grayscale=True)
            pixels = bitmap.to_numpy().reshape(bitmap.height, bitmap.width)
            picture: bytes = f"P5 {bitmap.width} {bitmap.height} 255\n".encode() + pixels.tobytes()
            bitmap.close()
            return picture
        finally:
            page.close()

    def _words(self, text: Any, frame: _Frame) -> tuple[dict[int, list[Word]], int]:
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
        style = _Style(0, 0.0, 0.0, bold=False)
        edges = (0.0, 0.0)
        drawn = 0  # the address of the text object: glyphs of one object and height are of one style
        x0 = x1 = 0.0
        glued = False

        def flush(spaced: bool) -> None:
            if letters:
                word = Word(
                    _joined(letters, places), x0, x1, style.base, style.size, style.bold, glued, spaced
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
            character = "-" if code in _HYPHENS else _character(code)
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

    def _style(self, text: Any, at: int, frame: _Frame) -> _Style:
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
        return _Style(
            turn, frame.down(turn, x.value, y.value), round(size, 1) or 1.0, self._is_bold(text, at)
        )

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


@contextmanager
def open_pdf(name: str, data: bytes) -> Iterator[PdfFile]:
    """The file of these bytes, open as long as the context.

    Raises:
        UnreadableFile: it is empty, damaged, protected by a password or too long.
    """
    from pypdfium2 import PdfDocument, PdfiumError, raw

    if not data.strip():
        raise UnreadableFile(f"{name}: the file is empty. Export or download it again.")
    with _LOCK:
        try:
            document = PdfDocument(data)
            count = len(document)
        except PdfiumError as error:
            if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
                reason = "it is protected by a password. Save a copy without one"
            else:
                reason = "it is damaged, or it is no PDF. Export or download it again"
            raise UnreadableFile(f"{name}: {reason}.") from error
        try:
            if not count:
                raise UnreadableFile(f"{name}: it has no pages. Export or download it again.")
            if count > MAX_PAGES:
                raise UnreadableFile(f"{name}: {count} pages; at most {MAX_PAGES} are read. Split the file.")
            yield PdfFile(document)
        except PdfiumError as error:
            raise UnreadableFile(f"{name}: it is damaged ({error}). Export or download it again.") from error
        finally:
            document.close()


@dataclass(frozen=True, slots=True)
class _Style:
    turn: int
    base: float
    size: float
    bold: bool

    def goes_on(self, other: _Style) -> bool:
        """Whether a glyph in the other style can belong to the same word."""
        return (
            self.turn == other.turn
            and abs(self.base - other.base) <= 0.1 * self.size
            and abs(self.size - other.size) <= 0.12 * self.size
            and self.bold == other.bold
        )

    def touches(self, other: _Style) -> bool:
        """Whether the two stand beside each other, one perhaps raised."""
        return abs(self.base - other.base) < 0.75 * max(self.size, other.size)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The page's box, and its coordinates turned by quarters so that text runs to the right."""

    left: float
    bottom: float
    right: float
    top: float

    def size(self, turn: int) -> tuple[float, float]:
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if turn in (1, 3) else (width, height)

    def across(self, turn: int, left: float, bottom: float, right: float, top: float) -> tuple[float, float]:
        if turn == 1:
            return bottom - self.bottom, top - self.bottom
        if turn == 2:
            return self.right - right, self.right - left
        if turn == 3:
            return self.top - top, self.top - bottom
        return left - self.left, right - self.left

    def down(self, turn: int, x: float, y: float) -> float:
        if turn == 1:
            return x - self.left
        if turn == 2:
            return y - self.bottom
        if turn == 3:
            return self.right - x
        return self.top - y


def _joined(letters: list[str], places: list[float]) -> str:
    """The letters of a word; those that are written to the left by their places, whatever their order in the file."""
    text = "".join(letters)
    if text.isascii() or not any(_is_leftward(c) for c in text):
        return text
    order = sorted(range(len(letters)), key=lambda at: -round(places[at], 1))
    return "".join(letters[at] for at in order)


def _is_leftward(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")


def _address(pointer: Any) -> int:
    return ctypes.addressof(pointer.contents) if pointer else 0


def _character(code: int) -> str:
    """The character of a code, '' for one that has no meaning."""
    if 0xE000 <= code <= 0xF8FF:
        return "•" if 0xF000 <= code <= 0xF0FF else ""
    if (
        code < 32
        or 0x7F <= code < 0xA0
        or 0xD800 <= code <= 0xDFFF
        or 0xFFF0 <= code <= 0xFFFF
        or code > 0x10FFFF
    ):
        return ""
    if 0xFB00 <= code <= 0xFEFF:  # ligatures and the forms that Arabic letters take beside others
        return unicodedata.normalize("NFKC", chr(code)).strip()
    return chr(code)


def _drawings(page: Any, frame: _Frame, turn: int) -> _Drawn:
    """The rules and bars of a page, and how many pictures or drawings it has."""
    from pypdfium2 import raw

    drawn = _Drawn([], [], [])
    a, b, c, d = (ctypes.c_float() for _ in range(4))
    pointers = [ctypes.byref(value) for value in (a, b, c, d)]
    for at in range(min(raw.FPDFPage_CountObjects(page.raw), _MAX_OBJECTS)):
        thing = raw.FPDFPage_GetObject(page.raw, at)
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            continue
        drawn.pictures += 1
        if not raw.FPDFPageObj_GetBounds(thing, *pointers):
            continue
        across, down = c.value - a.value, d.value - b.value
        if _DOT[0] < across < _DOT[1] and 0.8 < across / max(down, 0.1) < 1.25:
            begin, end = frame.across(turn, a.value, b.value, c.value, d.value)
            heights = (frame.down(turn, a.value, b.value), frame.down(turn, c.value, d.value))
            drawn.dots.append(Dot((begin + end) / 2, sum(heights) / 2))
            continue
        if kind != raw.FPDF_PAGEOBJ_PATH:
            drawn.largest = max(drawn.largest, across * down)
            continue
        x0, x1 = frame.across(turn, a.value, b.value, c.value, d.value)
        y0, y1 = sorted((frame.down(turn, a.value, b.value), frame.down(turn, c.value, d.value)))
        drawn.add(x0, x1, y0, y1, frame.size(turn)[0])
    return drawn


@dataclass(slots=True)
class _Drawn:
    rules: list[Rule]
    bars: list[Bar]
    dots: list[Dot]
    pictures: int = 0
    largest: float = 0.0

    def add(self, x0: float, x1: float, y0: float, y1: float, width: float) -> None:
        """Take a path for a rule, a bar or, where it is neither, a box with two of each."""
        if y1 - y0 < _THIN and x1 - x0 >= _SHORTEST:
            self.rules.append(Rule(x0, x1, (y0 + y1) / 2))
        elif x1 - x0 < _THIN and y1 - y0 >= 2 * _THIN:
            self.bars.append(Bar((x0 + x1) / 2, y0, y1))
        elif y1 - y0 > 2 * _THIN and _SHORTEST <= x1 - x0 < 0.95 * width:
            self.rules += [Rule(x0, x1, y0), Rule(x0, x1, y1)]
            self.bars += [Bar(x0, y0, y1), Bar(x1, y0, y1)]


def _mirrored(page: PageText) -> PageText:
    """A page most of whose letters are written from right to left, as if it were held before a mirror."""
    letters = [c for word in page.words for c in word.text if c.isalpha()]
    leftwards = sum(map(_is_leftward, letters))
    if 2 * leftwards <= len(letters):
        return page
    width = page.width
    return replace(
        page,
        words=tuple(replace(word, x0=width - word.x1, x1=width - word.x0) for word in page.words),
        rules=tuple(Rule(width - rule.x1, width - rule.x0, rule.y) for rule in page.rules),
        dots=tuple(Dot(width - dot.x, dot.y) for dot in page.dots),
        bars=tuple(Bar(width - bar.x, bar.y0, bar.y1) for bar in page.bars),
        rightwards=False,
    )
