"""python -m assistant ask | doctor, with a fake assistant behind it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes_web import CONFLICTING, NOT_IN_CORPUS, PARTLY, SUPPORTED, FakeAssistant, fake

from assistant import doctor
from assistant.__main__ import main
from assistant.answers import Answer, Question, Turn
from assistant.doctor import Finding, examine
from assistant.errors import QuestionError
from assistant.settings import Settings
from index.errors import CorpusError, EncoderError


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith("ASSISTANT_")]:
        monkeypatch.delenv(name)


def built(monkeypatch: pytest.MonkeyPatch, *answers: Answer | Exception) -> FakeAssistant:
    """The assistant that the commands will get."""
    assistant = fake(*answers)
    monkeypatch.setattr("assistant.wiring.build", lambda *_: assistant)
    return assistant


# ask


def test_ask_prints_the_answer_with_its_sources(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assistant = built(monkeypatch, SUPPORTED)
    assert main(["ask", "How much did freight rise?"]) == 0
    out, err = capsys.readouterr()
    assert out == (
        "Supported by the documents (93% likely to be answered by them)\n"
        "\n"
        "54 percent\n"
        "\n"
        "It rose by another 54 percent in the first five months of 2024. [1]\n"
        "\n"
        "[1] The harbour in 2024, Ellmouth Harbour Board, 16 August 2024, ¶2 /documents/harbour#p2\n"
        "    note 1: Harbour Board, Monthly tables, June 2024. https://harbour.example/tables\n"
        "\n"
        "extractive, corpus version c0ffee12\n"
    )
    assert "Traceback" not in err
    assert assistant.asked == [Question("How much did freight rise?")]
    assert assistant.closed


def test_ask_prints_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    built(monkeypatch, SUPPORTED)
    assert main(["ask", "How much?", "--json"]) == 0
    expected = replace(SUPPORTED, question="How much?", standalone_question="How much?")
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(expected.to_dict()))


def test_history_and_documents_go_along(monkeypatch: pytest.MonkeyPatch) -> None:
    assistant = built(monkeypatch, SUPPORTED)
    arguments = [
        "ask",
        "And when?",
        "--history",
        "Which ferry?",
        "--history",
        "Whose?",
        "--document",
        "harbour",
    ]
    assert main([*arguments, "--document", "gazette"]) == 0
    history = (Turn("user", "Which ferry?"), Turn("user", "Whose?"))
    assert assistant.asked == [Question("And when?", history, ("harbour", "gazette"))]


def test_the_question_as_it_was_understood_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assistant = built(monkeypatch)
    understood = replace(SUPPORTED, question="And when?", standalone_question="When does the ferry sail?")
    monkeypatch.setattr(assistant, "ask", lambda _: understood)
    main(["ask", "And when?"])
    assert capsys.readouterr().out.startswith("Understood as: When does the ferry sail?\nSupported")


def test_what_the_documents_do_not_say_comes_with_the_nearest_paragraphs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch, NOT_IN_CORPUS)
    assert main(["ask", "What is the fare?"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Not in the documents (8% likely")
    assert "Nearest paragraphs:\n  harbour ¶4: It names the ferry's days, not its fare.\n" in out


def test_disagreement_and_doubt_are_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch, CONFLICTING, PARTLY)
    main(["ask", "How long?"])
    conflicting = capsys.readouterr().out
    assert conflicting.startswith("The documents disagree")
    assert "digest of “Freight returns to Ellmouth”, Ellmouth Gazette, no date given, ¶2" in conflicting
    main(["ask", "How many?"])
    partly = capsys.readouterr().out
    assert partly.startswith("Partly supported")
    assert "(not verified: forty)" in partly.replace("\n    ", " ")


@pytest.mark.parametrize(
    "error", [QuestionError("The question is empty. Ask."), EncoderError("No encoder. Install it.")]
)
def test_a_failure_while_asking_is_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assistant = built(monkeypatch, error)
    assert main(["ask", "What?"]) == 1
    out, err = capsys.readouterr()
    assert (out, err.splitlines()[-1]) == ("", f"assistant: {error}")
    assert assistant.closed


def test_a_failure_while_building_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(*_: object) -> FakeAssistant:
        raise CorpusError("There is no corpus folder 'corpus'. Create it.")

    monkeypatch.setattr("assistant.wiring.build", build)
    assert main(["ask", "What?"]) == 1
    assert (
        capsys.readouterr().err.splitlines()[-1]
        == "assistant: There is no corpus folder 'corpus'. Create it."
    )


def test_a_wrong_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSISTANT_PORT", "eighty")
    assert main(["ask", "What?"]) == 1
    assert capsys.readouterr().err.startswith("assistant: ASSISTANT_PORT is 'eighty': ")


@pytest.mark.parametrize(
    "arguments", [[], ["ask"], ["tell", "me"], ["ask", "a", "b"], ["ask", "a", "--colour"], ["doctor", "now"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m assistant")


# doctor

FINDINGS = [Finding("python", True, "3.11.9"), Finding("corpus", False, "There is no corpus folder.")]


@pytest.mark.parametrize(("findings", "code"), [(FINDINGS, 1), (FINDINGS[:1], 0)])
def test_doctor_prints_what_it_found(
    findings: list[Finding], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("assistant.doctor.examine", lambda _: findings)
    assert main(["doctor"]) == code
    lines = ["ok    python: 3.11.9", "FAIL  corpus: There is no corpus folder."]
    assert capsys.readouterr().out.splitlines() == lines[: len(findings)]
    assert main(["doctor", "--json"]) == code
    assert json.loads(capsys.readouterr().out) == [finding.to_dict() for finding in findings]


def examined(
    monkeypatch: pytest.MonkeyPatch, settings: Settings | None = None, **looks: object
) -> dict[str, Finding]:
    """The findings by what was examined; what is not in `looks` finds "fine"."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for look in ("_encoder", "_corpus", "_answering"):
        monkeypatch.setattr(doctor, look, looks.get(look, lambda *_: "fine"))
    return {finding.what: finding for finding in examine(settings or Settings())}


