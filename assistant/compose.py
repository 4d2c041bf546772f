"""Evidence -> answer sentences, each with its citation.

Every sentence of the answer is a slice of a stored paragraph. A part of the question is answered by its best
sentence; another document's sentence joins it where both state the sought fact: alike, it corroborates, unlike,
it conflicts, and both are shown. Where no sentence is likely enough to answer, the documents do not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from assistant.answers import LookedAt
from assistant.asking import Asked, what_is_asked
from assistant.dates import When
from assistant.facts import Fact, disagree, find_facts, same, supports
from assistant.naming import name_class, speaks_of
from assistant.opened import to_confirm
from assistant.reader import Evidence, Reading
from assistant.reader.features import leads_on
from index.documents import Hit, Paragraph
from index.sentences import sentence_spans

# Another sentence joins the best one when it is at least this likely an answer, relative to the best.
_RIVAL = 0.6
_COMPANION = 0.6
_BESIDE_ANSWERED = 0.4
# The log-probability of a short answer, were there one in its paragraph, from which it stands out there.
_STANDS_OUT = -0.5
_OPEN_SENTENCES = 3
_OVERVIEW_PARAGRAPHS = 4
_LOOKED_AT = 5


@dataclass(frozen=True, slots=True)
class PartRead:
    """A part of the question and what the reader made of it.

    `of_document`: the question is about the documents themselves, so each one's line answers for itself.
    `openly`: the same for the open question, where this one asks whether a date or figure is right.
    """

    question: str
    reading: Reading
    of_document: bool = False
    openly: PartRead | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A slice of a paragraph that goes into the answer."""

    hit: Hit
    start: int
    end: int
    score: float
    short: str | None = None

    @property
    def paragraph(self) -> Paragraph:
        """The paragraph that it is a slice of."""
        return self.hit.paragraph

    @property
    def text(self) -> str:
        """The slice."""
        return self.paragraph.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Selection:
    """The quotes that answer one part, and whether they disagree."""

    quotes: tuple[Quote, ...]
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answer will say, before it is checked: its quotes in order, and what became of the parts."""

    quotes: tuple[Quote, ...]
    short_answer: str | None
    confidence: float
    conflict: bool
    complete: bool
    looked_at: tuple[LookedAt, ...]


def compose(parts: Sequence[PartRead], abstain_below: float) -> Draft:
    """The draft of an answer to a question from its parts; without quotes where no part is answered.

    Args:
        parts: the parts of the question, read.
        abstain_below: the probability under which a part counts as not answered.
    """
    selections = [select(part, abstain_below) for part in parts]
    if any(selection.quotes for selection in selections):
        # Who asks several things of which one is there is likely to find the others there, too.
        selections = [
            found if found.quotes else select(part, abstain_below * _BESIDE_ANSWERED)
            for part, found in zip(parts, selections, strict=True)
        ]
    answered = [selection for selection in selections if selection.quotes]
    quotes = tuple(_merged([quote for selection in answered for quote in selection.quotes]))
    if answered:
        confidence = min(max(quote.score for quote in selection.quotes) for selection in answered)
    else:
        confidence = max((part.reading.answerable for part in parts), default=0.0)
    return Draft(
        quotes=quotes,
        short_answer=_short_answer(answered),
        confidence=confidence,
        conflict=any(selection.conflict for selection in answered) or _each_differs(parts, selections),
        complete=len(answered) == len(selections),
        looked_at=_looked_at(parts, quotes, abstain_below),
    )


def _each_differs(parts: Sequence[PartRead], selections: Sequence[Selection]) -> bool:
    """Whether documents that were asked the same question give facts that disagree."""
    told: dict[str, list[Fact]] = {}
    for part, selection in zip(parts, selections, strict=True):
        if not part.of_document:
            told.setdefault(part.question, []).extend(_told(selection.quotes[:1]))
    return any(disagree(a, b) for facts in told.values() for a, b in combinations(facts, 2))


def select(part: PartRead, abstain_below: float) -> Selection:
    """The quotes that answer one part; none where the best is less likely than `abstain_below`."""
    asked = what_is_asked(part.question)
    evidence = part.reading.evidence
    disputed = _disputed(part, abstain_below)
    if disputed is not None:
        return disputed
    if asked.sought == "overview":
        # Nothing is likely to "answer" it; but a paragraph without the names asked about is not about them.
        about = _one_per_paragraph([e for e in evidence if not e.missing])
        return Selection(tuple(_quote(e) for e in about[:_OVERVIEW_PARAGRAPHS]))
    if part.of_document and part.reading.answerable >= abstain_below:
        return Selection(tuple(_quote(e) for e in evidence[:_OVERVIEW_PARAGRAPHS]))
    if not evidence or evidence[0].answerable < abstain_below:
        return Selection(())
    best = evidence[0]
    if asked.is_short:
        rival, conflict = _other_document(part.question, best, evidence, abstain_below)
        return Selection(tuple(_quote(e) for e in (best, rival) if e is not None), conflict)
    floor = max(abstain_below, _COMPANION * best.answerable)
    chosen = [e for e in evidence[:_OPEN_SENTENCES] if e.answerable >= floor]
    return Selection(tuple(_quote(e) for e in chosen))


def _disputed(part: PartRead, abstain_below: float) -> Selection | None:
    """What documents say that disagree on what a question asks to confirm, one of them with the question."""
    if part.openly is None:
        return None
    found = select(part.openly, abstain_below)
    told = _told(found.quotes)
    confirmed = any(supports(told, fact) for fact in to_confirm(part.question))
    return found if found.conflict and confirmed else None


def _other_document(
    question: str, best: Evidence, evidence: Sequence[Evidence], abstain_below: float
) -> tuple[Evidence | None, bool]:
    """The best sentence of another document that states the sought fact too, and whether it disagrees."""
    mine = _fact(best.short_text)
    if mine is None:
        return None, False
    floor = max(abstain_below, _RIVAL * best.answerable)
    for rival in evidence:
        theirs = _fact(rival.short_text)
        if rival.hit.paragraph.document_id == best.hit.paragraph.document_id or theirs is None:
            continue
        likely = rival.answerable >= floor or (_stands_out(rival) and rival.answerable >= abstain_below)
        if not likely and not _tells_as_exactly(rival, theirs, mine):
            continue
        if same(mine, theirs):
            return rival, False
        if not disagree(mine, theirs) or (not isinstance(mine.value, When) and _at_other_times(best, rival)):
            continue
        if _tells_of_the_same(question, best, rival):
            return rival, True
    return None, False


def _stands_out(evidence: Evidence) -> bool:
    """Whether the short answer is by far the likeliest of its paragraph, read as a whole."""
    return evidence.peak >= _STANDS_OUT


def _tells_of_the_same(question: str, best: Evidence, rival: Evidence) -> bool:
    """Whether a sentence names whom the question and the best sentence name, or at least one of their countries.

    Else it tells of something else. A pronoun may stand for any of them; and where the answer stands out in its
    paragraph, the paragraph may name them: "a new treaty" of a sentence is the one that the next gives the name of.
    """
    if leads_on(rival.text):
        return True
    mine = find_facts(best.text)
    theirs = find_facts(rival.hit.paragraph.text if _stands_out(rival) else rival.text)
    shared = [name for name in find_facts(question) if name.kind == "name" and _names(mine, name)]
    places = [name for name in shared if name_class(name) == "place"]
    if places and not any(_names(theirs, name) for name in places):
        return False
    return all(_names(theirs, name) for name in shared if name not in places)


def _at_other_times(best: Evidence, rival: Evidence) -> bool:
    """Whether two sentences that give no date as their answer each name years, and none in common."""
    mine, theirs = (
        {fact.value.start.year for fact in find_facts(one.text) if isinstance(fact.value, When)} - {None}
        for one in (best, rival)
    )
    return bool(mine and theirs) and not mine & theirs


def _names(stated: Sequence[Fact], name: Fact) -> bool:
    return supports(stated, name) or speaks_of(stated, name)


def _tells_as_exactly(rival: Evidence, theirs: Fact, mine: Fact) -> bool:
    """Whether a sentence that search ranked low still answers by itself, with a date as exact as the best one's.

    The second document tells the same event in other words and in passing, so that search alone would hide it.
    """
    return (
        _stands_out(rival)
        and isinstance(mine.value, When)
        and isinstance(theirs.value, When)
        and mine.value.start.day is not None
        and theirs.value.start.day is not None
    )


def _told(quotes: Sequence[Quote]) -> list[Fact]:
    """What each of the quotes states as its short answer, where that is a fact."""
    return [fact for quote in quotes if (fact := _fact(quote.short)) is not None]


def _fact(short: str | None) -> Fact | None:
    return next(iter(find_facts(short)), None) if short else None


def _one_per_paragraph(evidence: Sequence[Evidence]) -> list[Evidence]:
    chosen: dict[tuple[str, int], Evidence] = {}
    for e in evidence:
        chosen.setdefault((e.hit.paragraph.document_id, e.hit.paragraph.number), e)
    return list(chosen.values())


def _quote(evidence: Evidence) -> Quote:
    """The sentence; with the one before it where it opens with a pronoun."""
    start = evidence.start
    if leads_on(evidence.text):
        before = [a for a, b in sentence_spans(evidence.hit.paragraph.text) if b <= evidence.start]
        start = before[-1] if before else start
    return Quote(evidence.hit, start, evidence.end, evidence.answerable, evidence.short_text)


def _merged(quotes: Sequence[Quote]) -> list[Quote]:
    """Quotes in order, those of one paragraph that touch or overlap made one."""
    merged: list[Quote] = []
    for quote in quotes:
        # A sentence may touch two that are there already, and so join them.
        touched = [other for other in merged if other.paragraph == quote.paragraph and _touch(other, quote)]
        at = merged.index(touched[0]) if touched else len(merged)
        whole = [*touched, quote]
        merged = [other for other in merged if other not in touched]
        merged.insert(
            at,
            Quote(
                whole[0].hit,
                min(one.start for one in whole),
                max(one.end for one in whole),
                max(one.score for one in whole),
                next((one.short for one in whole if one.short), None),
            ),
        )
    return merged


def _touch(a: Quote, b: Quote) -> bool:
    first, second = sorted((a, b), key=lambda quote: quote.start)
    return not first.paragraph.text[first.end : second.start].strip()


def _short_answer(answered: Sequence[Selection]) -> str | None:
    found = []
    for selection in answered:
        values = [quote.short for quote in selection.quotes if quote.short]
        found += [" / ".join(dict.fromkeys(values))] if selection.conflict else values[:1]
    return "; ".join(dict.fromkeys(found)) or None


def _looked_at(
    parts: Sequence[PartRead], quotes: Sequence[Quote], abstain_below: float
) -> tuple[LookedAt, ...]:
    cited = {(quote.paragraph.document_id, quote.paragraph.number) for quote in quotes}
    best: dict[tuple[str, int], tuple[Evidence, Asked]] = {}
    for part in parts:
        asked = what_is_asked(part.question)
        for e in part.reading.evidence:
            place = (e.hit.paragraph.document_id, e.hit.paragraph.number)
            if place not in cited and (place not in best or e.answerable > best[place][0].answerable):
                best[place] = (e, asked)
    order = sorted(best.values(), key=lambda pair: -pair[0].answerable)[:_LOOKED_AT]
    return tuple(
        LookedAt(
            document_id=e.hit.paragraph.document_id,
            paragraph=e.hit.paragraph.number,
            score=round(e.answerable, 4),
            why_not=_why_not(e, asked, bool(quotes), abstain_below),
        )
        for e, asked in order
    )


_SOUGHT_WORDS = {
    "date": "a date",
    "percentage": "a percentage",
    "money": "an amount of money",
    "count": "a number",
    "amount": "a figure",
    "duration": "a span of time",
    "person": "a person's name",
    "organisation": "an institution",
    "place": "a place",
    "name": "a name",
}


def _why_not(evidence: Evidence, asked: Asked, answered: bool, abstain_below: float) -> str:
    if evidence.lacks:
        return evidence.lacks
    if evidence.missing:
        return f"does not mention {', '.join(dict.fromkeys(evidence.missing))}"
    if asked.is_short and evidence.short is None:
        return f"its nearest sentence does not give {_SOUGHT_WORDS[asked.sought]} that answers"
    if answered and evidence.answerable >= abstain_below:
        return "a cited paragraph answers more directly"
    return "on the subject, but no sentence of it answers the question"
