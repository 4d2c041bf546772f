"""Fair paraphrases of true sentences, made by rule: the same said in another order or another voice.

A check of written answers must not doubt them. Each rule takes a sentence only where it cannot change what is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Literal

from assistant.facts import find_facts

Manner = Literal["moved", "shortened", "active", "passive"]

_FRONTED = re.compile(
    r"(?P<phrase>(?:In|On|During|Since|By|Until|At) (?:the )?[^,;:()]{3,40}), (?P<rest>(?:the |a |an )?[^,;:]+)\."
)
_AT_THE_END = re.compile(r"(?P<rest>[^,;:]{20,}) (?P<phrase>(?:in|on|during|since|until) [^,;:()]{3,40})\.")
_BRACKETS = re.compile(r" \([^()]*\)")
_WHICH = re.compile(r"(?P<kept>[^,;]{30,}), (?:which|who|where|making|leading|including|with) [^.;]+\.")
_PASSIVE = re.compile(
    r"(?P<object>[A-Z][^,;:()]{2,50}?) (?:was|were) (?:later |also |first )?(?P<verb>[a-z]{3,}ed) by "
    r"(?P<subject>[^,;:()]{3,40}?)(?P<rest> (?:in|on|at|for|from|during|after|between) [^,;:]+)?\."
)
_ACTIVE = re.compile(r"(?P<verb>[a-z]{3,}ed) ")
_PREPOSITION = re.compile(r"(?P<rest>(?: (?:in|on|at|for|from|during|after|between|to|with) [^,;:]+)?)\.")


def moved(sentence: str) -> str | None:
    """A time or place from the head of the sentence to its end, or the other way round."""
    match = _FRONTED.fullmatch(sentence)
    if match:
        phrase = match["phrase"]
        return f"{_upper(match['rest'])} {phrase[0].lower()}{phrase[1:]}."
    match = _AT_THE_END.fullmatch(sentence)
    dated = match and [fact for fact in find_facts(match["phrase"]) if fact.kind == "date"]
    if match and dated and dated[0].end == len(match["phrase"]):
        return f"{_upper(match['phrase'])}, {_lower(match['rest'])}."
    return None


def shortened(sentence: str) -> str | None:
    """What stands in brackets and the clause at the end left out."""
    told = _BRACKETS.sub("", sentence)
    match = _WHICH.fullmatch(told)
    told = f"{match['kept']}." if match else told
    return told if told != sentence else None


def active(sentence: str) -> str | None:
    """ "A was founded by B in 1931" as "B founded A in 1931"."""
    match = _PASSIVE.fullmatch(sentence)
    if not match or not _is_name(match["subject"]):
        return None
    return f"{_upper(match['subject'])} {match['verb']} {_lower(match['object'])}{match['rest'] or ''}."


def passive(sentence: str) -> str | None:
    """ "B founded A in 1931" as "A was founded by B in 1931"."""
    names = [fact for fact in find_facts(sentence) if fact.kind == "name"]
    for subject, thing in pairwise(names):
        verb = _ACTIVE.fullmatch(sentence[subject.end + 1 : thing.start].removesuffix("the ") or " ")
        end = _PREPOSITION.fullmatch(sentence, thing.end)
        if verb and end and sentence[: subject.start] in ("", "The "):
            the = "The " if sentence[: thing.start].endswith("the ") else ""
            by = _lower(sentence[: subject.end])
            return f"{the}{thing.text} was {verb['verb']} by {by}{end['rest']}."
    return None


RESTATED: Mapping[Manner, Callable[[str], str | None]] = {
    "moved": moved,
    "shortened": shortened,
    "active": active,
    "passive": passive,
}


def restated(sentence: str) -> Iterator[tuple[Manner, str]]:
    """The paraphrases that the rules give of a sentence."""
    for manner, rule in RESTATED.items():
        told = rule(sentence)
        if told:
            yield manner, told


def _is_name(text: str) -> bool:
    bare = text.removeprefix("the ")
    names = find_facts(bare)
    return len(names) == 1 and names[0].kind == "name" and (names[0].start, names[0].end) == (0, len(bare))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    """`text` as it stands within a sentence: a name keeps its capital."""
    if any(fact.kind == "name" and fact.start == 0 for fact in find_facts(text)):
        return text
    return text[:1].lower() + text[1:]
