"""Feedback as records that `python -m evals add` takes, one JSON object on each line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from assistant.storage.records import GivenFeedback


def record(given: GivenFeedback) -> dict[str, Any]:
    """What a candidate case is made from; `kind` is missing where the thumb was up."""
    kept, feedback = given.kept, given.feedback
    plain = {
        "answer_id": kept.id,
        "question": kept.question,
        "history": [turn.content for turn in kept.history if turn.role == "user"],
        "verdict": kept.record.get("verdict"),
        "thumb": feedback.thumb,
        "kind": feedback.wrong,
        "right_answer": feedback.right_answer,
        "comment": feedback.comment,
        "corpus_version": kept.corpus_version,
        "given_at": given.given_at,
    }
    return {key: value for key, value in plain.items() if value is not None}


def to_lines(feedback: Iterable[GivenFeedback]) -> str:
    """The records as JSON lines."""
    return "".join(json.dumps(record(each), ensure_ascii=False) + "\n" for each in feedback)
