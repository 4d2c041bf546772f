"""The body of a DOCX -> its paragraphs and rows, as a reader of the accepted document sees them.

Insertions are kept and deletions left out; of a drawing with a fallback one of the two is read; field codes, hidden
text, placeholders and comments are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from index.documents import Mark
from index.readers.docx_package import Relation
from index.readers.docx_styles import NO_STYLE, Style, child, is_listed, is_on, local, outline_level, value
from index.readers.marked import marker, unmarked, without_private

_INSIDE = frozenset(
    "bdo customXml dir fldSimple hyperlink ins moveTo oMath oMathPara r sdt sdtContent smartTag subDoc".split()
)
_LEFT_OUT = frozenset(
    "annotation del delInstrText delText instrText moveFrom pPr rPr rt sdtEndPr sdtPr tblPr tcPr trPr".split()
)
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_REFERENCES = {"footnoteReference": "footnote", "endnoteReference": "endnote"}


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or, where `table` is not 0, a row: `level` is a heading's, from 1, `style` the name of its style.

    `table` counts the tables of the document from 1.
    """

    text: str
    marks: tuple[Mark, ...]
    style: str = ""
    level: int = 0
    item: bool = False
    table: int = 0


@dataclass(slots=True)
class Body:
    """A document's text as it is read: `labels` are those of the note markers, in order of appearance."""

    styles: Mapping[str, Style]
    relations: Mapping[str, Relation]
    with_links: bool = False
    labels: list[str] = field(default_factory=list)
    tables: int = 0
    embedded: int = 0
    _boxes: list[etree._Element] = field(default_factory=list)
    _carried: str = ""

    def lines(self, root: etree._Element) -> Iterator[Line]:
        """The paragraphs and rows of a body, a note or a text box, in order."""
        for element in root:
            name = local(element)
            if name == "p":
                yield from self._paragraph(element)
            elif name == "tbl":
                yield from self._table(element)
            elif name == "altChunk":
                self.embedded += 1
            elif name == "sdt":
                if not _is_placeholder(element) and not _is_contents(element):
                    yield from self.lines(element)
            elif name == "AlternateContent":
                for choice in self._alternatives(element):
                    yield from self.lines(choice)
            elif name not in _LEFT_OUT and name not in ("sectPr", "r"):
                yield from self.lines(element)
        carried, self._carried = self._carried, ""
        yield from self._line(carried, None)

    def _paragraph(self, element: etree._Element) -> Iterator[Line]:
        properties = child(element, "pPr")
        text = self._carried + self._inline(element)
        self._carried = ""
        boxes, self._boxes = self._boxes, []
        joined = (
            child(properties, "rPr", "del") is not None
        )  # its mark was deleted: the next paragraph goes on here
        if not joined:
            yield from self._line(text, properties)
        for box in boxes:
            yield from self.lines(box)
        self._carried = text if joined else ""

    def _line(self, raw: str, properties: etree._Element | None) -> Iterator[Line]:
        text, marks = unmarked(raw, self.labels)
        if not text:
            return
        style = self.styles.get(value(child(properties, "pStyle")) or "", NO_STYLE)
        own_level, own_list = outline_level(properties), is_listed(properties)
        level = style.level if own_level is None else own_level
        listed = style.listed if own_list is None else own_list
        yield Line(text, marks, style.name, level, listed and not level)

    def _inline(self, element: etree._Element) -> str:
        """The text of what stands in a paragraph; text boxes are put aside."""
        parts = [self._part(part) for part in element]
        return "".join(parts)

    def _part(self, element: etree._Element) -> str:
        name = local(element)
        if name == "t":
            return without_private(element.text or "")
        if name in _SIGNS:
            return _SIGNS[name]
        if name in _LEFT_OUT or not name:
            return ""
        if name == "r":
            return self._run(element)
        if name == "sym":
            return _symbol(element)
        if name == "txbxContent":
            self._boxes.append(element)
            return ""
        if name == "AlternateContent":
            return "".join(self._inline(choice) for choice in self._alternatives(element))
        if name == "sdt" and _is_placeholder(element):
            return ""
        if name == "f":
            return f"({self._inline_of(element, 'num')})/({self._inline_of(element, 'den')})"
        if name in ("sup", "sub") and _is_maths(element):
            return ("^" if name == "sup" else "_") + self._inline(element)
        if name == "hyperlink" and self.with_links:
            return self._inline(element) + self._target(element)
        return self._inline(element)

    def _inline_of(self, element: etree._Element, name: str) -> str:
        part = child(element, name)
        return self._inline(part) if part is not None else ""

    def _run(self, element: etree._Element) -> str:
        if is_on(child(element, "rPr", "vanish")):
            return ""
        parts = []
        marked = False
        for part in element:
            name = local(part)
            if name in _REFERENCES:
                parts.append(self._marker(f"{_REFERENCES[name]} {value(part, 'id')}"))
                marked = is_on_attribute(part, "customMarkFollows")
            elif not (marked and name in ("t", "sym")):  # a mark of one's own is no text
                parts.append(self._part(part))
        return "".join(parts)

    def _marker(self, label: str) -> str:
        self.labels.append(label)
        return marker(len(self.labels) - 1)

    def _target(self, link: etree._Element) -> str:
        """Where a link leads, unless its text says so."""
        relation = self.relations.get(value(link, "id") or "")
        if (
            relation is None
            or not relation.external
            or not relation.target.startswith(("http://", "https://"))
        ):
            return ""
        said = "".join(str(text) for text in link.itertext()).strip()
        return "" if said.rstrip("/") == relation.target.rstrip("/") else f" <{relation.target}>"

    def _alternatives(self, element: etree._Element) -> list[etree._Element]:
        """Of a drawing and its fallback the first that has text."""
        for choice in element:
            if any(local(text) in ("t", "footnoteReference", "endnoteReference") for text in choice.iter()):
                return [choice]
        return []

    def _table(self, element: etree._Element) -> Iterator[Line]:
        """The rows of a table; a table of one column is a frame, and its paragraphs stand for themselves."""
        rows = [row for row in _found(element, "tr") if child(row, "trPr", "del") is None]
        cells = [
            [cell for cell in _found(row, "tc") if child(cell, "tcPr", "cellDel") is None] for row in rows
        ]
        if all(len(row) < 2 for row in cells):
            for row in cells:
                for cell in row:
                    yield from self.lines(cell)
            return
        self.tables += 1
        number = self.tables
        for row in cells:
            yield from self._row(row, number)

    def _row(self, row: list[etree._Element], number: int) -> Iterator[Line]:
        text = ""
        marks: list[Mark] = []
        for cell in row:
            lines = list(self.lines(cell))
            self.tables = max(self.tables, number)
            for i, line in enumerate(lines):
                text += "" if not text else " " if i else " | "
                marks += [Mark(mark.label, mark.at + len(text)) for mark in line.marks]
                text += line.text
        if text:
            yield Line(text, tuple(marks), table=number)


def is_on_attribute(element: etree._Element, name: str) -> bool:
    """Whether a switch that is an attribute is on."""
    return (value(element, name) or "false").lower() in ("1", "true", "on")


def _found(element: etree._Element, name: str) -> list[etree._Element]:
    """The rows of a table or the cells of a row, also those in content controls and insertions."""
    found = []
    for part in element:
        if local(part) == name:
            found.append(part)
        elif local(part) in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            found += _found(part, name)
    return found


def _is_placeholder(element: etree._Element) -> bool:
    return is_on(child(element, "sdtPr", "showingPlcHdr"))


def _is_contents(element: etree._Element) -> bool:
    gallery = child(element, "sdtPr", "docPartObj", "docPartGallery")
    return "table of contents" in (value(gallery) or "").lower()


def _is_maths(element: etree._Element) -> bool:
    return str(element.tag).endswith("/math}" + local(element))


def _symbol(element: etree._Element) -> str:
    """A character of a symbol font, where it is not one that only the font can show."""
    code = value(element, "char") or ""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    return "" if number > 0x10FFFF or 0xD800 <= number <= 0xF8FF or number < 32 else chr(number)
