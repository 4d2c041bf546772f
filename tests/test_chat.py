"""The assistant's five steps, over a small real index and a reader whose answers are queued."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fakes import OneHotEncoder
from fakes_assistant import MarkedSpans, QueueReader, evidence, reading, weights
from golden import matches_snapshot

from assistant.answers import MAX_QUESTION, Answer, Cited, Delta, Final, Question, Retrieved, Turn
from assistant.chat import HITS, Assistant
from assistant.citations import NOT_FOUND
from assistant.errors import QuestionError
from assistant.reader import Reader, Reading
from assistant.reader.evidence import EvidenceReader
from assistant.words import Rarity
from index.documents import Hit, content_hash
from index.errors import FootnoteError
from index.library import Library
from index.sync import Place, sync
from index.vocabulary import Vocabulary

HARBOUR = """---
title: The harbour in 2024
author: Ines Albrecht
publisher: Ellmouth Harbour Board
date: "2024-08-16"
---

# The harbour in 2024

## Freight

Freight over the quay rose by 54 percent in 2023.[^1] The board counts salt and leaves out fish.

The new berth is 210 metres long. It was opened by Jonas Weber.

## Ferries

The ferry crosses the bay at night. In winter it carries no carts.

[^1]: Harbour Board, Monthly tables. https://harbour.example/tables
"""
GAZETTE = """# Freight returns to Ellmouth

The cranes of the quay work at night, and salt is dear.

