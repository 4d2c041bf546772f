"""What a name names, and short forms that people type without capitals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from assistant.facts import Fact, find_facts
from assistant.names import Name
from assistant.short_forms import BODY_WORDS, CITIES, ENTITIES, ORGANISATIONS

NameClass = Literal["person", "place", "organisation", "unknown"]

_BODIES = ORGANISATIONS | {"united nations", "european union"}
_TYPED = (
    (re.compile(r"\b(?:n\.\s?k\.|n\.?\s?k\b)(?!\.?\s+news)", re.IGNORECASE), "North Korea"),
    (re.compile(r"\b(?:s\.\s?k\.|s\.?\s?k\b)", re.IGNORECASE), "South Korea"),
    (re.compile(r"\bn\.?\s+korea\b", re.IGNORECASE), "North Korea"),
    (re.compile(r"\bs\.?\s+korea\b", re.IGNORECASE), "South Korea"),
    (re.compile(r"\b(dprk|prc|rok|ussr|nato|kcna|tass|uk|eu|usa)\b"), None),
    (re.compile(r"\bu\.?n\.?(?=\s+(?:sanctions?|experts?|panel|security|team|resolutions?))"), "UN"),
    (re.compile(r"\bw/o\b", re.IGNORECASE), "without"),
    (re.compile(r"\bw/(?=\s|\w)", re.IGNORECASE), "with "),
)


def name_class(fact: Fact) -> NameClass:
    """Whether a name names a person, a place or an organisation, as far as its words tell."""
    if not isinstance(fact.value, Name):
        return "unknown"
    words = fact.value.words
    if words and words[0] in ENTITIES:
        return "organisation" if words[0] in _BODIES else "place"
    bare = re.sub(r"[’']s?$", "", fact.text)
    if any(word in BODY_WORDS for word in words) or (bare.isupper() and len(bare) > 1):
        return "organisation"
    return "person" if 2 <= len(words) <= 4 else "unknown"


_SEATS = {
    "moscow": "russia", "kremlin": "russia", "beijing": "china", "pyongyang": "north korea", "seoul": "south korea",
    "tokyo": "japan", "washington": "united states", "london": "united kingdom", "paris": "france",
    "berlin": "germany", "kyiv": "ukraine", "brussels": "european union", "islamabad": "pakistan", "delhi": "india",
    "tehran": "iran", "ankara": "turkey", "budapest": "hungary", "belgrade": "serbia", "nairobi": "kenya",
    "cairo": "egypt", "riyadh": "saudi arabia", "baghdad": "iraq", "damascus": "syria", "kabul": "afghanistan",
    "hanoi": "vietnam", "bangkok": "thailand", "jakarta": "indonesia", "manila": "philippines",
    "canberra": "australia", "ottawa": "canada", "rome": "italy", "madrid": "spain", "warsaw": "poland",
    "vienna": "austria", "athens": "greece", "minsk": "belarus", "tbilisi": "georgia", "baku": "azerbaijan",
    "yerevan": "armenia", "astana": "kazakhstan", "tashkent": "uzbekistan", "ulaanbaatar": "mongolia",
    "taipei": "taiwan", "helsinki": "finland", "stockholm": "sweden", "oslo": "norway", "copenhagen": "denmark",
    "lisbon": "portugal", "bucharest": "romania", "sofia": "bulgaria", "havana": "cuba", "caracas": "venezuela",
    "abuja": "nigeria", "addis": "ethiopia", "khartoum": "sudan", "tripoli": "libya", "algiers": "algeria",
    "rabat": "morocco", "beirut": "lebanon", "amman": "jordan", "doha": "qatar", "pretoria": "south africa",
    "dhaka": "bangladesh", "kathmandu": "nepal",
}  # fmt: skip


def speaks_of(stated: Sequence[Fact], wanted: Fact) -> bool:
    """Whether a text that names `stated` speaks of `wanted` under the name of its capital or its country.

    For finding what a question is about ("Beijing" in it, "China" in the paragraph), never for checking a fact.
    """
    if not isinstance(wanted.value, Name):
        return False
    asked = _countries(wanted.value)
    return bool(asked) and any(
        asked & _countries(fact.value) for fact in stated if isinstance(fact.value, Name)
    )


def is_country(text: str) -> bool:
    """Whether all that a text names is countries."""
    names = [fact for fact in find_facts(text) if isinstance(fact.value, Name)]
    heads = [fact.value.words[0] for fact in names if isinstance(fact.value, Name)]
    return bool(heads) and all(head in ENTITIES and head not in CITIES for head in heads)


def countries_in(text: str) -> frozenset[str]:
    """The countries that the names of a text are of, or are the capitals of, as `ENTITIES` has them."""
    names = [fact.value for fact in find_facts(text) if isinstance(fact.value, Name)]
    return frozenset(country for name in names for country in _countries(name))


def _countries(name: Name) -> set[str]:
    return {_SEATS.get(word, word) for word in name.words if word in _SEATS or word in ENTITIES}


def spell_out(question: str) -> str:
    """`question` with typed short forms ("nk", "s. korea", "dprk", "w/") as the documents write them."""
    for pattern, form in _TYPED:
        question = pattern.sub(lambda match, form=form: form or match.group().upper(), question)  # type: ignore[misc]
    return re.sub(r" {2,}", " ", question)
