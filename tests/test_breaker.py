"""The circuit breaker, by a clock that is set by hand."""

from __future__ import annotations

from index.breaker import Breaker


def test_it_opens_after_failures_in_a_row_and_tries_one_after_a_rest() -> None:
    now = [0.0]
    breaker = Breaker(2, 30, clock=lambda: now[0])
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    now[0] = 30.0
    assert breaker.allows()
    assert not breaker.allows()  # one at a time
    breaker.failed()
    assert not breaker.allows()
    now[0] = 60.0
    assert breaker.allows()
    breaker.succeeded()
    assert breaker.allows()
    assert breaker.allows()


def test_a_request_that_was_left_says_nothing_of_the_model() -> None:
    now = [0.0]
    breaker = Breaker(1, 30, clock=lambda: now[0])
    breaker.failed()
    now[0] = 31.0
    assert breaker.allows()
    breaker.given_up()
    assert breaker.allows()
