"""Evidence -> the quotes of an answer. Every probability is given, so every choice can be followed by eye."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes_assistant import evidence, hit, reading

from assistant.compose import Draft, PartRead, compose
from assistant.reader import Evidence

BERTH = "The new berth is 210 metres long. It was opened by the mayor."
FREIGHT = (
    "Freight rose by 54 percent in 2024. The board counts containers and salt. "
    "Fish is weighed at the market. The cranes are older than the quay."
)
HOW_LONG = "How long is the new berth?"
SAID = "What does the board say about freight?"


def drafted(question: str, *found: Evidence, below: float = 0.3) -> Draft:
    """The draft for a question of one part."""
    return compose([PartRead(question, reading(*found))], below)


def quoted(draft: Draft) -> list[str]:
    return [quote.text for quote in draft.quotes]


def why_not(draft: Draft) -> list[tuple[str, int, str]]:
    return [(seen.document_id, seen.paragraph, seen.why_not) for seen in draft.looked_at]


def berth(
    length: str, place: str, probability: float, before: str = "The new berth is", after: str = "long."
) -> Evidence:
    return evidence(hit(place, f"{before} {length} {after}"), probability, short=length)


# One sentence


def test_the_best_sentence_answers_a_short_question() -> None:
    draft = drafted(
        HOW_LONG,
        evidence(hit("harbour 3", BERTH), 0.9, short="210 metres"),
        evidence(hit("harbour 4", FREIGHT), 0.8),
    )
    assert quoted(draft) == ["The new berth is 210 metres long."]
    assert (draft.short_answer, draft.confidence, draft.conflict, draft.complete) == (
        "210 metres",
        0.9,
        False,
        True,
    )
    (quote,) = draft.quotes
    assert quote.paragraph.text[quote.start : quote.end] == quote.text


def test_a_sentence_at_the_threshold_answers() -> None:
    assert quoted(drafted(HOW_LONG, berth("210 metres", "harbour 3", 0.3)))


def test_below_the_threshold_nothing_answers() -> None:
    draft = drafted(
        HOW_LONG,
        evidence(hit("harbour 4", FREIGHT), 0.1),
        berth("210 metres", "harbour 3", 0.29),
    )
    assert (draft.quotes, draft.short_answer, draft.complete) == ((), None, False)
    assert draft.confidence == 0.29
    assert [(seen.document_id, seen.paragraph, seen.score) for seen in draft.looked_at] == [
        ("harbour", 3, 0.29),
        ("harbour", 4, 0.1),
    ]


def test_no_evidence_gives_an_empty_draft() -> None:
    assert drafted(HOW_LONG) == Draft((), None, 0.0, False, False, ())


def test_a_sentence_that_opens_with_a_pronoun_brings_the_one_before() -> None:
    opened = evidence(hit("harbour 3", BERTH), 0.9, sentence=1, short="the mayor")
    assert quoted(drafted("Who opened the berth?", opened)) == [BERTH]
    alone = evidence(hit("harbour 5", "It was opened by the mayor."), 0.9)
    assert quoted(drafted("Who opened the berth?", alone)) == ["It was opened by the mayor."]


# Another document


def test_another_document_that_states_the_same_corroborates() -> None:
    draft = drafted(
        HOW_LONG,
        berth("210 metres", "harbour 3", 0.9),
        berth("210 meters", "gazette 2", 0.6, before="At"),
    )
    assert quoted(draft) == ["The new berth is 210 metres long.", "At 210 meters long."]
    assert (draft.conflict, draft.short_answer) == (False, "210 metres")


def test_another_document_that_states_something_else_conflicts_and_both_are_shown() -> None:
    draft = drafted(
        HOW_LONG,
        berth("210 metres", "harbour 3", 0.9),
        berth("240 metres", "gazette 2", 0.6),
    )
    assert [quote.paragraph.document_id for quote in draft.quotes] == ["harbour", "gazette"]
    assert (draft.conflict, draft.short_answer) == (True, "210 metres / 240 metres")


@pytest.mark.parametrize(
    ("question", "mine", "theirs"),
    [
        ("When did the berth open?", "2024", "19 June 2024"),
        ("When did the berth open?", "19 June 2024", "June 2024"),
        (HOW_LONG, "210 metres", "2 kilograms"),
        (HOW_LONG, "210 metres", "over 200 metres"),
        ("How many came?", "40 ships", "50 barges"),
        ("Who opened the berth?", "Ines Albrecht", "Jonas Weber"),
    ],
)
def test_what_may_both_be_true_is_no_conflict(question: str, mine: str, theirs: str) -> None:
    draft = drafted(question, berth(mine, "harbour 3", 0.9), berth(theirs, "gazette 2", 0.8))
    assert (len(draft.quotes), draft.conflict) == (1, False)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [("19 June 2024", "20 June 2024"), ("54 percent", "45 percent"), ("$5 million", "$6 million")],
)
def test_what_excludes_each_other_is_a_conflict(mine: str, theirs: str) -> None:
    draft = drafted("When, and how much?", berth(mine, "harbour 3", 0.9), berth(theirs, "gazette 2", 0.8))
    assert draft.conflict


def test_one_document_does_not_corroborate_or_contradict_itself() -> None:
    draft = drafted(HOW_LONG, berth("210 metres", "harbour 3", 0.9), berth("240 metres", "harbour 4", 0.9))
    assert (len(draft.quotes), draft.conflict) == (1, False)


def test_a_rival_needs_six_tenths_of_the_best_and_the_threshold() -> None:
    best = berth("210 metres", "harbour 3", 0.9)
    assert drafted(HOW_LONG, best, berth("240 metres", "gazette 2", 0.54)).conflict
    assert not drafted(HOW_LONG, best, berth("240 metres", "gazette 2", 0.53)).conflict
    assert not drafted(HOW_LONG, best, berth("240 metres", "gazette 2", 0.6), below=0.7).conflict


def test_figures_of_other_years_are_no_conflict() -> None:
    best = berth("54 percent", "harbour 3", 0.9, before="Freight rose by", after="in 2024.")
    rival = berth("45 percent", "gazette 2", 0.8, before="Freight rose by", after="in 1985.")
    question = "By what percentage did freight rise?"
    assert not drafted(question, best, rival).conflict
    assert drafted(
        question, best, berth("45 percent", "gazette 2", 0.8, "Freight rose by", "in 2024.")
    ).conflict


def test_the_limits_of_two_countries_are_no_conflict() -> None:
    best = evidence(hit("gazette 2", "UN sanctions let Norway buy 5 barrels."), 0.9, short="5 barrels")
    question = "How many barrels do UN sanctions let Norway buy?"
    for country, conflict in (("Sweden", False), ("Norway", True)):
        text = f"UN sanctions let {country} buy 9 barrels."
        rival = evidence(hit("harbour 3", text), 0.8, short="9 barrels")
        assert drafted(question, best, rival).conflict is conflict


@pytest.mark.parametrize(
    ("peak", "probability", "conflict"), [(-0.1, 0.31, True), (-2.0, 0.31, False), (-0.1, 0.29, False)]
)
def test_a_figure_that_stands_out_in_another_document_conflicts_above_the_threshold(
    peak: float, probability: float, conflict: bool
) -> None:
    rival = replace(berth("240 metres", "gazette 2", probability), peak=peak)
    assert drafted(HOW_LONG, berth("210 metres", "harbour 3", 0.9), rival).conflict is conflict


@pytest.mark.parametrize(("peak", "conflict"), [(-0.1, True), (-2.0, False)])
def test_the_paragraph_may_name_what_the_sentence_that_stands_out_calls_new(
    peak: float, conflict: bool
) -> None:
    best = evidence(hit("harbour 3", "The Treaty of Ellmouth was signed on 19 June."), 0.9, short="19 June")
    text = "A new treaty was signed on 20 June. The Treaty of Ellmouth has nine parts."
    rival = replace(evidence(hit("gazette 2", text), 0.8, short="20 June"), peak=peak)
    assert drafted("When was the Treaty of Ellmouth signed?", best, rival).conflict is conflict


@pytest.mark.parametrize(
    ("peak", "theirs", "conflict"), [(-0.1, "20 June", True), (-2.0, "20 June", False), (-0.1, "2023", False)]
)
def test_a_day_that_stands_out_in_another_document_conflicts_however_low_search_ranked_it(
    peak: float, theirs: str, conflict: bool
) -> None:
    rival = replace(berth(theirs, "gazette 2", 0.05, before="The mayor came on"), peak=peak)
    draft = drafted("When did the berth open?", berth("19 June 2024", "harbour 3", 0.9), rival)
    assert draft.conflict is conflict


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        ("Did the berth open in 2019 or in 2020?", (True, "2019 / 2020", 2)),
        ("Did the berth open in 2020?", (True, "2019 / 2020", 2)),
        ("Did the berth open in 2021?", (False, None, 1)),
        ("Did the berth open in May?", (False, None, 1)),
    ],
)
def test_a_date_to_confirm_on_which_documents_disagree_is_answered_with_both(
    question: str, verdict: tuple[bool, str | None, int]
) -> None:
    opened = [
        berth(year, place, 0.8, before="The berth opened in", after="with a feast.")
        for year, place in (("2019", "harbour 3"), ("2020", "gazette 2"))
    ]
    openly = PartRead("When did the berth open?", reading(*opened))
    feast = evidence(hit("harbour 4", "The mayor opened the berth."), 0.9)
    draft = compose([PartRead(question, reading(feast), openly=openly)], 0.3)
    assert (draft.conflict, draft.short_answer, len(draft.quotes)) == verdict


# Open questions


def test_an_open_question_takes_up_to_three_sentences_near_the_best() -> None:
    places = ["a 1", "b 1", "c 1", "d 1"]
    found = [
        evidence(hit(place, f"The board said {place}."), 0.8 - i / 100) for i, place in enumerate(places)
    ]
    assert quoted(drafted(SAID, *found)) == [f"The board said {place}." for place in places[:3]]
    far = evidence(hit("d 1", "The board said d."), 0.47)  # six tenths of 0.8 are 0.48
    assert len(drafted(SAID, found[0], far).quotes) == 1


def test_sentences_that_touch_are_one_quote() -> None:
    freight = hit("harbour 2", FREIGHT)
    draft = drafted(SAID, evidence(freight, 0.8, sentence=1), evidence(freight, 0.9, sentence=0))
    assert quoted(draft) == ["Freight rose by 54 percent in 2024. The board counts containers and salt."]
    assert draft.quotes[0].score == 0.9


def test_a_sentence_between_two_joins_all_three() -> None:
    freight = hit("harbour 2", FREIGHT)
    scores = {0: 0.9, 2: 0.85, 1: 0.8}
    draft = drafted(SAID, *(evidence(freight, score, sentence=i) for i, score in scores.items()))
    assert quoted(draft) == [FREIGHT.removesuffix(" The cranes are older than the quay.")]


def test_sentences_apart_and_of_other_paragraphs_stay_apart() -> None:
    freight = hit("harbour 2", FREIGHT)
    draft = drafted(
        SAID,
        evidence(freight, 0.9, sentence=0),
        evidence(freight, 0.85, sentence=2),
        evidence(hit("gazette 2", "The board counts containers and salt."), 0.8),
    )
    assert [(quote.paragraph.document_id, quote.start) for quote in draft.quotes] == [
        ("harbour", 0),
        ("harbour", FREIGHT.index("Fish")),
        ("gazette", 0),
    ]


def test_an_overview_takes_one_sentence_of_each_of_four_paragraphs_however_unlikely() -> None:
    freight = hit("harbour 2", FREIGHT)
    found = [evidence(freight, 0.05), evidence(freight, 0.04, sentence=1)]
    found += [evidence(hit(f"harbour {n}", f"Paragraph {n}."), 0.01) for n in (3, 4, 5, 6)]
    draft = drafted("What are these documents about?", *found)
    assert quoted(draft) == ["Freight rose by 54 percent in 2024.", *(f"Paragraph {n}." for n in (3, 4, 5))]


def test_each_document_answers_for_itself_about_itself() -> None:
    found = [
        evidence(hit("gazette 0", "Publisher: The Gazette"), 0.97, short="The Gazette"),
        evidence(hit("harbour 0", "Publisher: The Board"), 0.97, short="The Board"),
    ]
    part = PartRead("Who published the articles?", reading(*found), of_document=True)
    draft = compose([part], 0.3)
    assert quoted(draft) == ["Publisher: The Gazette", "Publisher: The Board"]
    assert not draft.conflict
    silent = PartRead(
        "Who published the article?", reading(evidence(hit("note 0", "Title: A note"), 0.03)), True
    )
    assert compose([silent], 0.3).quotes == ()


# Parts


def part(question: str, *found: Evidence) -> PartRead:
    return PartRead(question, reading(*found))


def test_both_parts_answered_are_complete_and_as_sure_as_the_less_sure() -> None:
    draft = compose(
        [
            part(HOW_LONG, berth("210 metres", "harbour 3", 0.9)),
            part(
                "Who opened it?",
                evidence(hit("gazette 1", "Jonas Weber opened it."), 0.6, short="Jonas Weber"),
            ),
        ],
        0.3,
    )
    assert quoted(draft) == ["The new berth is 210 metres long.", "Jonas Weber opened it."]
    assert (draft.complete, draft.confidence, draft.short_answer) == (True, 0.6, "210 metres; Jonas Weber")


def test_a_part_without_an_answer_leaves_the_draft_incomplete() -> None:
    draft = compose(
        [
            part(HOW_LONG, berth("210 metres", "harbour 3", 0.9)),
            part("Who paid?", berth("x", "gazette 1", 0.1)),
        ],
        0.3,
    )
    assert quoted(draft) == ["The new berth is 210 metres long."]
    assert (draft.complete, draft.confidence) == (False, 0.9)


def test_two_parts_answered_by_one_sentence_quote_it_once() -> None:
    both = evidence(hit("gazette 1", "Jonas Weber opened it in 2019."), 0.8, short="2019")
    draft = compose([part("When did it open?", both), part("Who opened it?", both)], 0.3)
    assert quoted(draft) == ["Jonas Weber opened it in 2019."]
    assert draft.complete


# What was read and not cited


def test_reasons_say_what_a_paragraph_lacks() -> None:
    below = hit("harbour 2", FREIGHT)
    cases = {
        ("When did Norway open it?", None, ("Norway", "Norway", "1999")): "does not mention Norway, 1999",
        ("When did it open?", None, ()): "its nearest sentence does not give a date that answers",
        ("How many came?", None, ()): "its nearest sentence does not give a number that answers",
        ("Who came?", None, ()): "its nearest sentence does not give a person's name that answers",
        (SAID, None, ()): "on the subject, but no sentence of it answers the question",
        (
            "By what percentage?",
            "54 percent",
            (),
        ): "on the subject, but no sentence of it answers the question",
    }
    for (question, short, missing), reason in cases.items():
        draft = drafted(question, evidence(below, 0.1, short=short, missing=missing))
        assert why_not(draft) == [("harbour", 2, reason)]


def test_a_paragraph_that_would_do_is_said_to_be_less_direct() -> None:
    draft = drafted(
        HOW_LONG,
        berth("210 metres", "harbour 3", 0.9),
        berth("210 metres", "harbour 5", 0.8),
        berth("210 metres", "harbour 6", 0.2),
    )
    assert why_not(draft) == [
        ("harbour", 5, "a cited paragraph answers more directly"),
        ("harbour", 6, "on the subject, but no sentence of it answers the question"),
    ]


@pytest.mark.parametrize(
    "question",
    [
        "When did it open?",
        "By what percentage?",
        "How much did it cost?",
        "How many came?",
        "How much came?",
        "How old is it?",
        "Who came?",
        "Which agency came?",
        "Which country came?",
        "What is the name of it?",
    ],
)
def test_every_kind_of_short_question_has_its_reason(question: str) -> None:
    (seen,) = drafted(question, evidence(hit("harbour 1", "Nothing is here."), 0.1)).looked_at
    assert seen.why_not.startswith("its nearest sentence does not give a")


def test_five_paragraphs_are_shown_each_once_by_its_best_sentence() -> None:
    freight = hit("harbour 1", FREIGHT)
    found = [evidence(freight, 0.1), evidence(freight, 0.25, sentence=1)]
    found += [evidence(hit(f"harbour {n}", "Nothing."), n / 100) for n in range(2, 9)]
    shown = drafted(SAID, *found).looked_at
    assert [(seen.paragraph, seen.score) for seen in shown] == [
        (1, 0.25),
        (8, 0.08),
        (7, 0.07),
        (6, 0.06),
        (5, 0.05),
    ]


def test_a_cited_paragraph_is_not_among_those_looked_at() -> None:
    freight = hit("harbour 1", FREIGHT)
    draft = drafted(SAID, evidence(freight, 0.9), evidence(freight, 0.1, sentence=3))
    assert draft.looked_at == ()
