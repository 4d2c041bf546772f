"""Names in a text: people, places, bodies and acronyms, read as runs of capitals.

Without a model: where a sentence begins, a single capital counts only if it is not among the common
words; titles and possessives are left out of what is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.date_points import DATE_WORDS
from assistant.entities import entity_at, in_capitals
from assistant.names import Name
from assistant.numerals import SMALL, TENS
from assistant.short_forms import (
    BODY_WORDS,
    CITIES,
    FAMILY_FIRST,
    ORDINARY_HEADS,
    ORGANISATIONS,
    PARTICLES,
    PLACE_WORDS,
    PLURAL_OWNERS,
    TITLE_QUALIFIERS,
    TITLES,
)
from assistant.tokens import Token
from assistant.units import FUNCTION_WORDS
from assistant.words import one_spelling

MAX_RUN = 12
"""Words of one name; a longer run of capitals is a headline and is cut."""
_ABBREVIATED_TITLES = frozenset("mr mrs ms dr prof gen col capt lt sgt sen rep gov rev".split())
_ORDINARY_ENDINGS = tuple(
    "tion tions sion sions ment ments ness ity ities ally ously ively edly ately ently antly".split()
)
_NEVER_NAMES = DATE_WORDS | {"i", "the", "spring", "summer", "autumn", "winter", *SMALL, *TENS}
_MONTH_NAMES = frozenset({"may", "april", "june", "august"})


def read_name(tokens: Sequence[Token], at: int) -> tuple[Name, int] | None:
    """The name that begins at token `at`, its titles included, and the index after it."""
    entity = entity_at(tokens, at)
    if entity is not None and not _heads_longer_name(tokens, at, entity):
        return Name((entity[0],)), entity[1]
    if not tokens[at].capital:
        return None
    start = _after_titles(tokens, at)
    if start > at:
        if not _continues(tokens, start):
            return None
        entity = entity_at(tokens, start)
        if entity is not None:
            return None  # "President of France": the country is read on its own
    elif _is_ordinary(tokens, at):
        return None
    end = _run_end(tokens, start)
    words = _words(tokens, start, end)
    if not words:
        return None
    hyphen = end == start + 3 and tokens[start + 1].text == "-"
    return Name(words, paired=hyphen and len(words) == 2), end


def _heads_longer_name(tokens: Sequence[Token], at: int, entity: tuple[str, int]) -> bool:
    """Whether an entity is only the head of a name: a city's paper, or a body with its own acronym.

    Other entities are read on their own: "North Korean Foreign Ministry" is the country and the ministry.
    """
    name, after = entity
    if name in ORGANISATIONS:
        return False
    end = _run_end(tokens, at)
    if name in CITIES:
        return end > after
    return tokens[end].text == "(" and introduces(tokens[at:end], tokens[end + 1])


def introduces(long: Iterable[Token], short: Token) -> bool:
    """Whether `short` is an acronym of the initials of `long`, in order, the first among them."""
    if not in_capitals(short) or len(short.key) < 2 or short.kind != "word":
        return False
    initials = [token.key[0] for token in long if token.kind == "word"]
    if len(initials) < 2 or initials[0] != short.key[0]:
        return False
    rest = iter(initials)
    return all(letter in rest for letter in short.key)


def _is_ordinary(tokens: Sequence[Token], at: int) -> bool:
    """Whether the capital at `at` does not make a name: months, "I", common words that head a sentence."""
    token = tokens[at]
    if token.key in _NEVER_NAMES:
        return True
    if len(token.text) > 1 and in_capitals(token):
        return token.initial and token.key in FUNCTION_WORDS
    if token.key in FUNCTION_WORDS:
        return True
    if not token.initial:
        return False
    common = token.key in ORDINARY_HEADS or token.key.endswith(_ORDINARY_ENDINGS)
    common = common or (len(token.key) > 6 and token.key.endswith("ing") and token.key[-4] not in "jqpx")
    if _continues(tokens, at + 1):
        return common and token.key not in PLACE_WORDS and entity_at(tokens, at + 1) is not None
    hyphened = tokens[at + 1].text == "-" and tokens[at + 1].glued and tokens[at + 2].capital
    return common and not hyphened


def _after_titles(tokens: Sequence[Token], at: int) -> int:
    """The index after the titles that begin at `at` ("Deputy Prime Minister"), `at` where there is none."""
    end = probe = at
    for _ in range(6):
        token = tokens[probe]
        if not token.capital or token.possessive:
            break
        if token.key in TITLES and tokens[probe + 1].key not in BODY_WORDS:
            dotted = token.key in _ABBREVIATED_TITLES and tokens[probe + 1].text == "."
            end = probe = probe + 1 + dotted
        elif token.key in TITLE_QUALIFIERS:
            probe += 1
        else:
            break
        probe += tokens[probe].text == "-" and tokens[probe].glued
    return end


def _continues(tokens: Sequence[Token], at: int) -> bool:
    """Whether token `at` is a capital on the same line that can go on with the name before it."""
    token, before = tokens[at], tokens[at - 1]
    if not token.capital or token.initial or token.start - before.end > 1:
        return False
    if token.key in DATE_WORDS:
        return token.key in _MONTH_NAMES and before.capital and tokens[at + 1].kind != "digits"
    return token.key not in FUNCTION_WORDS or in_capitals(token)


def _run_end(tokens: Sequence[Token], at: int) -> int:
    """The index after the run of capitals that begins at `at`, with its particles, "of" and hyphens."""
    end = at + 1
    while end - at < MAX_RUN:
        last = tokens[end - 1]
        step = _step(tokens, at, end)
        if step == 0 or (last.possessive and last.key not in PLURAL_OWNERS):
            break
        end += step
    return end


def _step(tokens: Sequence[Token], start: int, end: int) -> int:
    """How many tokens the run from `start` takes after `end - 1`; 0 where it stops."""
    token, after = tokens[end], tokens[end + 1]
    if token.text == "'" and tokens[end - 1].key in PLURAL_OWNERS:
        return 2 if _continues(tokens, end + 1) else 0
    if _continues(tokens, end):
        return 1
    if token.text == "." and token.glued and len(tokens[end - 1].text) == 1 and _continues(tokens, end + 1):
        return 2
    if token.text == "-" and token.glued and after.glued and after.kind == "word":
        return 2 if _hyphen_joins(tokens, start, end) else 0
    if token.key in PARTICLES and not token.capital and token.start - tokens[end - 1].end == 1:
        ahead = 1 + (after.key in PARTICLES)
        return ahead + 1 if _continues(tokens, end + ahead) else 0
    return _of(tokens, start, end)


def _of(tokens: Sequence[Token], start: int, end: int) -> int:
    """ "of" and "for" inside the name of a body or a place: "Centre for X", "University of the Y", "Gulf of Z"."""
    word = tokens[end].key
    if word not in ("of", "for") or tokens[start - 1].key in TITLES or tokens[end - 1].key in TITLES:
        return 0
    the = tokens[end + 1].key == "the"
    ahead = end + 1 + the
    single = word == "of" and end == start + 1 and entity_at(tokens, ahead) is None
    if not (single or _names_body(tokens[start:end])) or entity_at(tokens, end - 1) is not None:
        return 0
    return 2 + the if _continues(tokens, ahead) else 0


def _names_body(tokens: Iterable[Token]) -> bool:
    return any(token.key in BODY_WORDS for token in tokens)


def _hyphen_joins(tokens: Sequence[Token], start: int, at: int) -> bool:
    """Whether the hyphen at `at` is inside a name ("Jean-Claude", "Kim Jong-un"), not between two."""
    before, after = tokens[at - 1], tokens[at + 1]
    first = tokens[start].key
    if not after.capital:
        return at - start >= 2 and first in FAMILY_FIRST and len(after.text) <= 5
    if entity_at(tokens, at - 1) or entity_at(tokens, at + 1) or entity_at(tokens, max(start, at - 2)):
        return False
    alone = at - start == 1
    return not before.possessive and not (alone and (first in FAMILY_FIRST or after.key in FAMILY_FIRST))


def _words(tokens: Sequence[Token], start: int, end: int) -> tuple[str, ...]:
    """The words of a run that are compared: entities as one, no "of" and "the", no lone initials."""
    words: list[str] = []
    at = start
    while at < end:
        entity = entity_at(tokens, at)
        if entity is not None and entity[1] <= end:
            words.append(entity[0])
            at = entity[1]
            continue
        token = tokens[at]
        at += 1
        if token.kind == "word" and token.key not in ("of", "for", "the"):
            words.append(one_spelling(token.key))
    full = [word for word in words if len(word) > 1]
    return tuple(full if len(full) > 1 else words)
