"""A conversation as Markdown with footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answers import Answer
from assistant.storage.records import Conversation, KeptAnswer

from .footnotes import VERDICTS, address, given, source

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!])")


def plain(text: str) -> str:
    """Text that Markdown shows as it is: no image, link or heading comes of it."""
    return re.sub(r"(?m)^(\s*)([-+=]|\d+[.)])", r"\1\\\2", _MARKUP.sub(r"\\\1", text))


def to_markdown(conversation: Conversation, answers: Sequence[KeptAnswer], origin: str) -> str:
    """The whole conversation; footnotes are numbered through it, so that each number is one of its own."""
    parts = [f"# {plain(conversation.title)}"]
    notes: list[str] = []
    for kept in answers:
        answer = kept.answer
        parts += [f"## {plain(kept.question)}", f"*{VERDICTS[answer.verdict]}.* {plain(given(kept))}"]
        if answer.short_answer:
            parts.append(f"**{plain(answer.short_answer)}**")
        parts.append(_text(answer, len(notes)))
        notes += [
            f"[^{len(notes) + i}]: “{plain(c.quote)}” {plain(source(c))}. <{address(c, origin)}>"
            for i, c in enumerate(answer.citations, 1)
        ]
    return "\n\n".join([*parts, *notes]) + "\n"


def _text(answer: Answer, before: int) -> str:
    """The answer's text with its marks as footnotes; `before` have been numbered already."""
    numbers = {c.number: before + i for i, c in enumerate(answer.citations, 1)}

    def mark(found: re.Match[str]) -> str:
        number = numbers.get(int(found[1]))
        return found[0] if number is None else f"[^{number}]"

    return re.sub(r"\s*\\\[(\d+)\\\]", mark, plain(answer.answer))
