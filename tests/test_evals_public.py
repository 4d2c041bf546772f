"""The adapters of public sets: each layout becomes a corpus and a suite with its published measures, run for real."""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from conftest import shared
from fakes_evals import contains, quoting, refusing

from assistant.answers import Answer
from evals.cases import Label, label
from evals.errors import RunError, UsageError
from evals.invariants import Evidence
from evals.journal import Journal
from evals.public import open_set
from evals.public.chunking import overlap_measures
from evals.public.sets import Prepared
from evals.results import Result
from evals.runner import How, run_cases
from evals.scores import Ranked
from evals.systems import ranked
from index.corpus import list_files, read_document
from index.documents import Paragraph


class Library:
    """Ranks the paragraphs of a set by the words that they share with the question, and answers from a table."""

    name, version, about = "words", "1", dict[str, str]()
    evidence: Evidence | None = None

    def __init__(self, corpus: Path, answers: dict[str, Answer]) -> None:
        self._answers = answers
        self._paragraphs = [p for f in list_files(corpus) for p in read_document(f, corpus).paragraphs[1:]]
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    @property
    def labels(self) -> frozenset[Label]:
        return frozenset(label(each.document_id, each.number) for each in self._paragraphs)

    def retrieve(self, question: str, k: int) -> list[Ranked]:
        words = set(question.lower().strip("?").split())

        def shared_words(paragraph: Paragraph) -> int:
            return -len(words & set(paragraph.text.lower().strip(".").split()))

        return [ranked(each) for each in sorted(self._paragraphs, key=shared_words)[:k]]

    def answer(self, question: str, history: Sequence[str], documents: Sequence[str] = ()) -> Answer:
        self.asked.append((question, tuple(documents)))
        return self._answers.get(question, refusing())


def run(prepared: Prepared, answers: dict[str, Answer] | None = None) -> tuple[dict[str, Result], Library]:
    library = Library(prepared.corpus, answers or {})
    how = How(contains, depth=prepared.depth, published=prepared.published)
    results = run_cases(prepared.suite, prepared.suite.cases, library, "set", how, Journal(None))
    return {each.score.id: each for each in results}, library


def lines(*values: object) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def says(short: str) -> Answer:
    return quoting((1, "The harbour opened in 1931."), short=short)


def test_a_set_in_beirs_layout(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(
        lines(
            {"_id": "d1", "title": "Ferries", "text": "the ferry crosses the bay at night"},
            {"_id": "d2", "title": "Mills", "text": "the mill grinds barley and oats"},
            {"_id": "q2", "title": "Bay", "text": "the bay is wide and the mill is small"},
        )
    )
    (tmp_path / "queries.jsonl").write_text(
        lines(
            {"_id": "q1", "text": "when does the ferry cross the bay"},
            {"_id": "q2", "text": "the bay is wide and the mill is small"},
            {"_id": "q3", "text": "nobody judged this"},
        )
    )
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq2\td2\t1\nq2\tq2\t1\n"
    )
    with open_set("beir", tmp_path) as prepared:
        found, _ = run(prepared)
    assert sorted(found) == ["q1", "q2"]
    assert found["q1"].score.values["ndcg_10"] == pytest.approx((2 + 1 / 2) / (2 + 1 / math.log2(3)))
    assert found["q1"].score.values["recall_100"] == 1.0
    assert found["q2"].score.values["mrr"] == 1.0  # the document with the query's own id is left out


@pytest.mark.parametrize(
    ("missing", "said"),
    [("corpus.jsonl", "has no corpus.jsonl"), ("qrels/test.tsv", "has no qrels/test.tsv")],
)
def test_a_part_that_is_missing_is_named(tmp_path: Path, missing: str, said: str) -> None:
    (tmp_path / "qrels").mkdir()
    for name in {"corpus.jsonl", "queries.jsonl", "qrels/test.tsv"} - {missing}:
        (tmp_path / name).write_text("")
    with pytest.raises(RunError, match=said), open_set("beir", tmp_path):
        pass


SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Old_Harbour",
            "paragraphs": [
                {
                    "context": "The harbour opened in 1931 & was built of *granite*.",
                    "qas": [
                        {"id": "1", "question": "When did the harbour open?", "answers": [{"text": "1931"}]},
                        {"id": "2", "question": "Who designed it?", "answers": [], "is_impossible": True},
                    ],
                },
                {"context": "1. It was closed for 54 days.", "qas": [
                    {"id": "3", "question": "How long was it closed?", "answers": [{"text": "54 days"}, {"text": "54"}]}
                ]},
            ],
        }
    ],
}  # fmt: skip


def test_squad_as_reading_gives_each_question_its_paragraph(tmp_path: Path) -> None:
    (tmp_path / "dev-v2.0.json").write_text(json.dumps(SQUAD))
    (tmp_path / "notes.json").write_text("[]")
    answers = {"When did the harbour open?": says("in 1931"), "How long was it closed?": says("54")}
    with open_set("squad-reading", tmp_path) as prepared:
        found, library = run(prepared, answers)
    measures = {id: (each.score.values["em"], each.score.values["f1"]) for id, each in found.items()}
    assert measures == {"1": (0.0, pytest.approx(2 / 3)), "2": (1.0, 1.0), "3": (1.0, 1.0)}
    assert found["2"].score.values["no_answer"] == 1.0
    assert all(len(documents) == 1 for _, documents in library.asked)
    assert len({documents for _, documents in library.asked}) == 2


