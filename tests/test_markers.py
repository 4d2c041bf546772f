"""The stream parser: golden cases in tests/cases/markers, fed whole, by the character, and cut anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.markers import SentenceStream, Written

CASES = sorted((Path(__file__).parent / "cases" / "markers").glob("*.yaml"))


def load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


def parsed(pieces: Sequence[str], known: int) -> tuple[list[Written], int]:
    stream = SentenceStream(known)
    found = [sentence for piece in pieces for sentence in stream.feed(piece)]
    return found + stream.finish(), stream.dropped


def plain(found: Sequence[Written]) -> list[Any]:
    return [[one.text, *one.numbers] for one in found]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_golden_case(path: Path) -> None:
    case = load(path)
    found, dropped = parsed([case["written"]], case.get("known", 3))
    assert plain(found) == case["sentences"]
    assert dropped == case.get("dropped", 0)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_golden_case_by_the_character(path: Path) -> None:
    case = load(path)
    known = case.get("known", 3)
    assert parsed(list(case["written"]), known) == parsed([case["written"]], known)


@given(st.data())
def test_how_the_text_is_cut_changes_nothing(data: st.DataObject) -> None:
    case = load(data.draw(st.sampled_from(CASES)))
    text, known = case["written"], case.get("known", 3)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert parsed(pieces, known) == parsed([text], known)


@example(".  a", 2)
@given(st.text(alphabet="ab1.[]()【】`#*\n <>!-–,", max_size=80), st.integers(1, 20))
def test_nothing_that_a_model_writes_trips_it(text: str, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    found, _ = parsed(pieces, 2)
    assert (found, 0) == (parsed([text], 2)[0], 0)
    for one in found:
        assert all(number in (1, 2) for number in one.numbers)
        assert all(0 <= cut.at <= len(one.text) for cut in one.cuts)


def test_a_sentence_is_given_once_the_next_has_begun() -> None:
    stream = SentenceStream(2)
    assert stream.feed("Freight rose. [1") == []
    assert stream.feed("]") == []
    assert stream.feed(" The") == []
    assert plain(stream.feed(" ferry")) == [["Freight rose.", 1]]
    assert plain(stream.feed(" crosses at night. [2]")) == []
    assert plain(stream.finish()) == [["The ferry crosses at night.", 2]]


def test_a_cut_says_where_its_marker_stood() -> None:
    (found,) = parsed(["Freight rose [1], while salt fell [2]."], 2)[0]
    assert [(found.text[: cut.at], cut.numbers) for cut in found.cuts] == [
        ("Freight rose", (1,)),
        ("Freight rose, while salt fell", (2,)),
    ]


def test_code_is_one_piece() -> None:
    found, _ = parsed(["So it is. [1]\n```py\nx[1] = 2\n\ny[2] = 3\n```\nDone. [2]"], 2)
    assert [(one.text, one.is_code) for one in found] == [
        ("So it is.", False),
        ("x[1] = 2\n\ny[2] = 3", True),
        ("Done.", False),
    ]
