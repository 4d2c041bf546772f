"""Questions whether a date or a figure is right, and the open question behind each."""

from __future__ import annotations

import pytest

from assistant.opened import asked_openly, to_confirm


@pytest.mark.parametrize(
    ("question", "opened"),
    [
        ("Was the quay opened in 2000 or in 2001?", "When was the quay opened?"),
        ("Was the quay opened either on 3 May or on 4 May 2019?", "When was the quay opened?"),
        ("Was the mayor already at the harbour on 18 June 2024?", "When was the mayor at the harbour?"),
        ("Did the ferry leave on June 19?", "When did the ferry leave?"),
        ("Is it correct that the quay was opened in 2001?", "When was it that the quay was opened?"),
        ("Did freight rise by 54 percent in May?", "By what percentage did freight rise in May?"),
        ("Did freight rise by 54% or by 61%?", "By what percentage did freight rise?"),
        ("Has the port sent 11,000 containers of salt?", "How many containers of salt has the port sent?"),
        ("Did they ship 300,000 tons of coal?", "How many tons of coal did they ship?"),
    ],
)
def test_what_is_to_be_confirmed_is_asked_for(question: str, opened: str) -> None:
    assert asked_openly(question) == opened


@pytest.mark.parametrize(
    "question",
    [
        "When was the quay opened in 2001?",
        "Was the quay opened?",
        "Did the agreement signed in 2000 name a fare?",
        "Is it the first ferry since 2001?",
        "Will the bridge be ready by 2027?",
        "Is the fare the one of 2019?",
        "Is 54 percent what the board says?",
    ],
)
def test_other_questions_are_left_as_they_are(question: str) -> None:
    assert asked_openly(question) is None


def test_what_is_joined_is_read_together() -> None:
    question = "Did the treaty of 1961 end in 1996 or in 1997?"
    assert [date.text for date in to_confirm(question)] == ["1996", "1997"]
    assert to_confirm("Did it end?") == ()
