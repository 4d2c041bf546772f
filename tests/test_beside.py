"""What a paragraph lacks beside the others that were found."""

from __future__ import annotations

import pytest
from fakes_assistant import paragraph

from assistant.facts import find_facts
from assistant.reader.beside import lacking_beside

LEADERS = ("Kim Jong Un met the harbour master.", "Kim praised the ferry.")
REPORT = ("Fares: They rose in May.", "Conclusion: The lease is a turning point.", "The lease matters.")


def lacks(question: str, texts: tuple[str, ...]) -> list[str | None]:
    found = [paragraph(f"harbour {number}", text) for number, text in enumerate(texts, 1)]
    return lacking_beside(question, found, [find_facts(text) for text in texts])


@pytest.mark.parametrize("question", ["What did Kim Yo Jong say?", "When did Kim Il Sung visit?"])
def test_a_family_name_is_not_every_member_of_the_family(question: str) -> None:
    assert {lack.rpartition(" ")[0] for lack in lacks(question, LEADERS) if lack} == {
        "does not mention " + " ".join(question.split()[2:4])
    }


@pytest.mark.parametrize(
    "question",
    [
        "What did Kim Jong Un say?",
        "What did Kim Jong-un say?",
        "What did Kim Jong Eun say?",  # another spelling
        "What did Kim say?",
        "What did Nora Holt say?",
    ],
)
def test_another_spelling_or_another_family_is_left_to_the_models(question: str) -> None:
    assert lacks(question, LEADERS) == [None, None]


def test_where_nobody_of_the_family_is_named_in_full_the_family_name_may_be_anybody() -> None:
    assert lacks("What did Kim Yo Jong say?", LEADERS[1:]) == [None]


def test_what_the_conclusion_says_stands_in_it() -> None:
    aside = "does not stand in the conclusion"
    asked = "How important is the lease, according to the conclusion of the brief?"
    assert lacks(asked, REPORT) == [aside, None, aside]
    assert lacks("How important is the lease?", REPORT) == [None, None, None]
    assert lacks(asked, REPORT[::2]) == [None, None]  # nothing is headed so: it may be any of them


def test_a_heading_says_so_too() -> None:
    within = paragraph("harbour 1", "The lease is a turning point.", heading="Conclusions")
    other = paragraph("harbour 2", "The lease was signed.", heading="History")
    assert lacking_beside("What is said in the conclusion?", [within, other], [(), ()]) == [
        None,
        "does not stand in the conclusion",
    ]
