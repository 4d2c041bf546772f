"""Whether a passage says what a sentence says, and which slice of it does.

Facts alone do not show it: a sentence can keep every figure and name of its paragraph and still turn it round. So the
slice that is nearest to the sentence is compared with it: figures, names and the places that they take, negations,
words of doubt, who is said to have said so, opposites, and how many of the sentence's words stand there at all. The
last is the support score, a plain share of words: `python -m evals.bench.support` compares it with the encoder's and
the reader's view.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.facts import Fact, find_facts, missing_facts, supports
from assistant.languages import in_english, language_of, unstated
from assistant.names import Name
from assistant.names import same as same_name
from assistant.naming import speaks_of
from assistant.roles import displaced
from assistant.wording import (
    credits_outright,
    doubts,
    is_foreign,
    is_small_word,
    negations,
    opposites,
    says,
    sources,
)
from assistant.words import stem, stems, word_share
from index.sentences import Span, sentence_spans

ENOUGH = 0.5
"""The share of a sentence's content words under which its slice counts as saying something else."""
_WIDEST = 3
_SHORTER = 0.03
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+\.[\w.]+|\b(?:[\w-]+\.)+(?:com|org|net|io|xyz|info|ru|cn)\b(?:/\S*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Support:
    """How far a paragraph carries a sentence.

    `start` and `end` are the slice that carries it best; `score` is the share of the sentence's content words there,
    0 to 1. `missing` holds what the paragraph does not state, as written; `distorted` what the slice says otherwise.
    """

    start: int
    end: int
    score: float
    missing: tuple[str, ...] = ()
    distorted: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the slice says what the sentence says."""
        return not self.missing and not self.distorted and self.score >= ENOUGH

    @property
    def faults(self) -> tuple[str, ...]:
        """What keeps it from holding, in words; never empty where it does not hold."""
        found = (*self.missing, *self.distorted)
        return found or (() if self.holds else ("what this sentence says",))


def support(sentence: str, paragraph: str) -> Support:
    """How far `paragraph` carries `sentence`."""
    if is_foreign(sentence) and not is_foreign(paragraph):
        return _in_another_language(sentence, paragraph)
    facts = find_facts(sentence)
    start, end, score = _nearest(sentence, facts, paragraph)
    slice_ = paragraph[start:end]
    missing = [fact.text for fact in missing_facts(sentence, paragraph)]
    missing += _links(sentence, paragraph)
    there = find_facts(slice_)
    figures = [f.text for f in facts if f.kind != "name" and f.text not in missing and not supports(there, f)]
    distorted = [*figures, *_turned(sentence, slice_), *_misattributed(sentence, slice_, paragraph)]
    if not missing and (place := displaced(sentence, slice_)):
        distorted.append(place)
    return Support(start, end, score, tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(distorted)))


def _in_another_language(sentence: str, paragraph: str) -> Support:
    """Words cannot be compared across languages: figures and names must do, and there have to be some."""
    language = language_of(sentence)
    told = in_english(sentence, language) if language else sentence
    facts = [fact for fact in find_facts(told) if not is_small_word(fact.text)]
    start, end, _ = _nearest(told, facts, paragraph)
    if language:
        missing = unstated(told, language, paragraph)
    else:
        missing = [fact.text for fact in missing_facts(told, paragraph) if not is_small_word(fact.text)]
    missing += _links(sentence, paragraph)
    there = find_facts(paragraph)
    compared = any(supports(there, fact) for fact in facts)
    return Support(start, end, float(compared and not missing), tuple(dict.fromkeys(missing)))


def _links(sentence: str, paragraph: str) -> list[str]:
    return [link for link in _LINK.findall(sentence) if link.rstrip(".,") not in paragraph]


def _nearest(sentence: str, facts: Sequence[Fact], paragraph: str) -> tuple[int, int, float]:
    """The run of at most three sentences that has most of the sentence, the shorter of equals, and its coverage."""
    spans = sentence_spans(paragraph) or [(0, len(paragraph))]
    stated = [find_facts(paragraph[start:end]) for start, end in spans]
    best: tuple[float, Span, float] | None = None
    for size in range(1, _WIDEST + 1):
        for first in range(len(spans) - size + 1):
            window = spans[first][0], spans[first + size - 1][1]
            there = [fact for found in stated[first : first + size] for fact in found]
            share = word_share(sentence, paragraph[slice(*window)])
            has = sum(supports(there, fact) for fact in facts) / len(facts) if facts else 0.0
            value = share + has - 2 * _SHORTER * size
            if best is None or value > best[0] + 1e-9:
                best = value, window, share
    assert best is not None
    return *best[1], best[2]


def _turned(sentence: str, passage: str) -> list[str]:
    """Negations added or left out, opposites, and doubt left out."""
    mine, theirs = stems(sentence), stems(passage)
    denied_here, denied_there = negations(sentence), negations(passage)
    found = []
    for one in denied_here:
        on = [word for word in one.bears_on if word in theirs]
        if on and not any(
            set(other.bears_on) & set(one.bears_on) or _stem(other.word) == _stem(one.word)
            for other in denied_there
        ):
            found.append(f"“{one.word}”")
    for one in denied_there:
        if one.bears_on and one.bears_on[0] in mine and not denied_here and _stem(one.word) not in mine:
            found.append(f"that without “{one.word}”")
    found += [f"“{word}”" for word in opposites(sentence, passage) if not denied_here and not denied_there]
    if not doubts(sentence):
        found += [
            f"that without “{one.word}”"
            for one in doubts(passage)
            if set(one.bears_on[:2]) & mine and not says(sentence)
        ]
    return found


def _stem(word: str) -> str:
    return stem(word.split()[0])


def _misattributed(sentence: str, passage: str, paragraph: str) -> list[str]:
    """Sources that the sentence names, where the passage, or else its paragraph, lets others speak."""
    said_by = [fact for group in sources(passage) or sources(paragraph) for fact in group]
    if not said_by and not credits_outright(sentence):
        said_by = list(
            find_facts(passage)
        )  # what "called" or "stressed" puts down may stand there in other words
    return [
        f"{group[-1].text} as the source"
        for group in sources(sentence)
        if not any(_same(fact, other) or speaks_of([other], fact) for fact in group for other in said_by)
    ]


def _same(a: Fact, b: Fact) -> bool:
    return isinstance(a.value, Name) and isinstance(b.value, Name) and same_name(a.value, b.value)
