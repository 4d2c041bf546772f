"""Footnotes of a web page: links that lead to a note, and the notes that they lead to.

A marker is a short link ("1", "[2]", "*") to an element further down the page that links back, or one that is raised or
named as a note's reference, or one that stands at a word or in brackets and leads to an element with the same number or
sign, as most of those beside it. Notes leave the tree, their markers become private characters in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import html

from index.readers.html_labels import RAISING, among_notes, has_its_number, words_of
from index.readers.marked import marker, without_markers

_SHORT = re.compile(
    r"^[\[(]?\s*(?:(?:note|notes|nb|fn|n)\.?\s*)?(?:\d{1,4}|[a-z]{1,2}|[ivxlcdm]{1,7}|[*†‡§¶#]{1,4})\s*[\])]?$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"note-?ref|footnote|fnref|cite_ref|reference|biblioref", re.IGNORECASE)
_CITATION = re.compile(r"biblioref|^citation$", re.IGNORECASE)
_BACK = re.compile(r"back-?(?:link|ref)|reversefootnote|footnote-(?:back|return)|fn-?return", re.IGNORECASE)
_SIGNS = " \t\n[]().,:;0123456789*†‡§^↩↑⏎←⇑▲\ufe0e\ufe0f"
_LEADING = re.compile(
    r"^\s*(?:\^\s*)?(?:[\[(]\s*(?:\d{1,4}|[a-z*†‡§])\s*[\])][.:]?|\d{1,4}[.):]?(?=\s|$)|[*†‡§]+)\s*",
    re.IGNORECASE,
)
_CONTAINERS = frozenset("aside dd div li p section table td tr".split())
_WEB = re.compile(r"^(?:https?:)?//\S+$", re.IGNORECASE)
_LONGEST = 3000


@dataclass(frozen=True, slots=True)
class PageNote:
    """A note as it stood on the page; `label` is what the markers that lead to it carry."""

    label: str
    text: str


@dataclass(slots=True)
class _Found:
    """A note's element, the names that its links lead to, and the markers that lead to it."""

    element: html.HtmlElement
    leads_to: frozenset[str]
    markers: list[html.HtmlElement] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    sure: bool = False


def take_notes(tree: html.HtmlElement) -> list[PageNote]:
    """The notes of the page in the order of their first markers, taken out of the tree.

    In the text, `marker(i)` stands for each marker of note i.
    """
    targets = _targets(tree)
    order = {element: i for i, element in enumerate(tree.iter())}
    elements: dict[str, html.HtmlElement | None] = {}
    found: dict[html.HtmlElement, _Found] = {}
    for link in tree.iter("a"):
        fragment = _fragment(link)
        if fragment not in targets or not (_SHORT.match(words_of(link)) or _cites(link)):
            continue
        if fragment not in elements:
            elements[fragment] = _note_at(targets[fragment])
        element = elements[fragment]
        if element is None or order[element] < order[link] or element in link.iterancestors():
            continue
        note = found.get(element) or _Found(element, frozenset(map(_fragment, element.iter("a"))))
        names = set(_names_around(link))
        sure = bool(names & note.leads_to) or _is_reference(link)
        if sure or has_its_number(link, element):
            found[element] = note
            note.sure |= sure
            note.markers.append(link)
            note.names |= names
    among = among_notes(found)
    return _taken([note for note in found.values() if note.sure or note.element in among])


def _taken(found: list[_Found]) -> list[PageNote]:
    notes: list[PageNote] = []
    for note in found:
        text = _text(note)
        for link in note.markers:
            _replace(link, marker(len(notes)) if text else "")
        if text:
            notes.append(PageNote(str(len(notes) + 1), text))
    for note in found:
        term = note.element.getprevious() if note.element.tag == "dd" else None
        for element in (term, note.element):
            if (
                element is not None
                and element.getparent() is not None
                and (element is not term or _is_label(term))
            ):
                element.drop_tree()
    return notes


def _is_label(term: html.HtmlElement) -> bool:
    return term.tag == "dt" and not without_markers(words_of(term)).strip(_SIGNS)


def _targets(tree: html.HtmlElement) -> dict[str, html.HtmlElement]:
    targets: dict[str, html.HtmlElement] = {}
    for element in tree.iter():
        if isinstance(element.tag, str):
            for name in (element.get("id"), element.get("name") if element.tag == "a" else None):
                if name:
                    targets.setdefault(name, element)
    return targets


def _fragment(link: html.HtmlElement) -> str:
    return unquote((link.get("href") or "").partition("#")[2])


