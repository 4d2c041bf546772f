"""A page's element tree -> pieces: its headings, paragraphs, items and table rows in order.

The walk is one pass without recursion, so that no nesting is too deep for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree, html

from index.documents import Mark
from index.readers.marked import unmarked

PieceKind = Literal["heading", "prose", "item", "row"]

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th "
    "thead tr ul".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_ITEMS = frozenset("dd dt li".split())
_SKIPPED = frozenset(
    "applet area audio base button canvas datalist embed frame frameset head iframe input link map meta noframes "
    "object option param script select style svg template textarea title track video noscript math".split()
)
_TRUNK = frozenset("html body main article".split())
_FURNITURE_TAGS = frozenset("nav footer aside".split())
_FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:ad|ads|advert\w*|adsense|alert-?bar|backlinks?|breadcrumbs?|catlinks|cookies?\w*|consent\w*|"
    r"comments?|disqus\w*|footer|gdpr\w*|hatnote|jump-?link|login|menus?|megamenu|mw-editsection|mw-jump-link|nav|navbar|"
    r"navbox|navigation|newsletter\w*|noprint|outbrain\w*|pagination|pager|popup|promo\w*|recirc\w*|recommend\w*|"
    r"related\w*|share|sharing|side-?bar\w*|signup|sign-up|skip-?(?:link|nav|to)\w*|social(?!-(?:media-)?embed)\w*|"
    r"sponsor\w*|subscribe|subscription|taboola\w*|toc|toolbar|topbar|trending|visually-?hidden)(?:$|[\s_-])",
    re.IGNORECASE,
)
_FURNITURE_ROLES = frozenset(
    "navigation banner contentinfo complementary search dialog alertdialog menu menubar".split()
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LONG_CELL = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of the page: `box` is the element that it stands in.

    `furniture` numbers the elements around it whose names say that they hold no content. `linked` is the share of
    its characters that are links; `table` counts the page's tables from 1, 0 outside of them.
    """

    kind: PieceKind
    text: str
    marks: tuple[Mark, ...]
    level: int
    furniture: tuple[int, ...]
    linked: float
    table: int
    box: html.HtmlElement


@dataclass(slots=True)
class _Walk:
    """Where the walk is: what was read and not yet cut, and in which elements it stands."""

    labels: Sequence[str]
    pieces: list[Piece] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    linked: int = 0
    cells: list[str] = field(default_factory=list)
    open: dict[str, int] = field(default_factory=dict)
    furniture: list[int] = field(default_factory=list)
    seen: int = 0
    tables: int = 0
    table: int = 0
    rows: int = 0
    heading: int = 0
    breaks: int = 0

    def add(self, text: str | None) -> None:
        if not text:
            return
        self.buffer.append(text)
        if text.strip():
            self.breaks = 0
            if self.open.get("a"):
                self.linked += len(text.strip())

    def cut(self, box: html.HtmlElement) -> None:
        """What was read since the last cut becomes a piece, or a part of the row that is open."""
        raw = "".join(self.buffer)
        self.buffer.clear()
        linked, self.linked, self.breaks = self.linked, 0, 0
        if not raw.strip():
            return
        if self.rows:
            self.cells = self.cells or [""]
            self.cells[-1] += f" {raw}"
            return
        text, marks = unmarked(raw, self.labels)
        if text:
            self.pieces.append(
                Piece(
                    self._kind(), text, marks, self.heading, tuple(self.furniture), linked / len(text), 0, box
                )
            )

    def cut_row(self, box: html.HtmlElement) -> None:
        text, marks = unmarked(" | ".join(cell.strip() for cell in self.cells if cell.strip()), self.labels)
        self.cells.clear()
        if text:
            self.pieces.append(Piece("row", text, marks, 0, tuple(self.furniture), 0.0, self.table, box))

    def _kind(self) -> PieceKind:
        if self.heading:
            return "heading"
        return "item" if any(self.open.get(tag) for tag in _ITEMS) else "prose"


def cut_page(tree: html.HtmlElement, labels: Sequence[str]) -> list[Piece]:
    """The pieces of a page in reading order; `labels` are those of the markers in its text."""
    walk = _Walk(labels)
    walker = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    skipped: etree._Element | None = None
    for event, element in walker:
        if event == "start":
            if element.tag in _SKIPPED or _is_hidden(element):
                walker.skip_subtree()
                skipped = element
            else:
                _enter(walk, element)
        elif event == "end":
            if element is skipped:
                skipped = None
            else:
                _leave(walk, element)
            if element is not tree:
                walk.add(element.tail)
        else:
            walk.add(element.tail)
    walk.cut(tree)
    return walk.pieces


def _enter(walk: _Walk, element: html.HtmlElement) -> None:
    tag = str(element.tag)
    if tag in _BLOCKS:
        walk.cut(element)
    elif tag == "br":
        walk.buffer.append("\n")
        walk.breaks += 1
        if walk.breaks > 1 and not walk.rows:
            walk.cut(_parent(element))
    walk.open[tag] = walk.open.get(tag, 0) + 1
    if tag in _HEADINGS:
        walk.heading = int(tag[1])
    if is_furniture(element):
        walk.seen += 1
        walk.furniture.append(walk.seen)
    if tag == "table" and not walk.rows and _holds_data(element):
        walk.tables += 1
        walk.table = walk.tables
        element.set("data-rows", "")
    if tag == "tr" and walk.table:
        walk.rows += 1
    if tag in ("td", "th") and walk.rows:
        walk.cells.append("")
    walk.add(element.text)


def _leave(walk: _Walk, element: html.HtmlElement) -> None:
    tag = str(element.tag)
    if tag in _BLOCKS:
        walk.cut(element)
    if tag == "tr" and walk.rows:
        walk.rows -= 1
        walk.cut_row(_parent(element))
    if tag == "table" and element.attrib.pop("data-rows", None) is not None:
        walk.table = 0
    if is_furniture(element):
        walk.furniture.pop()
    if tag in _HEADINGS:
        walk.heading = 0
    walk.open[tag] -= 1


def is_furniture(element: html.HtmlElement) -> bool:
    """Whether an element's tag, role, class or id says that it holds menus, notices or links and no content."""
    tag = element.tag
    if tag in _TRUNK:
        return False
    if tag in _FURNITURE_TAGS or element.get("role") in _FURNITURE_ROLES:
        return True
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return bool(names.strip() and _FURNITURE_NAMES.search(names))


def _is_hidden(element: html.HtmlElement) -> bool:
    if element.tag in _TRUNK:
        return False
    return (
        "hidden" in element.attrib
        or element.get("aria-hidden") == "true"
        or bool(_HIDDEN.search(element.get("style", "")))
    )


def _holds_data(table: html.HtmlElement) -> bool:
    """Whether a table is one: several short cells a row. Others only lay out the page."""
    if (
        table.get("role") in ("presentation", "none")
        or next(table.iterdescendants("table"), None) is not None
    ):
        return False
    if next(table.iterdescendants("h1", "h2", "h3"), None) is not None:
        return False
    widest = 0
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        widest = max(widest, len(cells))
        if any(sum(1 for _ in cell.iter("p")) > 3 for cell in cells):
            return False
    words = len(" ".join(str(text) for text in table.itertext()).split())
    count = sum(1 for _ in table.iter("td", "th")) or 1
    return widest > 1 and words / count <= _LONG_CELL


def _parent(element: html.HtmlElement) -> html.HtmlElement:
    parent = element.getparent()
    return parent if isinstance(parent, html.HtmlElement) else element
