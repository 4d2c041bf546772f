"""What goes into the assistant and what comes out of it: the answer, on every surface.

Offsets are 0-based, end-exclusive, in Unicode code points: `answer_*` into `Answer.answer`,
`start` and `end` into the paragraph's stored text.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from index.documents import Hit

Verdict = Literal["supported", "partly_supported", "conflicting", "not_in_corpus"]
Mode = Literal["extractive", "generative"]
Check = Literal["verified", "unverified"]
Role = Literal["user", "assistant"]

MAX_QUESTION = 2000
"""Characters of a question; a longer one is refused with a sentence that says so."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was asked: with the turns before it, and perhaps within some documents."""

    text: str
    history: tuple[Turn, ...] = ()
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedNote:
    """A footnote behind the quoted sentence."""

    number: int
    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence of the answer and the slice of a stored paragraph that it rests on."""

    number: int
    answer_start: int
    answer_end: int
    document_id: str
    title: str
    publisher: str | None
    date: str | None
    paragraph: int
    heading: str | None
    page: int | None
    permalink: str
    quote: str
    start: int
    end: int
    content_hash: str
    score: float
    check: Check
    missing_facts: tuple[str, ...]
    notes: tuple[CitedNote, ...]


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A paragraph that was read and not cited, and why not."""

    document_id: str
    paragraph: int
    score: float
    why_not: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer. `confidence` is the probability that the documents answer the question."""

    id: str
    question: str
    standalone_question: str
    verdict: Verdict
    answer: str
    short_answer: str | None
    mode: Mode
    degraded: str | None
    model: str | None
    confidence: float
    citations: tuple[Citation, ...]
    looked_at: tuple[LookedAt, ...]
    corpus_version: str
    timings_ms: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Stream event: retrieval is done, reading begins."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """Stream event: the next piece of the answer's text, markers included."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """Stream event: a citation whose sentence and marker have been told; each comes once."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Final:
    """Stream event: the whole answer, the last event of every stream."""

    answer: Answer


Event = Retrieved | Delta | Cited | Final
