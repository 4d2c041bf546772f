"""Questions to begin with, and to go on with, made from what the documents say: headings, days and names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from assistant.answers import Answer
from assistant.dates import When
from assistant.facts import find_facts
from index.documents import Paragraph
from index.paragraphs import readable_date

READ_PARAGRAPHS = 400
"""Paragraphs that suggestions are made from, however large the corpus is."""
_LONGEST_HEADING = 70


# Asked in English whatever the page's language is: they are put to English documents.
HEADING = "What do the documents say about {}?"
DAY = "What happened on {}?"
NAME = "What is said about {}?"
MORE = "What else is said about {}?"


def suggest(paragraphs: Sequence[Paragraph], most: int) -> tuple[str, ...]:
    """Up to `most` questions: of headings, of the days and the names that most paragraphs speak of, in turn."""
    read = [paragraph for paragraph in paragraphs if paragraph.number][:READ_PARAGRAPHS]
    headings = dict.fromkeys(p.heading for p in read if p.heading and len(p.heading) <= _LONGEST_HEADING)
    days: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for paragraph in read:
        days.update(_days(paragraph.text))
        names.update(_names(paragraph.text))
    kinds = [
        [HEADING.format(heading) for heading in headings],
        [DAY.format(readable_date(day)) for day, _ in days.most_common(most)],
        [NAME.format(name) for name, times in names.most_common(most) if times > 1],
    ]
    turns = [kind[i] for i in range(most) for kind in kinds if i < len(kind)]
    return tuple(turns[:most])


def follow_ups(answer: Answer, cited: Iterable[Paragraph], most: int = 2) -> tuple[str, ...]:
    """Questions on the names that the cited paragraphs speak of beside what was asked."""
    asked = f"{answer.question} {answer.standalone_question} {answer.short_answer or ''}".casefold()
    names: Counter[str] = Counter()
    for paragraph in cited:
        names.update(_names(paragraph.text))
    fresh = [name for name, _ in names.most_common() if name.casefold() not in asked]
    return tuple(MORE.format(name) for name in fresh[:most])


@lru_cache(maxsize=1024)
def _days(text: str) -> frozenset[str]:
    found = (fact.value for fact in find_facts(text) if isinstance(fact.value, When))
    starts = (when.start for when in found)
    return frozenset(
        f"{at.year:04}-{at.month:02}-{at.day:02}" for at in starts if at.year and at.month and at.day
    )


@lru_cache(maxsize=1024)
def _names(text: str) -> frozenset[str]:
    """Names of several words: a single one is often the beginning of a sentence."""
    named = (fact.text for fact in find_facts(text) if fact.kind == "name")
    return frozenset(" ".join(name.split()) for name in named if " " in name.strip())
