"""What the styles of a DOCX make of a paragraph: a heading, a title, a list's item, a line of the table of contents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

_HEADING = re.compile(r"^heading\s*(\d)\b", re.IGNORECASE)
_CONTENTS = re.compile(
    r"^(?:toc\b|toc\d|contents\b|table of (?:contents|figures|authorities)|index\s*\d)", re.IGNORECASE
)
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style with what it takes over from those that it is based on.

    `level` is a heading's, from 1, or 0; `listed` whether its paragraphs are items of a list.
    """

    name: str
    level: int
    listed: bool

    @property
    def is_contents(self) -> bool:
        """Whether its paragraphs are lines of a table of contents or of an index."""
        return bool(_CONTENTS.match(self.name))


NO_STYLE = Style("", 0, False)


def local(element: etree._Element) -> str:
    """An element's name without its namespace, so that strict and transitional documents read alike."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first child of that name, and its first child of the next name."""
    for name in path:
        element = (
            next((found for found in element if local(found) == name), None) if element is not None else None
        )
    return element


def value(element: etree._Element | None, name: str = "val") -> str | None:
    """An attribute by its name without namespace."""
    if element is None:
        return None
    return next((str(found) for key, found in element.items() if str(key).rpartition("}")[2] == name), None)


def is_on(element: etree._Element | None) -> bool:
    """Whether a switch such as w:vanish stands there and is not turned off."""
    return element is not None and (value(element) or "true").lower() not in ("0", "false", "off", "none")


def read_styles(root: etree._Element | None) -> dict[str, Style]:
    """The paragraph styles of a document by id."""
    if root is None:
        return {}
    elements = {value(element, "styleId") or "": element for element in root if local(element) == "style"}
    return {key: _style(element, elements) for key, element in elements.items()}


def outline_level(properties: etree._Element | None) -> int | None:
    """The heading level, from 1, that a w:pPr gives; 0 for body text, None where it gives none."""
    found = value(child(properties, "outlineLvl"))
    if found is None or not found.isdigit():
        return None
    return int(found) + 1 if int(found) < 9 else 0


def is_listed(properties: etree._Element | None) -> bool | None:
    """Whether a w:pPr makes an item of a list; None where it says nothing."""
    number = child(properties, "numPr")
    if number is None:
        return None
    found = value(child(number, "numId"))
    return found is not None and found != "0"


def _style(element: etree._Element, elements: Mapping[str, etree._Element]) -> Style:
    name = value(child(element, "name")) or ""
    level: int | None = None
    listed: bool | None = None
    current: etree._Element | None = element
    for _ in range(_DEEPEST):
        if current is None:
            break
        properties = child(current, "pPr")
        found = _HEADING.match(value(child(current, "name")) or "")
        level = level if level is not None else outline_level(properties)
        level = int(found[1]) if level is None and found else level
        listed = listed if listed is not None else is_listed(properties)
        current = elements.get(value(child(current, "basedOn")) or "")
    return Style(name, level or 0, bool(listed))
