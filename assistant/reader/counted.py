"""What a sentence lacks where a percentage, a sum, a day or a number of things is asked for. Part of `lacks.py`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.amounts import Amount
from assistant.asking import Asked
from assistant.dates import When
from assistant.naming import is_country
from assistant.words import Word, content_words, stems

if TYPE_CHECKING:
    from assistant.reader.told import Told

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
_MONTH = re.compile(r"\b(?:what|which) months?\b", re.IGNORECASE)
_BUILDING = re.compile(
    r"\b(?:in|at|inside) (?:which|what) (?P<what>building|hall|palace|hotel|room|house|airport|stadium|church|"
    r"street|square|venue|office)\b",
    re.IGNORECASE,
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
    r"\b(?:several|many|few|both|single|no|none|never|zero|only|pair|couple|trio|bi|tri\w+|dozens?|hundreds|"
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
_AGO = re.compile(
    r"\bhow long (?:ago\b|(?:is|was|has|had) (?:it )?(?:been )?since\b|"
    r"(?:has|have|had) [^?]{0,60}?\b(?:been|wait\w*|passed|lasted)\b)",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"\b(?:years?|months?|weeks?|days?|hours?|minutes?|decades?|centur(?:y|ies)|generations?|fortnight|quarters?|"
    r"annual\w*|seasons?|terms?|since|until|till|\w+[- ]year\w*)\b|\d ?[-–] ?\d",
    re.IGNORECASE,
)
_NUMBER_OF = re.compile(
    r"\b(?:\d[\d,.]*|dozens|scores|hundreds|thousands|several|many|few) (?:of )?(?P<what>(?:[\w-]+ ){0,3}?\w+s)\b"
)
_NUMBERED = re.compile(r"\b(?:which|what) numbered (?P<noun>[\w’'-]+)", re.IGNORECASE)
_TIMES = re.compile(r"\bhow many (?:times|ways|people)\b", re.IGNORECASE)


_AGE = re.compile(r"\bhow old (?:is|was|were|are|will|would)\b|\bwhat age (?:is|was)\b", re.IGNORECASE)
_AGED = re.compile(
    r"\b(?:age[ds]?|old|older|oldest|young\w*|born|birth\w*|years|months|weeks|days|century|centuries|since)\b|year-old|"
    r", \(?\d{1,3}\)?[,.;]|\(\d{1,3}\)|\bin (?:his|her|their) (?:\w+-)?\w+(?:ties|teens)\b|\bturn(?:s|ed|ing)? \d|"
    r"\b(?:just|only|barely|then|still) \d{2}\b|"
    r"\b(?:is|was|were|are) (?:about )?\d{2,3}(?= (?:when|at|as|in|on)\b|[,.;])|"
    r"\bat \d{2},|\bdat(?:e|es|ed|ing) (?:from|back)|\bdecades?|\d0s\b|\bteen\w*|\w+genarian",
    re.IGNORECASE,
)
_WEIGHT = re.compile(
    r"\b(?:what|how much) (?:does|do|did|will|would|could) [^?]*\bweigh\b(?! (?:in|on|upon|against|with|into|for)\b)",
    re.IGNORECASE,
)
_WEIGHED = re.compile(
    r"\b(?:weigh\w*|heav\w+|kilos?|(?:kilo|milli)?gram(?:me)?s?|kg|g|lbs?|pounds?|tons?|tonnes?|tonnage|ounces?|stone)\b|\d(?:kg|t|lbs?|g)\b",
    re.IGNORECASE,
)
_INTEREST = re.compile(r"\binterest rates?\b|\brates? of interest\b", re.IGNORECASE)

_LENT = re.compile(
    r"\b(?:interest|yield\w*|coupon)\b|(?:\bat|terms)\b[^.;]{0,30}?\d[\d.]*(?:%| per ?cent)|"
    r"\d(?:%| per ?cent) (?:a year|annually)|basis points?|\b(?:libor|sofr|euribor)\b|\bcarr(?:y|ies|ied|ying) \d|"
    r"\b(?:key|policy|benchmark|repo|lending|base|bank|prime|discount|deposit|main)(?: \w+)? rates?\b",
    re.IGNORECASE,
)


def unmeasured(question: str, asked: Asked, told: Told) -> str | None:
    """Where a percentage, a sum of money, an age or a length of time is asked for: one."""
    kinds = {fact.kind for fact in told.facts}
    if asked.sought == "percentage" and _PERCENT.search(question):
        found = kinds & {"percentage", "multiple"} or _PART.search(told.text)
        return None if found else "gives no percentage"
    if (
        asked.sought in ("amount", "percentage")
        and _INTEREST.search(question)
        and not _LENT.search(told.text)
    ):
        return "gives no rate of interest"
    if _WEIGHT.search(question) and not _WEIGHED.search(told.text):
        return "gives no weight"
    if _AGE.search(question) and not (_AGED.search(told.text) or (told.short and _AGED.search(told.short))):
        return "gives no age"
    if asked.sought == "money":
        return None if "money" in kinds or _FREE.search(told.text) else "gives no amount of money"
    if asked.sought == "duration" and (_SPAN.search(question) or _AGO.search(question)):
        bare = told.short is not None and _AGO.search(question) and re.fullmatch(r"\W*\d{1,3}\W*", told.short)
        return None if _LASTING.search(told.text) and not bare else "gives no span of time"
    return None


def undated(question: str, asked: Asked, told: Told) -> str | None:
    """Where a day or a year is asked for: one; and where a city is asked for, no country."""
    if asked.sought == "place" and _CITY.search(question):
        return "names no city" if told.short and is_country(told.short) else None
    building = _BUILDING.search(question)
    if building and (told.short is None or is_country(told.short)):
        return f"names no {building['what'].lower()}"
    if asked.sought != "date":
        return None
    dates = [fact.value for fact in told.facts if isinstance(fact.value, When)]
    if _DAY.search(question):
        given = any(when.start.day or when.weekday is not None for when in dates)
        return None if given or _DAY_SAID.search(told.text) else "gives no day"
    if _MONTH.search(question):
        return (
            None
            if any(when.start.month for when in dates) or _DAY_SAID.search(told.text)
            else "gives no month"
        )
    if _YEAR.search(question):
        return None if dates or re.search(r"\d", told.text) else "gives no year"
    return None


def uncounted(question: str, asked: Asked, told: Told) -> str | None:
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
        wanted = last_stems(of["what"])
        measured = [fact for fact in amounts if fact.kind == "quantity"]
        told_of = [_OF_WHAT.match(told.text[fact.end :]) for fact in measured]
        if measured and wanted and all(found and not wanted & stems(found["what"]) for found in told_of):
            return f"gives no quantity of {of['what']}"
        return None
    thing = _thing(counted["noun"])
    if thing and (other := _of_its_kind(counted["noun"], thing, told.text)):
        return f"counts {other}, not {thing.text}"
    units = [
        fact
        for fact in amounts
        if told.short and fact.text in told.short and fact.kind in ("quantity", "money")
    ]
    if units and thing and thing.stem not in stems(told.text):
        return f"gives no number of {thing.text}"
    return None


def _of_its_kind(counted: str, thing: Word, text: str) -> str | None:
    """Where tests of missiles are counted: the missiles that a sentence without a test has a number of."""
    if thing.stem in stems(text):
        return None
    others = {word.stem for word in content_words(counted[: thing.start])}
    told = (found["what"] for found in _NUMBER_OF.finditer(text))
    return next((what for what in told if last_stems(what) & others), None)


def _thing(counted: str) -> Word | None:
    """What is counted: the first plural of "North Korean workers live", else the last word."""
    words = content_words(re.split(_STOP, counted, maxsplit=1)[0])
    plural = (word for word in words if re.search(r"[^s’']s$", word.text))
    return next(plural, words[-1] if words else None)


def last_stems(noun: str) -> frozenset[str]:
    """The stem of a noun's last word, if it has one."""
    words = content_words(noun)
    return frozenset({words[-1].stem}) if words else frozenset()
