"""Suites on several corpora in processes of their own: the same results, errors that arrive, nothing left behind."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes_evals import OPENED, FakeSystem, contains, quoting

from evals.__main__ import main
from evals.errors import UsageError
from evals.session import OpenSystem
from evals.systems import System

DEV = str(Path(__file__).parent / "cases" / "evals" / "tiny.dev.yaml")
UPDATE = ("--baseline", "base.json", "--update", "--reason", "first")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("corpus", "seeds"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def opened(name: str, corpus: Path, data: Path | None) -> Iterator[System]:
    """Right on the corpus, wrong in one case on the seeds; says which process answered."""
    wrong = {"For how many days was it closed?": quoting(OPENED)}
    system = FakeSystem(wrong if corpus.name == "seeds" else None)
    system.about["process"] = str(os.getpid())
    yield system


@contextmanager
def killed(name: str, corpus: Path, data: Path | None) -> Iterator[System]:
    if corpus.name == "seeds":
        os._exit(9)
    yield FakeSystem()


@contextmanager
def refused(name: str, corpus: Path, data: Path | None) -> Iterator[System]:
    raise UsageError(f"There is no system on '{corpus.name}'.")
    yield FakeSystem()


def check(*args: str, open_system: OpenSystem = opened) -> int:
    corpora = ("--corpus", "corpus", "--corpus", "seeds")
    return main(["check", DEV, *corpora, *args], open_system=open_system, contains=contains)


def runs(path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Path(path).read_text())["runs"]
    for run in found:
        for key in ("seconds", "memory_mb"):
            del run[key]
        for result in run["results"]:
            del result["score"]["seconds"]
    return found


def test_processes_give_what_one_gives(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(*UPDATE, "--jobs", "1", "--json", "one.json") == 0
    capsys.readouterr()
    assert check("--baseline", "base.json", "--jobs", "2", "--json", "two.json") == 0
    one, two = runs("one.json"), runs("two.json")
    assert [run["corpus"] for run in two] == ["corpus", "seeds"]
    processes = {run["about"].pop("process") for run in two}
    assert {run["about"].pop("process") for run in one} == {str(os.getpid())}
    assert len(processes) == 2
    assert str(os.getpid()) not in processes
    assert one == two
    assert capsys.readouterr().err.splitlines()[-1] == "1 suites on corpus and seeds: 8/8"
    assert list(Path(".data").rglob("*.jsonl")) == []  # journals of all processes are removed


def test_an_error_of_a_process_is_that_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(*UPDATE, "--jobs", "2", open_system=refused) == 2
    assert "There is no system on 'corpus'." in capsys.readouterr().err


def test_a_process_that_is_killed_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(*UPDATE, "--jobs", "2", open_system=killed) == 1
    assert "was killed, perhaps for want of memory. Run them one after the other: --jobs 1" in (
        capsys.readouterr().err
    )
    assert not Path("base.json").exists()


@pytest.mark.parametrize("jobs", ["0", "two"])
def test_jobs_are_counted_from_one(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        check("--jobs", jobs)
    assert caught.value.code == 2
    assert f"'{jobs}' is no number from 1 on" in capsys.readouterr().err
