"""What a citation quoted, where its paragraph has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from index.documents import Paragraph
from index.history import PastParagraph

from .html import Span, marked
from .messages import language, say


@dataclass(frozen=True, slots=True)
class Cited:
    """The text that a permalink cites: its hash, its number where that is known, and where it stood."""

    content_hash: str
    number: int | None
    past: tuple[PastParagraph, ...]


@dataclass(frozen=True, slots=True)
class Former:
    """What stood at a number when it was cited; `now` is where the same text stands today, if it does.

    `past` is None where the text is no longer kept.
    """

    past: PastParagraph | None
    now: int | None


def changes(paragraphs: Sequence[Paragraph], cited: Cited) -> dict[int, Former]:
    """The numbers at which the cited text no longer stands, with what stood there.

    Without the number that was cited these are all at which it ever stood. Empty where nothing changed, or where
    nothing is known of the text.
    """
    standing = [p.number for p in paragraphs if p.content_hash == cited.content_hash]
    if cited.number in standing:
        return {}
    now = standing[0] if standing else None
    if cited.number is None:
        return {past.number: Former(past, now) for past in cited.past if past.number not in standing}
    there = sorted(cited.past, key=lambda past: past.number != cited.number)
    return {cited.number: Former(there[0] if there else None, now)}


def is_lost(paragraphs: Sequence[Paragraph], cited: Cited) -> bool:
    """Whether the text is neither in the document nor in its history, and no number says where it stood."""
    return (
        cited.number is None
        and not cited.past
        and all(p.content_hash != cited.content_hash for p in paragraphs)
    )


def former_note(number: int, former: Former, quote: Span | None, *, gone: bool) -> str:
    """The note beside a paragraph, with the former text and the quote in it."""
    if former.now is not None:
        link = f'<a href="#p{former.now}">{escape(say("paragraph_inline", number=former.now))}</a>'
        return _note(say("now_stands", link=link), "")
    what = say("paragraph_gone", number=number) if gone else say("paragraph_changed")
    if former.past is None:
        return _note(f"{what} {say('former_lost')}", "")
    version = former.past.version
    when = f'<time datetime="{escape(version.read_at)}">{escape(version.read_at[:10])}</time>'
    text = marked(former.past.text, quote if quote is not None and quote.paragraph == number else None)
    return _note(
        f"{what} {say('it_read', version=version.number, date=when)}", f"<blockquote>{text}</blockquote>"
    )


def _note(sentence: str, body: str) -> str:
    label = escape(say("as_cited"))
    return f'<aside class="former" aria-label="{label}"><p lang="{language()}">{sentence}</p>{body}</aside>'
