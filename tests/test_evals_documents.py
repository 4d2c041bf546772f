"""The bench of readers: normalised words, matched paragraphs, gold texts, readers that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.bench import documents
from evals.bench.documents import (
    Case,
    Reader,
    as_printed,
    markdown_paragraphs,
    paragraph_f1,
    score,
    word_f1,
    words,
)
from index.documents import Block, Mark
from index.errors import UnreadableFile


def test_words_are_normalised() -> None:
    assert words("The ﬁrst Quay, THE quay!") == {"the": 2, "first": 1, "quay": 2}
    assert words("돌 입하") == words("돌입하")


def test_word_f1_counts_each_word_as_often_as_it_occurs() -> None:
    assert word_f1(words("a a b"), words("a b b")) == pytest.approx(2 / 3)
    assert word_f1(words(""), words("")) == 1
    assert word_f1(words("a"), words("")) == 0


def test_paragraphs_are_matched_once() -> None:
    gold = ["the quay is long and straight", "the mill stands still"]
    assert paragraph_f1(gold[::-1], gold) == 1
    assert paragraph_f1([gold[0], gold[0]], gold) == pytest.approx(0.5)
    assert paragraph_f1([" ".join(gold)], gold) == 0


def test_gold_paragraphs_have_no_markup() -> None:
    table = "| a | b |\n|---|---|\n| c | d |"
    text = f"<!-- image -->\n\n## Of *pilots*\n\n- one\n- two &amp; three\n\n{table}\n\nA line\nand more."
    found = [" ".join(paragraph.split()) for paragraph in markdown_paragraphs(text)]
    assert found == ["Of pilots", "one", "two & three", "a b", "c d", "A line and more."]


def test_labels_and_markers_are_put_back() -> None:
    assert as_printed(Block("prose", "It rests.", 0, 9, marks=(Mark("1, page 2", 9),))) == "It rests. 1 "
    assert as_printed(Block("note", "The Gazette.", 0, 12, label="1, page 2")) == "1 The Gazette."


def test_a_reader_that_fails_is_named() -> None:
    def refuse(path: Path) -> list[str]:
        raise UnreadableFile(f"{path.name}: it is damaged.")

    scored = score(Case("d.pdf", Path("d.pdf"), ("a",)), Reader("r", "index", refuse))
    assert (scored.word_f1, scored.error) == (0, "UnreadableFile: d.pdf: it is damaged.")


def test_readers_that_are_not_installed_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    there = documents.installed(
        [Reader("ours", "index", lambda _: []), Reader("x", "no_such_module.inner", lambda _: [])]
    )
    assert [reader.name for reader in there] == ["ours"]
    assert "x is not installed and left out" in capsys.readouterr().err


def test_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert documents.main(["--data", str(tmp_path / "none")]) == 2
    assert "name one with --data" in capsys.readouterr().err
