"""A document as one self-contained page: no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from index.documents import Document, Paragraph

from .former import LOST, Cited, Former, changes, former_note, is_lost
from .html import Span, asset, byline, marked, notes_list, web_link


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
        notice = f'<p class="notice" lang="en">The cited paragraph is no longer in the document. {LOST}</p>'
    if document.kind == "digest":
        notice += (
            '<p class="notice">This is a digest of the document, in other words than its publisher’s. '
            "What is quoted from it are the digest’s words.</p>"
        )
    original = (
        f"<p>{web_link(document.url, 'The document where it was published')}</p>" if document.url else ""
    )
    editor = f"edited by {document.editor}" if document.editor else None
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


def _missing(paragraphs: Sequence[Paragraph], former: Mapping[int, Former]) -> list[int]:
    return sorted(set(former) - {paragraph.number for paragraph in paragraphs})


def _gone(number: int, former: Former, quote: Span | None) -> str:
    """A place for an anchor that the document no longer has."""
    return (
        f'<section id="p{number}" aria-label="Paragraph {number}"><span class="number">{number}</span>'
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
    label = "Front matter" if number == 0 else f"Paragraph {number}"
    page = f'<span class="page" title="Page of the file">p. {paragraph.page}</span>' if paragraph.page else ""
    front = ' class="front"' if number == 0 else ""
    return (
        f'{heading}<section id="p{number}"{front} aria-label="{label}">'
        f'<a class="number" href="#p{number}" aria-label="{label}, link to it">{number}</a>'
        f'<div class="text{changed}"><div><p>{marked(paragraph.text, span)}</p>{notes_list(paragraph.notes)}</div>'
        f"{note}</div>{page}</section>\n"
    )
