"""What the gate is for, on the real runner and the real product: four changes, of which three fail it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answers import Answer
from assistant.facts import contains
from assistant.reader.evidence import SPAN_WEIGHTS
from evals.__main__ import main
from evals.cases import Label
from evals.invariants import Evidence
from evals.scores import Ranked
from evals.systems import System, open_footnote

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SPAN_WEIGHTS.is_file(), reason=f"The reader is not trained: {SPAN_WEIGHTS.name}."),
]
CORPUS = Path(__file__).parent.parent / "corpus"
QUESTIONS = (
    (
        "By what percentage did trade turnover grow in the first five months of 2024?",
        "54 percent",
        "diplomat#p6",
    ),
    ("How many barrels of crude may Pyongyang import in a year?", "4 million", "issi#p15"),
    ("Which treaty did the new one replace, and when was it signed?", "2000", "issi#p3"),
    ("How many tons of agricultural diesel did Russia agree to supply?", "100,000 tons", "issi#p4"),
    ("How many containers of munitions did North Korea transfer?", "11,000", "issi#p16"),
    ("In which city was the 2+2 dialogue of China and South Korea held?", "Seoul", "diplomat#p21"),
    ("What did Kim call Putin?", "dearest friend", "diplomat#p11"),
    ("Which newspaper published Putin's letter?", "Rodong Sinmun", "issi#p4"),
)
Change = Callable[[Answer], Answer]


class Changed:
    """The real system's answers, with a change made to each on its way out."""

    name = "footnote"

    def __init__(self, system: System, change: Change) -> None:
        self._system, self._change = system, change
        self.version, self.about, self.labels = system.version, system.about, system.labels
        self.evidence: Evidence | None = system.evidence
        self._kept: dict[str, Answer] = {}

    def retrieve(self, question: str, k: int) -> list[Ranked]:
        return self._system.retrieve(question, k)

    def answer(self, question: str, history: Sequence[str], documents: Sequence[str] = ()) -> Answer:
        return self._change(self._system.answer(question, history, documents))


class Remembered(Changed):
    """The same with each question answered once: what is changed is the answer, not the reading."""

    def answer(self, question: str, history: Sequence[str], documents: Sequence[str] = ()) -> Answer:
        if question not in self._kept:
            self._kept[question] = self._system.answer(question, history, documents)
        return self._kept[question]


def unchanged(answer: Answer) -> Answer:
    return answer


def broken_citation(answer: Answer) -> Answer:
    moved = tuple(replace(each, start=each.start + 1, end=each.end + 1) for each in answer.citations)
    return replace(answer, citations=moved)


def wrong_number(answer: Answer) -> Answer:
    """One figure of the answer's text, as a model that writes might put it: the quotes stay as they are."""
    changed = answer.answer.replace("54 percent", "45 percent")
    return replace(answer, answer=changed, mode="generative")


def slower(answer: Answer) -> Answer:
    time.sleep(0.2)
    return answer


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("suite") / "gate.dev.yaml"
    cases = [
        f"  - {{id: case-{number}, kind: statement, question: {question!r}, verdict: [supported, partly_supported], "
        f"answer: [[{answer!r}]], cite_any: [{place}], cluster: {place.partition('#')[0]}}}"
        for number, (question, answer, place) in enumerate(
            (q.replace("'", "’"), a, p) for q, a, p in QUESTIONS
        )
    ]
    path.write_text("\n".join(["suite: gate", "half: dev", "cases:", *cases]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remembered]:
    with open_footnote(CORPUS, tmp_path_factory.mktemp("data")) as system:
        yield Remembered(system, unchanged)


@pytest.fixture(scope="module")
def baseline(suite: Path, product: Remembered, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("baseline") / "baseline.json"
    assert check(suite, path, product, "--update", "--reason", "what the product does today") == 0
    return path


def check(suite: Path, baseline: Path, system: System, *more: str) -> int:
    @contextmanager
    def opened(name: str, corpus: Path, data: Path | None) -> Iterator[System]:
        yield system

    arguments = ["check", str(suite), "--corpus", str(CORPUS), "--baseline", str(baseline), *more]
    return main(arguments, open_system=opened, contains=contains)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Journals go where nothing is kept."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (
            broken_citation,
            1,
            "broken invariants in gate.dev on corpus: a quote is a slice of the stored paragraph",
        ),
        (wrong_number, 1, "a verified check holds when recomputed (cases case-0)"),
        (slower, 0, "nothing got worse, and every invariant holds"),
    ],
)
def test_a_changed_answer(
    suite: Path,
    baseline: Path,
    product: Remembered,
    capsys: pytest.CaptureFixture[str],
    change: Change,
    code: int,
    said: str,
) -> None:
    capsys.readouterr()
    assert check(suite, baseline, Changed(product, change)) == code
    assert said in capsys.readouterr().out


def test_an_over_eager_abstention(
    suite: Path,
    baseline: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    with open_footnote(CORPUS, tmp_path / "data", abstain_below=0.999) as eager:
        assert check(suite, baseline, eager) == 1
    out = capsys.readouterr().out
    assert "worse: gate.dev on corpus right from" in out
    assert "gate.dev on corpus false_refusals from" in out
    assert "paired difference" in out
    assert "case-0" in out
    assert "broken invariants" not in out


def test_labels_are_those_of_the_corpus(product: Remembered) -> None:
    places: set[Label] = {place for *_, place in QUESTIONS}
    assert places <= product.labels
