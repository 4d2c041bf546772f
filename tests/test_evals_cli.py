"""The commands, with a fake system: what they print, write and exit with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fakes_evals import CLOSED, OPENED, FakeSystem, contains, quoting, refusing

from assistant.answers import Answer
from evals.__main__ import main
from evals.systems import System

SUITE = Path(__file__).parent / "cases" / "evals"
DEV, TEST = str(SUITE / "tiny.dev.yaml"), str(SUITE / "tiny.test.yaml")
OPENING, CLOSURE = "When did the harbour open?", "For how many days was it closed?"
SECRET = "Who ran this secret harbour?"

Command = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a corpus, so that defaults find something and nothing real is touched."""
    (tmp_path / "corpus").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def squeezed(text: str) -> str:
    """Tables without their padding."""
    return re.sub(" +", " ", text)


def command(*args: str, answers: dict[str, Answer] | None = None, system: FakeSystem | None = None) -> int:
    @contextmanager
    def open_fake(name: str, corpus: Path, data: Path | None) -> Iterator[System]:
        opened = system or FakeSystem(answers)
        opened.name = name
        yield opened

    return main(args, open_system=open_fake, contains=contains)


def test_run_prints_metrics_kinds_and_misses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("run", DEV, answers={CLOSURE: quoting(OPENED)}) == 0
    out, err = capsys.readouterr()
    out = squeezed(out)
    assert "tiny (dev) on 'corpus' by footnote: 4 cases" in out
    assert "| right: facts, citations, verdict | 0.75 (0.25–1.00) | 4 |" in out
    assert "| count | 1 | 0.00 | 0.00 | 1.00 | 1.00 | – | – |" in out
    assert "miss: closure (count): facts missing" in out
    assert "every invariant holds" in out
    assert err.splitlines()[-1] == "tiny.dev on corpus by footnote: 4/4"


def test_run_gives_the_history(folder: Path) -> None:
    system = FakeSystem()
    assert command("run", DEV, "--kind", "count", system=system) == 0
    assert system.asked == [(CLOSURE, (OPENING,))]


def test_a_broken_invariant_fails_the_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("run", DEV, answers={OPENING: replace(quoting(OPENED), corpus_version="old")}) == 1
    out = capsys.readouterr().out
    assert "broken: opening: the answer names the corpus version: names corpus 'old'" in out


def test_the_test_half_shows_aggregates_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = replace(refusing(), looked_at=())
    arguments = ("run", TEST, "--json", "a.json", "--junit", "a.xml")
    assert command(*arguments, answers={SECRET: wrong}) == 1
    command("report", "a.json", "--out", "a.md")
    command("compare", "a.json", "a.json")
    shown = capsys.readouterr().out + "".join(
        (folder / f"a.{kind}").read_text() for kind in ("md", "xml", "json")
    )
    assert "| person | 1 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 1.00 |" in squeezed(shown)
    assert "broken, 1 ×: not_in_corpus cites nothing and says where it looked" in shown
    assert SECRET not in shown
    assert "Mira" not in shown
    assert "miss:" not in shown


