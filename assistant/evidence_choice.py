"""Which paragraphs a model gets to see, and how much of them: the reader's order, within the model's window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.chat_model import count_tokens
from assistant.compose import Draft, PartRead
from index.documents import Paragraph

MOST = 12
"""Paragraphs at most: of more, models leave out the middle ones (Liu et al. 2024, "Lost in the Middle")."""
_HEAD = 40
"""Tokens of a paragraph's number, title and date."""


def chosen(parts: Sequence[PartRead], draft: Draft, tokens: int) -> list[Paragraph]:
    """The paragraphs for a model, best first, in at most `tokens` tokens.

    Those that the reader would quote come first, both sides of a conflict among them, and go in even where that
    takes more than `tokens`; then the others in the reader's order, the parts of a question in turn.
    """
    needed = _distinct(quote.paragraph for quote in draft.quotes)
    ranked = [_distinct(one.hit.paragraph for one in part.reading.evidence) for part in parts]
    others = _distinct(paragraphs[i] for i in range(MOST) for paragraphs in ranked if i < len(paragraphs))
    found = needed
    left = tokens - sum(_cost(paragraph) for paragraph in needed)
    for paragraph in others:
        if len(found) < MOST and paragraph not in found and _cost(paragraph) <= left:
            found.append(paragraph)
            left -= _cost(paragraph)
    return found


def _cost(paragraph: Paragraph) -> int:
    return _HEAD + count_tokens(paragraph.text)


def _distinct(paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    return list({(one.document_id, one.number): one for one in paragraphs}.values())
