"""One case against one answer: what was right about it, as plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answers import Answer, Verdict
from evals.cases import Case, Kind, Label, label

Contains = Callable[[str, str], bool]
"""Whether the second text's facts and words stand in the first: 54% is 54 percent."""

Expected = Literal["answer", "abstain", "either"]
MARKER = re.compile(r"\s?\[(\d+)\]")

_FAMILY: dict[Verdict, str] = {
    "supported": "answered",
    "partly_supported": "answered",
    "conflicting": "conflict",
    "not_in_corpus": "abstained",
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """One retrieved piece: the paragraph that it counts as, and every paragraph that it overlaps.

    For Footnote a piece is a paragraph. For a chunk `paragraph` is the one with which it shares the
    most characters; None where it holds no counted paragraph at all.
    """

    paragraph: Label | None
    touches: frozenset[Label]


@dataclass(frozen=True, slots=True)
class Score:
    """What one answer got right. All that the metrics need, and no text of the case.

    `facts`: each group of the expected answer stands in it. `clean`: nothing that it must not
    include does. `family`: the verdict is of an acceptable family (answered, conflict, abstained);
    `verdict_ok`: it is an acceptable one to the letter. `right` is facts, clean, both citations and
    family together. `required` paragraphs had to be cited and `found` were; of `cited` ones
    `cited_gold` are gold. `rank` is the place, from 1, of the first gold paragraph among the
    distinct paragraphs retrieved, `touch_rank` that of the first piece that overlaps one; None
    where none was retrieved, and for cases that retrieval is not measured on (`retrieval`).
    `recall_at_5` is the share of `cite_all` among the first five paragraphs; `confidence` the answer's.
    """

    id: str
    kind: Kind
    cluster: str
    expected: Expected
    conflict: bool
    verdict: Verdict
    verdict_ok: bool
    family: bool
    facts: bool
    clean: bool
    cite_any: bool
    cite_all: bool
    right: bool
    cited: int
    cited_gold: int
    required: int
    found: int
    retrieval: bool
    rank: int | None
    touch_rank: int | None
    recall_at_5: float | None
    seconds: float
    confidence: float = 0.0


def score(
    case: Case, answer: Answer, ranked: Sequence[Ranked], contains: Contains, seconds: float = 0.0
) -> Score:
    """Compare an answer and what was retrieved for it with what the case expects."""
    said = f"{without_markers(answer.answer)}\n{answer.short_answer or ''}"
    cited = {label(each.document_id, each.paragraph) for each in answer.citations}
    facts = all(any(contains(said, text) for text in group) for group in case.answer)
    clean = not any(contains(said, text) for text in case.must_not_include)
    cite_any = not case.cite_any or not cited.isdisjoint(case.cite_any)
    cite_all = cited.issuperset(case.cite_all)
    family = _FAMILY[answer.verdict] in {_FAMILY[each] for each in case.verdict}
    required, found = _required(case, cited)
    places = distinct([each.paragraph for each in ranked])
    # A follow-up's words alone do not name its subject, and several gold paragraphs are not one.
    retrieval = case.must_answer and not case.history and not case.cite_all
    return Score(
        id=case.id,
        kind=case.kind,
        cluster=case.cluster,
        expected="abstain" if case.must_abstain else "answer" if case.must_answer else "either",
        conflict="conflicting" in case.verdict,
        verdict=answer.verdict,
        verdict_ok=answer.verdict in case.verdict,
        family=family,
        facts=facts,
        clean=clean,
        cite_any=cite_any,
        cite_all=cite_all,
        right=facts and clean and cite_any and cite_all and family,
        cited=len(cited),
        cited_gold=len(cited & case.gold),
        required=required,
        found=found,
        retrieval=retrieval,
        rank=first_rank(places, case.gold) if retrieval else None,
        touch_rank=_touch_rank(ranked, case.gold) if retrieval else None,
        recall_at_5=_share(case.cite_all, places[:5]) if case.cite_all and not case.history else None,
        seconds=seconds,
        confidence=answer.confidence,
    )


def without_markers(answer: str) -> str:
    """The answer without its [1], [2], …, which would pass for figures."""
    return MARKER.sub("", answer)


def distinct(places: Sequence[Label | None]) -> list[Label | None]:
    """The places in order, each once, so that two chunks of one paragraph take one rank."""
    return list(dict.fromkeys(places))


def first_rank(places: Sequence[Label | None], gold: frozenset[Label]) -> int | None:
    """The rank, from 1, of the first gold place."""
    return next((rank for rank, place in enumerate(places, 1) if place in gold), None)


def _touch_rank(ranked: Sequence[Ranked], gold: frozenset[Label]) -> int | None:
    return next((rank for rank, each in enumerate(ranked, 1) if each.touches & gold), None)


def _required(case: Case, cited: set[Label]) -> tuple[int, int]:
    """How many paragraphs had to be cited, and how many were: all of `cite_all`, and one of
    `cite_any` where that asks for something more."""
    required, found = len(case.cite_all), len(cited.intersection(case.cite_all))
    if case.cite_any and set(case.cite_any).isdisjoint(case.cite_all):
        return required + 1, found + (not cited.isdisjoint(case.cite_any))
    return required, found


def _share(wanted: Sequence[Label], places: Sequence[Label | None]) -> float:
    return sum(each in places for each in wanted) / len(wanted)
