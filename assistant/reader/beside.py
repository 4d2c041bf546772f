"""What a paragraph lacks beside the other ones that search found, whatever its sentences say.

"Kim" is not Kim Yo Jong in documents that speak of Kim Jong Un; and what the conclusion says stands in the conclusion,
where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from assistant.facts import Fact, find_facts
from assistant.names import Name, family_name
from assistant.short_forms import FAMILY_FIRST
from assistant.words import stems
from index.documents import Paragraph

_SECTION = re.compile(
    r"\b(?:in|of|to|from|by|does|do|did) (?:the|its|their) (?P<section>conclusions?|introduction|summary|abstract)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^\W*(?P<label>[A-Z][\w’' -]{2,40}):\s")
_ALIKE = 0.88
"""Two spellings of one name are more alike than that; the names of brothers and fathers less."""


def lacking_beside(
    question: str, paragraphs: Sequence[Paragraph], facts: Sequence[Sequence[Fact]]
) -> list[str | None]:
    """What keeps each paragraph from answering `question`, as a predicate; None where nothing does.

    `facts` are those of each paragraph.
    """
    absent = _absent(question, facts)
    if absent is not None:
        return [f"does not mention {absent}" for _ in paragraphs]
    section = _SECTION.search(question)
    if section is None:
        return [None for _ in paragraphs]
    wanted = stems(section["section"])
    inside = [bool(wanted & stems(_label(paragraph))) for paragraph in paragraphs]
    if not any(inside):
        return [None for _ in paragraphs]
    return [None if within else f"does not stand in the {section['section'].lower()}" for within in inside]


def _absent(question: str, stated: Sequence[Sequence[Fact]]) -> str | None:
    """A person of the question whose family alone the paragraphs name in full: Kim Yo Jong, where Kim Jong Un is.

    Of names that begin with the family's, since few families share very many people.
    """
    for asked in _people(question):
        assert isinstance(asked.value, Name)
        family = family_name(asked.value)
        others = [
            str(fact.value)
            for facts in stated
            for fact in facts
            if isinstance(fact.value, Name) and family_name(fact.value) == family
        ]
        if others and not any(alike(str(asked.value), other, _ALIKE) for other in others):
            return asked.text
    return None


def alike(one: str, other: str, more_than: float) -> bool:
    """Whether two texts may be spellings of one name: alike by more than a share of their letters."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio() > more_than


@lru_cache(maxsize=512)
def _people(question: str) -> tuple[Fact, ...]:
    return tuple(
        fact
        for fact in find_facts(question)
        if isinstance(fact.value, Name) and family_name(fact.value) in FAMILY_FIRST
    )


def _label(paragraph: Paragraph) -> str:
    """The heading, and what stands before a colon at the paragraph's head."""
    label = _LABEL.match(paragraph.text)
    return f"{paragraph.heading} {label['label'] if label else ''}"
