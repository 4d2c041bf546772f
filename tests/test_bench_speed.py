"""The speed benchmark: what it counts as a paragraph, its summaries and its tables, and a store that it measures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.bench import speed
from index.errors import CorpusError

LONG = "The quay of granite is long and salt is carried over it. " * 4


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "The_Quay.txt").write_text(f"A heading\n{LONG}\n{LONG}again\n", encoding="utf-8")
    (folder / "Mill.txt").write_text(f"{LONG}mill\nshort\n", encoding="utf-8")
    return folder


def test_lines_that_are_long_enough_are_paragraphs(articles: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    texts = speed.write_corpus(articles, 2, corpus)
    assert texts == [f"{LONG}mill", LONG.strip()]
    assert (corpus / "The_Quay.md").read_text("utf-8") == f"# The Quay\n\n{LONG.strip()}\n"
    with pytest.raises(CorpusError, match=r"has 3 paragraphs, not 4\. Ask for at most that many\."):
        speed.write_corpus(articles, 4, corpus)


def test_percentiles_are_measured_values() -> None:
    found = speed.summary([float(n) for n in range(100, 0, -1)])
    assert (found["p50"], found["p95"], found["p99"]) == (51.0, 96.0, 100.0)
    assert speed.summary([7.0])["p99"] == 7.0


def test_a_ratio_has_an_interval_that_noise_widens() -> None:
    assert speed.ratio([6.0] * 9, [2.0] * 9) == (3.0, 3.0, 3.0)
    middle, low, high = speed.ratio([5.0, 6.0, 7.0, 9.0], [2.0, 2.0, 3.0])
    assert low < middle < high


@pytest.mark.slow
def test_a_small_store_is_exact(articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, page = tmp_path / "speed.json", tmp_path / "speed.md"
    arguments = ["--sizes", "--perturbed", "60", "--questions", "4", "--articles", str(articles)]
    assert speed.main([*arguments, "--json", str(out), "--markdown", str(page)]) == 0
    (store,) = json.loads(out.read_text("utf-8"))["perturbed"]
    assert (store["vectors"], store["recall_at_10"], len(store["query_ms"]["raw"])) == (60, 1.0, 4)
    assert "| recall@10 of exact search | 1.000 |" in page.read_text("utf-8")
    assert page.read_text("utf-8") in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert speed.main(["--sizes", "3", "--articles", str(tmp_path / "none")]) == 1
    assert "has 0 paragraphs, not 3." in capsys.readouterr().err
