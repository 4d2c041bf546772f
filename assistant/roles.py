"""Whether a sentence gives each name the place that a passage gives it: who did what to whom.

Without a parser. A name's place is the words that both texts have around it, nearest first, and the prepositions that
touch it. A name is displaced where its place in the sentence is more like that of another name in the passage: "B
supplied A" for "A supplied B", or "C supplied B". Around a verb that is passive in one text and active in the other,
before and after change sides. The less of a sentence's words the passage has, the more it takes to doubt it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from assistant.facts import Fact, find_facts
from assistant.names import Name
from assistant.names import same as same_name
from assistant.naming import is_country, name_class, speaks_of
from assistant.words import STOPWORDS, WORD, stem, word_share
from index.sentences import sentence_spans

_REACH = 4
"""Words that count on either side of a name."""
_TOUCHING = 0.6
"""What the same preposition beside a name weighs; the nearest word weighs 1."""
_CONTRARY = 0.5
"""What a word on the other side counts against a likeness, as a share of its weight."""
_LEAST = 0.2
_PER_LOST_WORD = 4.0
"""A place must be more like another's by `_LEAST`, and by this much for each share of the words that is not there."""
_NEARLY_ALL = 0.97
_NARROWER = 0.12
"""A single sentence of the passage is compared, if it has all but this share of the words that the passage has."""
_EXCHANGED = 0.8
"""How much better two names of a question have to fit each other's places."""
_LAND = 4
"""Letters that a country's name and its people's have in common, at least."""
_PEOPLE = re.compile(r"(?:[aeioy]|i?an|n|e?se|i|ish|ic|er)?s?")
"""What may follow them: Velmor-a, Velmor-ans; Sarran-e, Sarran-ese; Hest, Hest-ish."""
_GIVING = "supply"
_GIVING_WORDS = frozenset(
    stem(word)
    for word in "supply provide deliver ship sell export send grant lend donate transfer hand dispatch sent "
    "sold lent delivery provision".split()
)
"""Words of giving, which are compared as one: who gives and who gets is told by their places alone."""
_PREPOSITIONS = frozenset(
    "of by from to in for with against on at over than between as into under after before and or".split()
)
_BE = frozenset("is are was were be been being".split())
_PARTICIPLES = frozenset(
    "won led made held written built taken given sent known met lost found bought sold paid told born shot cut set put "
    "run beaten caught taught brought thought kept left felt sung begun drawn driven shown thrown grown".split()
)
_LIST = re.compile(r"[^\w(]*(?:(?:and|or|as well as|both|the)\b[^\w(]*)*")


class _Item(NamedTuple):
    """A name, a preposition or a content word's stem; of words, whether it is a passive verb."""

    name: Fact | None
    word: str
    preposition: bool = False
    passive: bool = False


class _Near(NamedTuple):
    side: int
    rank: int
    passive: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """A name where it stands: the shared words around it, and the prepositions that touch it."""

    name: Fact
    words: dict[str, _Near]
    before: str
    after: str

    def likeness(self, other: _Place) -> float:
        """How alike two places are; below 0 where words change sides."""
        found = _TOUCHING * (bool(self.before) and self.before == other.before)
        found += _TOUCHING * (bool(self.after) and self.after == other.after)
        for word, near in self.words.items():
            there = other.words.get(word)
            if there is not None:
                agrees = (near.side == there.side) != (near.passive != there.passive)
                found += (1.0 if agrees else -_CONTRARY) * 2 / (near.rank + there.rank)
        return found


def displaced(sentence: str, passage: str) -> str | None:
    """What stands in the place of what ("A in the place of B"), where a name of `sentence` is displaced."""
    passage = _narrowed(sentence, passage)
    wanted = _LEAST + _PER_LOST_WORD * max(0.0, _NEARLY_ALL - word_share(sentence, passage))
    gain, fault = max(_gains(sentence, passage), default=(0.0, ""))
    return fault if gain > wanted else None


def exchanged(question: str, text: str) -> tuple[Fact, Fact] | None:
    """Two names of `question` that have each other's places in `text`: "What did B supply to A?", "A supplied B".

    Only names of countries, or names around a word of giving: what others do to each other is told in too many ways.
    """
    shared = _stems(_items(question)) & _stems(_items(text))
    mine, theirs = _places(question, text)
    sure = [
        (gain, one, other)
        for gain, one, other in _exchanges(mine, theirs, question, text)
        if gain > _EXCHANGED and (_GIVING in shared or (_is_land(one, text) and _is_land(other, text)))
    ]
    if not sure:
        return None
    _, one, other = max(sure, key=lambda each: each[0])
    return one, other


def _is_land(name: Fact, text: str) -> bool:
    """Whether a name is a country's or its people's: one that is known, or that a text has in its other form."""
    return is_country(name.text) or any(_people_of(name, other) for other in _names(text))


def _people_of(a: Fact, b: Fact) -> bool:
    """Whether two words are a country and its people: Velmora and Velmorans, Sarrane's and Sarranese."""
    one, other = (re.sub(r"[’']s?$", "", fact.text) for fact in (a, b))
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    ends = one[common:], other[common:]
    return one != other and common >= _LAND and all(_PEOPLE.fullmatch(end) for end in ends)


def _narrowed(sentence: str, passage: str) -> str:
    """The one sentence of `passage` that has nearly all of what the passage has of `sentence`, else the passage."""
    spans = sentence_spans(passage)
    if len(spans) < 2:
        return passage
    shares = {passage[start:end]: word_share(sentence, passage[start:end]) for start, end in spans}
    best = max(shares, key=lambda one: shares[one])
    return best if shares[best] >= word_share(sentence, passage) - _NARROWER else passage


