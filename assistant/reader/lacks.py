"""What a sentence lacks to be the answer, however likely the models find it.

A question that asks for a percentage is not answered by a sum of money, one for a day not by a year, one for soldiers
not by a number of containers. The models learn such things by halves; here they are rules, each of which names what is
missing, so that a person sees why a paragraph was read and not cited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.asking import Asked
from assistant.dates import When
from assistant.facts import Fact, disagree, find_facts, supports
from assistant.names import Name
from assistant.naming import is_country, name_class, speaks_of
from assistant.reader.contrasts import contrast
from assistant.reader.counted import last_stems, uncounted, undated, unmeasured
from assistant.short_forms import CITIES, ENTITIES, ORGANISATIONS
from assistant.words import content_words, stems

_MEANWHILE = re.compile(r"^\W*(?:\w+ )?(?:while|when|as|after|before|once|since)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;–—]")
_PRONOUN = re.compile(r"\b(?:he|she|it|they|who|which|his|her|its|their|both)\b", re.IGNORECASE)
_AUXILIARY = re.compile(r"\b(?:did|has|have|had|does|do|will|would|could|can)\s+(?:the\s+)?$", re.IGNORECASE)
_MAKE = re.compile(
    r"\b(?:what|which) (?P<what>make|model|brand|marque)\b(?! of (?:government|economy))", re.IGNORECASE
)
_SAID = re.compile(
    r"^\W*(?:what|how|why) (?:did|does|do|has|have) (?P<who>[^?]{3,80}?) "
    r"(?:say|said|state|stated|comment|commented|remark|tell|told|think|call|called|describe|described)\b",
    re.IGNORECASE,
)
_OFFICE = (
    r"(?:[\w’'-]+ ){0,3}?(?:minister|president|ambassador|envoy|general|commander|official|officer|chairman|"
    r"chair|director|secretary|spokesman|spokeswoman|spokesperson|chief|governor|mayor)"
)
_ROLE = re.compile(
    rf"\bname of (?:the|its|their|[\w’']+[’']s?) (?P<role>{_OFFICE})\b"
    rf"|^\W*who (?:is|was) (?:the|[\w’' -]+[’']s?) (?P<held>{_OFFICE})\b"
    r"|^\W*which (?P<which>(?:[\w’'-]+ ){0,3}?(?:minister|president|ambassador|chairman|secretary|governor|mayor))\b",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"\b(?:in|of|during|for|since|until|by|on|with)\s+(?:the\s+)?$", re.IGNORECASE)
_APPOSED = re.compile(
    r"^(?:,(?: (?:the|its|their|an?|[\w’'-]+[’']s))?| \(| (?:(?:is|was|became|becomes) (?:the|its|their|an?)|as|served|"
    r"named|appointed)\b|[’']s)(?: [\w’'-]+){0,3} ?$"
)
_REGIONS = frozenset("europe asia africa korea america oceania".split()) | ORGANISATIONS | {
    "united nations", "european union", "asia pacific", "latin america", "middle east",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence as a candidate: its text and facts, those of its paragraph and heading, and its short answer."""

    text: str
    facts: tuple[Fact, ...]
    around: tuple[Fact, ...]
    short: str | None


def lacking(question: str, asked: Asked, told: Told) -> str | None:
    """What keeps `told` from answering `question`, as a predicate ("gives no percentage"); None where nothing does.

    `python -m assistant.reader.measure` counts how often the rules exclude a sentence that does answer.
    """
    rules = (
        unmeasured,
        undated,
        uncounted,
        _unnamed,
        _unbranded,
        _unsaid,
        _meanwhile,
        _contrast,
        _other_time,
        _other_country,
        _other_agent,
    )
    return next((lack for rule in rules if (lack := rule(question, asked, told)) is not None), None)


def _contrast(question: str, asked: Asked, told: Told) -> str | None:
    return contrast(question, told.text, staged=asked.sought in ("date", "yes_no"))


def _unnamed(question: str, _: Asked, told: Told) -> str | None:
    """Where the holder of an office is asked for: it and a person; by name, a name that stands with the office."""
    role = _ROLE.search(question)
    if role is None:
        return None
    title = role["role"] or role["held"] or role["which"]
    office = last_stems(title)
    held = [word for word in content_words(told.text) if word.stem in office]
    if any(_holds(told.text, fact, word.start, word.end) for fact in told.facts for word in held):
        return None
    if held and not role["role"] and any(_may_hold(question, fact) for fact in told.facts):
        return None
    return f"does not say who the {title} is"


def _unbranded(question: str, _: Asked, told: Told) -> str | None:
    """Where a make is asked for: a short answer that has a name."""
    make = _MAKE.search(question)
    if make is None or told.short is None or re.search(r"[A-Z0-9]", told.short):
        return None
    return f"names no {make['what'].lower()}"


