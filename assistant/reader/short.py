"""The short answer: which fact of a sentence the question asks for.

Candidates are the sentence's facts of the sought kind that the question does not have itself. Between
several, the one decides whose surroundings are nearest to the question's words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from assistant.asking import Sought
from assistant.facts import Fact
from assistant.naming import name_class
from assistant.reader.features import Prepared
from assistant.words import content_words
from index.encoder import TokenVectors

_COUNTED = re.compile(r"\bhow (?:many|much)\s+(?P<noun>(?:[\w'’-]+\s+){0,3}?[\w'’-]+)", re.IGNORECASE)
_NEAR = 6


def short_answer(
    question: Prepared, candidates: Sequence[Fact], sentence: str, tokens: TokenVectors
) -> Fact | None:
    """The candidate that answers, or None where the question seeks nothing short or nothing fits."""
    fitting = [fact for fact in candidates if _fits(question.asked.sought, fact)]
    if not fitting:
        return None
    if len(fitting) == 1:
        return fitting[0]
    similar = _similarity(question, tokens)
    return max(
        fitting, key=lambda fact: _closeness(fact, tokens, similar) + _unit_bonus(question, fact, sentence)
    )


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
    after = {word.stem for word in content_words(sentence[fact.start : fact.end + 40])[:4]}
    return 0.5 * len(asked & after)
