"""The questions to begin with: only such as are answered, checked beside the server's work."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from fakes_web import FakeAssistant

from assistant.answers import Question
from assistant.suggestions import Suggestions
from index.errors import IndexMissing, StoreError

OFFERED = ("How long is the berth?", "What is the fare?", "Who built the quay?")
PATIENCE = 60.0


@dataclass
class Checked(FakeAssistant):
    """Notes what is checked; waits while it is held."""

    checked: list[str] = field(default_factory=list)
    free: threading.Event = field(default_factory=threading.Event)

    def answerable(self, question: Question, /) -> bool:
        assert self.free.wait(PATIENCE)
        self.checked.append(question.text)
        return super().answerable(question)


def checked(*, held: bool = False) -> Checked:
    assistant = Checked(unanswerable=frozenset({"What is the fare?"}))
    if not held:
        assistant.free.set()
    return assistant


def test_only_questions_that_are_answered_are_offered() -> None:
    suggestions = Suggestions(checked, OFFERED)
    assert suggestions.questions(PATIENCE) == ("How long is the berth?", "Who built the quay?")


def test_they_are_made_from_the_corpus_where_it_offers_none() -> None:
    found = Suggestions(checked).questions(PATIENCE)
    assert "What do the documents say about Freight?" in found
    assert len(found) <= 5


def test_nobody_waits_for_them() -> None:
    assistant = checked(held=True)
    suggestions = Suggestions(lambda: assistant, OFFERED)
    suggestions.begin()
    assert suggestions.questions() == ()
    assistant.free.set()
    assert suggestions.questions(PATIENCE) != ()
    assert assistant.checked == list(OFFERED)


def test_they_are_checked_once_for_a_corpus_version_and_kept(tmp_path: Path) -> None:
    assistant, kept = checked(), tmp_path / "suggestions.json"
    found = Suggestions(lambda: assistant, OFFERED, kept).questions(PATIENCE)
    again = Suggestions(lambda: assistant, OFFERED, kept)
    assert (again.questions(), again.questions()) == (found, found)
    assert assistant.checked == list(OFFERED)
    assistant.library.version = "beef"
    assistant.unanswerable = frozenset()
    assert again.questions(PATIENCE) == OFFERED
    kept.write_text("{")
    assert Suggestions(lambda: assistant, OFFERED, kept).questions(PATIENCE) == OFFERED


def test_without_an_index_there_are_none() -> None:
    def missing() -> FakeAssistant:
        raise IndexMissing("There is no index.")

    assert Suggestions(missing, OFFERED).questions(PATIENCE) == ()


def test_a_store_that_does_not_answer_ends_the_check() -> None:
    class Broken(FakeAssistant):
        def answerable(self, question: Question, /) -> bool:
            raise StoreError("The store does not answer.")

    assert Suggestions(Broken, OFFERED).questions(PATIENCE) == ()


def test_a_stop_waits_for_the_question_under_way_only() -> None:
    assistant = checked(held=True)
    suggestions = Suggestions(lambda: assistant, OFFERED)
    suggestions.begin()
    stopping = threading.Thread(target=suggestions.stop)
    stopping.start()
    assistant.free.set()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
    assert len(assistant.checked) <= len(OFFERED)
    assert suggestions.questions() == suggestions.questions(PATIENCE)
