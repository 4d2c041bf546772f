"""Suites: what is read, and what is said of every wrong line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from evals.cases import SUITES, load_suite, schema, suite_files
from evals.docs import generated, stale
from evals.errors import SuiteError, UsageError

CASES = Path(__file__).parent / "cases" / "evals"


def plain(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def test_a_suite_is_read_as_text_throughout() -> None:
    suite = load_suite(CASES / "tiny.dev.yaml")
    opening, closure, both, depth = suite.cases
    assert (suite.suite, suite.half) == ("tiny", "dev")
    assert opening.answer == (("1931",),)
    assert opening.must_not_include == ("1987",)
    assert closure.history == ("When did the harbour open?",)
    assert both.gold == {"harbour#p1", "harbour#p2"}
    assert depth.must_abstain
    assert not depth.must_answer


@pytest.mark.parametrize("path", sorted((CASES / "wrong").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_wrong_line_is_named(path: Path) -> None:
    with pytest.raises(SuiteError) as caught:
        load_suite(path)
    said = [line.removeprefix(f"{path.parent}/") for line in str(caught.value).splitlines()]
    assert said == path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()


def test_bytes_that_are_not_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"suite: caf\xe9\n")
    with pytest.raises(SuiteError, match=r"latin\.yaml: cannot be read as UTF-8 text"):
        load_suite(path)


@pytest.mark.parametrize("path", sorted(SUITES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_suites_of_the_project_are_right(path: Path) -> None:
    suite = load_suite(path)
    assert path.name == f"{suite.suite}.{suite.half}.yaml"
    jsonschema.validate(plain(path), schema())


def test_the_halves_share_no_case() -> None:
    halves = [load_suite(path) for path in suite_files("corpus")]
    ids = [case.id for half in halves for case in half.cases]
    questions = [case.question for half in halves for case in half.cases if not case.history]
    assert len(ids) == len(set(ids))
    assert len(questions) == len(set(questions))


def test_the_schema_on_disk_is_fresh() -> None:
    assert not stale(generated(readme=Path("no such file")))


@pytest.mark.parametrize("name", ["types", "empty"])
def test_the_schema_refuses_what_the_loader_refuses(name: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain(CASES / "wrong" / f"{name}.yaml"), schema())


def test_a_suite_is_found_by_name_half_or_file() -> None:
    assert [path.name for path in suite_files("tiny", folder=CASES)] == ["tiny.dev.yaml", "tiny.test.yaml"]
    assert [path.name for path in suite_files("tiny", "test", CASES)] == ["tiny.test.yaml"]
    file = CASES / "tiny.dev.yaml"
    assert suite_files(str(file)) == [file]


def test_an_unknown_suite_lists_those_that_there_are() -> None:
    with pytest.raises(
        UsageError, match=r"No suite 'large' in evals/ \(there: tiny.dev.yaml, tiny.test.yaml\)"
    ):
        suite_files("large", folder=CASES)
