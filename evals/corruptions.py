"""True sentences made false, one kind of error at a time: what a check of written answers has to find.

Each function gives the sentence with one planted error, or None where it has no place for that error.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from assistant.facts import Fact, find_facts, same
from assistant.naming import name_class
from assistant.wording import sources

Kind = Literal["number", "exchanged", "replaced", "negated", "attributed", "certain"]

_DIGITS = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_NUMERALS = (
    "two three four five six seven eight nine ten eleven twelve dozen hundred thousand million".split()
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|should|must|do|does|did)\b(?! not\b|n['’]t)"
)
_NOT = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|do|does|did)( not)\b")
_LIST = re.compile(r"\W*(?:(?:and|or|the|both)\b\W*)*")
_DOUBT = re.compile(
    r"\b(?:(?:may|might|could) (?P<verb>\w+)|(?P<adverb>reportedly|presumably|allegedly|possibly|perhaps|probably)) ",
    re.IGNORECASE,
)


def number(sentence: str, others: Sequence[Fact], rng: random.Random) -> str | None:
    """One figure changed, its form kept."""
    facts = [
        f for f in find_facts(sentence) if f.kind != "name" and (_DIGITS.search(f.text) or _numeral(f.text))
    ]
    if not facts:
        return None
    fact = rng.choice(facts)
    digits = _DIGITS.search(fact.text)
    if digits:
        start, end = fact.start + digits.start(), fact.start + digits.end()
        return sentence[:start] + _changed(sentence[start:end], rng) + sentence[end:]
    word = _numeral(fact.text)
    assert word is not None
    other = rng.choice([one for one in _NUMERALS[:9] if one != word])
    return sentence[: fact.start] + fact.text.replace(word, other, 1) + sentence[fact.end :]


def exchanged(sentence: str, others: Sequence[Fact], rng: random.Random) -> str | None:
    """Two names of one kind exchanged."""
    names = [fact for fact in find_facts(sentence) if fact.kind == "name"]
    pairs = [
        (a, b)
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if not same(a, b) and name_class(a) == name_class(b) and not _listed(sentence, names, a, b)
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    return sentence[: a.start] + b.text + sentence[a.end : b.start] + a.text + sentence[b.end :]


def replaced(sentence: str, others: Sequence[Fact], rng: random.Random) -> str | None:
    """A name gives way to another of its kind that the paragraph has and the sentence has not."""
    names = [fact for fact in find_facts(sentence) if fact.kind == "name"]
    if not names:
        return None
    gone = rng.choice(names)
    instead = [
        f for f in others if name_class(f) == name_class(gone) and not any(same(f, name) for name in names)
    ]
    if not instead:
        return None
    return sentence[: gone.start] + rng.choice(instead).text + sentence[gone.end :]


def negated(sentence: str, others: Sequence[Fact], rng: random.Random) -> str | None:
    """A "not" taken out, or else put after the first auxiliary verb."""
    found = _NOT.search(sentence)
    if found:
        return sentence[: found.start(1)] + sentence[found.end(1) :]
    verb = _VERB.search(sentence)
    return sentence[: verb.end()] + " not" + sentence[verb.end() :] if verb else None


def attributed(sentence: str, others: Sequence[Fact], rng: random.Random) -> str | None:
    """Said by somebody else of the paragraph: in the source's place, or put in front."""
    said = sources(sentence)
    mine = [fact for fact in find_facts(sentence) if fact.kind == "name"]
    able = [
        f for f in others if name_class(f) in ("person", "organisation") and not any(same(f, m) for m in mine)
    ]
    if not able:
        return None
    instead = rng.choice(able).text
    if said:
        source = said[0][-1]
        return sentence[: source.start] + instead + sentence[source.end :]
    keeps = any(fact.start == 0 for fact in mine)
    return f"According to {instead}, {sentence if keeps else sentence[:1].lower() + sentence[1:]}"


def certain(sentence: str, others: Sequence[Fact], rng: random.Random) -> str | None:
    """A word of doubt left out: "may bring" becomes "will bring"."""
    found = _DOUBT.search(sentence)
    if not found:
        return None
    told = f"will {found['verb']} " if found["verb"] else ""
    return sentence[: found.start()] + told + sentence[found.end() :]


CORRUPTIONS: Mapping[Kind, Callable[[str, Sequence[Fact], random.Random], str | None]] = {
    "number": number,
    "exchanged": exchanged,
    "replaced": replaced,
    "negated": negated,
    "attributed": attributed,
    "certain": certain,
}


def _listed(sentence: str, names: Sequence[Fact], a: Fact, b: Fact) -> bool:
    """Whether two names stand in one list: "Russia and North Korea" is the same either way round."""
    between = [name for name in names if a.end <= name.start and name.end <= b.start]
    starts, ends = [name.start for name in (*between, b)], [name.end for name in (a, *between)]
    return all(_LIST.fullmatch(sentence, end, start) for end, start in zip(ends, starts, strict=True))


def _numeral(text: str) -> str | None:
    return next((word for word in re.findall(r"[a-z]+", text) if word in _NUMERALS), None)


def _changed(digits: str, rng: random.Random) -> str:
    """Another number with as many digits."""
    places = [i for i, c in enumerate(digits) if c.isdigit()]
    at = places[rng.randrange(1 if len(places) > 1 else 0, len(places))] if len(places) > 1 else places[0]
    other = rng.choice([c for c in "123456789" if c != digits[at]])
    return digits[:at] + other + digits[at + 1 :]
