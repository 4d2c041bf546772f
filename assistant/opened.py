"""A question whether a date or a figure is right, asked openly: for "Was it signed in 2000?", "When was it signed?".

A sentence that states another date decides nothing for who reads for yes or no; to the open question it is an answer.
"""

from __future__ import annotations

import re

from assistant.asking import what_is_asked
from assistant.facts import Fact, find_facts

_FIGURES = ("percentage", "number", "quantity")
# "since 2001", "by 2025", "the treaty of 1961" say something else than when it was.
_BEFORE_DATE = re.compile(
    r"[,\s]*(?:\beither )?\b(?:in|on|from|at|during)\s+(?:the year\s+)?$", re.IGNORECASE
)
_BEFORE_SHARE = re.compile(r"[,\s]*(?:\beither )?\bby\s+$", re.IGNORECASE)
_BEFORE_COUNT = re.compile(r"\s+(?:either )?$", re.IGNORECASE)
_BETWEEN = re.compile(r"[,\s]*\b(?:or|and|to)\b(?: rather)?(?: (?:in|on|from|by))?\s*", re.IGNORECASE)
_FIGURE = re.compile(r"^\d[\d.,]*\s*")
_CLAIM = re.compile(
    r"^\W*(?:is|was) (?:it|this) (?:correct|true|right|accurate|a fact|the case) (?:that|to say that)\s+",
    re.IGNORECASE,
)
_STRESS = re.compile(r"\s*\b(?:already|really|actually|indeed|only|alone)\b", re.IGNORECASE)


def asked_openly(question: str) -> str | None:
    """What a yes/no question with a date at its end, or a figure, asks to confirm, as an open question; else None."""
    if what_is_asked(question).sought != "yes_no":
        return None
    stated = to_confirm(question)
    if not stated:
        return None
    before, after = question[: stated[0].start], question[stated[-1].end :].strip(" ?.!")
    kind = stated[-1].kind
    if kind == "date":
        return None if after else _asked("When", "", before, _BEFORE_DATE)
    if kind == "percentage":
        return _asked("By what percentage", after, before, _BEFORE_SHARE)
    unit = _FIGURE.sub("", stated[-1].text)
    if unit == stated[-1].text or not (unit or after):
        return None
    return _asked(f"How many {unit} {after}".replace("  ", " ").rstrip(), "", before, _BEFORE_COUNT)


def to_confirm(question: str) -> tuple[Fact, ...]:
    """The last figure that a question names, else the last date, with those that are joined to it."""
    facts = find_facts(question)
    figures = [fact for fact in facts if fact.kind in _FIGURES]
    last: list[Fact] = []
    for fact in reversed(figures or [fact for fact in facts if fact.kind == "date"]):
        if last and (fact.kind != last[0].kind or not _BETWEEN.fullmatch(question[fact.end : last[0].start])):
            break
        last.insert(0, fact)
    return tuple(last)


def _asked(head: str, after: str, before: str, preposition: re.Pattern[str]) -> str | None:
    """The open question of a head and the rest without the figure, if the right preposition is before that."""
    found = preposition.search(before)
    if found is None:
        return None
    rest = _STRESS.sub("", f"{before[: found.start()]} {after}").strip()
    claim = _CLAIM.match(rest)
    if claim is not None:
        return f"{head} was it that {rest[claim.end() :]}?"
    return f"{head} {rest[:1].lower()}{rest[1:]}?"
