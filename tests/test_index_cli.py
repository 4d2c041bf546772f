"""python -m index: what it prints, and with which exit code."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from fakes import OneHotEncoder

from index import __main__ as cli
from index.receipts import State


@pytest.fixture(autouse=True)
def folder(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a corpus; the settings of this machine are out of the way."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(cli, "SentenceEncoder", lambda name, precision: OneHotEncoder(name=name))
    return tmp_path


class Ran:
    """A command that was run: its exit code and what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        capsys.readouterr()
        self.code = cli.main(arguments)
        self.out, self.err = capsys.readouterr()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def test_build_prints_a_line_for_each_file_and_the_receipt(capsys: pytest.CaptureFixture[str]) -> None:
    ran = Ran(capsys, "build")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "added     mill.md: 2 paragraphs, 0 notes",
        "added     quay.txt: 3 paragraphs, 1 note",
        "5 added, 0 changed, 0 unchanged (17 vectors embedded)",
    ]
    lines = ran.err.splitlines()
    assert lines[:2] == ["reading mill.md (1 of 2)", "embedding mill.md: 0 of 6"]
    assert lines[2].startswith("embedding mill.md: 6 of 6, ")
    again = Ran(capsys, "build")
    assert again.out.splitlines()[-1] == "0 added, 0 changed, 5 unchanged (0 vectors embedded)"
    assert again.err == ""


def test_build_of_a_named_folder(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "papers").mkdir()
    (folder / "papers" / "a.md").write_text("It is one line.", encoding="utf-8")
    ran = Ran(capsys, "build", "papers", "--json")
    assert (ran.code, ran.json["added"], ran.json["embedded"]) == (0, 1, 4)
    assert [file["document_id"] for file in ran.json["files"]] == ["a"]


def test_build_with_a_file_that_fails_names_it_and_says_so_by_its_code(
    capsys: pytest.CaptureFixture[str], corpus: Path
) -> None:
    (corpus / "deep").mkdir()
    (corpus / "deep" / "empty.md").write_bytes(b"")
    (corpus / "table.xyz").write_bytes(b"PK")
    ran = Ran(capsys, "build")
    assert ran.code == cli.SOME_UNREAD == 3
    assert "failed    deep/empty.md: the file is empty.\n" in ran.out
    assert "skipped   table.xyz: files of type '.xyz' are not read; save it as one of " in ran.out
    assert len(Ran(capsys, "status", "--json").json["documents"]) == 2
    (corpus / "deep" / "empty.md").unlink()
    assert Ran(capsys, "build").code == 0


def test_build_names_every_file_where_none_could_be_read(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "papers").mkdir()
    for name in ("a.md", "b.md"):
        (folder / "papers" / name).write_bytes(b"")
    ran = Ran(capsys, "build", "papers")
    assert ran.code == 1
    assert ran.out.splitlines()[:2] == [f"failed    {name}: the file is empty." for name in ("a.md", "b.md")]
    assert ran.err.splitlines()[-1] == (
        "index: No document in 'papers' could be read: a.md: the file is empty. And 1 more."
    )
    assert [file["state"] for file in Ran(capsys, "build", "papers", "--json").json["files"]] == [
        "failed"
    ] * 2


def test_the_receipt_as_json_says_all_of_a_file(capsys: pytest.CaptureFixture[str], corpus: Path) -> None:
    (corpus / "copy.txt").write_bytes((corpus / "quay.txt").read_bytes())
    Ran(capsys, "build")
    (corpus / "mill.md").write_text(
        "# The Mill\n\nIt is shut.\n\nIt stood by the river.\n", encoding="cp1252"
    )
    files = {file["file"]: file for file in Ran(capsys, "build", "--json").json["files"]}
    assert files["mill.md"].pop("seconds") >= 0
    assert files["mill.md"] == {
        "file": "mill.md", "document_id": "mill", "state": "changed", "version": 2,
        "paragraphs": 2, "notes": 0, "tables": 0, "pages": None, "encoding": "utf-8", "remarks": [],
        "added": 0, "changed": 2, "unchanged": 0, "removed": 0,
        "added_paragraphs": [], "changed_paragraphs": [1, 2], "removed_paragraphs": [],
        "renamed_from": None, "duplicate_of": None, "reason": None,
    }  # fmt: skip
    assert (files["quay.txt"]["state"], files["quay.txt"]["notes"]) == ("unchanged", 1)
    assert (files["copy.txt"]["state"], files["copy.txt"]["duplicate_of"]) == ("duplicate", "quay.txt")


def test_the_receipt_for_people_says_what_changed(capsys: pytest.CaptureFixture[str], corpus: Path) -> None:
    (corpus / "copy.txt").write_bytes((corpus / "quay.txt").read_bytes())
    (corpus / "list.md").write_text("".join(f"Line {n} of it.\n\n" for n in range(1, 8)), encoding="utf-8")
    Ran(capsys, "build")
    (corpus / "mill.md").rename(corpus / "barley.md")
    kept = [f"Line {n} of it.\n\n" for n in (1, 3, 4)]
    (corpus / "list.md").write_text("".join([*kept, "Café.\n\n", "Thé.\n\n"]), encoding="cp1252")
    assert Ran(capsys, "build").out.splitlines()[:-1] == [
        "renamed   barley.md: 2 paragraphs, 0 notes; was mill.md, goes on as 'mill'",
        "duplicate copy.txt: the same as quay.txt",
        "changed   list.md: 5 paragraphs, 0 notes, cp1252; changed ¶5, added ¶4, removed ¶2, 6–7",
        "unchanged quay.txt: 3 paragraphs, 1 note",
    ]