def _note_at(target: html.HtmlElement) -> html.HtmlElement | None:
    """The note that a target is or begins: the nearest element around it that is a block and has words."""
    note: html.HtmlElement | None = target
    while note is not None and (note.tag not in _CONTAINERS or not words_of(note).strip(_SIGNS)):
        after = note.getnext()
        if note.tag == "dt" and after is not None and after.tag == "dd":
            note = after
        else:
            parent = note.getparent()
            note = parent if isinstance(parent, html.HtmlElement) and parent.tag != "body" else None
    if (
        note is None
        or len(note.text_content()) > _LONGEST
        or next(note.iter("h1", "h2", "h3"), None) is not None
    ):
        return None
    return note


def _around(link: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """A marker's link, what it holds, and what raises it."""
    yield from link.iter()
    for parent in link.iterancestors():
        if parent.tag not in RAISING:
            break
        yield parent


def _names_around(link: html.HtmlElement) -> Iterator[str]:
    """The names by which a note can lead back to a link."""
    previous = link.getprevious()
    anchors = (
        [previous]
        if previous is not None and previous.tag == "a" and not (previous.tail or "").strip()
        else []
    )
    for element in [*_around(link), *anchors]:
        if isinstance(element.tag, str):
            yield from (name for key in ("id", "name") if (name := element.get(key)))


def _cites(link: html.HtmlElement) -> bool:
    """Whether a link is a citation in words, such as "Smith 2020", whose text stays."""
    kind = link.get("role") or link.get("class") or ""
    return bool(_CITATION.search(kind)) or _fragment(link).startswith("CITEREF")


def _is_reference(link: html.HtmlElement) -> bool:
    """Whether a link is raised, or named as a note's reference."""
    return _cites(link) or any(
        element.tag == "sup"
        or element.get("role") == "doc-noteref"
        or "noteref" in (element.get("epub:type") or "")
        or _REFERENCE.search(f"{element.get('class', '')} {element.get('id', '')} {element.get('rel', '')}")
        for element in _around(link)
        if isinstance(element.tag, str)
    )


def _text(note: _Found) -> str:
    """The words of a note with where its links lead, without its number and the way back."""
    parts: list[str] = []
    back: list[html.HtmlElement] = []
    for element in note.element.iter():
        if element.tag == "a" and _is_way_back(element, note.names):
            back.append(element)
    _collect(note.element, frozenset(back), parts)
    text = without_markers(" ".join("".join(parts).split()))
    text = re.sub(r"^[\s↩↑^]+|[\s↩↑⏎\ufe0e\ufe0f]+$", "", text)
    return _LEADING.sub("", text, count=1).strip()


def _is_way_back(link: html.HtmlElement, names: set[str]) -> bool:
    fragment = _fragment(link)
    named = _BACK.search(f"{link.get('class', '')} {link.get('role', '')} {link.get('rel', '')}")
    return bool(fragment) and (fragment in names or bool(named) or not words_of(link).strip(_SIGNS))


def _collect(element: html.HtmlElement, left_out: frozenset[html.HtmlElement], parts: list[str]) -> None:
    """The text of an element with links; its depth is bounded by that of the tree."""
    silent = not isinstance(element.tag, str) or element.tag in ("style", "script", "template")
    if silent or element in left_out or "mw-cite-backlink" in element.get("class", ""):
        return
    parts.append(element.text or "")
    for inner in element:
        _collect(inner, left_out, parts)
        if inner.tag in ("br", "p", "div", "li", "td"):
            parts.append(" ")
        parts.append(inner.tail or "")
    href = (element.get("href") or "").strip() if element.tag == "a" else ""
    if _WEB.match(href):
        said = words_of(element).rstrip("/")
        if said not in (href.rstrip("/"), href.split("//")[-1].rstrip("/")):
            parts.append(f" <{href if href.startswith('http') else 'https:' + href}>")


def _replace(link: html.HtmlElement, text: str) -> None:
    """`text` in place of a marker, of what raises it and of brackets around it; after a citation in words."""
    if not _SHORT.match(words_of(link)):
        link.tail = text + (link.tail or "")
        return
    element = link
    for parent in link.iterancestors():
        if parent.tag not in RAISING or words_of(parent).strip("[](), ") != words_of(link).strip("[](), "):
            break
        element = parent
    parent, previous, tail = element.getparent(), element.getprevious(), element.tail or ""
    if parent is None:
        return
    before = (previous.tail if previous is not None else parent.text) or ""
    if before.endswith("[") and tail.startswith("]"):
        before, tail = before[:-1], tail[1:]
    if previous is not None:
        previous.tail = before + text + tail
    else:
        parent.text = before + text + tail
    parent.remove(element)
