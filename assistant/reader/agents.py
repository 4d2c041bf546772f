"""What a sentence lacks where it is asked about a country or what somebody did: another one's. Part of `lacks.py`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.asking import Asked
from assistant.facts import Fact, find_facts, supports
from assistant.names import Name
from assistant.naming import is_country, speaks_of
from assistant.reader.beside import alike
from assistant.reader.told import Told
from assistant.roles import exchanged
from assistant.short_forms import CITIES, ENTITIES, ORGANISATIONS
from assistant.words import content_words, stems

_PRONOUN = re.compile(r"\b(?:he|she|it|they|who|which|his|her|its|their|both)\b", re.IGNORECASE)
_TITLED = re.compile(
    r"\b(?P<title>(?:(?:Vice|Deputy|Prime|Foreign|Defen[cs]e|Finance|Trade|Interior|Energy|Rear|Crown|Major) )?"
    r"(?:President|Minister|Admiral|General|Colonel|Captain|King|Queen|Prince|Princess|Emperor|Pope|Senator|Governor|"
    r"Mayor|Ambassador|Chancellor|Premier|Secretary|Bishop|Judge|Justice|Professor|Hurricane|Cyclone|Typhoon)) "
    r"(?P<name>[A-Z][\w’-]+(?: [A-Z][\w’-]+)?)"
)
_SPELT_ALIKE = 0.7
_OWNED = re.compile(
    r"\b(?P<name>[A-Z][\w-]+(?: [A-Z][\w-]+)?)[’']s?(?P<what>(?: [A-Za-z-]+){1,3}?)(?= (?:has |had |have )?\w+ed\b)"
)
_OWNERS = re.compile(
    r"\b(?:did|has|have|had) (?:the )?(?P<name>[A-Z][\w-]+(?: [A-Z][\w-]+)?)[’']s?(?: [A-Za-z-]+){1,2}?"
    r"(?= (?!of|in|and)[a-z]+\b)"
)
_GETTING = re.compile(
    r"\b(?:receiv\w+|import\w*|buy\w*|bought|gets?|got|tak(?:e|es|en|ing)|took|borrow\w*|regain\w*|obtain\w*|"
    r"purchas\w+|deficit)\b",
    re.IGNORECASE,
)
_TURNED = re.compile(r"^\W*In [A-Z]|\b\w+(?:ed|en|sent|sold|lent)\b(?: (?:over|back))? (?:by|from)\b")
"""What puts the one who acts behind the one acted on, in a short way: "18 tanks sent from"."""
_THERE = re.compile(r"\b(?:there|vice versa|each other|respectively|mutual\w*)\b", re.IGNORECASE)
_AUXILIARY = re.compile(r"\b(?:did|has|have|had|does|do|will|would|could|can)\s+(?:the\s+)?$", re.IGNORECASE)
_AUXILIARIES = re.compile(r"^\s+(?:(?:has|had|have|will|would|also|then|later|already|reportedly)\s+)*")
_THE_COUNTRY = re.compile(r"\b(?:the|this|that)(?: [\w-]+){0,3} (?:country|nation|state)\b")
_A_COUNTRY = re.compile(r",? an? (?:[\w-]+ ){0,3}(?:country|nation|state)\b")
_REGIONS = frozenset("europe asia africa korea america oceania".split()) | ORGANISATIONS | {
    "united nations", "european union", "asia pacific", "latin america", "middle east",
}  # fmt: skip


def other_country(question: str, _: Asked, told: Told) -> str | None:
    """Where the question names a country as such ("China", not "Chinese"): that country, or its capital."""
    asked = _countries(question)
    for fact in asked:
        if not supports(told.around, fact) and not speaks_of(told.around, fact):
            return f"does not mention {fact.text}"
    meant = _meant(told) if asked else None
    if meant is not None and not any(supports((meant,), fact) or speaks_of((meant,), fact) for fact in asked):
        return f"is about {meant.text}"
    return None


def _meant(told: Told) -> Fact | None:
    """The country that a sentence is about by its own words: "Mali, a troubled country"; or, where it names none, "the
    country" that was named last."""
    for fact in told.facts:
        if is_country(fact.text) and _A_COUNTRY.match(told.text[fact.end :]):
            return fact
    if not _THE_COUNTRY.search(told.text) or any(is_country(fact.text) for fact in told.facts):
        return None
    named = _countries(told.before)
    return named[-1] if named else None