def _unsaid(question: str, _: Asked, told: Told) -> str | None:
    """Where it is asked what somebody said: somebody of that name."""
    missing = (fact for fact in _speakers(question) if not _mentions(told, fact))
    return next((f"does not mention {fact.text}" for fact in missing), None)


def _meanwhile(question: str, asked: Asked, told: Told) -> str | None:
    """Where a person is asked for: not the one who did something else meanwhile ("while X was away, …")."""
    at = told.text.find(told.short) if told.short and asked.sought == "person" else -1
    if at < 0 or told.short is None:
        return None
    cuts = [0, *(cut.end() for cut in _CLAUSE.finditer(told.text)), len(told.text)]
    start, end = max(cut for cut in cuts[:-1] if cut <= at), min(cut for cut in cuts if cut > at)
    if not _MEANWHILE.match(told.text[start:end]):
        return None
    wanted = stems(question)
    if wanted & (stems(told.text[start:end]) - stems(told.short)):
        return None
    elsewhere = wanted & stems(told.text[:start] + " " + told.text[end:])
    return f"tells of {told.short} by the way" if elsewhere else None


@lru_cache(maxsize=512)
def _speakers(question: str) -> tuple[Fact, ...]:
    said = _SAID.search(question)
    facts = find_facts(said["who"]) if said else ()
    return tuple(fact for fact in facts if fact.kind == "name" and name_class(fact) != "place")


def _mentions(told: Told, fact: Fact) -> bool:
    return supports(told.around, fact) or bool(stems(fact.text) & stems(told.text))


def _may_hold(question: str, fact: Fact) -> bool:
    return name_class(fact) == "person" and fact.text not in question


def _holds(text: str, fact: Fact, start: int, end: int) -> bool:
    """Whether a name stands as the holder of the office at `start` to `end`: "Minister X", "X, the minister"."""
    if fact.kind != "name" or name_class(fact) == "place":
        return False
    if fact.end > end:
        return fact.start - end <= 2
    return fact.end <= start and bool(_APPOSED.match(text[fact.end : start]))


def _other_country(question: str, _: Asked, told: Told) -> str | None:
    """Where the question names a country as such ("China", not "Chinese"): that country, or its capital."""
    for fact in _countries(question):
        if not supports(told.around, fact) and not speaks_of(told.around, fact):
            return f"does not mention {fact.text}"
    return None


def _other_agent(question: str, _: Asked, told: Told) -> str | None:
    """Where the question asks what a country did: that country, not another one with the first in passing.

    A sentence with a pronoun may mean any country, and one that has it only as an owner ("Russia's war") does not
    tell what it did.
    """
    if _PRONOUN.search(told.text):
        return None
    answer = told.text.find(told.short) if told.short else -1
    for fact in _countries(question):
        if not _AUXILIARY.search(question[: fact.start]) or _owns(question, fact):
            continue
        named = [one for one in told.facts if isinstance(one.value, Name)]
        own = [one for one in named if supports((one,), fact) or speaks_of((one,), fact)]
        first = min((one.start for one in own), default=len(told.text))
        others = [
            one
            for one in named
            if is_country(one.text) and one.end <= first and (answer < 0 or one.end <= answer)
        ]
        if others and all(_owns(told.text, one) for one in own):
            return f"does not tell what {fact.text} did"
    return None


def _owns(text: str, fact: Fact) -> bool:
    return bool(re.search(r"[’'](?:s|$)?$", fact.text) or re.match(r"[’']", text[fact.end :]))


@lru_cache(maxsize=512)
def _countries(question: str) -> tuple[Fact, ...]:
    return tuple(
        fact
        for fact in find_facts(question)
        if isinstance(fact.value, Name)
        and fact.value.words[0] in ENTITIES
        and fact.value.words[0] not in CITIES | _REGIONS
        and re.sub(r"^the |[’']s?$", "", fact.text.lower()) == fact.value.words[0]
    )


def _other_time(question: str, _: Asked, told: Told) -> str | None:
    """Where the question is about a time: that time, and not another one of the same extent."""
    for fact in _times(question):
        if supports(told.around, fact):
            continue
        others = [other for other in told.facts if isinstance(other.value, When) and _as_long(fact, other)]
        if any(disagree(fact, other) for other in others):
            return f"tells of another time than {fact.text}"
    return None


@lru_cache(maxsize=512)
def _times(question: str) -> tuple[Fact, ...]:
    return tuple(
        fact
        for fact in find_facts(question)
        if isinstance(fact.value, When) and fact.value.start.year and _WITHIN.search(question[: fact.start])
    )


def _as_long(a: Fact, b: Fact) -> bool:
    one, two = a.value, b.value
    if not isinstance(one, When) or not isinstance(two, When):
        return False
    return all(
        (getattr(x, part) is None) == (getattr(y, part) is None)
        for x, y in ((one.start, two.start), (one.end, two.end))
        for part in ("year", "month", "day")
    ) and (one.start == one.end) == (two.start == two.end)
