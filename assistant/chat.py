"""The assistant: five steps from a question to a checked, cited answer.

condense (history and spelling -> a question that stands alone), search, read, compose, verify. With a chat model,
writing takes the place of the last where it succeeds: its sentences are verified as they come.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock

from assistant.answers import MAX_QUESTION, Answer, Event, Final, Question, Retrieved
from assistant.citations import cite, told, verdict
from assistant.compose import Draft, PartRead, Quote, compose
from assistant.errors import QuestionError
from assistant.followup import stand_alone
from assistant.masthead import documents_meant, field_asked, read_front
from assistant.naming import spell_out
from assistant.opened import asked_openly
from assistant.parts import SubQuestion, named_documents, sub_questions
from assistant.reader import Reader
from assistant.verify import Verified, verify_sentence
from assistant.writer import Composed, Task, Writer
from index.documents import Hit
from index.errors import VersionGone
from index.library import Library
from index.vocabulary import Vocabulary

HITS = 10
"""Paragraphs that are read for a question."""


class Assistant:
    """Answers questions from an opened library. Safe to use from several threads."""

    def __init__(
        self,
        library: Library,
        reader: Reader,
        vocabulary: Vocabulary,
        *,
        abstain_below: float,
        over: Callable[[Library], Assistant] | None = None,
        writer: Writer | None = None,
    ) -> None:
        """`abstain_below`: the probability under which the documents are said not to answer.

        `over` makes the same assistant over a later state of the index; without it there is none. `writer` has a chat
        model write the answers; without it they are quotes.
        """
        self.library = library
        self._over = over
        self._reader = reader
        self._vocabulary = vocabulary
        self._abstain_below = abstain_below
        self.writer = writer
        self._going_back = Lock()
        self._former: tuple[str, Assistant] | None = None
        """The former version that was asked last."""

    def reading_with(self, reader: Reader, abstain_below: float) -> Assistant:
        """The same library and steps with another reader."""
        return Assistant(
            self.library, reader, self._vocabulary, abstain_below=abstain_below, writer=self.writer
        )

    def ask(self, question: Question) -> Answer:
        """The answer to `question`.

        Raises:
            QuestionError: the question is empty, too long or no text, or names a document that is not there.
            StoreError: the vector store does not answer.
        """
        for event in self.stream(question):
            if isinstance(event, Final):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def stream(self, question: Question) -> Iterator[Event]:
        """The same in pieces: what was retrieved, the text as it comes, and last the whole answer."""
        self._check(question)
        timings: dict[str, float] = {}
        with _timed(timings, "condense"):
            standalone = self._condense(question)
        with _timed(timings, "search"):
            found = self._search(standalone, question.documents)
        yield Retrieved(_distinct([hits for _, hits in found]))
        with _timed(timings, "read"):
            read = [self._read(part, hits) for part, hits in found]
        with _timed(timings, "compose"):
            draft = compose(read, self._abstain_below)
        asked = _Asked(question, standalone, tuple(read), draft)
        composed = None
        if self.writer is not None and self.writer.wanted(draft, self._abstain_below):
            start = time.perf_counter()
            for event in self.writer.write(self._task(asked), self._verified):
                if isinstance(event, Composed):
                    composed = event
                else:
                    yield event
            timings["write"] = round((time.perf_counter() - start) * 1000, 1)
        if composed is not None and composed.text is not None:
            answer = self._written(asked, composed, timings)
            yield from [Final(answer)] if answer.citations else told(answer)
            return
        with _timed(timings, "verify"):
            checks = [self._verified(quote) for quote in draft.quotes]
        answer = self._answer(question, standalone, draft, checks, timings)
        if composed is not None and self.writer is not None:
            answer = replace(answer, degraded=composed.degraded, model=self.writer.model.name)
        yield from told(answer)

    def warm_up(self) -> None:
        """Search and read once, so that the first answer need not wait for what is loaded on first use."""
        self.read(Question(f"What does {self.library.documents()[0].title[:200]} say?"))

    def read(self, question: Question) -> list[PartRead]:
        """What the reader makes of each part of a question, before anything is chosen."""
        found = self._search(self._condense(question), question.documents)
        return [self._read(part, hits) for part, hits in found]

    def answerable(self, question: Question) -> bool:
        """Whether the documents answer a question in full, whatever a chat model would write.

        Raises:
            QuestionError: as `ask`.
            StoreError: the vector store does not answer.
        """
        self._check(question)
        draft = compose(self.read(question), self._abstain_below)
        checks = [self._verified(quote) for quote in draft.quotes]
        return verdict(draft, checks) in ("supported", "conflicting")

    def search(self, query: str, k: int = HITS, documents: Sequence[str] = ()) -> list[Hit]:
        """The paragraphs nearest to `query`, its spelling put right as an answer would.

        Raises:
            QuestionError: the query is no text.
        """
        _check_text(query)
        return self.library.search(self._condense(Question(query)), k, documents)

    def renewed(self) -> Assistant:
        """The assistant over the index as it is now: this one where no sync has changed it since.

        Raises:
            FootnoteError: the index cannot be used any more; the message says why.
        """
        library = self.library if self._over is None else self.library.renewed()
        return self if library is self.library or self._over is None else self._over(library)

    def at(self, version: str) -> Assistant:
        """The assistant over the corpus as it was at a version on which somebody asked.

        Raises:
            VersionGone: the version is not known, or not kept any more.
        """
        if version == self.library.version:
            return self
        if self._over is None:
            raise VersionGone(f"Only corpus version {self.library.version!r} can be asked here.")
        with self._going_back:
            if self._former is None or self._former[0] != version:
                self._former = version, self._over(self.library.at(version))
            return self._former[1]

    def close(self) -> None:
        """Let go of the index and of the model, for all assistants that were renewed from this one, too."""
        self.library.close()
        if self.writer is not None:
            self.writer.close()

    def _check(self, question: Question) -> None:
        if not question.text.strip():
            raise QuestionError("The question is empty. Ask about what the documents say.")
        if len(question.text) > MAX_QUESTION:
            raise QuestionError(
                f"The question has {len(question.text)} characters; at most {MAX_QUESTION} are read. Shorten it."
            )
        _check_text(question.text, *(turn.content for turn in question.history))
        for document_id in question.documents:
            if self.library.document(document_id) is None:
                known = ", ".join(document.id for document in self.library.documents())
                raise QuestionError(f"There is no document '{document_id}'. There are: {known}.")

    def _condense(self, question: Question) -> str:
        text = re.sub(r"\s+", " ", question.text).strip()
        if self.writer is not None and question.history:
            condensed = self.writer.condense(text, question.history)
            if condensed is not None:
                return condensed
        standalone = stand_alone(text, question.history)
        return self._vocabulary.correct(spell_out(standalone))

    def _search(self, standalone: str, within: tuple[str, ...]) -> list[tuple[SubQuestion, list[Hit]]]:
        """Each part of a question with its hits: found by the part, and by the whole where there are several."""
        found = []
        whole: dict[tuple[str, ...], list[Hit]] = {}
        for sub in sub_questions(standalone, self.library.documents()):
            documents = tuple(one for one in sub.documents if not within or one in within) or within
            hits = self.library.search(sub.text, HITS, documents)
            if sub.text != standalone:
                if documents not in whole:
                    whole[documents] = self.library.search(standalone, HITS, documents)
                hits = _joined(hits, whole[documents])
            found.append((SubQuestion(sub.text, documents), hits))
        return found

    def _read(self, sub: SubQuestion, hits: list[Hit]) -> PartRead:
        """Read a part: a question about a document itself in the front matter, any other one in the hits."""
        part = sub.text
        field = field_asked(part)
        if field is not None:
            within = [one for one in self.library.documents() if not sub.documents or one.id in sub.documents]
            meant = documents_meant(part, within)
            fronts = [self.library.paragraph(document.id, 0) for document in meant]
            reading = read_front(part, field, [front for front in fronts if front is not None])
            named = sub.documents or named_documents(part, meant)
            if reading.evidence and (reading.answerable > 0.5 or named):
                return PartRead(part, reading, of_document=True)
        body = [hit for hit in hits if hit.paragraph.number]
        opened = asked_openly(part)
        openly = PartRead(opened, self._reader.read(opened, body)) if opened is not None else None
        return PartRead(part, self._reader.read(part, body), openly=openly)

    def _verified(self, quote: Quote) -> Verified:
        """Check a quote against the paragraph as it is stored, not as the reader handed it on."""
        stored = self.library.paragraph(quote.paragraph.document_id, quote.paragraph.number)
        if stored is None or stored.text[quote.start : quote.end] != quote.text:
            return Verified("unverified", (quote.text,))
        return verify_sentence(quote.text, stored.text)

    def _task(self, asked: _Asked) -> Task:
        documents = {document.id: document for document in self.library.documents()}
        return Task(asked.standalone, asked.read, asked.draft, documents)

    def _written(self, asked: _Asked, composed: Composed, timings: dict[str, float]) -> Answer:
        """The answer that a model wrote."""
        assert composed.text is not None
        assert self.writer is not None
        return Answer(
            id=uuid.uuid4().hex,
            question=asked.question.text,
            standalone_question=asked.standalone,
            verdict=composed.verdict,
            answer=composed.text,
            short_answer=composed.short_answer,
            mode=composed.mode,
            degraded=composed.degraded,
            model=self.writer.model.name,
            confidence=round(asked.draft.confidence, 4),
            citations=composed.citations,
            looked_at=composed.looked_at,
            corpus_version=self.library.version,
            timings_ms=timings,
        )

    def _answer(
        self,
        question: Question,
        standalone: str,
        draft: Draft,
        checks: Sequence[Verified],
        timings: dict[str, float],
    ) -> Answer:
        documents = {document.id: document for document in self.library.documents()}
        text, citations = cite(draft, checks, documents)
        return Answer(
            id=uuid.uuid4().hex,
            question=question.text,
            standalone_question=standalone,
            verdict=verdict(draft, checks),
            answer=text,
            short_answer=draft.short_answer,
            mode="extractive",
            degraded=None,
            model=None,
            confidence=round(draft.confidence, 4),
            citations=citations,
            looked_at=draft.looked_at,
            corpus_version=self.library.version,
            timings_ms=timings,
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with what was made of it before anything is written."""

    question: Question
    standalone: str
    read: tuple[PartRead, ...]
    draft: Draft


def _check_text(*texts: str) -> None:
    try:
        "\n".join(texts).encode()
    except UnicodeEncodeError as error:
        raise QuestionError(
            "The question, or what was said before, holds half of a character, as bytes leave it that are not UTF-8. "
            "Ask it in whole characters."
        ) from error


@contextmanager
def _timed(timings: dict[str, float], step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[step] = round((time.perf_counter() - start) * 1000, 1)


def _joined(hits: list[Hit], more: list[Hit]) -> list[Hit]:
    """The hits of a part, then those of the whole question that it did not find, never scored above them."""
    places = {(hit.paragraph.document_id, hit.paragraph.number) for hit in hits}
    lowest = min((hit.score for hit in hits), default=0.0)
    return hits + [
        Hit(hit.paragraph, min(hit.score, lowest), hit.found_by)
        for hit in more
        if (hit.paragraph.document_id, hit.paragraph.number) not in places
    ]


def _distinct(found: list[list[Hit]]) -> tuple[Hit, ...]:
    places: dict[tuple[str, int], Hit] = {}
    for hits in found:
        for hit in hits:
            places.setdefault((hit.paragraph.document_id, hit.paragraph.number), hit)
    return tuple(places.values())
