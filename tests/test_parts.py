"""A question's parts, and the documents that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from fakes_assistant import document

from assistant.parts import named_documents, split_parts

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "parts.yaml").read_text(encoding="utf-8"))
DOCUMENTS = (
    document("harbour", publisher="Ellmouth Harbour Board (EHB)", author="Ines Albrecht"),
    document("gazette", publisher="The Gazette"),
    document("note", publisher=None),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["question"])
def test_a_question_has_these_parts(case: dict[str, Any]) -> None:
    assert split_parts(case["question"]) == case.get("parts", [case["question"]])


def test_blanks_around_a_question_are_dropped() -> None:
    assert split_parts("  How long is the berth? ") == ["How long is the berth?"]


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("What does the Gazette say about freight?", ["gazette"]),
        ("According to the Gazette, what rose?", ["gazette"]),
        ("According to The Gazette, what rose?", ["gazette"]),
        ("how does the gazette explain it", ["gazette"]),
        ("What does the EHB brief say?", ["harbour"]),
        ("What does the Ellmouth Harbour Board expect?", ["harbour"]),
        ("What is said in Albrecht's account?", ["harbour"]),
        ("What did Ines Albrecht's recent article say?", ["harbour"]),
        ("Albrecht argues what?", ["harbour"]),
        ("Which harbour report is newer?", ["harbour"]),
        ("According to harbour, what rose?", ["harbour"]),
        ("What do Albrecht and the Gazette say?", ["harbour", "gazette"]),
    ],
)
def test_a_question_names_these_documents(question: str, ids: list[str]) -> None:
    assert list(named_documents(question, DOCUMENTS)) == ids


@pytest.mark.parametrize(
    "question",
    [
        "Who is Ines Albrecht?",
        "How deep is the harbour?",
        "In the harbour, how many ships lie?",
        "What did the old harbour say of its builders?",
        "Which note was sung?",
        "Is the board older than the gazettes?",
    ],
)
def test_a_name_in_another_place_names_no_document(question: str) -> None:
    assert named_documents(question, DOCUMENTS) == ()
