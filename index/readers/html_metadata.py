"""What a web page says of itself, under the keys of corpus.toml."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import html

from index.readers.days import iso_day

_TITLES = ("og:title", "citation_title", "dc.title", "dcterms.title", "twitter:title", "parsely-title")
_AUTHORS = (
    "author", "citation_author", "dc.creator", "dcterms.creator", "article:author", "parsely-author", "sailthru.author",
    "byl", "og:author", "twitter:creator",
)  # fmt: skip
_PUBLISHERS = (
    "og:site_name",
    "citation_journal_title",
    "dc.publisher",
    "dcterms.publisher",
    "publisher",
    "application-name",
)
_DATES = (
    "article:published_time", "og:published_time", "datepublished", "date", "dc.date", "dc.date.issued",
    "dcterms.date", "dcterms.created", "dcterms.issued", "citation_publication_date", "citation_date", "pubdate",
    "publishdate", "publish_date", "publish-date", "parsely-pub-date", "sailthru.date", "article.published",
    "last-modified", "og:updated_time", "article:modified_time",
)  # fmt: skip
_ARTICLES = re.compile(r"article|posting|report|webpage|creativework|book|dataset", re.IGNORECASE)
_NO_NAMES = frozenset(
    "admin administrator author editor none null unknown user webmaster staff wordpress".split()
)
_SEPARATOR = re.compile(r"\s+[|–—•·»:]\s+|\s+-\s+")


def read_metadata(tree: html.HtmlElement) -> dict[str, str]:
    """Title, author, publisher, date, url and language of a page, where it says them."""
    metas = _metas(tree)
    linked = list(_linked_data(tree))
    publisher = _first(metas, _PUBLISHERS) or _named(_data(linked, "publisher"))
    found = {
        "title": _title(tree, metas, linked, publisher),
        "author": _author(tree, metas, linked),
        "publisher": publisher,
        "date": _date(tree, metas, linked),
        "url": _url(tree, metas),
        "language": _language(tree),
    }
    return {key: value for key, value in found.items() if value}


def _metas(tree: html.HtmlElement) -> dict[str, str]:
    """The page's meta elements by name, the first of each; several authors become one line."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (
            meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
        ).lower()
        content = _line(meta.get("content") or "")
        if not name or not content:
            continue
        if name == "citation_author" and name in metas:
            metas[name] += f"; {content}"
        metas.setdefault(name, content)
    return metas


def _first(metas: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((metas[name] for name in names if name in metas), None)


def _linked_data(tree: html.HtmlElement) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD that describe a page or an article, articles first."""
    objects: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "") or not script.text:
            continue
        try:
            value = json.loads(script.text, strict=False)
        except (ValueError, RecursionError):
            continue
        objects += _objects(value)
    fitting = [found for found in objects if _ARTICLES.search(str(found.get("@type", "")))]
    yield from sorted(fitting, key=lambda found: "page" in str(found.get("@type", "")).lower())


def _objects(value: object) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for entry in value for found in _objects(entry)]
    if not isinstance(value, dict):
        return []
    return [value, *_objects(value.get("@graph")), *_objects(value.get("mainEntity"))]


def _data(linked: list[dict[str, Any]], key: str) -> object:
    return next((found[key] for found in linked if found.get(key)), None)


def _named(value: object) -> str | None:
    """The name or names in a JSON-LD value."""
    if isinstance(value, str):
        return _line(value) or None
    if isinstance(value, dict):
        return _named(value.get("name"))
    if isinstance(value, list):
        names = [name for entry in value[:20] if (name := _named(entry))]
        return ", ".join(dict.fromkeys(names)) or None
    return None


def _title(
    tree: html.HtmlElement, metas: Mapping[str, str], linked: list[dict[str, Any]], publisher: str | None
) -> str | None:
    heads = [text for head in tree.iter("h1") if (text := _line(head.text_content()))]
    element = next(tree.iter("title"), None)
    titled = _line(element.text_content()) if element is not None else ""
    title = (
        _first(metas, _TITLES) or _named(_data(linked, "headline")) or titled or (heads[0] if heads else "")
    )
    return _without_site(title, publisher, heads) or None


def _without_site(title: str, publisher: str | None, heads: list[str]) -> str:
    """A title without the name of the site that browsers show behind or before it."""
    parts = _SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    for head in heads:
        if head in title and len(head.split()) > 1:
            return head
    if publisher and parts[-1].casefold() == publisher.casefold():
        return title[: title.rindex(parts[-1])].rstrip(" |–—•·»:-")
    return title


def _author(tree: html.HtmlElement, metas: Mapping[str, str], linked: list[dict[str, Any]]) -> str | None:
    marked = (
        _line(element.text_content())
        for element in tree.iter("a", "span", "address", "p", "div")
        if element.get("rel") == "author"
        or element.get("itemprop") == "author"
        or "byline" in (element.get("class") or "").split()
    )
    candidates = [
        _named(_data(linked, "author")),
        *[metas[name] for name in _AUTHORS if name in metas],
        *marked,
    ]
    for candidate in candidates:
        name = re.sub(r"^(?:by|written by|author)[:\s]+", "", candidate or "", flags=re.IGNORECASE).strip()
        if _is_name(name):
            return name
    return None


def _is_name(text: str) -> bool:
    return bool(
        2 < len(text) < 200
        and not re.search(r"https?:|www\.|[@<>{}]", text)
        and text.casefold() not in _NO_NAMES
        and re.search(r"[^\W\d_]", text)
    )


def _date(tree: html.HtmlElement, metas: Mapping[str, str], linked: list[dict[str, Any]]) -> str | None:
    written = [_data(linked, "datePublished"), *[metas[name] for name in _DATES if name in metas]]
    written += [(element.get("datetime") or element.text_content())[:200] for element in tree.iter("time")][
        :1
    ]
    written += [_data(linked, "dateModified")]
    return next((day for text in written if isinstance(text, str) and (day := iso_day(text))), None)


def _url(tree: html.HtmlElement, metas: Mapping[str, str]) -> str | None:
    links = (link.get("href") for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical")
    url = next((link for link in links if link), None) or metas.get("og:url") or ""
    return url.strip() if re.match(r"https?://\S+$", url.strip()) else None


def _language(tree: html.HtmlElement) -> str | None:
    found = re.match(r"[a-z]{2,3}(?=$|[-_])", (tree.get("lang") or "").strip().lower())
    return found.group() if found else None


def _line(text: str) -> str:
    return " ".join(text.encode("utf-8", "ignore").decode().split())  # JSON can hold halves of characters
