"""The shipped suites: what they expect stands in the documents, in the digests and in the originals alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from conftest import shared

from assistant.facts import contains
from evals.cases import Case, Label, Suite, label, load_suite, suite_files, suite_names
from evals.errors import SuiteError
from evals.variants import Copy, Edit, Variant, as_markdown, varied
from index.corpus import list_files, read_document
from index.documents import Paragraph
from index.readers.markdown import read as read_markdown

ROOT = Path(__file__).parent.parent
SUITES = [load_suite(path) for path in suite_files("all", "dev")]
OWN = [suite for path in suite_files("all") if (suite := load_suite(path)).corpus]
NEEDED = {"robustness", "conflicts", "followups", "abstention", "injection", "provenance"}
ASKED = [
    *(
        pytest.param(suite, at, id=f"{suite.suite}-{at}")
        for suite in SUITES
        if not suite.corpus
        for at in ("corpus", "seeds")
    ),
    *(pytest.param(suite, suite.corpus, id=f"{suite.suite}.{suite.half}") for suite in OWN),
]


@pytest.fixture(params=["corpus", "seeds"])
def folder(request: pytest.FixtureRequest) -> Path:
    return ROOT / "corpus" if request.param == "corpus" else shared("seeds")


def place(at: str) -> Path:
    """The folder that a suite is asked of."""
    return shared("seeds") if at == "seeds" else ROOT / at


def paragraphs_of(folder: Path) -> dict[Label, Paragraph]:
    return {
        label(file.id, paragraph.number): paragraph
        for file in list_files(folder)
        for paragraph in read_document(file, folder).paragraphs
    }


def by_variant(suite: Suite, folder: Path) -> Iterator[tuple[dict[Label, Paragraph], list[Case]]]:
    for variant in (None, *suite.variants):
        name = variant.name if variant else ""
        with varied(folder, variant) if variant else nullcontext(folder) as changed:
            yield paragraphs_of(changed), [case for case in suite.cases if case.variant == name]


def test_every_suite_is_shipped() -> None:
    assert suite_names()[0] == "corpus"
    assert set(suite_names()) >= NEEDED
    assert all(each.variant for each in SUITES for each in each.cases if "changed" in each.tags)


@pytest.mark.parametrize(("suite", "at"), ASKED)
def test_every_expected_fact_stands_in_its_paragraphs(suite: Suite, at: str) -> None:
    missing = []
    for texts, cases in by_variant(suite, place(at)):
        for case in cases:
            missing += [(case.id, there) for there in case.gold - texts.keys()]
            missing += [
                (case.id, group)
                for group in case.answer
                if case.gold and not any(contains(texts[at].text, text) for at in case.gold for text in group)
            ]
    assert missing == []


@pytest.mark.parametrize(("suite", "at"), ASKED)
def test_every_expected_note_stands_behind_its_paragraphs(suite: Suite, at: str) -> None:
    for texts, cases in by_variant(suite, place(at)):
        for case in cases:
            behind = {note.number for there in case.gold for note in texts[there].notes}
            assert behind.issuperset(case.notes), case.id


@pytest.mark.parametrize(("suite", "at"), ASKED)
def test_what_must_not_be_said_is_said_nowhere_else_in_a_changed_corpus(suite: Suite, at: str) -> None:
    """A forbidden figure is one that the variant took away or planted, so that a right answer can do without it."""
    for texts, cases in by_variant(suite, place(at)):
        for case in cases:
            forbidden = [
                text for text in case.must_not_include for at in case.gold if contains(texts[at].text, text)
            ]
            assert not case.variant or forbidden == [], case.id


def test_the_smoke_cases_need_one_index_and_say_both() -> None:
    smoke = [case for suite in SUITES for case in suite.cases if "smoke" in case.tags]
    assert 12 <= len(smoke) <= 30
    assert not any(case.variant for case in smoke)
    assert {case.must_abstain for case in smoke} == {True, False}


def test_wordings_of_a_question_are_one_unit() -> None:
    robustness = next(suite for suite in SUITES if suite.suite == "robustness")
    units = {robustness.unit(case) for case in robustness.cases}
    assert len(units) == 6
    corpus = next(suite for suite in SUITES if suite.suite == "corpus")
    assert len({corpus.unit(case) for case in corpus.cases}) > 50  # two documents are too few: the paragraphs


def test_a_changed_document_keeps_paragraphs_and_notes(folder: Path) -> None:
    """Only the paragraph that is edited becomes another one."""
    before = paragraphs_of(folder)
    edit = Edit("issi", 15, append="And more.")
    with varied(folder, Variant("x", (), (edit, Edit("diplomat", 6, "54 percent", "61 percent")))) as changed:
        after = paragraphs_of(changed)
    different = {at for at in before if at.partition("#p")[2] != "0" and before[at].text != after[at].text}
    assert different == {"issi#p15", "diplomat#p6"}
    assert {at: [n.number for n in p.notes] for at, p in before.items()} == {
        at: [n.number for n in p.notes] for at, p in after.items()
    }


def test_a_copy_has_another_publisher_and_its_own_numbers() -> None:
    copy = Copy("rival", "diplomat", (6, 1), title="Figures", publisher="Harbour Wire", date="2024-07-02")
    with varied(ROOT / "corpus", Variant("x", (copy,))) as changed:
        texts = paragraphs_of(changed)
    assert texts["rival#p1"].text == texts["diplomat#p6"].text
    assert texts["rival#p2"].text == texts["diplomat#p1"].text
    assert (
        texts["rival#p0"].text == "Title: Figures\nPublisher: Harbour Wire\nDate of publication: 2 July 2024"
    )


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        (Variant("x", (Copy("a", "none"),)), "copies 'none', which is not in the corpus"),
        (Variant("x", (Copy("a", "diplomat", (99,)),)), "copies diplomat#p99, which is not there"),
        (Variant("x", (), (Edit("diplomat", 99, append="a"),)), "changes diplomat#p99, which is not there"),
        (
            Variant("x", (), (Edit("diplomat", 6, "9,999", "1"),)),
            "replaces '9,999' in diplomat#p6, where it does not",
        ),
    ],
)
def test_a_change_of_what_is_not_there_is_refused(variant: Variant, said: str) -> None:
    with pytest.raises(SuiteError, match=said), varied(ROOT / "corpus", variant):
        pass


@pytest.mark.parametrize(
    "text",
    ["1. not a list", "12) nor a list", "- nor this", "a *star* _line_ `x` <b> [y] # z", "+ plus 2 * 3"],
)
def test_a_text_stays_itself_in_markdown(text: str) -> None:
    blocks, _ = read_markdown(as_markdown(text))
    assert [(block.kind, block.text) for block in blocks] == [("prose", text)]
