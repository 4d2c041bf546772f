"""What a sentence lacks to be the answer, however likely the models find it.

A question that asks for a percentage is not answered by a sum of money, one for a day not by a year, one for soldiers
not by a number of containers. The models learn such things by halves; here they are rules, each of which names what is
missing, so that a person sees why a paragraph was read and not cited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.amounts import Amount
from assistant.asking import Asked
from assistant.dates import When
from assistant.facts import Fact, disagree, find_facts, supports
from assistant.names import Name
from assistant.naming import name_class, speaks_of
from assistant.reader.contrasts import contrast
from assistant.short_forms import CITIES, ENTITIES, ORGANISATIONS
from assistant.words import Word, content_words, stems

_PERCENT = re.compile(r"\bper ?cent(?:age)?\b(?! points?)|\bpct\b|%", re.IGNORECASE)
_PART = re.compile(
    r"\b(?:half|halved|thirds?|quarters?|fifths?|tenths?|doubl\w+|tripl\w+|quadrupl\w+|twice|\w+fold|majority|most|all|"
    r"none|entire\w*|ratio|one in|out of)\b|%|\bper ?cent",
    re.IGNORECASE,
)
_FREE = re.compile(r"\b(?:free|nothing|no (?:cost|charge|fee))\b", re.IGNORECASE)
_DAY = re.compile(
    r"\b(?:what|which|exact|precise) (?:(?:exact|precise|calendar) )?days?\b(?! of the week)"
    r"|\b(?:exact|precise) dates?\b",
    re.IGNORECASE,
)
_DAY_SAID = re.compile(
    r"\b(?:today|yesterday|tomorrow|eve|weekend|christmas|easter|halloween|sabbath|\w+day|new year|"
    r"solstice|equinox)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"\b(?:what|which) (?:calendar )?year\b(?! old)|\b(?:what|which) was the year\b", re.IGNORECASE
)
_CITY = re.compile(r"\b(?:what|which) (?:[\w’'-]+ ){0,2}?(?:city|town|village)\b", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(?:how many|(?:^|(?:what|which) (?:is|was|are|were) )the (?:[\w-]+ )?number of) "
    r"(?P<noun>(?:[\w'’-]+ ){0,3}[\w'’-]+)",
    re.IGNORECASE,
)
_UNIT_OF = re.compile(
    r"\bhow many (?:\w+ )?(?:tons?|tonnes?|barrels?|litres?|liters?|gallons?|kilo(?:gram)?s?|pounds|containers?) of "
    r"(?P<what>(?:[\w’'-]+ ){0,2}?[\w’'-]+)(?= (?:did|do|does|has|have|had|was|were|is|are|will|would|can|could|may|"
    r"might|to|from|in|by|for|that|which)\b|\W*$)",
    re.IGNORECASE,
)
_OF_WHAT = re.compile(r"^\W*(?:of|in) (?P<what>[^,.;()]{3,60})")
_VAGUE = re.compile(
    r"\b(?:several|many|few|fewer|both|single|no|none|never|zero|only|pair|couple|trio|bi|tri\w+|dozens?|hundreds|"
    r"thousands|millions|billions|once|twice|thrice|each|another|first|last|second|third|fourth|fifth|sixth|seventh|"
    r"eighth|ninth|tenth|half|halves|double|solo|sole|alone|numerous|one)\b",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\b(?:is|are|was|were|did|do|does|has|have|had|will|would|can|could|may|might|of|in|on|at|from|to|by|for|with|that|"
    r"which|who|there)\b",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\bhow many (?:years|months|weeks|days|hours|minutes|decades|centuries)\b", re.IGNORECASE)
_LASTING = re.compile(
    r"\b(?:years?|months?|weeks?|days?|hours?|minutes?|decades?|centur(?:y|ies)|generations?|fortnight|quarters?|"
    r"annual\w*|seasons?|terms?|since|until|till|\w+[- ]year\w*)\b|\d ?[-–] ?\d",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:he|she|it|they|who|which|his|her|its|their|both)\b", re.IGNORECASE)
_AUXILIARY = re.compile(r"\b(?:did|has|have|had|does|do|will|would|could|can)\s+(?:the\s+)?$", re.IGNORECASE)
_NUMBERED = re.compile(r"\b(?:which|what) numbered (?P<noun>[\w’'-]+)", re.IGNORECASE)
_TIMES = re.compile(r"\bhow many (?:times|ways|people)\b", re.IGNORECASE)
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
        _unmeasured,
        _undated,
        _uncounted,
        _unnamed,
        _contrast,
        _other_time,
        _other_country,
        _other_agent,
    )
    return next((lack for rule in rules if (lack := rule(question, asked, told)) is not None), None)


def _unmeasured(question: str, asked: Asked, told: Told) -> str | None:
    """Where a percentage, a sum of money or a length of time is asked for: one."""
    kinds = {fact.kind for fact in told.facts}
    if asked.sought == "percentage" and _PERCENT.search(question):
        found = kinds & {"percentage", "multiple"} or _PART.search(told.text)
        return None if found else "gives no percentage"
    if asked.sought == "money":
        return None if "money" in kinds or _FREE.search(told.text) else "gives no amount of money"
    if asked.sought == "duration" and _SPAN.search(question):
        return None if _LASTING.search(told.text) else "gives no span of time"
    return None


def _undated(question: str, asked: Asked, told: Told) -> str | None:
    """Where a day or a year is asked for: one; and where a city is asked for, no country."""
    if asked.sought == "place" and _CITY.search(question):
        return "names no city" if told.short and _is_country(told.short) else None
    if asked.sought != "date":
        return None
    dates = [fact.value for fact in told.facts if isinstance(fact.value, When)]
    if _DAY.search(question):
        given = any(when.start.day or when.weekday is not None for when in dates)
        return None if given or _DAY_SAID.search(told.text) else "gives no day"
    if _YEAR.search(question):
        return None if dates or re.search(r"\d", told.text) else "gives no year"
    return None


def _uncounted(question: str, asked: Asked, told: Told) -> str | None:
    """Where things are counted: a number of them."""
    if asked.sought != "count":
        return None
    numbered = _NUMBERED.search(question)
    if numbered and not re.search(
        rf"\b{re.escape(numbered['noun'])}s? (?:\d|[ivx]+\b)", told.text, re.IGNORECASE
    ):
        return f"numbers no {numbered['noun']}"
    counted = _COUNTED.search(question)
    if counted is None or _TIMES.search(question):
        return None
    amounts = [fact for fact in told.facts if isinstance(fact.value, Amount) and fact.value.unit != "th"]
    if not amounts and not _VAGUE.search(told.text):
        return "gives no number"
    of = _UNIT_OF.search(question)
    if of is not None:
        wanted = _last_stems(of["what"])
        measured = [fact for fact in amounts if fact.kind == "quantity"]
        told_of = [_OF_WHAT.match(told.text[fact.end :]) for fact in measured]
        if measured and wanted and all(found and not wanted & stems(found["what"]) for found in told_of):
            return f"gives no quantity of {of['what']}"
        return None
    thing = _thing(counted["noun"])
    units = [
        fact
        for fact in amounts
        if told.short and fact.text in told.short and fact.kind in ("quantity", "money")
    ]
    if units and thing and _american(thing.stem) not in {_american(stem) for stem in stems(told.text)}:
        return f"gives no number of {thing.text}"
    return None


def _american(stem: str) -> str:
    """A stem of metre or litre without what the spelling decides."""
    return re.sub(r"(?<=met|lit)(?:r|re|er)$", "", stem)


def _thing(counted: str) -> Word | None:
    """What is counted: the first plural of "North Korean workers live", else the last word."""
    words = content_words(re.split(_STOP, counted, maxsplit=1)[0])
    plural = (word for word in words if re.search(r"[^s’']s$", word.text))
    return next(plural, words[-1] if words else None)


def _last_stems(noun: str) -> frozenset[str]:
    words = content_words(noun)
    return frozenset({words[-1].stem}) if words else frozenset()


def _contrast(question: str, asked: Asked, told: Told) -> str | None:
    return contrast(question, told.text, staged=asked.sought in ("date", "yes_no"))


def _unnamed(question: str, _: Asked, told: Told) -> str | None:
    """Where the holder of an office is asked for: it and a person; by name, a name that stands with the office."""
    role = _ROLE.search(question)
    if role is None:
        return None
    title = role["role"] or role["held"] or role["which"]
    office = _last_stems(title)
    held = [word for word in content_words(told.text) if word.stem in office]
    if any(_holds(told.text, fact, word.start, word.end) for fact in told.facts for word in held):
        return None
    if held and not role["role"] and any(_may_hold(question, fact) for fact in told.facts):
        return None
    return f"does not say who the {title} is"


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
            if _is_country(one.text) and one.end <= first and (answer < 0 or one.end <= answer)
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


def _is_country(text: str) -> bool:
    names = [fact for fact in find_facts(text) if isinstance(fact.value, Name)]
    heads = [fact.value.words[0] for fact in names if isinstance(fact.value, Name)]
    return bool(heads) and all(head in ENTITIES and head not in CITIES for head in heads)
