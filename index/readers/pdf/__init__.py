"""PDF: words with their places on the page -> blocks in reading order.

A page's words become lines, lines become columns and tables, columns become passages; what pages have in common at
their edges is left out, notes at a column's foot are taken out, and a paragraph that a column's or page's end cut is
one again. PDFium is not thread-safe and may end the process at a broken file; `pdfium.py` says how that is met.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.errors import UnreadableFile
from index.readers.contents import Contents
from index.readers.pdf.assembly import assemble
from index.readers.pdf.pdfium import Bookmark, PdfFile, open_pdf
from index.readers.pdf.properties import read_properties
from index.readers.pdf.shapes import PageText
from index.readers.pdf.tesseract import find_tesseract, read_scan

__all__ = ["read"]


@dataclass(frozen=True, slots=True)
class _Scanned:
    """The pages of a file, and how many of them had no text, were read by tesseract or are damaged."""

    pages: tuple[PageText, ...]
    textless: int
    recognised: int
    damaged: int


def read(name: str, data: bytes) -> Contents:
    """The contents of a PDF. A block's span is its place in the texts of all blocks with blank lines between.

    Args:
        name: the file's name, for messages.
        data: its bytes.

    Raises:
        UnreadableFile: it is empty, damaged, protected by a password, too long, or has no text; what to do.
    """
    with open_pdf(name, data) as file:
        count = file.pages
        scanned = _read_pages(file)
        outline: list[Bookmark] = file.outline()
        properties = read_properties(file, data)
        remarks = _remarks(scanned, count, file.attachments)
    if not any(page.words for page in scanned.pages):
        raise UnreadableFile(f"{name}: {_no_text(scanned, count)}")
    assembled = assemble(scanned.pages, outline, properties)
    return Contents(
        assembled.blocks,
        assembled.metadata,
        encoding=None,
        pages=count,
        tables=assembled.tables,
        remarks=remarks,
    )


def _read_pages(file: PdfFile) -> _Scanned:
    pages: list[PageText] = []
    program = find_tesseract()
    textless = recognised = damaged = 0
    for number in range(1, file.pages + 1):
        page = file.read_page(number)
        if page is None:
            damaged += 1
            continue
        if page.is_scan:
            found = read_scan(program, page, file.render) if program else None
            recognised += found is not None
            textless += found is None
            if found is not None:
                page = found
            elif page.lost > page.letters:
                page = PageText(number, page.width, page.height, ())
        pages.append(page)
    return _Scanned(tuple(pages), textless, recognised, damaged)


def _remarks(scanned: _Scanned, count: int, attachments: int) -> tuple[str, ...]:
    """What the receipt says of the file, one sentence each."""
    remarks = []
    if scanned.recognised:
        verb = "was" if scanned.recognised == 1 else "were"
        remarks.append(f"{scanned.recognised} of {_pages(count)} {verb} read by tesseract.")
    if scanned.textless:
        verb = "has" if scanned.textless == 1 else "have"
        remarks.append(f"{scanned.textless} of {_pages(count)} {verb} no text; {_advice()}.")
    if scanned.damaged:
        verb = "is" if scanned.damaged == 1 else "are"
        remarks.append(f"{scanned.damaged} of {_pages(count)} {verb} damaged and left out.")
    if attachments:
        files = "1 attached file is" if attachments == 1 else f"{attachments} attached files are"
        remarks.append(f"{files} not read; put attachments into the folder as files.")
    return tuple(remarks)


def _no_text(scanned: _Scanned, count: int) -> str:
    if scanned.textless:
        which = "its only page has no text" if count == 1 else f"none of its {count} pages has text"
        return f"{which}; {_advice()}."
    if scanned.damaged:
        return "it is damaged: none of its pages can be read. Export or download it again."
    return "its pages are empty. Check what the file holds."


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"


def _advice() -> str:
    """What to do about pages without text."""
    if find_tesseract():
        return "tesseract could not read them either, scan them again"
    return "install tesseract to have them read"
