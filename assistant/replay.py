"""A kept answer's question asked again, on the corpus as it was then or on another of its versions."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.answers import Answer, Question
from assistant.storage.records import KeptAnswer

NOW = "now"
"""Stands for the corpus version of now."""


@dataclass(frozen=True, slots=True)
class Replay:
    """An answer as it was given, and the answer to the same question on a corpus version.

    `same_version` is false on the answer's own version, too, where another encoder or reader reads the same paragraphs
    now. `same_answer` compares verdict, text and what is quoted from where.
    """

    then: Answer
    again: Answer
    same_version: bool
    same_answer: bool


def question_of(kept: KeptAnswer) -> Question:
    """What was asked, with the same history and within the same documents."""
    return Question(kept.question, kept.history, kept.documents)


def version_meant(kept: KeptAnswer, named: str | None) -> str | None:
    """The corpus version to ask: the named one, by default the answer's own; None is the one of now."""
    return None if named == NOW else named or kept.corpus_version


def compared(then: Answer, again: Answer) -> Replay:
    """Both answers beside each other."""
    return Replay(then, again, then.corpus_version == again.corpus_version, _said(then) == _said(again))


def _said(answer: Answer) -> tuple[object, ...]:
    cited = [(each.document_id, each.paragraph, each.quote) for each in answer.citations]
    return answer.verdict, answer.answer, cited