@pytest.mark.parametrize("value", ["soon", "0", "-1", "inf", "nan", "86401"])
def test_a_time_limit_that_is_none_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ASSISTANT_READ_SECONDS", value)
    ran = Ran(capsys, "build")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"index: ASSISTANT_READ_SECONDS is '{value}'; it must be a number of seconds, above 0 and at most 86400.\n"
    )


def test_help_says_what_the_codes_and_states_mean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["build", "--help"])
    text = capsys.readouterr().out
    assert cli.EXIT_CODES in text
    states = {state for state in get_args(State) if re.search(rf"\b{state}\b", text)}
    assert states == set(get_args(State))


def test_build_with_another_encoder_rebuilds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Ran(capsys, "build")
    monkeypatch.setenv("ASSISTANT_ENCODER", "two-hot")
    refused = Ran(capsys, "search", "salt")
    assert refused.code == 1
    assert "was built with 'all-MiniLM-L6-v2' but settings ask for 'two-hot'. Rebuild with" in refused.err
    assert Ran(capsys, "build", "--json").json["embedded"] == 17
    assert Ran(capsys, "search", "salt").code == 0


def test_status(capsys: pytest.CaptureFixture[str]) -> None:
    Ran(capsys, "build")
    lines = Ran(capsys, "status").out.splitlines()
    assert [line.split() for line in lines[:2]] == [
        ["harbour", "3", "paragraphs", "The", "Harbour"],
        ["mill", "2", "paragraphs", "The", "Mill"],
    ]
    assert lines[2].startswith("2 documents, 17 vectors of all-MiniLM-L6-v2, in .data/")
    summary = Ran(capsys, "status", "--json").json
    assert (summary["vectors"], summary["encoder"]) == (17, "all-MiniLM-L6-v2")
    assert [(row["id"], row["paragraphs"]) for row in summary["documents"]] == [("harbour", 3), ("mill", 2)]


def test_search(capsys: pytest.CaptureFixture[str]) -> None:
    Ran(capsys, "build")
    first, text = Ran(capsys, "search", "the river", "-k", "1").out.splitlines()
    assert first.split()[1:3] == ["mill", "¶2"]
    assert "bm25" in first
    assert text.strip() == "The mill stands still when the river is low."
    hits = Ran(capsys, "search", "the bell", "--document", "harbour", "--json").json
    assert {hit["paragraph"]["document_id"] for hit in hits} == {"harbour"}
    assert hits[0]["paragraph"]["notes"][0]["url"] == "https://gazette.example/bell"
    assert {leg["leg"] for leg in hits[0]["found_by"]} == {"paragraph", "sentence", "bm25"}


def test_remove(capsys: pytest.CaptureFixture[str]) -> None:
    Ran(capsys, "build")
    assert Ran(capsys, "remove", "mill").out == "mill: 2 paragraphs removed\n"
    assert [row["id"] for row in Ran(capsys, "status", "--json").json["documents"]] == ["harbour"]
    assert Ran(capsys, "build", "--json").json["added"] == 2
    assert Ran(capsys, "remove", "mill", "--json").json["removed"] == 2


FAILURES = {
    "no index to show": (["status"], "index: There is no index in '.data/"),
    "no index to search": (["search", "salt"], "index: There is no index in '.data/"),
    "no index to remove from": (["remove", "mill"], "index: There is no document 'mill' in the index. There are: none"),
    "no folder": (["build", "nowhere"], "index: There is no corpus folder 'nowhere'. Create it"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    for _ in range(2):
        ran = Ran(capsys, *arguments)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith(message)
        assert ran.err.count("\n") == 1


def test_an_unknown_document_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    Ran(capsys, "build")
    message = "index: There is no document 'mills' in the index. There are: harbour, mill.\n"
    for arguments in (["remove", "mills"], ["search", "salt", "--document", "mills"]):
        ran = Ran(capsys, *arguments)
        assert (ran.code, ran.out, ran.err) == (1, "", message)


def test_an_index_that_is_damaged_is_one_line(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    Ran(capsys, "build")
    (catalogue,) = (folder / ".data").rglob("catalogue.sqlite3")
    for path in catalogue.parent.glob("catalogue.sqlite3*"):
        path.unlink()
    catalogue.write_bytes(b"no database " * 999)
    for arguments in (["status"], ["search", "salt"], ["build"]):
        ran = Ran(capsys, *arguments)
        assert ran.code == 1
        assert "cannot be read: file is not a database. Delete '" in ran.err
        assert ran.err.count("\n") == 1


def test_a_data_folder_that_is_a_file_is_one_line(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / ".data").write_text("a file", encoding="utf-8")
    ran = Ran(capsys, "build")
    assert ran.code == 1
    assert ran.err.startswith("index: The folder '.data")
    assert ran.err.count("\n") == 1


def test_an_interruption_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "sync", interrupted)
    ran = Ran(capsys, "build")
    assert (ran.code, ran.err) == (1, "index: stopped; the next run completes what is missing.\n")


@pytest.mark.parametrize(
    "arguments", [[], ["bild"], ["search"], ["search", "salt", "-k", "many"], ["status", "--yaml"]]
)
def test_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    assert raised.value.code == 2
    assert "usage: python -m index" in capsys.readouterr().err
