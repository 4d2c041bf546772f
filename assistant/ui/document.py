"""A document as one self-contained page: no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from index.documents import Document, Paragraph

from .former import Cited, Former, changes, former_note, is_lost
from .html import Span, asset, byline, marked, notes_list, web_link
from .messages import language, say


def render_document(
    document: Document,
    paragraphs: Sequence[Paragraph],
    quote: Span | None = None,
    cited: Cited | None = None,
) -> str:
    """The page of a document. Paragraph n has the anchor `p<n>`; `quote` is marked where it fits.

    With `cited`, a paragraph that has changed since says so, and the quote is marked in its former text.
    """
    style = asset("palette.css") + asset("document.css")
    former = changes(paragraphs, cited) if cited else {}
    body = "".join(_section(paragraphs, position, quote, former) for position in range(len(paragraphs)))
    body += "".join(_gone(number, former[number], quote) for number in _missing(paragraphs, former))
    notice = ""
    if cited and is_lost(paragraphs, cited):
        notice = _notice(f"{say('cited_gone')} {say('former_lost')}")
    if document.kind == "digest":
        notice += _notice(say("digest_notice"))
    original = f"<p>{web_link(document.url, say('published_at'))}</p>" if document.url else ""
    editor = say("edited_by", editor=document.editor) if document.editor else None
    return f"""<!doctype html>
<html lang="{escape(document.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(document.display_title)}</title>
<style>{style}</style>
</head>
<body>
<header>
<nav lang="en"><a href="/">Footnote</a></nav>
<p class="kind" lang="en">{escape(document.kind)}</p>
<h1>{escape(document.display_title)}</h1>
<p class="byline">{byline(document.author, editor, document.publisher, date=document.date)}</p>
{notice}{original}
</header>
<main>
{body}
</main>
</body>
</html>
"""


def _notice(text: str) -> str:
    return f'<p class="notice" lang="{language()}">{escape(text)}</p>'


def _missing(paragraphs: Sequence[Paragraph], former: Mapping[int, Former]) -> list[int]:
    return sorted(set(former) - {paragraph.number for paragraph in paragraphs})


def _gone(number: int, former: Former, quote: Span | None) -> str:
    """A place for an anchor that the document no longer has."""
    label = escape(say("paragraph_n", number=number))
    return (
        f'<section id="p{number}" aria-label="{label}"><span class="number">{number}</span>'
        f'<div class="text">{former_note(number, former, quote, gone=True)}</div></section>\n'
    )


def _section(
    paragraphs: Sequence[Paragraph], position: int, quote: Span | None, former: Mapping[int, Former]
) -> str:
    paragraph = paragraphs[position]
    before = paragraphs[position - 1].heading if position else None
    heading = ""
    if paragraph.heading and paragraph.heading != before:
        heading = f"<h2>{escape(paragraph.heading)}</h2>\n"
    number = paragraph.number
    # Offsets belong to the text that they were taken from; in another text they would mark other words.
    span = quote if quote is not None and quote.paragraph == number and number not in former else None
    note = former_note(number, former[number], quote, gone=False) if number in former else ""
    changed = " changed" if note else ""
    label = escape(say("front_matter") if number == 0 else say("paragraph_n", number=number))
    link = say("link_to_it", label=label)
    page = ""
    if paragraph.page:
        place = escape(say("page_n", number=paragraph.page))
        page = f'<span class="page" title="{escape(say("page_of_file"))}">{place}</span>'
    front = ' class="front"' if number == 0 else ""
    return (
        f'{heading}<section id="p{number}"{front} aria-label="{label}">'
        f'<a class="number" href="#p{number}" aria-label="{link}">{number}</a>'
        f'<div class="text{changed}"><div><p>{marked(paragraph.text, span)}</p>{notes_list(paragraph.notes)}</div>'
        f"{note}</div>{page}</section>\n"
    )
