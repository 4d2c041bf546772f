"""A model writes the answer; its sentences are checked as they come, and quotes stand in where they fail.

The reader's draft is the measure: what it would quote is among the evidence, takes the place of sentences that do not
hold, completes an answer that leaves out a side of a conflict, and is the whole answer where the model gives nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answers import Citation, Event, LookedAt, Mode, Turn, Verdict
from assistant.assembly import Assembly, VerifyQuote
from assistant.chat_model import ChatModel, ModelError, count_tokens
from assistant.citations import NOT_FOUND
from assistant.claims import Judged, judge
from assistant.compose import Draft, PartRead
from assistant.evidence_choice import chosen
from assistant.facts import find_facts, missing_facts
from assistant.markers import SentenceStream, Written
from assistant.prompts import as_data, load_prompt, numbered
from assistant.verify import verdict_of
from assistant.words import stems
from index.breaker import Breaker
from index.documents import Document, Paragraph

Unsupported = Literal["quote", "mark"]

ANSWER_TOKENS = 700
"""The longest answer that a model may write."""
_CONDENSED_TOKENS = 120
_LONGEST_QUESTION = 400
_TURNS = 6
_IN_DOUBT = 0.6
"""Where the reader abstains, the model is asked if the best sentence is this likely, as a share of the threshold."""
_MARKER = re.compile(r"[\[【［]\s*\d+\s*[\]】］]")
_REFUSAL = re.compile(
    r"\b(?:I(?:['’]m| am) (?:sorry|unable|not able)|I (?:can(?:no|['’])t|won['’]t|must decline)|as an AI\b|"
    r"I apologi[sz]e)",
    re.IGNORECASE,
)

log = logging.getLogger("footnote.writer")


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be answered: the question that stands alone, what was read for it, and the reader's draft."""

    question: str
    parts: Sequence[PartRead]
    draft: Draft
    documents: Mapping[str, Document]


@dataclass(frozen=True, slots=True)
class Composed:
    """What was written. Without `text`, the reader's quotes are the answer, and `degraded` says why."""

    text: str | None
    citations: tuple[Citation, ...]
    verdict: Verdict
    short_answer: str | None
    looked_at: tuple[LookedAt, ...]
    mode: Mode
    degraded: str | None


@dataclass(slots=True)
class _Tally:
    """What became of the model's sentences."""

    held: int = 0
    failed: int = 0
    withheld: int = 0
    silent: bool = False
    declined: bool = False
    stopped: ModelError | None = None


