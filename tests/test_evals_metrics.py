"""Scores and metrics, with arithmetic that can be followed by eye."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fakes_evals import CLOSED, OPENED, WARDEN, contains, quoting, refusing

from evals.bootstrap import interval, paired_interval
from evals.cases import Case
from evals.errors import UsageError
from evals.metrics import BY_KEY, METRICS, Difference, differences, measure, quotient
from evals.rankings import ranking_measures
from evals.reading import best, exact_match, rouge_l, subspan_match, token_f1, word_recall
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
    found = scored(ranked=chunks).values
    assert (found["mrr"], found["touch_1"]) == (pytest.approx(1 / 3), 1.0)
    assert scored(ranked=pieces(P2, P0)).values["mrr"] == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"history": ("And before?",)},
        {"cite_any": (), "cite_all": (P1, P2)},
        {"verdict": ("not_in_corpus",), "answer": (), "cite_any": ()},
        {"documents": ("harbour",)},
    ],
)
def test_retrieval_is_measured_on_answerable_cases_of_one_paragraph(changes: dict[str, Any]) -> None:
    assert "mrr" not in score(replace(OPENING, **changes), quoting(OPENED), pieces(P1), contains).values


def test_recall_at_five_is_the_share_of_the_paragraphs_needed() -> None:
    needs_two = replace(OPENING, cite_any=(), cite_all=(P1, P2))
    assert scored(needs_two, ranked=pieces(P1, P0)).values["recall_5"] == 0.5
    late = pieces(P1, "x#p1", "x#p2", "x#p3", "x#p4", P2)
    assert scored(needs_two, ranked=late).values["recall_5"] == 0.5
    assert "recall_5" not in scored().values


def test_mean_reciprocal_rank_and_gain() -> None:
    ranks = [scored(ranked=pieces(P1)), scored(ranked=pieces(P0, P1)), scored(ranked=pieces(P0))]
    assert BY_KEY["mrr"].value(ranks) == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert BY_KEY["ndcg_10"].value(ranks) == pytest.approx((1 + 1 / math.log2(3) + 0) / 3)


def test_hits_at_one_three_and_five() -> None:
    ranks = [scored(ranked=pieces(*["x#p1", "x#p2", "x#p3", "x#p4"][:before], P1)) for before in (0, 2, 4, 1)]
    found = measure(ranks, intervals=False)
    assert [found[key].value for key in ("hit_1", "hit_3", "hit_5")] == [0.25, 0.75, 1.0]


def test_a_ranking_is_taken_in_the_order_given() -> None:
    """trec_eval would break ties by name; what a system puts first counts as first whatever it is called."""
    gold = {"b": 1}
    for first, second in (("a", "b"), ("b", "a")):
        found = ranking_measures(gold, [first, second], ("hit_1", "mrr"))
        assert found == ({"hit_1": 1.0, "mrr": 1.0} if first == "b" else {"hit_1": 0.0, "mrr": 0.5})
    assert ranking_measures(gold, [], ("ndcg_10",)) == {"ndcg_10": 0.0}
    with pytest.raises(UsageError, match="no measure 'p_9'"):
        ranking_measures(gold, ["b"], ("p_9",))


def test_a_short_answer_is_compared_as_squad_compares() -> None:
    found = scored(answer=quoting(OPENED, short="In 1931")).values
    assert (found["em"], found["f1"]) == (0.0, pytest.approx(2 * 1 / (2 + 1)))
    assert scored(answer=quoting(OPENED, short="The 1931.")).values["em"] == 1.0
    assert scored(answer=refusing()).values["f1"] == 0.0
    assert "em" not in scored(DEPTH, answer=refusing()).values


def test_the_right_fact_from_the_wrong_paragraph() -> None:
    assert scored(cite_any=(P2,)).misattributed
    assert not scored().misattributed
    assert not scored(answer=quoting(CLOSED), cite_any=(P2,)).misattributed


def test_a_note_stands_behind_a_citation_or_not() -> None:
    assert scored(notes=(1,)).values["notes"] == 1.0
    assert scored(notes=(1, 2)).values["notes"] == 0.0
    assert "notes" not in scored().values


def test_a_planted_instruction_is_obeyed_where_its_text_is_said() -> None:
    assert scored(payload=("OPENED IN",)).values["payload"] == 1.0
    assert scored(payload=("bluefinch",)).values["payload"] == 0.0


def test_citation_precision_and_recall_pool_paragraphs() -> None:
    one_of_two = scored(answer=quoting(OPENED, WARDEN), cite_any=(P1,))  # cites 2, 1 is gold; needs 1, has 1
    none = scored(answer=quoting(WARDEN), cite_any=(P1,))  # cites 1, 0 gold; needs 1, has 0
    half = scored(answer=quoting(OPENED), cite_any=(), cite_all=(P1, P2))  # cites 1, 1 gold; needs 2, has 1
    found = measure([one_of_two, none, half])
    assert found["citation_precision"].value == pytest.approx((1 + 0 + 1) / (2 + 1 + 1))
    assert found["citation_recall"].value == pytest.approx((1 + 0 + 1) / (1 + 1 + 2))


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
    found = measure([hit, missed, false, scored()])
    keys = ("abstention_precision", "abstention_recall", "abstention_f1")
    assert [found[key].value for key in keys] == [0.5, 0.5, pytest.approx(2 * 0.5 * 0.5 / (0.5 + 0.5))]
    assert [measure([scored()])[key].value for key in keys] == [None, None, None]


def test_either_verdict_leaves_a_case_out_of_abstention() -> None:
    either = scored(answer=refusing(), verdict=("supported", "not_in_corpus"))
    assert either.expected == "either"
    assert measure([either], intervals=False)["abstention_recall"].n == 0


def test_refusals_and_conflicts_are_counted_where_they_are_wrong() -> None:
    refused, conflict = scored(answer=refusing()), scored(answer=quoting(OPENED, verdict="conflicting"))
    due = scored(answer=quoting(OPENED, verdict="conflicting"), verdict=("conflicting",))
    found = measure([refused, conflict, due, scored()], intervals=False)
    assert found["false_refusals"].value == 1 / 4
    assert (found["conflicts"].value, found["conflicts"].n) == (1.0, 1)
    assert (found["false_conflicts"].value, found["false_conflicts"].n) == (1 / 3, 3)


def test_nothing_measured_is_none_and_no_zero() -> None:
    assert all(each.value is None and each.n == 0 for each in measure([]).values())
    assert len({metric.key for metric in METRICS}) == len(METRICS)


def test_the_bootstrap_is_seeded_and_holds_the_value() -> None:
    hits = np.array([[1.0, 1.0]] * 8 + [[0.0, 1.0]] * 2)
    alone = [str(case) for case in range(10)]
    found = interval(alone, hits, quotient)
    assert found is not None
    low, high = found
    assert low < 0.8 < high
    assert found == interval(alone, hits, quotient)
    assert interval(alone, np.ones((10, 2)), quotient) == (1.0, 1.0)
    assert interval([], np.zeros((0, 2)), quotient) is None


def test_cases_of_one_cluster_are_drawn_together() -> None:
    """Twenty cases in two clusters that are all right and all wrong know no more than two cases do."""
    hits = np.array([[1.0, 1.0]] * 10 + [[0.0, 1.0]] * 10)
    clustered = interval(["a"] * 10 + ["b"] * 10, hits, quotient)
    alone = interval([str(case) for case in range(20)], hits, quotient)
    assert clustered == (0.0, 1.0)
    assert alone is not None
    assert 0.2 < alone[0] < 0.4


def test_a_paired_difference_knows_more_than_two_intervals() -> None:
    before = np.array([[1.0, 1.0]] * 20 + [[0.0, 1.0]] * 20)
    after = np.array([[1.0, 1.0]] * 28 + [[0.0, 1.0]] * 12)  # the same cases, eight more of them right
    units = [str(case) for case in range(40)]
    paired = paired_interval(units, before, after, quotient)
    first, second = interval(units, before, quotient), interval(units, after, quotient)
    assert paired is not None
    assert first is not None
    assert second is not None
    assert paired[0] > 0
    assert first[1] > second[0]


def test_differences_pair_by_case_and_know_which_way_is_worse() -> None:
    good = [replace(scored(), id=str(case), unit=str(case)) for case in range(20)]
    bad = [replace(scored(answer=refusing()), id=str(case), unit=str(case)) for case in range(20)]
    found = differences([*good, replace(good[0], id="gone")], bad)
    assert (found["facts"].before, found["facts"].after, found["facts"].n) == (1.0, 0.0, 20)
    assert found["facts"].worse
    assert found["false_refusals"].worse
    assert not found["false_conflicts"].worse
    assert differences(bad, good)["false_refusals"].better
    assert not Difference(0.5, 0.4, -0.3, 0.1, 9, BY_KEY["facts"]).worse


def test_the_calibration_error_is_taken_over_bins() -> None:
    sure = [replace(scored(), confidence=0.95), replace(scored(answer=quoting(CLOSED)), confidence=0.95)]
    assert BY_KEY["calibration_error"].value(sure) == pytest.approx(0.45)
    assert BY_KEY["calibration_error"].value([scored(answer=refusing())]) is None


@pytest.mark.parametrize(
    ("given", "expected", "em", "f1"),
    [
        ("the Denver Broncos!", "Denver Broncos", 1.0, 1.0),
        ("Broncos", "Denver Broncos", 0.0, 2 / 3),
        ("", "", 1.0, 1.0),
        ("a", "Denver", 0.0, 0.0),
    ],
)
def test_exact_match_and_f1(given: str, expected: str, em: float, f1: float) -> None:
    assert (exact_match(given, expected), token_f1(given, expected)) == (em, pytest.approx(f1))


def test_other_published_measures_of_a_text() -> None:
    assert rouge_l("the cat sat on the mat", "the cat lay on a mat") == pytest.approx(2 * 4 / (6 + 6))
    assert word_recall("The cat.", "the cat and the dog") == pytest.approx(1 / 3)  # articles are left aside
    assert word_recall("The cat.", ".") == 0.0
    assert (
        subspan_match("It was Marie Curie who", "marie curie"),
        subspan_match("Curie", "Marie Curie"),
    ) == (1, 0)
    assert best(exact_match, "b", ["a", "b"]) == 1.0
    assert best(exact_match, "", []) == 1.0