def test_an_installation_in_order_is_ok(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(monkeypatch)
    assert list(found) == [
        "python",
        *doctor.PACKAGES,
        "encoder",
        "corpus",
        "answering",
        "connections",
    ]
    assert all(finding.ok for finding in found.values())
    assert found["connections"].found == "none left this machine"


def test_what_fails_is_a_finding_and_the_rest_is_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise CorpusError("There is no corpus folder 'corpus'. Create it.")

    found = examined(monkeypatch, _corpus=fail)
    assert found["corpus"] == Finding("corpus", False, "There is no corpus folder 'corpus'. Create it.")
    assert found["answering"].ok


def test_a_missing_package_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    assert examined(monkeypatch)["no-such-package"] == Finding(
        "no-such-package", False, "not installed; run: python -m pip install no-such-package"
    )


def reaching(*hosts: str) -> Callable[..., str]:
    """A look that tries to reach these hosts, without a socket."""

    def look(*_: object) -> str:
        for host in hosts:
            sys.audit("socket.getaddrinfo", host, 443, 0, 0, 0)
            sys.audit("socket.connect", None, (host, 443))
        return "fine"

    return look


def test_every_attempt_to_leave_the_machine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    look = reaching("localhost", "127.0.0.1", "::1", "hub.example", "count.example")
    found = examined(monkeypatch, _answering=look)["connections"]
    assert (found.ok, found.found) == (False, "tried to reach count.example, hub.example")


def test_a_chroma_server_that_the_settings_name_may_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.doctor.socket.getaddrinfo", lambda *_: [(0, 0, 0, "", ("203.0.113.7", 0))])
    settings = Settings(chroma_url="http://vectors.example:8001")
    look = reaching("vectors.example", "203.0.113.7")
    assert examined(monkeypatch, settings, _corpus=look)["connections"].ok
    found = examined(monkeypatch, settings, _corpus=reaching("example"))["connections"]
    assert found.found == "tried to reach example"


def test_nothing_is_watched_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    examined(monkeypatch)
    reaching("late.example")()
    assert examined(monkeypatch)["connections"].ok


def test_doctor_asks_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    assistant = built(monkeypatch, SUPPORTED)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for look in ("_encoder", "_corpus"):
        monkeypatch.setattr(doctor, look, lambda *_: "fine")
    found = {finding.what: finding for finding in examine(Settings())}
    assert found["answering"].found == "supported in 70 ms, corpus version c0ffee12"
    assert assistant.asked == [Question("What is the title of The harbour in 2024?")]
    assert assistant.closed
