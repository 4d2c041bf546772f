"""The example request and answer of the API's description."""

from __future__ import annotations

from typing import Any

from assistant.answers import Answer, Citation, LookedAt
from index.addresses import address
from index.documents import content_hash

QUOTE = "it grew by another 54 percent in the first five months of 2024."
PARAGRAPH = f"Trade between the two countries multiplied by nine in 2023; {QUOTE}"

REQUEST: dict[str, Any] = {
    "question": "How much did it grow in early 2024?",
    "history": ["What happened to trade between the two countries in 2023?"],
}

ANSWER = Answer(
    id="01j9z3v6k2",
    question="How much did it grow in early 2024?",
    standalone_question="How much did trade between the two countries grow in early 2024?",
    verdict="supported",
    answer="Trade rose 54 percent in the first five months of 2024. [1]",
    short_answer="54 percent",
    mode="generative",
    degraded=None,
    model="example-model",
    confidence=0.93,
    citations=(
        Citation(
            number=1,
            answer_start=0,
            answer_end=55,
            document_id="diplomat",
            title="A new treaty between two neighbours",
            publisher="An example magazine",
            date="2024-06-20",
            paragraph=6,
            heading=None,
            page=None,
            permalink=address("diplomat", 6),
            quote=QUOTE,
            start=len(PARAGRAPH) - len(QUOTE),
            end=len(PARAGRAPH),
            content_hash=content_hash(PARAGRAPH),
            score=0.91,
            check="verified",
            missing_facts=(),
            notes=(),
        ),
    ),
    looked_at=(LookedAt("issi", 4, 0.4, "It is about oil and diesel, not about trade as a whole."),),
    corpus_version="3f2a9c81",
    timings_ms={"search": 9.1, "read": 61.0},
)
