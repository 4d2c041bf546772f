"""The short answer: which fact of a sentence the question asks for.

Candidates are the sentence's facts of the sought kind that the question does not have itself. Between
several, the one decides whose surroundings are nearest to the question's words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from assistant.asking import Sought
from assistant.dates import When
from assistant.facts import Fact
from assistant.naming import name_class
from assistant.reader.features import Prepared
from assistant.reader.span import SpanFound
from assistant.words import content_words
from index.encoder import TokenVectors

_COUNTED = re.compile(r"\bhow (?:many|much)\s+(?P<noun>(?:[\w'’-]+\s+){0,3}?[\w'’-]+)", re.IGNORECASE)
_DAY = re.compile(r"\b(?:what|which|exact|precise) (?:exact |precise )?(?:days?|dates?)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"\bname of the\b.*\b(?:official|minister|president|leader|officer|author|aide|envoy|ambassador)\b",
    re.IGNORECASE,
)
_FIGURES: frozenset[Sought] = frozenset({"percentage", "money", "count", "amount"})
_NEAR = 6


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a paragraph: its text, where it begins there, its tokens, and its facts of the sought kind."""

    text: str
    at: int
    tokens: TokenVectors
    sought: tuple[Fact, ...]


def short_answer(question: Prepared, sentence: Sentence, span: SpanFound) -> tuple[int, int] | None:
    """The span of the short answer in the paragraph, or None where the sentence has none.

    Where a date, a figure or a name is sought, it is the fact that the model's span touches; else the model's
    own span, if the model finds an answer there at all, unless a figure is sought and the span has none; else the
    fact nearest to the question's words.
    """
    fitting = [fact for fact in sentence.sought if _fits(question.asked.sought, fact)]
    touched = [
        fact
        for fact in fitting
        if sentence.at + fact.start < span.end and sentence.at + fact.end > span.start
    ]
    if touched:
        chosen = max(touched, key=lambda fact: fact.end - fact.start)
    elif span.margin > 0 and span.end > span.start and not (fitting and question.asked.sought in _FIGURES):
        return span.start, span.end
    elif fitting:
        similar = _similarity(question, sentence.tokens)
        chosen = max(
            fitting,
            key=lambda fact: (
                _closeness(fact, sentence.tokens, similar) + _unit_bonus(question, fact, sentence.text)
            ),
        )
    else:
        return None
    return sentence.at + chosen.start, sentence.at + chosen.end


def fits(question: Prepared, sentence: Sentence, short: tuple[int, int] | None) -> bool:
    """Whether a short answer holds a fact of the kind that is sought; a day, where a day is asked for."""
    if short is None:
        return False
    held = [
        fact
        for fact in sentence.sought
        if sentence.at + fact.start < short[1] and sentence.at + fact.end > short[0]
    ]
    if _NAMED.search(question.text):
        held = [fact for fact in held if _fits("person", fact)]
    if _DAY.search(question.text):
        return any(isinstance(fact.value, When) and fact.value.start.day for fact in held)
    return bool(held)


def _fits(sought: Sought, fact: Fact) -> bool:
    """A country is no answer to "who", nor a person to "which country"."""
    if fact.kind != "name":
        return True
    kind = name_class(fact)
    if sought == "person":
        return kind in ("person", "unknown")
    if sought == "place":
        return kind in ("place", "unknown")
    if sought == "organisation":
        return kind in ("organisation", "unknown")
    return True


def _similarity(question: Prepared, tokens: TokenVectors) -> np.ndarray:
    """(tokens,) how near each token of the sentence is to the question's nearest content word."""
    rows = [
        i
        for i, (start, end) in enumerate(question.tokens.spans)
        if any(start < word.end and end > word.start for word in question.words)
    ]
    if not rows or not len(tokens.vectors):
        return np.zeros(len(tokens.spans), dtype=np.float32)
    return np.asarray((question.tokens.vectors[rows] @ tokens.vectors.T).max(axis=0), dtype=np.float32)


def _closeness(fact: Fact, tokens: TokenVectors, similar: np.ndarray) -> float:
    """The mean similarity of the tokens around a fact, nearer ones counting more, the fact's own left out."""
    inside = [i for i, (a, b) in enumerate(tokens.spans) if a < fact.end and b > fact.start]
    if not inside:
        return 0.0
    total = weight = 0.0
    for i in range(max(0, inside[0] - _NEAR), min(len(similar), inside[-1] + _NEAR + 1)):
        if inside[0] <= i <= inside[-1]:
            continue
        near = 1.0 / (1 + min(abs(i - inside[0]), abs(i - inside[-1])))
        total += near * float(similar[i])
        weight += near
    return total / weight if weight else 0.0


def _unit_bonus(question: Prepared, fact: Fact, sentence: str) -> float:
    """ "How many containers …": the figure that stands before "containers" is meant."""
    counted = _COUNTED.search(question.text)
    if not counted:
        return 0.0
    asked = {word.stem for word in content_words(counted["noun"])}
    following = re.split(r"\d", sentence[fact.end : fact.end + 40], maxsplit=1)[0]  # up to the next figure
    after = {word.stem for word in content_words(fact.text + following)[:4]}
    return 0.5 * len(asked & after)
