"""Scores and metrics, with arithmetic that can be followed by eye."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fakes_evals import CLOSED, OPENED, WARDEN, contains, quoting, refusing

from evals.cases import Case
from evals.metrics import (
    METRICS,
    abstention,
    bootstrap,
    citation_precision,
    citation_recall,
    mean,
    measure,
    ratio,
    reciprocal_rank,
    sign_test,
)
from evals.scores import Ranked, Score, score

P0, P1, P2 = "harbour#p0", "harbour#p1", "harbour#p2"
OPENING = Case(
    "opening", "date", "When did it open?", ("supported",), "harbour", (), (("1931", "the thirties"),), (P1,)
)
DEPTH = Case("depth", "unanswerable", "How deep?", ("not_in_corpus",), "harbour")


def pieces(*places: str | None) -> list[Ranked]:
    return [Ranked(place, frozenset({place} if place else ())) for place in places]


def scored(
    case: Case = OPENING, *, answer: Any = None, ranked: list[Ranked] | None = None, **changes: Any
) -> Score:
    made = score(replace(case, **changes), answer or quoting(OPENED), ranked or pieces(P1), contains)
    assert made.right == (made.facts and made.clean and made.cite_any and made.cite_all and made.family)
    return made


def test_a_right_answer_is_right_in_every_part() -> None:
    assert scored().right
    assert scored(DEPTH, answer=refusing()).right


def test_facts_want_one_of_each_group() -> None:
    assert scored(answer=quoting(OPENED)).facts
    assert not scored(answer=quoting(CLOSED)).facts
    two = replace(OPENING, answer=(("1931",), ("Mira Holt",)))
    assert not scored(two, answer=quoting(OPENED)).facts
    assert scored(two, answer=quoting(OPENED, WARDEN)).facts


def test_a_fact_may_stand_in_the_short_answer_alone() -> None:
    assert scored(answer=quoting(CLOSED, short="1931")).facts


def test_a_marker_is_no_figure() -> None:
    asks_for_two = replace(OPENING, answer=(("2",),))
    assert not scored(asks_for_two, answer=quoting(OPENED, WARDEN)).facts


def test_what_must_not_be_included_spoils_the_answer() -> None:
    spoilt = scored(answer=quoting(OPENED, CLOSED), must_not_include=("1987",))
    assert spoilt.facts
    assert not spoilt.clean
    assert not spoilt.right


def test_citations_any_and_all() -> None:
    any_two = scored(cite_any=(P1, P2))
    all_two = scored(cite_any=(), cite_all=(P1, P2))
    assert (any_two.cite_any, any_two.cite_all, any_two.right) == (True, True, True)
    assert (all_two.cite_any, all_two.cite_all, all_two.right) == (True, False, False)
    assert scored(answer=quoting(WARDEN), cite_any=(P1,)).cite_any is False


def test_verdicts_of_one_family_are_told_apart_by_the_letter_only() -> None:
    partly = scored(answer=quoting(OPENED, verdict="partly_supported"))
    assert (partly.verdict_ok, partly.family) == (False, True)
    conflict = scored(answer=quoting(OPENED, verdict="conflicting"))
    assert (conflict.verdict_ok, conflict.family) == (False, False)
    refused = scored(answer=refusing())
    assert (refused.verdict_ok, refused.family) == (False, False)


def test_ranks_count_distinct_paragraphs() -> None:
    chunks = [
        Ranked(P2, frozenset({P2, P1})),  # overlaps the right paragraph, but is mostly another
        Ranked(P2, frozenset({P2})),  # the same paragraph again takes no rank
        Ranked(None, frozenset()),
        Ranked(P1, frozenset({P1})),
    ]
    found = scored(ranked=chunks)
    assert (found.rank, found.touch_rank) == (3, 1)
    assert scored(ranked=pieces(P2, P0)).rank is None


@pytest.mark.parametrize(
    "changes",
    [
        {"history": ("And before?",)},
        {"cite_any": (), "cite_all": (P1, P2)},
        {"verdict": ("not_in_corpus",), "answer": (), "cite_any": ()},
    ],
)
def test_retrieval_is_measured_on_answerable_cases_of_one_paragraph(changes: dict[str, Any]) -> None:
    assert not score(replace(OPENING, **changes), quoting(OPENED), pieces(P1), contains).retrieval


def test_recall_at_five_is_the_share_of_the_paragraphs_needed() -> None:
    needs_two = replace(OPENING, cite_any=(), cite_all=(P1, P2))
    assert scored(needs_two, ranked=pieces(P1, P0)).recall_at_5 == 0.5
    late = pieces(P1, "x#p1", "x#p2", "x#p3", "x#p4", P2)
    assert scored(needs_two, ranked=late).recall_at_5 == 0.5
    assert scored().recall_at_5 is None


def test_mean_reciprocal_rank() -> None:
    ranks = [scored(ranked=pieces(P1)), scored(ranked=pieces(P0, P1)), scored(ranked=pieces(P0))]
    assert reciprocal_rank(ranks) == pytest.approx((1 + 1 / 2 + 0) / 3)


def test_hits_at_one_three_and_five() -> None:
    ranks = [scored(ranked=pieces(*["x#p1", "x#p2", "x#p3", "x#p4"][:before], P1)) for before in (0, 2, 4, 1)]
    found = measure(ranks, rounds=0)
    assert [found[key].value for key in ("hit_1", "hit_3", "hit_5")] == [0.25, 0.75, 1.0]


def test_citation_precision_and_recall_pool_paragraphs() -> None:
    one_of_two = scored(answer=quoting(OPENED, WARDEN), cite_any=(P1,))  # cites 2, 1 is gold; needs 1, has 1
    none = scored(answer=quoting(WARDEN), cite_any=(P1,))  # cites 1, 0 gold; needs 1, has 0
    half = scored(answer=quoting(OPENED), cite_any=(), cite_all=(P1, P2))  # cites 1, 1 gold; needs 2, has 1
    assert citation_precision([one_of_two, none, half]) == pytest.approx((1 + 0 + 1) / (2 + 1 + 1))
    assert citation_recall([one_of_two, none, half]) == pytest.approx((1 + 0 + 1) / (1 + 1 + 2))


def test_one_of_any_is_required_beside_all_only_where_it_is_another() -> None:
    beside = scored(cite_any=(P0, P2), cite_all=(P1,))
    assert (beside.required, beside.found) == (2, 1)
    within = scored(cite_any=(P1, P2), cite_all=(P1, P2))
    assert (within.required, within.found) == (2, 1)


def test_two_sentences_of_one_paragraph_cite_it_once() -> None:
    assert scored(answer=quoting(OPENED, CLOSED)).cited == 1


def test_abstention_counts_refusals_as_positive() -> None:
    hit = scored(DEPTH, answer=refusing())
    missed = scored(DEPTH, answer=quoting(OPENED))
    false = scored(answer=refusing())
    precision, recall, f1 = abstention([hit, missed, false, scored()])
    assert (precision, recall) == (1 / 2, 1 / 2)
    assert f1 == pytest.approx(2 * 0.5 * 0.5 / (0.5 + 0.5))
    assert abstention([scored()]) == (None, None, None)


def test_either_verdict_leaves_a_case_out_of_abstention() -> None:
    either = scored(answer=refusing(), verdict=("supported", "not_in_corpus"))
    assert either.expected == "either"
    assert measure([either], rounds=0)["abstention_recall"].n == 0


def test_refusals_and_conflicts_are_counted_where_they_are_wrong() -> None:
    refused, conflict = scored(answer=refusing()), scored(answer=quoting(OPENED, verdict="conflicting"))
    due = scored(answer=quoting(OPENED, verdict="conflicting"), verdict=("conflicting",))
    found = measure([refused, conflict, due, scored()], rounds=0)
    assert found["false_refusals"].value == 1 / 4
    assert (found["conflicts"].value, found["conflicts"].n) == (1.0, 1)
    assert (found["false_conflicts"].value, found["false_conflicts"].n) == (1 / 3, 3)


def test_nothing_measured_is_none_and_no_zero() -> None:
    assert (mean([]), ratio(1, 0)) == (None, None)
    assert all(each.value is None and each.n == 0 for each in measure([]).values())
    assert len({metric.key for metric in METRICS}) == len(METRICS)


def test_the_bootstrap_is_seeded_and_holds_the_value() -> None:
    values = [1.0] * 8 + [0.0] * 2
    low, high = bootstrap(values, mean)
    assert low is not None
    assert high is not None
    assert low < 0.8 < high
    assert (low, high) == bootstrap(values, mean)
    assert bootstrap([1.0] * 5, mean) == (1.0, 1.0)
    assert bootstrap([], mean) == (None, None)


def test_the_sign_test_is_exact() -> None:
    assert sign_test(0, 0) == 1.0
    assert sign_test(5, 0) == pytest.approx(2 / 2**5)
    assert sign_test(3, 1) == pytest.approx(2 * (1 + 4) / 2**4)
