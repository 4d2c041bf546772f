"""The known entities in a text: countries and organisations by any of their forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.short_forms import ACRONYMS, ENTITIES, PLURAL_OWNERS
from assistant.tokens import Token, fold


@dataclass(frozen=True, slots=True)
class _Form:
    """One written form of an entity: its words, and whether only capitals make it one ("US", "WHO")."""

    words: tuple[str, ...]
    entity: str
    acronym: bool


def _forms() -> dict[str, tuple[_Form, ...]]:
    """The written forms of the known entities by their first word, longest first."""
    table: dict[str, list[_Form]] = {}
    for entity, others in ENTITIES.items():
        for text in (entity, *others):
            words = tuple(fold(word.removesuffix("'s")).replace(".", "") for word in text.split())
            acronym = words[0] in ACRONYMS and len(words) == 1
            table.setdefault(words[0], []).append(_Form(words, entity, acronym))
    return {head: tuple(sorted(forms, key=lambda form: -len(form.words))) for head, forms in table.items()}


_FORMS = _forms()


def entity_at(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """The known entity that begins at token `at` and the index after it.

    A form of several words is known in any case, one word only with a capital, an acronym only in capitals.
    """
    token = tokens[at]
    for form in _FORMS.get(token.key, ()) if token.kind == "word" else ():
        end = at + len(form.words)
        if any(word != other.key for word, other in zip(form.words, tokens[at:end], strict=False)):
            continue
        if any(other.kind != "word" for other in tokens[at:end]) or _owned(tokens, at, end - 1):
            continue
        if form.acronym and not in_capitals(token):
            continue
        if len(form.words) == 1 and not token.capital:
            continue
        return form.entity, end
    return None


def _owned(tokens: Sequence[Token], at: int, last: int) -> bool:
    """Whether a possessive parts the words: "South's Korea" is no entity, "People's Republic" is."""
    return any(token.possessive and token.key not in PLURAL_OWNERS for token in tokens[at:last])


def in_capitals(token: Token) -> bool:
    """Whether all letters of the token are capitals, a possessive apart."""
    return token.text.removesuffix("'s").isupper()
