"""What a sentence lacks where somebody is asked for, or what somebody said. Part of `lacks.py`."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.asking import Asked
from assistant.facts import Fact, find_facts, supports
from assistant.names import Name
from assistant.naming import is_country, name_class
from assistant.reader.counted import last_stems
from assistant.reader.told import Told
from assistant.words import content_words, stems

_MEANWHILE = re.compile(r"\b(?:while|when|as)\s+$", re.IGNORECASE)
_IS = re.compile(r"\s+(?:was|were|is|are|had been|has been)\b")
_CLAUSE = re.compile(r"[,;–—]")
_COUNTRY_TO = re.compile(
    r"\b(?:in|to|from|into|through) (?:which|what) country\b"
    r"|^\W*(?:which|what) country (?:did|does|will|has|had|was|is)\b[^?]*\b(?:in|to|from|into|through|visit\w*)\b",
    re.IGNORECASE,
)
_NAMES_OF = re.compile(r"\bnames of (?:the|all|those|these|any)\b|\b(?:what|which) names\b", re.IGNORECASE)
_NAME_OF = re.compile(
    r"\bname of (?:the|a|an|this|that|its|their) (?P<what>(?:[\w’'-]+ ){0,4}?[\w’'-]+)"
    r"(?= (?:that|which|who|where|whose|in|of|at|on|by|to|from|for|with|is|was|are|were|[\w-]+ing|[\w-]+ed)\b|\W*$)",
    re.IGNORECASE,
)
_LAND = re.compile(
    r"(?:countr|nation|state|cit|town|capital|region|place|territor|kingdom|republic|empire|language|people|land|location|"
    r"area|county|province|village|island|dynasty|power|team|army|federation|union|alliance|ethnic|government|site|"
    r"settlement|district|continent|peninsula|neighbo|community|member|colony|part|version|group|tribe|port\b|harbo|ally|"
    r"allies|host|buyer|seller|supplier|importer|exporter|producer|lender|creditor|debtor|donor|recipient|signator|"
    r"econom|emirate|principality|monarchy|base\b|accord|pact\b|market|rival|mediator|guarantor|customer|"
    r"destination|source|claimant|most$)",
    re.IGNORECASE,
)
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
    r"chair|director|secretary|spokesman|spokeswoman|spokesperson|chief|governor|mayor|editor)"
)
_ROLE = re.compile(
    rf"\bname of (?:the|its|their|[\w’']+[’']s?) (?P<role>{_OFFICE})\b"
    rf"|^\W*who (?:is|was) (?:the|[\w’' -]+[’']s?) (?P<held>{_OFFICE})\b"
    r"|^\W*which (?P<which>(?:[\w’'-]+ ){0,3}?(?:minister|president|ambassador|chairman|secretary|governor|mayor))\b",
    re.IGNORECASE,
)
_HELD = re.compile(
    r"\bthe (?:[\w’'.-]+ ){0,3}?(?P<office>(?:[\w’'-]+-)?(?:minister|ambassador|envoy|commander|chairman|secretary|"
    r"spokesman|spokeswoman|spokesperson|governor|mayor|secretary-general|prime minister))$",
    re.IGNORECASE,
)
_LED = re.compile(
    r"^\W*who (?:\w+ )?(?:led|leads|headed|heads|chaired|chairs)\b|\bon behalf of\b", re.IGNORECASE
)
_APPOSED = re.compile(
    r"^(?:,(?: (?:the|its|their|an?|[\w’'-]+[’']s))?| \(| (?:(?:is|was|became|becomes) (?:the|its|their|an?)|as|served|"
    r"named|appointed)\b|[’']s)(?: [\w’'-]+){0,3} ?$"
)


def unnamed(question: str, _: Asked, told: Told) -> str | None:
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


def unbranded(question: str, _: Asked, told: Told) -> str | None:
    """Where a make is asked for: a short answer that has a name, and not a country's alone."""
    make = _MAKE.search(question)
    if make is None or told.short is None or re.search(r"\d", told.short):
        return None
    if any(fact.kind == "name" and not is_country(fact.text) for fact in find_facts(told.short)):
        return None
    return f"names no {make['what'].lower()}"


