"""The web page benchmark: its arithmetic by hand, and what it says where the pages are not there."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from evals.bench import webpages


def test_scores_are_means_of_shares() -> None:
    found = webpages.score([("salt is dear", "salt is dear now"), ("rye", "")], 1)
    assert (found.precision, found.recall) == (0.75, 0.5)
    assert found.f1 == pytest.approx(0.6)
    assert found.low <= found.f1 <= found.high


def test_runs_of_words_keep_their_order() -> None:
    assert webpages.score([("a b c d e", "a b c d e")], 4).f1 == 1.0
    assert webpages.score([("a b c d e", "e d c b a")], 4).f1 == 0.0


def test_ours_is_what_an_index_holds() -> None:
    page = "<h1>Salt</h1><h2>No text</h2><h2>Uses</h2><p>Salt is dear.</p>"
    assert webpages.ours("page", page.encode()).split("\n") == ["Uses", "Salt is dear."]


def test_pages_are_scored_beside_the_peer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "docs" / "html" / "articles"
    folder.mkdir(parents=True)
    text = "Salt is dear, and whoever has it sells it by weight on two days of the week at the quay."
    (folder / "a.html.gz").write_bytes(gzip.compress(f"<title>x</title><p>{text}</p>".encode()))
    (folder / "ground-truth.json").write_text(
        json.dumps({"a": {"articleBody": text}, "b": {"articleBody": ""}})
    )
    assert webpages.main(["--data", str(tmp_path), "--json"]) == 0
    results = json.loads(capsys.readouterr().out)
    assert [(result["system"], result["pages"]) for result in results] == [
        ("footnote", 1),
        ("trafilatura", 1),
    ]
    assert results[0]["scores"]["shingles"]["f1"] == 1.0


def test_missing_pages_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert webpages.main(["--data", str(tmp_path)]) == 2
    assert "ground-truth.json" in capsys.readouterr().err