class Writer:
    """Has a chat model write answers. Safe to use from several threads."""

    def __init__(
        self, model: ChatModel, *, unsupported: Unsupported = "quote", breaker: Breaker | None = None
    ) -> None:
        """`unsupported`: what becomes of a sentence that does not hold: the reader's quote in its place, or a mark."""
        self.model = model
        self._unsupported = unsupported
        self._breaker = breaker or Breaker()
        self._prompt = load_prompt("answer")
        self._condenser = load_prompt("condense")

    @property
    def label(self) -> str:
        """The model and the version of the prompt, as results of evaluations name them."""
        return f"{self.model.name}, prompt {self._prompt.version}"

    def wanted(self, draft: Draft, abstain_below: float) -> bool:
        """Whether there is anything for a model to write from."""
        return bool(draft.quotes) or (draft.confidence >= _IN_DOUBT * abstain_below and bool(draft.looked_at))

    def write(self, task: Task, verify: VerifyQuote) -> Iterator[Event | Composed]:
        """The answer's pieces as they are checked, and last what was composed."""
        if not self._breaker.allows():
            yield self._quotes(
                task, f"the model '{self.model.name}' failed repeatedly and is left alone for a moment"
            )
            return
        room = self.model.window - ANSWER_TOKENS - count_tokens(task.question) - self._overhead()
        evidence = chosen(task.parts, task.draft, room)
        assembly = Assembly(task.documents, verify)
        tally = _Tally()
        yield from self._checked(task, evidence, assembly, tally)
        reason = self._reason(tally)
        if not assembly.text:
            yield self._silent(task) if self._is_silence(task, tally) else self._quotes(task, reason)
            return
        if reason or task.draft.conflict:
            for quote in task.draft.quotes:
                yield from assembly.quote(quote)
        yield self._composed(task, assembly, tally, reason)

    def condense(self, question: str, history: Sequence[Turn]) -> str | None:
        """The question as one that stands alone; None where the model gives none that can be trusted.

        What it writes may hold no name and no figure that neither the question nor the conversation has, and most of
        its words are theirs.
        """
        if not self._breaker.allows():
            return None
        told = "\n".join(f"{turn.role}: {as_data(turn.content)[:1000]}" for turn in history[-_TURNS:])
        messages = self._condenser.messages(history=told, question=as_data(question))
        try:
            written = "".join(self.model.stream(messages, most_tokens=_CONDENSED_TOKENS))
        except ModelError as error:
            self._breaker.failed()
            log.warning("condensing: %s", error)
            return None
        self._breaker.succeeded()
        lines = [line.strip(" \"“”'") for line in _without_thoughts(written).splitlines() if line.strip()]
        if len(lines) != 1 or not 2 < len(lines[0]) <= _LONGEST_QUESTION or _REFUSAL.search(lines[0]):
            return None
        said = f"{question}\n{told}"
        if missing_facts(lines[0], said) or "://" in lines[0]:
            return None
        words = stems(lines[0])
        return lines[0] if 2 * len(words & stems(said)) >= len(words) else None

    def close(self) -> None:
        """Let go of the model."""
        self.model.close()

    def _overhead(self) -> int:
        return sum(count_tokens(m.content) for m in self._prompt.messages(evidence="", question=""))

    def _checked(
        self, task: Task, evidence: Sequence[Paragraph], assembly: Assembly, tally: _Tally
    ) -> Iterator[Event]:
        """Stream the model's sentences through the checks into the assembly."""
        messages = self._prompt.messages(
            evidence=numbered(evidence, task.documents), question=as_data(task.question)
        )
        sentences = SentenceStream(len(evidence))
        ended = False
        try:
            for piece in self.model.stream(messages, most_tokens=ANSWER_TOKENS):
                for written in sentences.feed(piece):
                    yield from self._add(written, task, evidence, assembly, tally)
            for written in sentences.finish():
                yield from self._add(written, task, evidence, assembly, tally)
            ended = True
            self._breaker.succeeded()
        except ModelError as error:
            ended = True
            tally.stopped = error
            self._breaker.failed()
            log.warning("writing: %s", error)
        finally:
            if not ended:  # the reader left
                self._breaker.given_up()
        if sentences.dropped:
            log.info("%d citations of paragraphs that do not exist were dropped", sentences.dropped)

    def _add(
        self,
        written: Written,
        task: Task,
        evidence: Sequence[Paragraph],
        assembly: Assembly,
        tally: _Tally,
    ) -> Iterator[Event]:
        if _is_phrase(written.text, self._prompt.silent):
            tally.silent = True
            return
        # Code, and what would pass for a citation, is no sentence about the documents.
        spoken = not written.is_code and not _MARKER.search(written.text)
        judged = judge(written, evidence) if spoken else Judged(())
        if judged.holds:
            tally.held += 1
            yield from assembly.sentence(written.text, judged.claims, opens=written.opens)
        elif _REFUSAL.search(written.text):
            tally.declined = True
        elif not (spoken and _is_chatter(written)):
            tally.failed += 1
            yield from self._instead(written, judged, task, assembly, tally)

    def _instead(
        self, written: Written, judged: Judged, task: Task, assembly: Assembly, tally: _Tally
    ) -> Iterator[Event]:
        """What stands in the place of a sentence that does not hold: itself, marked, or a quote, or nothing."""
        if self._unsupported == "mark" and judged.claims:
            yield from assembly.sentence(written.text, judged.claims, opens=written.opens)
            return
        unused = [quote for quote in task.draft.quotes if not assembly.has(quote)]
        cited = [claim.paragraph for claim in judged.claims]
        same = [quote for quote in unused if quote.paragraph in cited]
        if not unused:
            tally.withheld += 1
        for quote in (same or unused)[:1]:
            yield from assembly.quote(quote)

    def _reason(self, tally: _Tally) -> str | None:
        """Why quotes complete the answer, or are all of it; None where the model's sentences are enough."""
        name = f"the model '{self.model.name}'"
        if tally.stopped is not None:
            return str(tally.stopped)
        if tally.held and tally.held >= tally.failed:
            return None
        if tally.declined and not tally.held:
            return f"{name} declined to answer"
        if tally.held or tally.failed:
            return f"too little of what {name} wrote is stated in the documents"
        return f"{name} found no answer in the paragraphs" if tally.silent else f"{name} wrote nothing"

    def _is_silence(self, task: Task, tally: _Tally) -> bool:
        """Whether model and reader agree that the documents do not answer."""
        return tally.stopped is None and not task.draft.quotes

    def _silent(self, task: Task) -> Composed:
        return Composed(NOT_FOUND, (), "not_in_corpus", None, task.draft.looked_at, "generative", None)

    def _quotes(self, task: Task, reason: str | None) -> Composed:
        """Leave the answer to the reader's draft."""
        draft = task.draft
        return Composed(
            None, (), "not_in_corpus", draft.short_answer, draft.looked_at, "extractive", _sentence(reason)
        )

    def _composed(self, task: Task, assembly: Assembly, tally: _Tally, reason: str | None) -> Composed:
        citations = tuple(assembly.citations)
        by_model = tally.held or (self._unsupported == "mark" and tally.failed)
        verdict = verdict_of(assembly.checks)
        if task.draft.conflict:
            verdict = "conflicting"
        elif verdict == "supported" and (
            (by_model and tally.withheld) or (task.draft.quotes and not task.draft.complete)
        ):
            verdict = "partly_supported"
        cited = {(one.document_id, one.paragraph) for one in citations}
        return Composed(
            text=assembly.text,
            citations=citations,
            verdict=verdict,
            short_answer=_short(task.draft.short_answer, citations),
            looked_at=tuple(o for o in task.draft.looked_at if (o.document_id, o.paragraph) not in cited),
            mode="generative" if by_model else "extractive",
            degraded=_sentence(reason),
        )


def _short(short: str | None, citations: Sequence[Citation]) -> str | None:
    """The reader's short answer, where the cited slices have all of it."""
    pieces = re.split(r" / |; ", short) if short else []
    return short if pieces and all(any(p in one.quote for one in citations) for p in pieces) else None


def _sentence(reason: str | None) -> str | None:
    if reason is None:
        return None
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}; the documents are quoted instead."


def _is_phrase(text: str, phrase: str) -> bool:
    return re.sub(r"\W+", " ", text).strip().casefold() == re.sub(r"\W+", " ", phrase).strip().casefold()


def _is_chatter(written: Written) -> bool:
    """Whether a sentence says nothing of the documents: no fact in it, and no citation ("Here is the answer:")."""
    return not written.numbers and not find_facts(written.text)


def _without_thoughts(text: str) -> str:
    return re.sub(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", "", text, flags=re.DOTALL)
