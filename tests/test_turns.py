"""Who asks many questions at once does not keep others from having theirs answered."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest

from assistant.answers import Question
from assistant.api.problems import ProblemError
from assistant.api.run import ANYONE, Run
from assistant.api.runs import Runs
from assistant.api.turns import Turns


def drained(turns: Turns, count: int) -> list[str]:
    return [turns.next().question.text for _ in range(count)]


def waiting(*asked: str) -> Turns:
    """Turns of runs "a1", "b1" …, whose letter is their owner."""
    turns = Turns()
    for each in asked:
        turns.add(Run(Question(each), each[0]))
    return turns


def test_owners_take_turns() -> None:
    assert drained(waiting("a1", "a2", "a3", "b1", "b2", "c1"), 6) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_one_who_comes_later_waits_for_one_question_of_another() -> None:
    turns = waiting("a1", "a2", "a3")
    assert drained(turns, 1) == ["a1"]
    turns.add(Run(Question("b1"), "b"))
    assert (turns.of("a"), turns.of("b"), turns.of("c")) == (2, 1, 0)
    assert drained(turns, 3) == ["a2", "b1", "a3"]
    with pytest.raises(KeyError):
        turns.next()


class Slow:
    """Notes what it is asked, and answers once it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun, self.go = Event(), Event()

    def stream(self, question: Question) -> Iterator[Any]:
        self.asked.append(question.text)
        self.begun.set()
        assert self.go.wait(30)
        return iter(())


def test_a_crowd_of_one_key_leaves_places_and_turns_to_others() -> None:
    slow = Slow()
    runs = Runs(cast("Any", lambda: SimpleNamespace(stream=slow.stream)), parallel=1, waiting=4)
    runs.start(Question("a1"), "a")
    assert slow.begun.wait(30)
    for text in ("a2", "a3", "a4"):
        runs.start(Question(text), "a")
    with pytest.raises(ProblemError, match=r"^3 questions of this key are waiting already\. Try again in"):
        runs.start(Question("a5"), "a")
    runs.start(Question("b1"), "b")
    with pytest.raises(ProblemError, match=r"^4 questions are waiting already\."):
        runs.start(Question("c1"), "c")
    slow.go.set()
    runs.stop()
    assert slow.asked == ["a1", "a2", "b1", "a3", "a4"]


def test_without_keys_all_places_are_everybodys() -> None:
    slow = Slow()
    runs = Runs(cast("Any", lambda: SimpleNamespace(stream=slow.stream)), parallel=1, waiting=4)
    for number in range(5):
        runs.start(Question(str(number)), ANYONE)
    with pytest.raises(ProblemError, match=r"^4 questions are waiting already\."):
        runs.start(Question("more"), ANYONE)
    slow.go.set()
    runs.stop()
    assert slow.asked == ["0", "1", "2", "3", "4"]
