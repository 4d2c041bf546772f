"""Five hundred scripted answers with one planted error each, over real HTTP: how many are found, kind by kind."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fakes_llm import ScriptedServer, Words, scripted_server

from assistant.answers import Citation
from assistant.chat_model import Budgets
from assistant.compose import Draft, PartRead, Quote
from assistant.facts import missing_facts
from assistant.llm import OpenAILikeModel
from assistant.reader import Evidence, Reading
from assistant.verify import verify_sentence
from assistant.writer import Composed, Task, Writer
from evals.pairs import Pair, pairs
from index.breaker import Breaker
from index.corpus import list_files, read_document
from index.documents import Document, Hit, Paragraph
from index.sentences import sentence_spans

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).parent.parent / "corpus"
FOUND_AT_LEAST = {
    "number": 0.99,
    "exchanged": 0.6,
    "replaced": 0.6,
    "negated": 0.85,
    "attributed": 0.6,
    "certain": 0.6,
    "elsewhere": 0.9,
}
FALSE_ALARMS_AT_MOST = 0.06
PLANTED = 500


@pytest.fixture(scope="module")
def documents() -> dict[str, tuple[Document, dict[str, Paragraph]]]:
    read = [read_document(file, CORPUS) for file in list_files(CORPUS)]
    return {d.document.id: (d.document, {p.text: p for p in d.paragraphs}) for d in read}


@pytest.fixture(scope="module")
def planted() -> list[Pair]:
    """The true sentences of the corpus, and 500 false ones of every kind in turn."""
    found = pairs(CORPUS, None, rounds=12)
    kinds = {kind: [pair for pair in found if pair.kind == kind] for kind in FOUND_AT_LEAST}
    rng = random.Random(8)
    for group in kinds.values():
        rng.shuffle(group)
    false: list[Pair] = []
    while len(false) < PLANTED and any(kinds.values()):
        false += [group.pop() for group in kinds.values() if group]
    return [pair for pair in found if pair.kind == "true"] + false[:PLANTED]


class Scripts:
    """A writer in the marking way whose model writes the sentence that is set, citing its first paragraph."""

    def __init__(self, server: ScriptedServer) -> None:
        self._server = server
        self.model = OpenAILikeModel(server.url, "scripted", budgets=Budgets(10, 60, 120))
        self._writer = Writer(self.model, unsupported="mark", breaker=Breaker(10**6))

    def write(self, sentence: str, evidence: Sequence[Paragraph], document: Document) -> Composed:
        """The answer over `evidence`, whose first paragraph the reader would quote."""
        first = evidence[0]
        start, end = sentence_spans(first.text)[0]
        found = tuple(Evidence(Hit(one, 1.0, ()), 0, len(one.text), 0.9, 0.9) for one in evidence)
        draft = Draft((Quote(Hit(first, 1.0, ()), start, end, 0.9),), None, 0.9, False, True, ())
        task = Task(
            "What is said?", [PartRead("What is said?", Reading(found, 0.9))], draft, {document.id: document}
        )
        self._server.script(Words([f"{sentence} ", "[1]"]))
        (composed,) = [
            event
            for event in self._writer.write(
                task, lambda quote: verify_sentence(quote.text, quote.paragraph.text)
            )
            if isinstance(event, Composed)
        ]
        return composed


@pytest.fixture(scope="module")
def scripts() -> Iterator[Scripts]:
    with scripted_server(Words([])) as server:
        made = Scripts(server)
        yield made
        made.model.close()


def claims(composed: Composed, sentence: str) -> list[Citation]:
    """The citations of the model's sentence, the quotes beside it left out."""
    assert composed.text is not None
    end = composed.text.index(sentence) + len(sentence) if sentence in composed.text else 0
    return [one for one in composed.citations if one.answer_end <= end]


def test_planted_errors_are_found_and_no_unverified_fact_is_unmarked(
    documents: dict[str, tuple[Document, dict[str, Paragraph]]], planted: list[Pair], scripts: Scripts
) -> None:
    asked: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    by_text = {text: (document, p) for document, texts in documents.values() for text, p in texts.items()}
    for number, pair in enumerate(planted):
        document, paragraph = by_text[pair.paragraph]
        others = list(documents[document.id][1].values())
        beside = [
            one for one in (others[number % len(others)], others[-1]) if one.number and one != paragraph
        ]
        composed = scripts.write(pair.sentence, [paragraph, *beside], document)
        cited = claims(composed, pair.sentence)
        asked[pair.kind] += 1
        flagged[pair.kind] += not cited or any(one.check == "unverified" for one in cited)
        for one in composed.citations:
            assert composed.text is not None
            claim = composed.text[one.answer_start : one.answer_end]
            stored = next(p for p in others if p.number == one.paragraph)
            assert stored.text[one.start : one.end] == one.quote
            assert one.check == "unverified" or not missing_facts(claim, stored.text)
            assert (one.check == "unverified") == bool(one.missing_facts)
        if any(one.check == "unverified" for one in composed.citations):
            assert composed.verdict != "supported"
    assert sum(asked.values()) - asked["true"] == PLANTED
    shares = {kind: flagged[kind] / asked[kind] for kind in asked}
    print({kind: f"{share:.2f} of {asked[kind]}" for kind, share in shares.items()})
    assert shares["true"] <= FALSE_ALARMS_AT_MOST
    low = {kind: share for kind, share in shares.items() if share < FOUND_AT_LEAST.get(kind, 0.0)}
    assert low == {}
