"""A sentence as a candidate for an answer: what the rules on what it lacks look at."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.facts import Fact


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence's text and facts, those of its paragraph and heading, and its short answer.

    `before` is what stands before it in its paragraph.
    """

    text: str
    facts: tuple[Fact, ...]
    around: tuple[Fact, ...]
    short: str | None
    before: str = ""