def nameless(question: str, asked: Asked, told: Told) -> str | None:
    """Where somebody is asked for: more than the question's own "officials"; where a country is: not "Russian"."""
    if told.short is None:
        return None
    if asked.sought in ("person", "organisation") and _repeated(question, told.short):
        return "names nobody"
    if asked.sought == "person" and _LED.search(question) and is_country(told.short):
        return "names no person"
    if _NAMES_OF.search(question) and is_country(told.short):
        return "names none of them"
    thing = _NAME_OF.search(question)
    if thing and not _LAND.match(thing["what"].split()[-1]) and _is_place(told.short):
        return f"does not name the {thing['what']}"
    if _COUNTRY_TO.search(question) and _demonym(told.short):
        return "names no country"
    return None


def unsaid(question: str, _: Asked, told: Told) -> str | None:
    """Where it is asked what somebody said: somebody of that name, or of that office."""
    missing = (fact for fact in _speakers(question) if not _mentions(told, fact))
    lack = next((f"does not mention {fact.text}" for fact in missing), None)
    office = _office(question)
    if lack is not None or office is None or last_stems(office) & stems(told.before + " " + told.text):
        return lack
    return f"does not mention the {office}"


def meanwhile(question: str, asked: Asked, told: Told) -> str | None:
    """Where a person is asked for: not the one who did something else meanwhile ("while X was away, …")."""
    at = told.text.find(told.short) if told.short and asked.sought == "person" else -1
    if at < 0 or told.short is None:
        return None
    if not _MEANWHILE.search(told.text[:at]) or not _IS.match(told.text[at + len(told.short) :]):
        return None
    cuts = [0, *(cut.end() for cut in _CLAUSE.finditer(told.text)), len(told.text)]
    start, end = max(cut for cut in cuts[:-1] if cut <= at), min(cut for cut in cuts if cut > at)
    wanted = stems(question)
    if wanted & (stems(told.text[start:end]) - stems(told.short)):
        return None
    elsewhere = wanted & stems(told.text[:start] + " " + told.text[end:])
    return f"tells of {told.short} by the way" if elsewhere else None


def _is_place(text: str) -> bool:
    """Whether all that a text names is countries and cities that are known."""
    names = [(fact, fact.value) for fact in find_facts(text) if isinstance(fact.value, Name)]
    return bool(names) and all(name_class(fact) == "place" and len(name.words) == 1 for fact, name in names)


def _repeated(question: str, short: str) -> bool:
    """Whether a short answer has words of the question alone, and no name but a country's."""
    if not stems(short) or not stems(short) <= stems(question):
        return False
    return all(is_country(fact.text) for fact in find_facts(short) if fact.kind == "name")


def _demonym(text: str) -> bool:
    """Whether a text is a country's adjective alone."""
    named = [fact.value for fact in find_facts(text) if isinstance(fact.value, Name)]
    adjective = re.fullmatch(r"[A-Z][a-z]+(?:an|i|ch|ish|ese)", text)
    return bool(adjective and is_country(text)) and text.lower() != named[0].words[0]


@lru_cache(maxsize=512)
def _speakers(question: str) -> tuple[Fact, ...]:
    said = _SAID.search(question)
    facts = find_facts(said["who"]) if said else ()
    return tuple(fact for fact in facts if fact.kind == "name" and name_class(fact) != "place")


@lru_cache(maxsize=512)
def _office(question: str) -> str | None:
    """The office of who said something, where no person is named with it."""
    said = _SAID.search(question)
    office = _HELD.search(said["who"]) if said else None
    if office is None or any(name_class(fact) == "person" for fact in find_facts(question)):
        return None
    return office["office"]


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
