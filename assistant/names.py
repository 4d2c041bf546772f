"""Names as values: when two of them name one thing, and when a text names another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.short_forms import BODY_WORDS, ENTITIES, FAMILY_FIRST, PLACE_WORDS


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the words that are compared; a known entity is one word, whatever its form.

    `paired` marks two names that share a hyphen ("Smith-Jones", and "Trump-Putin"); `also` is the
    short or long form that the same text introduces for it.
    """

    words: tuple[str, ...]
    paired: bool = field(default=False, compare=False)
    also: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return " ".join(self.words)


def states(stated: Sequence[Name], wanted: Name) -> bool:
    """Whether a text that names all of `stated` names `wanted`.

    The words of `wanted` stand together in one of them, or one of them is the family name of
    `wanted` and no other full name there claims it ("Vladimir Putin" by "Putin").
    """
    if any(_holds(name.words, wanted.words) for name in stated):
        return True
    if wanted.paired and all(states(stated, Name((word,))) for word in wanted.words):
        return True
    head = family_name(wanted)
    if head is None:
        return False
    parts = [(word,) for name in stated if name.paired for word in name.words]
    alone = (head,) in parts or any(name.words == (head,) for name in stated)
    return alone and not any(family_name(name) == head for name in stated)


def same(a: Name, b: Name) -> bool:
    """Whether they name one thing: equal, one part of the other, or equal by the text's own short form."""
    if a.words == b.words or a.also == b.words or b.also == a.words:
        return True
    return states([a], b) or states([b], a)


def family_name(name: Name) -> str | None:
    """The word that a person of this full name is cited by, None where it is no person's full name."""
    words = name.words
    if not 2 <= len(words) <= 4 or name.paired or any(" " in word or word in ENTITIES for word in words):
        return None
    if words[0] in PLACE_WORDS or any(word in BODY_WORDS for word in words):
        return None
    return words[0] if words[0] in FAMILY_FIRST else words[-1]


def _holds(whole: tuple[str, ...], part: tuple[str, ...]) -> bool:
    size = len(part)
    return any(whole[at : at + size] == part for at in range(len(whole) - size + 1))