def _gains(sentence: str, passage: str) -> Iterator[tuple[float, str]]:
    """How much better each exchange, or each other name of the passage, would fit; and what that is called."""
    mine, theirs = _places(sentence, passage)
    for gain, name, another in _exchanges(mine, theirs, sentence, passage):
        yield gain, f"{name.text} in the place of {another.text}"
    for one in mine:
        own = _fit(one, one.name, theirs)
        for rival in theirs:
            if _could_stand_for(rival.name, one.name, passage, named=own is not None) and not any(
                _same(rival.name, other.name) for other in mine
            ):
                gain = one.likeness(rival) - (own or 0.0)
                yield gain, f"{one.name.text} in the place of {rival.name.text}"


def _exchanges(
    mine: Sequence[_Place], theirs: Sequence[_Place], sentence: str, passage: str
) -> Iterator[tuple[float, Fact, Fact]]:
    """Each two names of a sentence that the passage has too, and how much better they would fit there exchanged."""
    for at, one in enumerate(mine):
        for other in mine[at + 1 :]:
            if not _exchangeable(one.name, other.name, sentence, passage, theirs):
                continue
            straight = _fit(one, one.name, theirs), _fit(other, other.name, theirs)
            crossed = _fit(one, other.name, theirs), _fit(other, one.name, theirs)
            if None not in straight and None not in crossed:
                gain = sum(fit or 0.0 for fit in crossed) - sum(fit or 0.0 for fit in straight)
                yield gain, one.name, other.name


def _fit(place: _Place, name: Fact, theirs: Sequence[_Place]) -> float | None:
    """How like the places of `name` in the passage this place is; None where the passage does not name it."""
    return max((place.likeness(one) for one in theirs if _same(name, one.name)), default=None)


def _exchangeable(a: Fact, b: Fact, sentence: str, passage: str, theirs: Sequence[_Place]) -> bool:
    """Whether it matters which of two names stands where: not in one list, and not of different kinds."""
    if _same(a, b) or not _akin(a, b) or _listed(sentence, a, b):
        return False
    there = [one.name for one in theirs]
    return not any(
        _listed(passage, one, other) for one in there if _same(one, a) for other in there if _same(other, b)
    )


def _could_stand_for(rival: Fact, name: Fact, passage: str, *, named: bool) -> bool:
    """Whether `rival` is a name of the same kind that does not merely explain or stand for `name`."""
    if not _akin(rival, name) or speaks_of([rival], name):
        return False
    return not (named and passage[: rival.start].rstrip().endswith("("))


def _akin(a: Fact, b: Fact) -> bool:
    kinds = {name_class(a), name_class(b)}
    return len(kinds) == 1 or kinds == {"unknown", "person"}


def _listed(text: str, a: Fact, b: Fact) -> bool:
    """Whether nothing but commas, "and", "or" and other names parts two names: either order says the same."""
    first, last = sorted((a, b), key=lambda fact: fact.start)
    between = [name for name in _names(text) if first.end <= name.start and name.end <= last.start]
    at = first.end
    for name in (*between, last):
        if not _LIST.fullmatch(text, at, name.start):
            return False
        at = name.end
    return True


def _places(sentence: str, passage: str) -> tuple[list[_Place], list[_Place]]:
    """The names of both texts, each with the words around it that both have."""
    mine, theirs = _items(sentence), _items(passage)
    shared = _stems(mine) & _stems(theirs)
    return [
        [_place(items, at, item.name, shared) for at, item in enumerate(items) if item.name is not None]
        for items in (mine, theirs)
    ]  # type: ignore[return-value]


def _stems(items: Sequence[_Item]) -> frozenset[str]:
    return frozenset(item.word for item in items if item.name is None and not item.preposition)


def _place(items: Sequence[_Item], at: int, name: Fact, shared: frozenset[str]) -> _Place:
    found: dict[str, _Near] = {}
    for side, around in ((-1, reversed(items[:at])), (1, iter(items[at + 1 :]))):
        near = [item for item in around if item.name is None and not item.preposition and item.word in shared]
        for rank, item in enumerate(near[:_REACH], 1):
            if item.word not in found or found[item.word].rank > rank:
                found[item.word] = _Near(side, rank, item.passive)
    return _Place(name, found, _preposition(items, at - 1), _preposition(items, at + 1))


def _preposition(items: Sequence[_Item], at: int) -> str:
    return items[at].word if 0 <= at < len(items) and items[at].preposition else ""


@lru_cache(maxsize=2000)
def _items(text: str) -> tuple[_Item, ...]:
    names = _names(text)
    items: list[_Item] = []
    be_at = -2
    for match in WORD.finditer(text):
        word = match.group().lower()
        name = next((one for one in names if one.start <= match.start() < one.end), None)
        if name is not None:
            if not items or items[-1].name is not name:
                items.append(_Item(name, ""))
            continue
        if word in _BE:
            be_at = len(items)
        if word in _PREPOSITIONS:
            items.append(_Item(None, word, preposition=True))
        elif word not in STOPWORDS:
            participle = word.endswith(("ed", "en")) or word in _PARTICIPLES
            passive = participle and len(items) - be_at <= 1
            stemmed = stem(re.sub(r"[’']s?$", "", match.group()))
            items.append(_Item(None, _GIVING if stemmed in _GIVING_WORDS else stemmed, passive=passive))
    return tuple(items)


@lru_cache(maxsize=2000)
def _names(text: str) -> tuple[Fact, ...]:
    return tuple(fact for fact in find_facts(text) if isinstance(fact.value, Name))


def _same(a: Fact, b: Fact) -> bool:
    if not isinstance(a.value, Name) or not isinstance(b.value, Name):
        return False
    return same_name(a.value, b.value) or _people_of(a, b)