At 240 metres, the new berth is the longest on this coast.
"""
BERTH = "The new berth is 210 metres long."
ROSE = "Freight over the quay rose by 54 percent in 2023."
HOW_LONG = "How long is the new berth?"
STEPS = ["condense", "search", "read", "compose", "verify"]
TYPED = frozenset("how long what rose over opened carries which when rise crosses paid berth".split())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("chat")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "harbour.md").write_text(HARBOUR, encoding="utf-8")
    (corpus / "gazette.md").write_text(GAZETTE, encoding="utf-8")
    place, encoder = Place(corpus, folder / "data"), OneHotEncoder("quay salt ferry bay night berth")
    sync(place, encoder)
    library = Library(place, encoder, reader="queue-1")
    yield library
    library.close()


@dataclass
class Scripted:
    """A reader that is a function."""

    function: Callable[[str, Sequence[Hit]], Reading]
    name: str = "scripted-1"

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        return self.function(question, hits)


def assistant(library: Library, reader: Reader) -> Assistant:
    texts = [paragraph.text for paragraph in library.all_paragraphs()]
    return Assistant(library, reader, Vocabulary(texts, TYPED), abstain_below=0.3)


def queued(*answers: tuple[str, float] | None) -> QueueReader:
    return QueueReader(deque(answers))


def cited(answer: Answer) -> list[tuple[str, int, str]]:
    return [(one.document_id, one.paragraph, one.quote) for one in answer.citations]


# An answer


def test_an_answer_quotes_its_paragraph(library: Library) -> None:
    reader = queued((BERTH, 0.9))
    answer = assistant(library, reader).ask(Question(f"  {HOW_LONG} \n"))
    assert (answer.verdict, answer.answer, answer.confidence) == ("supported", f"{BERTH} [1]", 0.9)
    assert cited(answer) == [("harbour", 2, BERTH)]
    (citation,) = answer.citations
    stored = library.paragraph("harbour", 2)
    assert stored is not None
    assert stored.text[citation.start : citation.end] == citation.quote
    assert (citation.check, citation.content_hash) == ("verified", stored.content_hash)
    assert (answer.question, answer.standalone_question) == (f"  {HOW_LONG} \n", HOW_LONG)
    assert (answer.mode, answer.degraded, answer.model) == ("extractive", None, None)
    assert answer.corpus_version == library.version


def test_an_answer_has_exactly_these_fields(library: Library) -> None:
    def read(question: str, hits: Sequence[Hit]) -> Reading:
        rose = next(hit for hit in hits if ROSE in hit.paragraph.text)
        ferry = next(hit for hit in hits if "ferry" in hit.paragraph.text)
        return reading(
            evidence(rose, 0.91, short="54 percent"),
            evidence(ferry, 0.02, missing=["2023"]),
            evidence(rose, 0.01),
        )

    answer = assistant(library, Scripted(read)).ask(Question("How much did freight rise in 2023?"))
    assert list(answer.timings_ms) == STEPS
    stable = replace(answer, id="…", corpus_version="…", timings_ms=dict.fromkeys(STEPS, 0.0))
    assert matches_snapshot("answer.json", stable.to_dict())


def test_each_answer_has_its_own_id(library: Library) -> None:
    asked = assistant(library, queued((BERTH, 0.9), (BERTH, 0.9)))
    assert asked.ask(Question(HOW_LONG)).id != asked.ask(Question(HOW_LONG)).id


def test_what_nobody_says_is_said_to_be_missing(library: Library) -> None:
    answer = assistant(library, queued((BERTH, 0.2))).ask(Question("How long is the old pier of Whitby?"))
    assert (answer.verdict, answer.answer, answer.citations) == ("not_in_corpus", NOT_FOUND, ())
    assert (answer.short_answer, answer.confidence) == (None, 0.2)
    nearest = answer.looked_at[0]
    assert (nearest.document_id, nearest.paragraph, nearest.score) == ("harbour", 2, 0.2)
    assert nearest.why_not


def test_a_reader_that_finds_nothing_is_no_error(library: Library) -> None:
    answer = assistant(library, queued(None)).ask(Question(HOW_LONG))
    assert (answer.verdict, answer.looked_at) == ("not_in_corpus", ())


def test_the_front_matter_is_never_read_for_other_questions(library: Library) -> None:
    reader = queued((BERTH, 0.9))
    assistant(library, reader).ask(Question("The harbour in 2024: how long is the new berth?"))
    ((_, hits),) = reader.asked
    assert hits
    assert all(hit.paragraph.number for hit in hits)


# The stream


def test_a_stream_retrieves_then_tells_then_gives_the_whole_answer(library: Library) -> None:
    events = list(assistant(library, queued((BERTH, 0.9))).stream(Question(HOW_LONG)))
    kinds = [type(event) for event in events]
    assert kinds == [Retrieved, *[Delta] * (len(events) - 3), Cited, Final]
    assert len(events) > 4
    assert isinstance(events[0], Retrieved)
    places = [(hit.paragraph.document_id, hit.paragraph.number) for hit in events[0].hits]
    assert ("harbour", 2) in places
    assert len(set(places)) == len(places) <= 2 * HITS
    assert isinstance(events[-1], Final)
    text = "".join(event.text for event in events if isinstance(event, Delta))
    assert text == events[-1].answer.answer


def test_the_pieces_of_an_answer_in_paragraphs_join_to_it(library: Library) -> None:
    def read(question: str, hits: Sequence[Hit]) -> Reading:
        found = {hit.paragraph.document_id: hit for hit in hits if "berth" in hit.paragraph.text}
        return reading(
            evidence(found["harbour"], 0.9, short="210 metres"),
            evidence(found["gazette"], 0.8, short="240 metres"),
        )

    events = list(assistant(library, Scripted(read)).stream(Question(HOW_LONG)))
    assert isinstance(events[-1], Final)
    answer = events[-1].answer
    assert (answer.verdict, answer.short_answer) == ("conflicting", "210 metres / 240 metres")
    assert "\n\n" in answer.answer
    marks = [i for i, event in enumerate(events) if isinstance(event, Cited)]
    assert [events[i - 1] for i in marks] == [Delta("[1]\n\n"), Delta("[2]")]
    assert tuple(events[i].citation for i in marks) == answer.citations  # type: ignore[union-attr]
    assert "".join(event.text for event in events if isinstance(event, Delta)) == answer.answer


# What is refused


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (Question(""), "The question is empty. Ask about what the documents say."),
        (Question(" \n\t"), "The question is empty. Ask about what the documents say."),
        (
            Question("a" * (MAX_QUESTION + 1)),
            "The question has 2001 characters; at most 2000 are read. Shorten it.",
        ),
        (
            Question(HOW_LONG, documents=("harbour", "atlas")),
            "There is no document 'atlas'. There are: gazette, harbour.",
        ),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    library: Library, question: Question, message: str
) -> None:
    reader = queued()
    with pytest.raises(QuestionError) as refused:
        assistant(library, reader).ask(question)
    assert str(refused.value) == message
    assert isinstance(refused.value, FootnoteError)
    assert not reader.asked


def test_the_longest_question_is_read(library: Library) -> None:
    assert assistant(library, queued(None)).ask(Question("a" * MAX_QUESTION)).verdict == "not_in_corpus"


# Which documents


def documents_read(reader: QueueReader) -> set[str]:
    return {hit.paragraph.document_id for _, hits in reader.asked for hit in hits}


@pytest.mark.parametrize(
    ("question", "read"),
    [
        (Question(HOW_LONG), {"harbour", "gazette"}),
        (Question(HOW_LONG, documents=("gazette",)), {"gazette"}),
        (Question(HOW_LONG, documents=("gazette", "harbour")), {"harbour", "gazette"}),
        (Question("According to Albrecht, how long is the new berth?"), {"harbour"}),
        (Question("What does the gazette article say of the berth?"), {"gazette"}),
        (Question("What do the gazette article and Albrecht's report say?"), {"harbour", "gazette"}),
        (Question("According to Albrecht, how long is it?", documents=("gazette",)), {"gazette"}),
    ],
)
def test_only_these_documents_are_read(library: Library, question: Question, read: set[str]) -> None:
    reader = queued(None)
    assistant(library, reader).ask(question)
    assert documents_read(reader) == read


# Questions about a document


def test_who_wrote_it_is_answered_from_the_front_matter(library: Library) -> None:
    reader = queued()
    answer = assistant(library, reader).ask(Question("Who wrote the harbour brief?"))
    assert (answer.verdict, answer.short_answer) == ("supported", "Ines Albrecht")
    assert cited(answer) == [("harbour", 0, "Author: Ines Albrecht")]
    assert not reader.asked


@pytest.mark.parametrize(
    "question", ["Who wrote the gazette article?", "According to gazette, who wrote the article?"]
)
def test_where_the_named_document_has_no_author_the_documents_do_not_say(
    library: Library, question: str
) -> None:
    answer = assistant(library, queued()).ask(Question(question))
    assert answer.verdict == "not_in_corpus"
    assert [(seen.document_id, seen.paragraph) for seen in answer.looked_at] == [("gazette", 0)]


def test_a_restriction_holds_for_the_front_matter_too(library: Library) -> None:
    question = Question("Who wrote the article?", documents=("gazette",))
    assert assistant(library, queued(None)).ask(question).verdict == "not_in_corpus"
    question = Question("Who wrote the article?", documents=("harbour",))
    assert assistant(library, queued()).ask(question).short_answer == "Ines Albrecht"


def test_both_halves_of_a_question_about_a_document_are_answered(library: Library) -> None:
    question = Question("Who wrote the harbour brief and when was it published?")
    answer = assistant(library, queued()).ask(question)
    assert (answer.verdict, answer.short_answer) == ("supported", "Ines Albrecht; 16 August 2024")


# Condensing


def test_history_and_spelling_make_the_question_that_stands_alone(library: Library) -> None:
    reader = queued((ROSE, 0.9), (BERTH, 0.9))
    asked = assistant(library, reader)
    history = (Turn("user", "How much did frieght rise in 2024?"), Turn("assistant", "It fell in 1990. [1]"))
    answer = asked.ask(Question("And the year before?", history))
    assert answer.question == "And the year before?"
    assert answer.standalone_question == "How much did freight rise in 2023?"
    assert (
        asked.ask(Question("how long  is the\nnew bertth")).standalone_question == "how long is the new berth"
    )
    assert [question for question, _ in reader.asked] == [
        "How much did freight rise in 2023?",
        "how long is the new berth",
    ]


def test_searching_alone_puts_the_spelling_right_too(library: Library) -> None:
    asked = assistant(library, queued())
    assert asked.search("frieght") == asked.search("freight") != []
    assert {hit.paragraph.document_id for hit in asked.search("salt", 9, ["gazette"])} == {"gazette"}
    assert len(asked.search("salt", 1)) == 1


# Parts


def test_each_part_is_read_by_itself(library: Library) -> None:
    reader = queued((ROSE, 0.9), ("The ferry crosses", 0.8))
    answer = assistant(library, reader).ask(Question("How much did freight rise, and what crosses the bay?"))
    assert [question for question, _ in reader.asked] == [
        "How much did freight rise?",
        "what crosses the bay?",
    ]
    assert (answer.verdict, answer.confidence) == ("supported", 0.8)
    assert answer.answer == f"{ROSE} [1] The ferry crosses the bay at night. [2]"


def test_a_part_without_an_answer_makes_the_answer_partly_supported(library: Library) -> None:
    reader = queued((ROSE, 0.9), None)
    answer = assistant(library, reader).ask(Question("How much did freight rise, and who painted the bell?"))
    assert (answer.verdict, answer.answer) == ("partly_supported", f"{ROSE} [1]")


def test_hits_of_the_whole_question_never_score_above_those_of_a_part(library: Library) -> None:
    reader = queued(None, None)
    assistant(library, reader).ask(Question("How much did freight rise, and what crosses the bay?"))
    for _, hits in reader.asked:
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


# Checking


def test_a_paragraph_that_changed_since_it_was_read_is_unverified(library: Library) -> None:
    def read(question: str, hits: Sequence[Hit]) -> Reading:
        stale = next(hit for hit in hits if BERTH in hit.paragraph.text)
        text = stale.paragraph.text.replace("210", "310")
        paragraph = replace(stale.paragraph, text=text, content_hash=content_hash(text))
        return reading(evidence(replace(stale, paragraph=paragraph), 0.9, short="310 metres"))

    answer = assistant(library, Scripted(read)).ask(Question(HOW_LONG))
    (citation,) = answer.citations
    assert (answer.verdict, citation.check) == ("partly_supported", "unverified")
    assert citation.missing_facts == ("The new berth is 310 metres long.",)


def test_a_paragraph_that_is_not_there_is_unverified(library: Library) -> None:
    def read(question: str, hits: Sequence[Hit]) -> Reading:
        gone = replace(hits[0], paragraph=replace(hits[0].paragraph, number=99))
        return reading(evidence(gone, 0.9))

    answer = assistant(library, Scripted(read)).ask(Question(HOW_LONG))
    assert answer.citations[0].check == "unverified"


# With the evidence reader, from several threads


def test_several_threads_get_the_answers_of_one(library: Library) -> None:
    encoder = OneHotEncoder("quay salt ferry bay night berth")
    spans = MarkedSpans({"210 metres": 4.0, "54 percent": 4.0, "at night": 4.0})
    texts = [paragraph.text for paragraph in library.all_paragraphs()]
    reader = EvidenceReader(encoder, spans, Rarity(texts), {}, weights(span_margin=1.0, hard_sentence=3.0))
    asked = assistant(library, reader)
    questions = [HOW_LONG, "By what percentage did freight rise?", "When does the ferry cross the bay?"] * 4
    alone = [asked.ask(Question(question)) for question in questions[:3]]
    assert [answer.short_answer for answer in alone[:2]] == ["210 metres", "54 percent"]
    answers: dict[int, Answer] = {}

    def ask(i: int) -> None:
        answers[i] = asked.ask(Question(questions[i]))

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(questions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [cited(answers[i]) for i in range(len(questions))] == [
        cited(alone[i % 3]) for i in range(len(questions))
    ]


def test_closing_lets_go_of_the_index(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "gazette.md").write_text(GAZETTE, encoding="utf-8")
    place, encoder = Place(corpus, tmp_path / "data"), OneHotEncoder()
    sync(place, encoder)
    first = assistant(Library(place, encoder), queued())
    first.close()
    second = assistant(Library(place, encoder), queued())
    assert second.search("salt")
    second.close()
