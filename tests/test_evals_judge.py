"""A model as a judge: llama-index's evaluators ask a scripted server over real HTTP, and what they say is advice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fakes_evals import CLOSED, OPENED, TEXTS, FakeLibrary, FakeSystem, contains, quoting, refusing
from fakes_llm import Messages, ScriptedServer, Status, Words, says, scripted_server

from assistant.llm import OpenAILikeModel
from evals.__main__ import main
from evals.errors import RunError
from evals.judge import Judge
from evals.systems import System

SUITE = Path(__file__).parent / "cases" / "evals"
DEV, TEST = str(SUITE / "tiny.dev.yaml"), str(SUITE / "tiny.test.yaml")
WRONG = "For how many days was it closed?"


def verdicts(messages: Messages) -> Words:
    """An answer of 1931 to how many days is supported by its paragraph, and beside the question."""
    asked = messages[-1]["content"]
    beside = WRONG in asked and "Response: The harbour opened" in asked
    return says("NO, it is beside the point." if beside else "YES")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server(verdicts) as found:
        yield found


@pytest.fixture
def judge(server: ScriptedServer) -> Iterator[Judge]:
    model = OpenAILikeModel(server.url, "scripted")
    yield Judge(model)
    model.close()


Command = Callable[..., int]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> Command:
    """The evals with a fake system that gives one wrong answer, and the settings naming the scripted server."""
    (tmp_path / "corpus").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSISTANT_LLM_URL", server.url)
    monkeypatch.setenv("ASSISTANT_LLM_MODEL", "scripted")

    @contextmanager
    def opened(name: str, corpus: Path, data: Path | None) -> Iterator[System]:
        yield FakeSystem({WRONG: replace(quoting(OPENED), standalone_question=WRONG)})

    return lambda *args: main(args, open_system=opened, contains=contains)


def test_it_asks_with_the_cited_paragraphs(judge: Judge, server: ScriptedServer) -> None:
    answer = replace(quoting(OPENED, CLOSED), standalone_question="When did it open?")
    assert judge.judge(answer, FakeLibrary()) == {"faithful": 1.0, "relevant": 1.0}
    faithful, relevant = ("\n".join(m["content"] for m in each["messages"]) for each in server.requests)
    said = "The harbour opened in 1931. It was closed for 54 days in 1987."
    assert f"Information: {said}" in faithful
    assert f"Question: When did it open?\nResponse: {said}" in relevant
    assert (
        TEXTS[1] == said
    )  # so that it stands there twice: as the answer, and once as the paragraph of both quotes
    assert [each.count(said) for each in (faithful, relevant)] == [2, 2]
    assert "[1]" not in faithful


def test_a_refusal_is_not_judged(judge: Judge, server: ScriptedServer) -> None:
    assert judge.judge(refusing(), FakeLibrary()) == {}
    assert server.requests == []


def test_without_a_library_the_quotes_are_the_evidence(judge: Judge, server: ScriptedServer) -> None:
    assert judge.judge(quoting(OPENED), None)["faithful"] == 1.0
    assert "54 days" not in server.requests[0]["messages"][-1]["content"]


@pytest.mark.parametrize("script", [says("Perhaps."), says(" "), Words(["Y", "ES"], breaks=1)])
def test_what_is_no_judgement_counts_as_none(judge: Judge, server: ScriptedServer, script: Words) -> None:
    server.script(script, says("no"))
    assert judge.judge(quoting(OPENED), FakeLibrary()) == {"relevant": 0.0}
    assert len(judge.failures) == 1


@pytest.mark.parametrize("status", [401, 404])
def test_a_server_that_refuses_ends_the_run(judge: Judge, server: ScriptedServer, status: int) -> None:
    server.script(Status(status))
    with pytest.raises(RunError, match=r"The judge cannot be asked: .* or leave --judge away"):
        judge.judge(quoting(OPENED), FakeLibrary())


def test_judgements_are_in_the_report_and_not_in_the_invariants(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("run", DEV, "--judge", "--json", "a.json", "--html", "a.html") == 0
    (run,) = json.loads(Path("a.json").read_text())["runs"]
    assert run["about"]["judge"] == "scripted"
    assert (run["metrics"]["faithful"]["value"], run["metrics"]["faithful"]["n"]) == (1.0, 3)
    assert run["metrics"]["relevant"]["value"] == pytest.approx(2 / 3)
    assert "a judge: relevant to the question (advisory)" in capsys.readouterr().out
    page = Path("a.html").read_text()
    assert "faithful to what is cited, not relevant to the question" in page
    assert page.count("faithful to what is cited") == 3


def test_two_systems_are_judged_alike(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("compare", "bm25", "hybrid", DEV, "--judge") == 0
    assert "a judge: faithful to what it cites (advisory)" in capsys.readouterr().out


def test_the_gate_asks_no_judge(command: Command, server: ScriptedServer) -> None:
    """Also not where a model is configured, which every check of such an installation is."""
    update = ("--baseline", "base.json", "--update", "--reason", "first")
    assert command("check", DEV, *update) == 0
    assert command("check", DEV, "--baseline", "base.json") == 0
    assert server.requests == []
    assert "faithful" not in Path("base.json").read_text()
    with pytest.raises(SystemExit) as caught:
        command("check", DEV, "--judge")
    assert caught.value.code == 2


def test_a_judge_needs_a_model(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ASSISTANT_LLM_URL")
    monkeypatch.delenv("ASSISTANT_LLM_MODEL")
    assert command("run", DEV, "--judge") == 2
    assert "--judge needs a language model, and no setting names one." in capsys.readouterr().err


def test_failures_are_counted(
    command: Command, server: ScriptedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script(says("Perhaps."))
    assert command("run", DEV, "--judge") == 0
    out, err = capsys.readouterr()
    assert "a judge" not in out
    assert (
        "judge: 6 times without a judgement, last since the model 'scripted' said neither yes nor no" in err
    )
