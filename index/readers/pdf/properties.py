"""What a PDF says of itself: title, author, publisher, date and language, less what programs put there unasked."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

from index.readers.pdf.pdfium import PdfFile
from index.readers.unasked import said_author, said_title

_PDF_DATE = re.compile(r"^(?:D:)?(\d{4})(\d\d)?(\d\d)?")
_ISO = re.compile(r"^(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_PACKET = re.compile(rb"<x:xmpmeta\b.*?</x:xmpmeta>", re.DOTALL)
_DUBLIN = "{http://purl.org/dc/elements/1.1/}"
_PRISM = re.compile(r"\{http://prismstandard\.org/namespaces/basic/[\d.]+/\}(?P<name>\w+)")
_LONGEST = 300


def read_properties(file: PdfFile, data: bytes) -> dict[str, str]:
    """The properties that say something, under the keys of corpus.toml."""
    packet = _packet(data)
    title = _first(file.property("Title"), packet.get("title", ""))
    author = _first(file.property("Author"), packet.get("creator", ""))
    created = file.property("CreationDate")
    found = {
        "title": said_title(title),
        "author": said_author(author),
        "publisher": _first(packet.get("publisher", ""), file.property("Publisher")),
        "date": _day(_ISO, packet.get("publicationDate", "")) or _day(_PDF_DATE, created),
        "language": _language(file.language()),
    }
    return {key: value for key, value in found.items() if value}


def _first(*values: str) -> str:
    cleaned = (" ".join(value.split()) for value in values)
    return next((value for value in cleaned if value and len(value) <= _LONGEST), "")


def _day(pattern: re.Pattern[str], text: str) -> str:
    """ISO 8601, '' for what is no day of these times."""
    found = pattern.match(text.strip())
    if not found or not 1950 <= int(found[1]) <= date.today().year + 1:
        return ""
    parts = [part for part in found.groups() if part]
    try:
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return found[1]
    return "-".join(parts)


def _language(tag: str) -> str:
    found = re.match(r"^([A-Za-z]{2,3})(?:[-_]|$)", tag)
    return found[1].lower() if found else ""


def _packet(data: bytes) -> dict[str, str]:
    """The file's XMP packet, where it is not compressed: Dublin Core and PRISM by the names of their elements."""
    found = _PACKET.search(data)
    if not found or b"<!" in found.group():  # no entities
        return {}
    try:
        root = ElementTree.fromstring(found.group())
    except (ElementTree.ParseError, ValueError):
        return {}
    values: dict[str, str] = {}
    for element in root.iter():
        prism = _PRISM.match(element.tag)
        name = prism["name"] if prism else element.tag.removeprefix(_DUBLIN)
        if name != element.tag:
            values.setdefault(name, ", ".join(text for part in element.itertext() if (text := part.strip())))
    return values
