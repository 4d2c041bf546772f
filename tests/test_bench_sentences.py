"""The bench of sentence splitters: how rules are counted, and what is said where they are missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.bench import sentences

RULES = [("It rose. It fell.", ["It rose.", "It fell."]), ("Dr. Holt came.", ["Dr. Holt came."])]


def test_a_rule_is_passed_by_just_its_sentences() -> None:
    assert sentences.passed(lambda text: [f"{part}. " for part in text.rstrip(".").split(". ")], RULES) == 1
    assert sentences.passed(lambda text: [text], RULES) == 1
    assert sentences.passed(lambda _: [], RULES) == 0


def test_the_share_of_rules_is_printed_for_each_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentences, "SPLITTERS", {"footnote": sentences.ours, "none": lambda _: None})
    (tmp_path / "sbd_golden").mkdir()
    (tmp_path / "sbd_golden" / "english.json").write_text(json.dumps(RULES), encoding="utf-8")
    assert sentences.main(["--data", str(tmp_path)]) == 0
    row = capsys.readouterr().out.splitlines()[-1]
    assert [cell.strip() for cell in row.strip("|").split("|")] == ["english", "2", "1.00", "–"]


def test_rules_that_are_missing_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sentences.main(["--data", str(tmp_path)]) == 2
    assert "there are no rules in" in capsys.readouterr().err
