"""The small pieces that every page is made of.

Documents and questions are untrusted: `escape` stands between each of their texts and the page,
and `web_link` lets only http and https through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from assistant.answers import CitedNote
from index.addresses import address
from index.documents import Note

from .messages import say

ASSETS = Path(__file__).parent
NOTE_URL_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Span:
    """A quote: `start` and `end` in the text of paragraph `paragraph`."""

    paragraph: int
    start: int
    end: int


def asset(name: str) -> str:
    """The text of a stylesheet or script beside this file."""
    return (ASSETS / name).read_text(encoding="utf-8")


def marked(text: str, span: Span | None) -> str:
    """The text, escaped, with the span in `<mark>` where it lies within the text."""
    if span is None or not 0 <= span.start < span.end <= len(text):
        return escape(text)
    before, inside, after = text[: span.start], text[span.start : span.end], text[span.end :]
    return f'{escape(before)}<mark id="quote">{escape(inside)}</mark>{escape(after)}'


def document_path(document_id: str, span: Span | None = None, content_hash: str = "") -> str:
    """The address of a document's page, or of a quote in it; with its hash the page says if it has changed since."""
    if span is None:
        return address(document_id)
    return address(document_id, span.paragraph, (span.start, span.end), content_hash)


def web_link(url: str, label: str) -> str:
    """A link to the outside, or the bare label where the address is not one of the web."""
    try:
        known = urlsplit(url.strip()).scheme in ("http", "https")
    except ValueError:
        known = False
    if not known:
        return escape(label)
    return f'<a href="{escape(url.strip())}" target="_blank" rel="noopener noreferrer nofollow">{escape(label)}</a>'


def clipped(text: str, length: int) -> str:
    """The text, cut at a word where it is longer."""
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + " …"


def shown_date(iso: str) -> str:
    """A date for people: "16 August 2024"; a month or a year alone likewise, and what is no date as it is."""
    year, *rest = iso.split("-")
    if not all(part.isdecimal() for part in (year, *rest)) or len(rest) > 2 or not rest:
        return iso
    months = say("months").split()
    if not 1 <= int(rest[0]) <= len(months):
        return iso
    month = months[int(rest[0]) - 1]
    if len(rest) == 1:
        return say("date_of_month", month=month, year=year)
    return say("date_of_day", day=int(rest[1]), month=month, year=year)


def moment(at: str) -> str:
    """A moment (UTC, ISO 8601) as an element that the page's scripts put into the reader's own time."""
    date, _, time = at.partition("T")
    shown = say("moment", date=shown_date(date), time=time[:5])
    return f'<time datetime="{escape(at)}" data-moment="{escape(at)}">{escape(shown)}</time>'


def count(number: int, noun: str) -> str:
    """The number with its noun, "document" or "paragraph": "1 document", "2 documents"."""
    return say(f"{noun}_one" if number == 1 else f"{noun}_other", number=number)


def byline(*parts: str | None, date: str | None) -> str:
    """Author, publisher and date in one line; a missing date is said, not left out."""
    named = [f"<span>{escape(part)}</span>" for part in parts if part]
    when = (
        f'<time datetime="{escape(date)}">{escape(date)}</time>'
        if date
        else f"<span>{escape(say('no_date'))}</span>"
    )
    return '<span class="dot"> · </span>'.join([*named, when])


def notes_list(notes: Iterable[Note | CitedNote], cited: frozenset[int] = frozenset()) -> str:
    """The notes behind a paragraph, those behind the quote set off; empty where there are none."""
    items = "".join(_note(note, note.number in cited) for note in notes)
    return f'<ol class="notes" aria-label="{escape(say("notes"))}">{items}</ol>' if items else ""


def _note(note: Note | CitedNote, cited: bool) -> str:
    link = ""
    if note.url and note.url not in note.text:
        link = " " + web_link(note.url, _shortened(note.url))
    text = escape(note.text)
    if note.url and note.url in note.text:
        before, _, after = note.text.partition(note.url)
        text = f"{escape(before)}{web_link(note.url, _shortened(note.url))}{escape(after)}"
    kind = ' class="cited"' if cited else ""
    number = f'<span class="note-number">{note.number}</span>'
    return f'<li value="{note.number}"{kind}>{number} <span>{text}{link}</span></li>'


def _shortened(url: str) -> str:
    bare = url.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return bare if len(bare) <= NOTE_URL_LENGTH else bare[: NOTE_URL_LENGTH - 1] + "…"