def other_agent(question: str, _: Asked, told: Told) -> str | None:
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


def other_doer(question: str, _: Asked, told: Told) -> str | None:
    """Where it is asked what somebody of the paragraph did: not what another did in a sentence without the first."""
    for fact in _doers(question):
        verb = next(iter(content_words(question[fact.end :])), None)
        if verb is None or question[fact.end : fact.end + verb.start].strip():
            continue
        if supports(told.facts, fact) or not supports(told.around, fact):
            continue
        doers = [
            one
            for one in told.facts
            if isinstance(one.value, Name)
            and _does(told.text[one.end :], verb.stem)
            and not _one_name(told.around, one.value, fact)
        ]
        if doers and not _PRONOUN.search(told.text[: doers[0].start]):
            return f"tells what {doers[0].text} did"
    return None


def other_owner(question: str, _: Asked, told: Told) -> str | None:
    """Where it is asked what A's senate did: not what B's did in a sentence that does not name A."""
    for owner in _OWNERS.finditer(question):
        name = owner["name"]
        if re.search(rf"\b{re.escape(name)}", told.text):
            continue
        verb = next(iter(content_words(question[owner.end() :])), None)
        if verb is None or question[owner.end() : owner.end() + verb.start].strip():
            continue
        for one in _OWNED.finditer(told.text):
            if _may_be_one(name, one["name"]):
                continue
            if _does(told.text[one.end() :], verb.stem) and not _PRONOUN.search(told.text[: one.start()]):
                return f"tells what {one['name']}’s {one['what'].strip()} did"
    return None


def _may_be_one(one: str, other: str) -> bool:
    """Whether what belongs to one may be what belongs to the other: Modi's government and India's."""
    if is_country(one) != is_country(other):
        return True
    facts = find_facts(other)
    return any(supports(facts, fact) or speaks_of(facts, fact) for fact in find_facts(one))


def other_way(question: str, _: Asked, told: Told) -> str | None:
    """Where it is asked what one did to another: not what the other did to the one."""
    gets = [_GETTING.search(text) is None for text in (question, told.text)]
    if gets[0] != gets[1] or _TURNED.search(told.text):
        return None
    names = exchanged(question, told.text)
    if names is None:
        return None
    before, short, _after = told.text.partition(told.short or told.text)
    if _PRONOUN.search(before + short) or _THERE.search(before + short):
        return None
    if any(sum(supports((one,), name) for one in told.facts) > 1 for name in names):  # it may tell both ways
        return None
    return f"has {names[0].text} in the place of {names[1].text}"


def other_holder(question: str, _: Asked, told: Told) -> str | None:
    """Where "Admiral Venn" is asked about: not "Admiral Sedlow", in a paragraph that does not name Venn."""
    if re.search(r"\bcounterpart\b", question, re.IGNORECASE):
        return None
    for held in _TITLED.finditer(question):
        other = re.search(rf"\b{held['title']} (?P<name>[A-Z][\w’-]+(?: [A-Z][\w’-]+)?)", told.text)
        if other is None or stems(held["name"]) & stems(other["name"]):
            continue
        family = held["name"].split()[-1]
        named = stems(f"{told.before} {told.text}").union(*(stems(fact.text) for fact in told.around))
        spelt_so = any(alike(family, word, _SPELT_ALIKE) for word in other["name"].split())
        if not stems(family) & named and not spelt_so:
            return f"is about {held['title']} {other['name']}"
    return None


def _one_name(around: Sequence[Fact], doer: Name, asked: Fact) -> bool:
    """Whether both are parts of one name: Nikola and Tesla."""
    assert isinstance(asked.value, Name)
    both = {*doer.words, *asked.value.words}
    return any(isinstance(one.value, Name) and both <= {*one.value.words} for one in around)


def _does(text: str, stem: str) -> bool:
    """Whether a text goes on, after auxiliaries, with a verb of this stem."""
    after = _AUXILIARIES.sub("", text)
    word = next(iter(content_words(after)), None)
    return word is not None and word.stem == stem and not after[: word.start].strip()


@lru_cache(maxsize=512)
def _doers(question: str) -> tuple[Fact, ...]:
    return tuple(
        fact
        for fact in find_facts(question)
        if isinstance(fact.value, Name)
        and not is_country(fact.text)
        and _AUXILIARY.search(question[: fact.start])
        and not _owns(question, fact)
    )


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