def test_the_test_half_is_shown_on_demand(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("run", TEST, "--show-test", "--json", "a.json", answers={SECRET: refusing()}) == 0
    assert "miss: hidden-warden (person)" in capsys.readouterr().out
    assert SECRET in (folder / "a.json").read_text()


def test_junit_has_a_failure_per_miss_and_an_error_per_broken_case(folder: Path) -> None:
    broken = replace(quoting(CLOSED), corpus_version="old")
    command("run", DEV, "--junit", "out/a.xml", answers={OPENING: broken})
    suite = ElementTree.parse(folder / "out" / "a.xml").getroot()[0]
    assert [suite.get(key) for key in ("name", "tests", "failures", "errors")] == [
        "tiny.dev on corpus by footnote", "4", "1", "1",
    ]  # fmt: skip
    failure, error = next(case for case in suite if case.get("name") == "opening")
    assert failure.get("message") == "facts missing, says what it must not"
    assert error.get("message") == "the answer names the corpus version"


def test_report_lists_the_misses_with_their_texts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command("run", DEV, "--json", "a.json", answers={OPENING: quoting(CLOSED), CLOSURE: refusing()})
    capsys.readouterr()
    assert command("report", "a.json") == 0
    out = capsys.readouterr().out
    assert "**opening** (date): facts missing, says what it must not" in out
    assert "- expected: 1931\n- answer (supported): It was closed for 54 days in 1987. [1]" in out
    assert "- cited: harbour#p1; gold: harbour#p1; retrieved: harbour#p1, harbour#p2, harbour#p0" in out
    assert "- earlier: When did the harbour open?" in out


def test_compare_pairs_the_cases(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command("run", DEV, "--json", "a.json", answers={OPENING: quoting(CLOSED)})
    command("run", DEV, "--json", "b.json", answers={CLOSURE: quoting(OPENED)})
    capsys.readouterr()
    assert command("compare", "a.json", "b.json") == 0
    out = capsys.readouterr().out
    assert "1 got better, 1 got worse (sign test: p = 1.00)" in out
    assert "better: opening (date)" in out
    assert "worse: closure (count): facts missing" in out


def test_compare_wants_something_in_common(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command("run", DEV, "--json", "a.json")
    command("run", TEST, "--json", "b.json")
    assert command("compare", "a.json", "b.json") == 1
    assert "nothing in common: tiny.dev on corpus against tiny.test on corpus" in capsys.readouterr().err


def test_check_fails_on_what_got_worse(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("check", DEV, "--baseline", "base.json", "--update") == 0
    kept = json.loads((folder / "base.json").read_text())["tiny.dev on corpus"]
    assert sorted(kept) == ["footnote", "similarity", "starter", "starter-128", "starter-256"]
    assert kept["footnote"]["right"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 4, "allowed_drop": 0.02}
    assert command("check", DEV, "--baseline", "base.json") == 0
    out = capsys.readouterr().out
    assert "skipped: there is no folder '../shared/seeds'" in out
    assert out.splitlines()[-1] == "nothing got worse, and every invariant holds"
    assert command("check", DEV, "--baseline", "base.json", answers={CLOSURE: quoting(OPENED)}) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(
        "worse: tiny.dev on corpus right from 1.00 to 0.75 (allowed drop 0.02); tiny.dev on corpus facts from"
    )


def test_an_allowed_drop_is_kept_and_allowed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command("check", DEV, "--baseline", "base.json", "--update")
    baseline = json.loads((folder / "base.json").read_text())
    for kept in baseline["tiny.dev on corpus"]["footnote"].values():
        kept["allowed_drop"] = 0.5
    (folder / "base.json").write_text(json.dumps(baseline))
    worse = {CLOSURE: quoting(OPENED)}
    assert command("check", DEV, "--baseline", "base.json", answers=worse) == 0
    command("check", DEV, "--baseline", "base.json", "--update", answers=worse)
    kept = json.loads((folder / "base.json").read_text())["tiny.dev on corpus"]["footnote"]["right"]
    assert (kept["value"], kept["allowed_drop"]) == (0.75, 0.5)
    assert command("check", DEV, "--baseline", "base.json") == 0
    assert "better: tiny.dev on corpus right" not in capsys.readouterr().out


def test_check_says_what_got_better(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command("check", DEV, "--baseline", "base.json", "--update", answers={CLOSURE: quoting(OPENED)})
    assert command("check", DEV, "--baseline", "base.json") == 0
    assert (
        "better: tiny.dev on corpus right, tiny.dev on corpus facts. Keep it with" in capsys.readouterr().out
    )


def test_a_metric_that_can_no_longer_be_measured_is_worse(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("check", DEV, "--baseline", "base.json", "--update")
    never = {"How deep is the harbour?": quoting(OPENED)}
    assert command("check", DEV, "--baseline", "base.json", answers=never) == 1
    assert "abstention_precision from 1.00 to –" in capsys.readouterr().out


def test_a_broken_invariant_fails_the_gate_and_is_no_baseline(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("check", DEV, "--baseline", "base.json", "--update")
    before = (folder / "base.json").read_text()
    broken = {OPENING: replace(quoting(OPENED, short="1931"), corpus_version="old")}
    assert command("check", DEV, "--baseline", "base.json", answers=broken) == 1
    out = capsys.readouterr().out
    assert (
        out.splitlines()[-1]
        == "worse: broken invariants in tiny.dev on corpus: 1 (the answer names the corpus version)"
    )
    assert command("check", DEV, "--baseline", "base.json", "--update", answers=broken) == 1
    assert "was not written" in capsys.readouterr().err
    assert (folder / "base.json").read_text() == before


def test_a_target_without_a_baseline_fails_the_gate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("check", DEV, "--baseline", "none.json") == 1
    assert (
        "worse: tiny.dev on corpus not in the baseline (python -m evals check --update)"
        in capsys.readouterr().out
    )


def test_docs_write_the_scores_between_the_markers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command("check", TEST, "--baseline", "base.json", "--update", answers={SECRET: refusing()})
    readme = folder / "README.md"
    readme.write_text(
        "# Footnote\n<!-- scores -->\nold\n<!-- /scores -->\n<!-- settings -->\n<!-- /settings -->\nend\n"
    )
    assert command("docs", "--check", "--baseline", "base.json") == 1
    assert "Out of date: README.md. Write anew with: python -m evals docs" in capsys.readouterr().err
    assert command("docs", "--baseline", "base.json") == 0
    assert command("docs", "--check", "--baseline", "base.json") == 0
    text = squeezed(readme.read_text())
    assert text.startswith("# Footnote\n<!-- scores -->\nValue and 95% bootstrap interval")
    assert "| metric | tiny.test on corpus |" in text
    assert "| cases | 1 |" in text
    assert "| metric | footnote | similarity | starter (1024) | starter (256) | starter (128) |" in text
    assert "| `ASSISTANT_PORT` | `8000` |" in text
    assert text.endswith("<!-- /settings -->\nend\n")


def test_docs_are_fresh_without_a_readme_or_a_baseline(folder: Path) -> None:
    assert command("docs", "--check", "--baseline", "none.json") == 0


def test_docs_say_where_nothing_was_measured(folder: Path) -> None:
    readme = folder / "README.md"
    readme.write_text("<!-- scores -->\n<!-- /scores -->\n<!-- settings -->\n<!-- /settings -->\n")
    assert command("docs", "--baseline", "none.json") == 0
    assert "Not measured yet. Measure with `python -m evals check --update`." in readme.read_text()


def test_docs_want_the_markers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "README.md").write_text("# Footnote\n")
    assert command("docs") == 1
    assert "README.md has no lines <!-- scores -->" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run", "large"), 2, "No suite 'large' in suites/"),
        (("run", DEV, "--half", "test"), 2, "is not the test half"),
        (("run", DEV, "--kind", "place"), 2, "has no case of kind place"),
        (("report", "none.json"), 1, "none.json cannot be read: No such file"),
        (("compare", "corpus", "corpus"), 1, "corpus cannot be read: Is a directory"),
        (("check", DEV, "--corpus", "none"), 1, "Nothing was checked"),
        (("run", str(SUITE / "wrong" / "twice.yaml")), 1, "'kind' stands twice"),
        (("run", DEV, "--json", "/dev/null/a.json"), 1, "/dev/null: File exists"),
    ],
)
def test_a_user_error_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert command(*arguments) == code
    err = capsys.readouterr().err.splitlines()[-1]
    assert err.startswith("error: ")
    assert said in err


@pytest.mark.parametrize("text", ["not json", "[]", "{}", '{"runs": [{"suite": "x"}]}'])
def test_a_file_that_is_no_result_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (folder / "a.json").write_text(text)
    assert command("report", "a.json") == 1
    assert capsys.readouterr().err == (
        "error: a.json is no result of: python -m evals run SUITE --json a.json\n"
    )


@pytest.mark.parametrize("arguments", [(), ("run",), ("run", DEV, "--system", "other"), ("walk",)])
def test_wrong_usage_exits_with_two(folder: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        command(*arguments)
    assert caught.value.code == 2


def test_a_case_that_cites_what_is_not_there_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = folder / "x.dev.yaml"
    suite.write_text(Path(DEV).read_text().replace("cite_any: [harbour#p1]", "cite_any: [harbour#p7]"))
    assert command("run", str(suite)) == 1
    assert "Case 'opening' cites harbour#p7, but 'corpus' has no such paragraph." in capsys.readouterr().err
    suite.write_text(Path(DEV).read_text().replace("cluster: harbour", "cluster: port"))
    assert command("run", str(suite)) == 1
    assert "of cluster 'port', but 'corpus' has no such document" in capsys.readouterr().err


def test_an_unknown_corpus_folder_is_wrong_usage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", DEV, "--corpus", "none"], contains=contains) == 2
    assert capsys.readouterr().err == "error: There is no corpus folder 'none'. Name one with --corpus.\n"


def test_importing_the_commands_is_silent_and_light() -> None:
    heavy = "torch sentence_transformers chromadb llama_index pydantic rich"
    code = (
        "import sys, evals.__main__, evals.bench.__main__\n"
        f"print([name for name in {heavy!r}.split() if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
