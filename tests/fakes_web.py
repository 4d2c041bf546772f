"""A fake assistant with a queue of answers and a history, over two small real documents."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from fakes import OneHotEncoder

from assistant.answers import (
    Answer,
    Citation,
    CitedNote,
    Event,
    LookedAt,
    Question,
    Retrieved,
    Verdict,
)
from assistant.citations import told
from index.builds import Build, DocumentChange, Standing
from index.documents import Document, Found, Hit, Note, Paragraph, content_hash
from index.errors import VersionGone
from index.history import PastParagraph, Version
from index.timeline import CorpusVersion

HARBOUR = Document(
    id="harbour",
    title="The harbour in 2024",
    author="Ines Albrecht",
    editor=None,
    publisher="Ellmouth Harbour Board",
    date="2024-08-16",
    url="https://harbour.example/2024",
    kind="document",
    restates=None,
    language="en",
    source_path="harbour.md",
    sha256="0" * 64,
)
GAZETTE = Document(
    id="gazette",
    title="Freight returns to Ellmouth",
    author=None,
    editor=None,
    publisher="Ellmouth Gazette",
    date=None,
    url=None,
    kind="digest",
    restates="The Gazette's article of that name",
    language="en",
    source_path="gazette.md",
    sha256="1" * 64,
)

TEXTS: dict[str, tuple[tuple[str | None, str], ...]] = {
    "harbour": (
        (None, "The harbour in 2024. Ines Albrecht, Ellmouth Harbour Board, 16 August 2024."),
        (None, "The harbour is older than the town. Its first stone quay was built for salt."),
        (
            "Freight",
            "Freight grew ninefold in 2023, from a very low base. It rose by another 54 percent in the first "
            "five months of 2024. The board counts containers and loose goods together, and leaves out fish, "
            "which is weighed at the market.",
        ),
        (
            "Freight",
            "The new berth is 210 metres long. Ships of up to 40,000 tonnes can lie there at any tide.",
        ),
        ("Ferries", "The night ferry sails on three days a week. In winter it does not carry cars."),
    ),
    "gazette": (
        (None, "Freight returns to Ellmouth. Ellmouth Gazette."),
        (None, "The quays are busy again, and the cranes work through the night."),
        (None, "At 240 metres, the new berth is the longest on this coast."),
        (
            None,
            "Odd signs stay as they are: <script>alert(1)</script> & ${1+1} {{value}} ![x](http://far.example/x.png)",
        ),
    ),
}
NOTES = {
    ("harbour", 2): (
        Note(1, "Harbour Board, Monthly tables, June 2024.", "https://harbour.example/tables", 52),
        Note(2, "Counted at the gate.", "javascript:alert(1)", None),
    )
}


def _paragraphs(document_id: str) -> tuple[Paragraph, ...]:
    found, start = [], 0
    for number, (heading, text) in enumerate(TEXTS[document_id]):
        notes = NOTES.get((document_id, number), ())
        end = start + len(text)
        found.append(
            Paragraph(document_id, number, heading, text, None, start, end, content_hash(text), notes)
        )
        start = end + 2
    return tuple(found)


class FakeLibrary:
    """Two documents; search counts the words that a paragraph shares with the query."""

    version = "c0ffee12"

    def __init__(self) -> None:
        self.kept = {document.id: (document, _paragraphs(document.id)) for document in (HARBOUR, GAZETTE)}
        self.encoder = OneHotEncoder("freight berth ferry quays cranes")
        self.former: dict[tuple[str, str], tuple[PastParagraph, ...]] = {}

    def documents(self) -> tuple[Document, ...]:
        return tuple(document for document, _ in self.kept.values())

    def document(self, id: str, /) -> Document | None:
        return self.kept[id][0] if id in self.kept else None

    def paragraphs(self, document_id: str, /) -> tuple[Paragraph, ...]:
        return self.kept[document_id][1]

    def paragraph(self, document_id: str, number: int, /) -> Paragraph | None:
        paragraphs = self.kept[document_id][1] if document_id in self.kept else ()
        return paragraphs[number] if 0 <= number < len(paragraphs) else None

    def versions(self, document_id: str, /) -> tuple[Version, ...]:
        return tuple(
            Version(document_id, number, "0" * 64, f"2026-03-0{number}T09:30:00+00:00") for number in (1, 2)
        )

    def builds(self) -> tuple[Build, ...]:
        return (
            Build(1, "2026-03-01T09:30:00+00:00", "ba5eba11"),
            Build(2, "2026-03-02T09:30:00+00:00", self.version),
        )

    def changes(self, build: int, /) -> tuple[DocumentChange, ...] | None:
        return (DocumentChange("harbour", HARBOUR.title, "changed", (4,), (1, 2)),) if build == 1 else None

    def standing(self) -> Standing:
        return Standing("2026-03-02T09:31:00+00:00", followed=False)

    def past(self, document_id: str, content_hash: str, /) -> tuple[PastParagraph, ...]:
        return self.former.get((document_id, content_hash), ())

    def check(self) -> None:
        """Nothing is amiss."""

    def asked(self) -> tuple[CorpusVersion, ...]:
        return (CorpusVersion(self.version, 3, self.encoder.name, "reader-1", "2026-03-02T09:30:00+00:00"),)

    def search(self, query: str, k: int = 8, documents: Sequence[str] = ()) -> list[Hit]:
        words = set(query.lower().split())
        found = [
            (float(len(words & set(paragraph.text.lower().split()))), paragraph)
            for document, paragraphs in self.kept.values()
            if not documents or document.id in documents
            for paragraph in paragraphs
        ]
        ranked = sorted(found, key=lambda pair: -pair[0])[:k]
        return [
            Hit(each, score, (Found("bm25", score, rank),)) for rank, (score, each) in enumerate(ranked, 1)
        ]


LIBRARY = FakeLibrary()


def cite(number: int, document_id: str, paragraph: int, quote: str, sentence: tuple[int, int]) -> Citation:
    """A citation whose quote is found in the real paragraph, so that its offsets are true."""
    document, source = LIBRARY.document(document_id), LIBRARY.paragraph(document_id, paragraph)
    assert document is not None
    assert source is not None
    start = source.text.index(quote)
    return Citation(
        number=number,
        answer_start=sentence[0],
        answer_end=sentence[1],
        document_id=document_id,
        title=document.display_title,
        publisher=document.publisher,
        date=document.date,
        paragraph=paragraph,
        heading=source.heading,
        page=None,
        permalink=source.permalink,
        quote=quote,
        start=start,
        end=start + len(quote),
        content_hash=source.content_hash,
        score=0.91,
        check="verified",
        missing_facts=(),
        notes=tuple(CitedNote(note.number, note.text, note.url) for note in source.notes[:1]),
    )


def _answer(verdict: Verdict, text: str, *citations: Citation, short: str | None = None) -> Answer:
    return Answer(
        id="a1",
        question="",
        standalone_question="",
        verdict=verdict,
        answer=text,
        short_answer=short,
        mode="extractive",
        degraded=None,
        model=None,
        confidence=0.93,
        citations=citations,
        looked_at=(LookedAt("harbour", 4, 0.4, "It is about ferries, not about freight."),),
        corpus_version=LIBRARY.version,
        timings_ms={"search": 9.0, "read": 61.0},
    )


ROSE = "It rose by another 54 percent in the first five months of 2024."
SUPPORTED = _answer(
    "supported", f"{ROSE} [1]", cite(1, "harbour", 2, ROSE, (0, len(ROSE))), short="54 percent"
)
BERTH_HARBOUR = "The new berth is 210 metres long."
BERTH_GAZETTE = "At 240 metres, the new berth is the longest on this coast."
CONFLICTING = _answer(
    "conflicting",
    f"{BERTH_HARBOUR} [1] {BERTH_GAZETTE} [2]",
    cite(1, "harbour", 3, BERTH_HARBOUR, (0, 33)),
    cite(2, "gazette", 2, BERTH_GAZETTE, (38, 96)),
)
CRANES = "The quays are busy again, and forty cranes work through the night."
PARTLY = _answer(
    "partly_supported",
    f"{CRANES} [1]",
    replace(
        cite(1, "gazette", 1, "the cranes work through the night", (0, len(CRANES))),
        check="unverified",
        missing_facts=("forty",),
    ),
)
NOT_IN_CORPUS = replace(
    _answer("not_in_corpus", "The documents do not say."),
    confidence=0.08,
    looked_at=(
        LookedAt("harbour", 4, 0.41, "It names the ferry's days, not its fare."),
        LookedAt("gazette", 1, 0.22, "It is about the quays."),
        LookedAt("gazette", 3, 0.11, "It shares only the word “as”."),
    ),
)


@dataclass
class FakeAssistant:
    """Gives the queued answers in turn (the last one for good) and keeps what it was asked."""

    answers: deque[Answer | Exception] = field(default_factory=lambda: deque([SUPPORTED]))
    asked: list[Question] = field(default_factory=list)
    closed: bool = False
    library: FakeLibrary = field(default_factory=FakeLibrary)
    unanswerable: frozenset[str] = frozenset()

    def ask(self, question: Question, /) -> Answer:
        self.asked.append(question)
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return replace(
            answer, id=f"a{len(self.asked)}", question=question.text, standalone_question=question.text
        )

    def stream(self, question: Question, /) -> Iterator[Event]:
        answer = self.ask(question)
        yield Retrieved(tuple(self.library.search(question.text, k=3)))
        yield from told(answer)

    def answerable(self, question: Question, /) -> bool:
        return question.text not in self.unanswerable

    def search(self, query: str, k: int = 8, documents: Sequence[str] = ()) -> list[Hit]:
        return LIBRARY.search(query, k, documents)

    def renewed(self) -> FakeAssistant:
        return self

    def at(self, version: str, /) -> FakeAssistant:
        if version != self.library.version:
            raise VersionGone(f"Nothing is known of a corpus version {version!r}. Ask the present one.")
        return self

    def close(self) -> None:
        self.closed = True


def fake(*answers: Answer | Exception) -> FakeAssistant:
    """An assistant with these answers queued."""
    return FakeAssistant(deque(answers or [SUPPORTED]))
