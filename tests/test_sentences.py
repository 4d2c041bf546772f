"""Sentence spans: cases in cases/sentences.yaml, what holds for every text, and published rules."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from conftest import shared
from hypothesis import given, settings
from hypothesis import strategies as st

from index.sentences import sentence_spans

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "sentences.yaml").read_text(encoding="utf-8"))
_PIECES = (
    'U.S. Dr 9-fold " ” ’ ) ] . … ... ! ? 1961.2 year.₁₂ [3] A. e.g. No. 5 p.m. 港口。 It the \n \t'.split(
        " "
    )
)
sentence_like_text = st.lists(st.sampled_from([*_PIECES, " ", "  "]), max_size=30).map("".join)
any_text = st.one_of(st.text(max_size=200), sentence_like_text)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize("sentences", CASES, ids=" | ".join)
def test_a_text_has_these_sentences(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


@pytest.mark.parametrize("empty", ["", "  ", "\n\n"])
def test_no_text_has_no_sentences(empty: str) -> None:
    assert sentence_spans(empty) == []


def test_chinese_needs_no_blank() -> None:
    assert split("港口开放了。没有人来。谁知道？") == ["港口开放了。", "没有人来。", "谁知道？"]


@pytest.mark.parametrize(
    "sentences",
    [
        ["他读了《开门！港口》吗？", "读了！"],
        ["他说：“港口开了！”，然后走了。", "很晚了。"],
        ["「港は閉まった。」と彼は言った。", "夜だった。"],
        ["开门了!", "谁来了?", "没有人。"],
    ],
)
def test_chinese_and_japanese_sentences(sentences: list[str]) -> None:
    assert split("".join(sentences)) == sentences


def test_a_line_feed_ends_a_sentence() -> None:
    assert split("Title: The Quay\nAuthor: J. Holt") == ["Title: The Quay", "Author: J. Holt"]


def test_spans_leave_white_space_out() -> None:
    assert sentence_spans("  One.  Two. ") == [(2, 6), (8, 12)]


@settings(deadline=None)
@given(any_text)
def test_spans_are_in_order_and_hold_all_but_white_space(text: str) -> None:
    spans = sentence_spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    held = {at for start, end in spans for at in range(start, end)}
    assert all(at in held or char.isspace() for at, char in enumerate(text))


@settings(deadline=None)
@given(any_text)
def test_a_sentence_alone_has_no_line_feed(text: str) -> None:
    assert not any("\n" in sentence for sentence in split(text))


def test_a_long_text_takes_linear_time() -> None:
    assert len(sentence_spans("A. " * 50_000)) >= 1
    assert len(sentence_spans("." * 100_000)) == 1
    assert len(sentence_spans("It rose. " * 20_000)) == 20_000
    assert len(sentence_spans("1. " * 50_000)) >= 1
    assert len(sentence_spans(". " * 50_000)) >= 1
    assert len(sentence_spans("• Boats " * 20_000)) == 20_000
    assert len(sentence_spans("It rose. (Holt and " * 10_000)) >= 1


@pytest.mark.parametrize("language", ["english", "deutsch", "chinese", "russian"])
def test_published_rules_pass(language: str) -> None:
    [path] = shared("data/sbd_golden").glob(f"{language}*.json")
    rules = json.loads(path.read_text(encoding="utf-8"))
    assert rules
    assert [split(text) for text, _ in rules] == [sentences for _, sentences in rules]
