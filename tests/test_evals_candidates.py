"""From feedback to a candidate case: what a person gets to look over."""

from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from fakes_web import fake
from starlette.testclient import TestClient

import server
from assistant.exports.feedback import to_lines
from assistant.storage.repository import Storage
from evals.__main__ import main
from evals.cases import load_suite
from evals.errors import SuiteError

CORPUS = Path(__file__).parent.parent / "corpus"
GROWTH = "By how much did trade grow in the first five months of 2024?"


def add(folder: Path, *records: object, corpus: Path = CORPUS) -> Path:
    (folder / "feedback.json").write_text(json.dumps(list(records) if len(records) > 1 else records[0]))
    out = folder / "out" / "candidates.dev.yaml"
    assert main(["add", str(folder / "feedback.json"), "--corpus", str(corpus), "--out", str(out)]) == 0
    return out


def test_a_wrong_number_becomes_a_case_that_cites_where_the_right_one_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = add(
        tmp_path,
        {
            "question": GROWTH,
            "history": ["What did Putin say of trade?", {"role": "assistant", "content": "It grew."}],
            "verdict": "supported",
            "kind": "wrong-number",
            "right_answer": "54 percent",
            "comment": "it said 9-fold,\nwhich was 2023",
            "answer_id": "a1",
        },
    )
    (case,) = load_suite(out).cases
    assert (case.kind, case.verdict, case.answer) == ("follow-up", ("supported",), (("54 percent",),))
    assert case.cite_any == ("diplomat#p6",)
    assert case.cluster == "diplomat"
    assert case.history == ("What did Putin say of trade?",)
    assert case.tags == ("feedback", "wrong-number")
    text = out.read_text()
    assert "  # wrong-number: it said 9-fold, which was 2023\n  # answer a1 (supported)\n" in text
    assert f"added {case.id} to {out}; look it over" in capsys.readouterr().out


def test_what_should_have_been_refused_expects_a_refusal(tmp_path: Path) -> None:
    out = add(
        tmp_path, {"question": "Who is the envoy?", "kind": "should-have-said-no", "right_answer": "nobody"}
    )
    (case,) = load_suite(out).cases
    assert (case.kind, case.verdict, case.answer, case.gold) == (
        "unanswerable",
        ("not_in_corpus",),
        (),
        frozenset(),
    )


def test_several_records_are_added_one_after_the_other(tmp_path: Path) -> None:
    add(tmp_path, {"question": GROWTH, "kind": "wrong-source", "right_answer": "54 percent"})
    out = add(tmp_path, *({"question": f"Who, {n}?", "kind": "should-have-said-no"} for n in range(2)))
    assert [case.question for case in load_suite(out).cases] == [GROWTH, "Who, 0?", "Who, 1?"]


@pytest.mark.parametrize("told", [{"wrong": "should-have-said-no"}, {}])
def test_a_thumb_down_of_the_api_becomes_a_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], told: dict[str, str]
) -> None:
    """From the answer to the candidate over real routes; both exports give the same case."""
    with (
        closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage,
        TestClient(server.create_app(fake(), (), storage)) as client,
    ):
        history = [{"role": "user", "content": "What of freight?"}]
        asked = {"question": "How much did freight rise?", "history": history}
        thumbs = [("down", asked, told), ("up", {"question": "And in May?"}, {})]
        for thumb, question, more in thumbs:
            answer = client.post("/v1/ask", json=question).json()
            given = {"answer_id": answer["id"], "thumb": thumb, **more}
            assert client.post("/v1/feedback", json=given).status_code == 201
        page, lines = client.get("/v1/feedback").text, to_lines(storage.feedback())
    kind = told.get("wrong", "other")
    for name, text in {"page": page, "lines": lines}.items():
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        out = tmp_path / name / "c.dev.yaml"
        assert main(["add", "-", "--corpus", str(CORPUS), "--out", str(out)]) == 0
        (case,) = yaml.safe_load(out.read_text())["cases"]
        assert (case["question"], case["history"]) == (asked["question"], ["What of freight?"])
        assert case["tags"] == ["feedback", kind]
        if kind == "should-have-said-no":
            assert load_suite(out).cases[0].must_abstain
    assert (tmp_path / "page" / "c.dev.yaml").read_text() == (tmp_path / "lines" / "c.dev.yaml").read_text()
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO(page))
    assert main(["add", "-", "--corpus", str(CORPUS), "--out", str(out)]) == 0
    assert "has a case of this question already" in capsys.readouterr().out
    assert len(yaml.safe_load(out.read_text())["cases"]) == 1


@pytest.mark.parametrize(
    ("right", "said"), [("", "No right answer was given"), ("77 percent", "No paragraph states this answer")]
)
def test_what_a_person_must_still_fill_is_said_and_refused_until_then(
    tmp_path: Path, right: str, said: str
) -> None:
    out = add(tmp_path, {"question": GROWTH, "kind": "should-have-known", "right_answer": right})
    assert said in out.read_text()
    with pytest.raises(SuiteError, match="an answer needs evidence; fill cite_any or cite_all"):
        load_suite(out)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json", "is no JSON"),
        ("[1]", "record 1: this is no JSON object"),
        ('{"kind": "other"}', "record 1: there is no question"),
        (
            '{"question": "Who?", "kind": "rude"}',
            "record 1: kind is 'rude'. Use one of wrong-number, wrong-source",
        ),
    ],
)
def test_a_record_that_cannot_be_used_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (tmp_path / "f.json").write_text(text)
    assert (
        main(["add", str(tmp_path / "f.json"), "--corpus", str(CORPUS), "--out", str(tmp_path / "o.yaml")])
        == 1
    )
    assert said in capsys.readouterr().err
    assert not (tmp_path / "o.yaml").exists()
