"""Callers that come at once share a call; each gets its own results, or the failure of its call."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from assistant.reader.together import Together


class Doubling:
    """Doubles numbers; the first call waits until it is let go, so that others gather behind it."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.begun, self.go = Event(), Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.calls.append(list(items))
        if len(self.calls) == 1:
            self.begun.set()
            assert self.go.wait(30)
        if -1 in items:
            raise ValueError("no negative numbers")
        return [2 * item for item in items]


def gathered(*batches: Sequence[int], most: int = 5) -> tuple[list[list[int]], list[object]]:
    """The calls made for the first batch and, while it is worked on, the others; and what each caller got."""
    work = Doubling()
    together = Together(work, most)

    def result(items: Sequence[int]) -> object:
        try:
            return together(items)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(len(batches)) as pool:
        futures = [pool.submit(result, batches[0])]
        assert work.begun.wait(30)
        for number, batch in enumerate(batches[1:], 1):
            futures.append(pool.submit(result, batch))
            while len(together._waiting) < number:  # in this order
                assert not futures[-1].done()
        work.go.set()
        return work.calls, [future.result(30) for future in futures]


def test_those_who_wait_share_a_call() -> None:
    calls, results = gathered([1], [2, 3], [4])
    assert calls == [[1], [2, 3, 4]]
    assert results == [[2], [4, 6], [8]]


def test_a_call_gets_no_more_than_it_may_unless_one_caller_has_more() -> None:
    calls, results = gathered([1], [2, 3], [4, 5, 6], [7, 8], [9] * 8, most=5)
    assert calls == [[1], [2, 3, 4, 5, 6], [7, 8], [9] * 8]
    assert results == [[2], [4, 6], [8, 10, 12], [14, 16], [18] * 8]


def test_a_failure_reaches_the_callers_of_its_call_and_no_other() -> None:
    calls, results = gathered([1], [2, -1], [3], [4, 5, 6], most=3)
    assert calls == [[1], [2, -1, 3], [4, 5, 6]]
    assert results == [[2], "no negative numbers", "no negative numbers", [8, 10, 12]]


def test_who_is_alone_is_served_at_once() -> None:
    work = Doubling()
    work.go.set()
    together = Together(work, 4)
    assert together([3]) == [6]
    with pytest.raises(ValueError, match="no negative"):
        together([-1])
    assert together([5]) == [10]
    assert together([]) == []
