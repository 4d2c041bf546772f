"""The one file that imports pypdfium2: bytes of a PDF -> words, rules, properties, outline, pictures of pages.

PDFium is not thread-safe, so one lock is held while a file is open, and a broken file can end the process that reads
it: who reads files of unknown origin does so in a process of its own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Any

from index.errors import UnreadableFile
from index.readers.pdf.drawings import Drawings
from index.readers.pdf.frame import Frame
from index.readers.pdf.glyphs import Glyphs
from index.readers.pdf.scripts import mirror
from index.readers.pdf.shapes import PageText

MAX_PAGES = 5000
_MAX_OBJECTS = 20_000
_MOST_BOOKMARKS = 10_000
_LOCK = Lock()


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
        self._glyphs = Glyphs(raw)

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
            frame = Frame(left, bottom, right, top)
            textpage = page.get_textpage()
            try:
                by_turn, lost = self._glyphs.words(textpage.raw, frame)
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
            drawings = tuple(drawn.rules), tuple(drawn.bars), drawn.bullets, tuple(drawn.pictures)
            return mirror(PageText(number, width, height, words, *drawings, lost, drawn.count))
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


def _drawings(page: Any, frame: Frame, turn: int) -> Drawings:
    """What is drawn on a page."""
    from pypdfium2 import raw

    drawings = Drawings(frame.size(turn)[0])
    a, b, c, d = (ctypes.c_float() for _ in range(4))
    pointers = [ctypes.byref(value) for value in (a, b, c, d)]
    for at in range(min(raw.FPDFPage_CountObjects(page.raw), _MAX_OBJECTS)):
        thing = raw.FPDFPage_GetObject(page.raw, at)
        kind = raw.FPDFPageObj_GetType(thing)
        if kind != raw.FPDF_PAGEOBJ_TEXT and raw.FPDFPageObj_GetBounds(thing, *pointers):
            x0, x1 = frame.across(turn, a.value, b.value, c.value, d.value)
            y0, y1 = sorted((frame.down(turn, a.value, b.value), frame.down(turn, c.value, d.value)))
            drawings.add(x0, x1, y0, y1, path=kind == raw.FPDF_PAGEOBJ_PATH)
    return drawings