def test_squad_as_retrieval_leaves_out_what_no_paragraph_answers(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text(json.dumps(SQUAD))
    with open_set("squad", tmp_path / "dev.json") as prepared:
        found, library = run(prepared)
    assert sorted(found) == ["1", "3"]
    assert [each.score.values["hit_1"] for each in found.values()] == [1.0, 1.0]
    assert all(not documents for _, documents in library.asked)


def test_natural_questions_with_their_passages(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "nq.jsonl.gz", "wt") as file:
        ctx = {"title": "Harbour", "text": "The harbour opened in 1931.", "isgold": True}
        file.write(lines({"question": "when did the harbour open", "answers": ["1931"], "ctxs": [ctx]}))
    with open_set("nq", tmp_path) as prepared:
        found, _ = run(prepared, {"when did the harbour open": says("in the year 1931")})
    (only,) = found.values()
    assert (only.score.values["em"], only.score.values["subspan_em"], only.score.values["hit_1"]) == (0, 1, 1)
    (tmp_path / "bad.jsonl").write_text("{}\n")
    with pytest.raises(RunError, match="question 1: it needs question, answers and a gold passage"):  # noqa: SIM117
        with open_set("nq", tmp_path / "bad.jsonl"):
            pass


def test_clapnq_has_long_answers_and_questions_without_one(tmp_path: Path) -> None:
    passage = {"title": "Harbour", "text": "The harbour opened in 1931 .", "sentences": []}
    answered = {
        "id": "a",
        "input": "when",
        "passages": [passage],
        "output": [{"answer": "The harbour opened in 1931."}],
    }
    silent = {**answered, "id": "c", "input": "since when"}
    unanswered = {"id": "b", "input": "why", "passages": [passage], "output": [{"answer": ""}]}
    (tmp_path / "dev_answerable.jsonl").write_text(lines(answered, silent))
    (tmp_path / "dev_unanswerable.jsonl").write_text(lines(unanswered))
    with open_set("clapnq", tmp_path) as prepared:
        found, _ = run(prepared, {"when": says("1931")})
    measured = ("rouge_l", "word_recall", "rouge_passage")
    assert [found["a"].score.values[key] for key in measured] == [1.0, 1.0, 1.0]
    assert [found["c"].score.values[key] for key in measured] == [0.0, 0.0, 0.0]
    assert found["b"].score.values["no_answer"] == 1.0


def test_chunking_measures_characters(tmp_path: Path) -> None:
    text = "The harbour opened in 1931.\n\nA mill stands by it.\n"
    (tmp_path / "towns.md").write_text(text)
    start = text.index("opened")
    reference = {
        "content": "opened in 1931",
        "start_index": start,
        "end_index": start + len("opened in 1931"),
    }
    with (tmp_path / "questions_df.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "references", "corpus_id"])
        writer.writerow(["When was the harbour opened?", json.dumps([reference]), "towns"])
    with open_set("chunking", tmp_path) as prepared:
        found, _ = run(prepared)
    (only,) = found.values()
    assert only.score.values["token_recall"] == 1.0
    assert 0 < only.score.values["token_iou"] < 1
    assert only.score.values["hit_1"] == 1.0


def test_overlaps_count_once_as_found_and_twice_as_retrieved() -> None:
    assert overlap_measures([(0, 10)], [(5, 15), (5, 15)]) == {
        "token_recall": 0.5,
        "token_precision": 5 / 20,
        "token_iou": 5 / (10 + 20 - 5),
    }
    assert overlap_measures([(0, 10)], []) == {"token_recall": 0.0, "token_precision": 0.0, "token_iou": 0.0}


def test_a_kind_or_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no kind of set 'trec'"), open_set("trec", tmp_path):
        pass
    with pytest.raises(RunError, match="has no file in SQuAD's layout"), open_set("squad", tmp_path):
        pass


@pytest.mark.parametrize(
    ("kind", "folder", "least"),
    [
        ("squad", "squad", 30),
        ("squad-reading", "squad", 30),
        ("nq", "nq_oracle", 30),
        ("clapnq", "clapnq", 30),
        ("chunking", "chunking_evaluation", 20),
    ],
)
def test_the_public_files_themselves_are_read(kind: str, folder: str, least: int) -> None:
    data = shared("data") / folder
    if not data.is_dir():
        pytest.skip(f"There is no folder '../shared/data/{folder}'.")
    clusters = {"squad": 2, "squad-reading": 2, "chunking": 1}.get(kind)
    with open_set(kind, data, limit=30, clusters=clusters) as prepared:
        cases = prepared.suite.cases
        assert least <= len(cases) <= 30
        texts = {label(p.document_id, p.number): p.text for f in list_files(prepared.corpus)
                 for p in read_document(f, prepared.corpus).paragraphs}  # fmt: skip
        assert all(case.gold <= texts.keys() for case in cases)
        if kind == "squad":
            assert all(any(text in texts[at] for at in c.gold for text in c.answer[0]) for c in cases)


@pytest.mark.parametrize("kind", ["squad"])
def test_a_draw_repeats(kind: str, tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text(json.dumps(SQUAD))

    def drawn(limit: Callable[[], int]) -> list[str]:
        with open_set(kind, tmp_path, limit=limit()) as prepared:
            return [case.id for case in prepared.suite.cases]

    assert drawn(lambda: 1) == drawn(lambda: 1)
    assert drawn(lambda: 1) == drawn(lambda: 2)[:1]
