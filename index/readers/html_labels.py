"""Numbers and signs of a web page's notes, for pages whose notes do not lead back to their markers.

A marker stands at a word or in brackets and has the number or sign of the element that it leads to. A link such as "see
paragraph 3" stands apart from the words before it, and of numbered paragraphs few are linked to.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from lxml import html

RAISING = frozenset("sup small font em i b span".split())
_OWN_LABEL = re.compile(r"^\s*\^?\s*[\[(]?\s*(\d{1,4}|[*†‡§]{1,4})(?=[\])., \t:\n]|[^\W\d_]|$)")
_AT_A_WORD = re.compile(r"(?:[^\W\d_]|[.,;:!?\"'”’)\]])\Z")
_MOST_ITEMS = 1000


def words_of(element: html.HtmlElement) -> str:
    """The text of an element, white space folded."""
    return " ".join(element.text_content().split())


def has_its_number(link: html.HtmlElement, element: html.HtmlElement) -> bool:
    """Whether a link stands as a note's marker does, and has the number or sign of the element that it leads to."""
    words = words_of(link)
    label = words.strip("[]() ")
    before, after = _beside(link)
    in_brackets = words.startswith("[") or (before.endswith("[") and after.startswith("]"))
    return bool(label) and label == _own_label(element) and (in_brackets or bool(_AT_A_WORD.search(before)))


def among_notes(targets: Collection[html.HtmlElement]) -> set[html.HtmlElement]:
    """Those of the elements that markers lead to as to most of the numbered elements beside them."""
    kinds = {(parent, target.tag) for target in targets if (parent := target.getparent()) is not None}
    among: set[html.HtmlElement] = set()
    for parent, tag in kinds:
        numbered = [element for element in parent.findall(tag)[:_MOST_ITEMS] if _own_label(element)]
        noted = [element for element in numbered if element in targets]
        if 2 * len(noted) > len(numbered):
            among.update(noted)
    return among


def _beside(link: html.HtmlElement) -> tuple[str, str]:
    """The text right before and right after a link, or whatever raises it."""
    element, after = link, link.tail or ""
    for parent in link.iterancestors():
        previous = element.getprevious()
        before = ((previous.tail or previous.text_content()) if previous is not None else parent.text) or ""
        if before or parent.tag not in RAISING:
            return before, after
        element, after = parent, after or parent.tail or ""
    return "", after


def _own_label(element: html.HtmlElement) -> str | None:
    """The number or sign at the head of an element, or its place in a numbered list."""
    term = element.getprevious() if element.tag == "dd" else None
    found = _OWN_LABEL.match(words_of(term if term is not None and term.tag == "dt" else element))
    if found:
        return found[1]
    parent = element.getparent()
    if element.tag != "li" or parent is None or parent.tag != "ol" or parent.get("start"):
        return None
    items = parent.findall("li")
    return str(items.index(element) + 1) if len(items) <= _MOST_ITEMS else None
