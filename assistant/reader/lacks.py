"""What a sentence lacks to be the answer, however likely the models find it.

A question that asks for a percentage is not answered by a sum of money, one for a day not by a year, one for soldiers
not by a number of containers. The models learn such things by halves; here they are rules, each of which names what is
missing, so that a person sees why a paragraph was read and not cited.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.asking import Asked
from assistant.dates import When
from assistant.facts import Fact, disagree, find_facts, supports
from assistant.numerals import ORDINALS, SMALL
from assistant.reader.agents import (
    other_agent,
    other_country,
    other_doer,
    other_holder,
    other_owner,
    other_way,
)
from assistant.reader.contrasts import contrast
from assistant.reader.counted import uncounted, undated, unmeasured
from assistant.reader.named import meanwhile, nameless, unbranded, unnamed, unsaid
from assistant.reader.premises import unfinished, unrealised, untold
from assistant.reader.told import Told

_WITHIN = re.compile(
    r"\b(?:in|of|during|for|since|until|by|on|with|between|(?:between|from) [^?,;]{3,25} (?:and|to|until))\s+"
    r"(?:the\s+)?$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:article|annex|chapter|section|clause|resolution|protocol|amendment|directive|regulation|decree|phase|round)"
    r" (?:no\. ?)?(?P<number>\d+|[IVX]+)\b",
    re.IGNORECASE,
)
_ROMAN = " i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split(" ")
_IN_WORDS = 10
"""The greatest number that is looked for in words, too."""


def lacking(question: str, asked: Asked, told: Told) -> str | None:
    """What keeps `told` from answering `question`, as a predicate ("gives no percentage"); None where nothing does.

    `python -m assistant.reader.measure` counts how often the rules exclude a sentence that does answer.
    """
    rules = (
        unmeasured,
        undated,
        uncounted,
        unnamed,
        unbranded,
        nameless,
        unsaid,
        meanwhile,
        _contrast,
        _other_time,
        _unnumbered,
        other_country,
        other_agent,
        other_doer,
        other_holder,
        other_owner,
        other_way,
        untold,
        unrealised,
        unfinished,
    )
    return next((lack for rule in rules if (lack := rule(question, asked, told)) is not None), None)


def _contrast(question: str, asked: Asked, told: Told) -> str | None:
    return contrast(question, told.text, staged=asked.sought in ("date", "yes_no"))


def _other_time(question: str, _: Asked, told: Told) -> str | None:
    """Where the question is about a time: that time, and not another one of the same extent."""
    for fact in _times(question):
        if supports(told.around, fact):
            continue
        others = [other for other in told.facts if isinstance(other.value, When) and _as_long(fact, other)]
        if any(disagree(fact, other) for other in others):
            return f"tells of another time than {fact.text}"
    return None


def _unnumbered(question: str, _: Asked, told: Told) -> str | None:
    """Where an article or the like is asked about by its number: that one, in figures or in words."""
    text = " ".join((told.before, told.text, *(fact.text for fact in told.around)))
    for one in _NUMBERED.finditer(question):
        forms = "|".join(_forms(one["number"].lower()))
        if not re.search(rf"(?<![\w.,])(?:{forms})(?!\d|[.,]\d)\b", text, re.IGNORECASE):
            return f"does not mention {one.group()}"
    return None


def _forms(number: str) -> list[str]:
    """A number up to 20 in figures, Roman figures and words, "9", "ix", "nine", "ninth"; else as it is."""
    at = int(number) if number.isdigit() else _ROMAN.index(number) if number in _ROMAN else 0
    if not 0 < at < len(_ROMAN):
        return [number]
    words = [word for table in (SMALL, ORDINALS) for word, value in table.items() if value == at <= _IN_WORDS]
    return [str(at), _ROMAN[at], *words]


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
