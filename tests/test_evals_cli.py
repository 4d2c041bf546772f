"""The commands, with a fake system: what they print, write and exit with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fakes_evals import CLOSED, OPENED, FakeSystem, contains, quoting, refusing

from assistant.answers import Answer
from evals import commands, docs
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


def command(
    *args: str,
    answers: dict[str, Answer] | None = None,
    system: FakeSystem | None = None,
    by_system: dict[str, dict[str, Answer]] | None = None,
) -> int:
    @contextmanager
    def open_fake(name: str, corpus: Path, data: Path | None) -> Iterator[System]:
        opened = system or FakeSystem((by_system or {}).get(name, answers))
        opened.name = name
        yield opened

    return main(args, open_system=open_fake, contains=contains)


def test_run_prints_metrics_kinds_and_misses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("run", DEV, answers={CLOSURE: quoting(OPENED)}) == 0
    out, err = capsys.readouterr()
    out = squeezed(out)
    assert "tiny (dev) on 'corpus' by footnote: 4 cases" in out
    assert "| right: facts, citations, verdict | 0.75 (" in out
    assert "| count | 1 | 0.00 | 0.00 | 1.00 | 1.00 | – | – |" in out
    assert "miss: closure (count): facts missing" in out
    assert "every invariant holds" in out
    assert err.splitlines()[-1] == "tiny.dev on corpus by footnote: 4/4"
    assert "about" in err.splitlines()[0]
    assert "an answer took" in out


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
    assert "1 cases got better, 1 got worse" in out
    assert "| right: facts, citations, verdict | 0.75 | 0.75 | +0.00 (" in squeezed(out)
    assert "better: opening (date)" in out
    assert "worse: closure (count): facts missing" in out


def test_compare_runs_two_systems(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worse = {question: quoting(CLOSED) for question in (OPENING, "How deep is the harbour?")}
    assert command("compare", "starter", "hybrid+reader", DEV, by_system={"starter": worse}) == 0
    out = squeezed(capsys.readouterr().out)
    assert "tiny.dev on corpus: starter (v1) -> hybrid+reader (v1), 4 cases" in out
    assert "| metric | starter | hybrid+reader | difference (95% interval) | |" in out
    assert "2 cases got better, 0 got worse" in out
    assert "better: opening (date)" in out
    assert "| median ms an answer |" in out


def test_a_report_compares_the_runs_of_a_target(folder: Path) -> None:
    worse = {"starter": {OPENING: quoting(CLOSED)}}
    assert command("compare", "starter", "bm25", DEV, "--html", "two.html", by_system=worse) == 0
    page = (folder / "two.html").read_text()
    assert "tiny.dev on corpus: starter (v1) -&gt; bm25 (v1), 4 cases" in page
    assert "1 cases got better, 0 got worse" in page
    assert "<li>better: opening (date)</li>" in page
    assert command("run", DEV, "--html", "one.html") == 0
    assert "Differences" not in (folder / "one.html").read_text()


def test_results_of_two_models_are_told_apart(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for model, answers in {"small": {OPENING: quoting(CLOSED)}, "large": None}.items():
        system = FakeSystem(answers)
        system.about["model"] = model
        assert command("run", DEV, "--system", "generative", "--json", f"{model}.json", system=system) == 0
    assert "tiny (dev) on 'corpus' by generative (large): 4 cases" in capsys.readouterr().out
    assert command("compare", "small.json", "large.json") == 0
    out = squeezed(capsys.readouterr().out)
    assert "| metric | generative (small) | generative (large) | difference (95% interval) | |" in out
    assert "better: opening (date)" in out


def test_two_models_are_compared_in_one_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worse = {"generative:small": {OPENING: quoting(CLOSED)}}
    assert command("compare", "generative:small", "generative:large", DEV, by_system=worse) == 0
    assert "1 cases got better, 0 got worse" in capsys.readouterr().out
    assert command("compare", "generative:", "generative:large", DEV) == 2
    with pytest.raises(SystemExit) as caught:
        command("run", DEV, "--system", "large")
    assert caught.value.code == 2
    assert "there is no system 'large'; use one of footnote" in capsys.readouterr().err


def test_an_interrupted_run_goes_on_where_it_stopped(folder: Path) -> None:
    class Interrupted(FakeSystem):
        def answer(self, question: str, history: Sequence[str], documents: Sequence[str] = ()) -> Answer:
            if len(self.asked) == 2:
                raise KeyboardInterrupt
            return super().answer(question, history, documents)

    assert command("run", DEV, system=Interrupted()) == 1
    second = FakeSystem()
    assert command("run", DEV, "--json", "a.json", system=second) == 0
    assert len(second.asked) == 2
    assert len(json.loads((folder / "a.json").read_text())["runs"][0]["results"]) == 4
    third = FakeSystem()
    assert command("run", DEV, system=third) == 0
    assert len(third.asked) == 4  # what is done is not kept


def test_the_summary_of_a_step_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    command("check", DEV, *UPDATE)
    command("check", DEV, "--baseline", "base.json", answers={CLOSURE: quoting(OPENED)})
    assert (folder / "summary.md").read_text().startswith("# Eval gate: failed\n")


def test_a_report_is_one_page(folder: Path) -> None:
    command("run", DEV, "--json", "a.json", answers={OPENING: quoting(CLOSED)})
    command("run", TEST, "--json", "b.json")
    assert command("report", "a.json", "b.json", "--out", "out/report.html") == 0
    page = (folder / "out" / "report.html").read_text()
    assert "It was closed for 54 days in 1987. [1]" in page
    assert "facts missing, says what it must not" in page
    assert SECRET not in page
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*", page) == []
    assert "http" not in page.replace("http://www.w3.org", "")


def test_compare_wants_something_in_common(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command("run", DEV, "--json", "a.json")
    command("run", TEST, "--json", "b.json")
    assert command("compare", "a.json", "b.json") == 1
    assert "nothing in common: tiny.dev on corpus against tiny.test on corpus" in capsys.readouterr().err


UPDATE = ("--baseline", "base.json", "--update", "--reason", "a first one")


def test_check_fails_on_what_got_worse_and_names_the_cases(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("check", DEV, *UPDATE) == 0
    kept = json.loads((folder / "base.json").read_text())["targets"]["tiny.dev on corpus"]["footnote"]
    assert kept["metrics"]["right"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 4, "floor": 1.0}
    assert (kept["reason"], kept["version"]) == ("a first one", "v1")
    assert kept["about"] == {"encoder": "words", "reader": "table"}
    assert command("check", DEV, "--baseline", "base.json") == 0
    out = capsys.readouterr().out
    assert "skipped: there is no folder '../shared/seeds'" in out
    assert out.splitlines()[-1].endswith("nothing got worse, and every invariant holds")
    assert command("check", DEV, "--baseline", "base.json", answers={CLOSURE: quoting(OPENED)}) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "worse: tiny.dev on corpus right from 1.00 to 0.75: floor 1.00 (cases closure)" in lines


def test_other_systems_are_measured_on_the_test_half(folder: Path) -> None:
    assert command("check", TEST, *UPDATE) == 0
    kept = json.loads((folder / "base.json").read_text())["targets"]["tiny.test on corpus"]
    assert sorted(kept) == ["footnote", "similarity", "starter", "starter-128", "starter-256"]
    assert "hidden-warden" not in (folder / "base.json").read_text()
    assert command("check", TEST, "--baseline", "base.json", answers={SECRET: refusing()}) == 1


def test_a_test_half_that_got_worse_names_no_case(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command("check", TEST, *UPDATE)
    capsys.readouterr()
    assert command("check", TEST, "--baseline", "base.json", answers={SECRET: refusing()}) == 1
    out = capsys.readouterr().out
    assert "(1 hidden cases)" in out
    assert "hidden-warden" not in out


@pytest.mark.parametrize("reason", [(), ("--reason", " ")])
def test_a_baseline_is_not_changed_without_a_reason(
    folder: Path, capsys: pytest.CaptureFixture[str], reason: tuple[str, ...]
) -> None:
    assert command("check", DEV, "--baseline", "base.json", "--update", *reason) == 2
    assert "A baseline is not changed without a reason." in capsys.readouterr().err
    assert not (folder / "base.json").exists()


def test_a_floor_is_kept_and_lets_through(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command("check", DEV, *UPDATE)
    baseline = json.loads((folder / "base.json").read_text())
    for kept in baseline["targets"]["tiny.dev on corpus"]["footnote"]["metrics"].values():
        kept["floor"] = 0.5
    (folder / "base.json").write_text(json.dumps(baseline))
    worse = {CLOSURE: quoting(OPENED)}
    assert command("check", DEV, "--baseline", "base.json", answers=worse) == 0
    command("check", DEV, *UPDATE, answers=worse)
    entry = json.loads((folder / "base.json").read_text())["targets"]["tiny.dev on corpus"]["footnote"]
    assert (entry["metrics"]["right"]["value"], entry["metrics"]["right"]["floor"]) == (0.75, 0.5)


def test_a_metric_that_can_no_longer_be_measured_is_worse(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("check", DEV, *UPDATE)
    never = {"How deep is the harbour?": quoting(OPENED)}
    assert command("check", DEV, "--baseline", "base.json", answers=never) == 1
    assert (
        "abstention_precision from 1.00 to –: no longer measured (no single case)" in capsys.readouterr().out
    )


def test_a_part_of_a_suite_is_paired_and_meets_no_floor(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = folder / "x.dev.yaml"
    suite.write_text(Path(DEV).read_text().replace("cluster: both", "cluster: both\n    tags: [smoke]"))
    command("check", str(suite), *UPDATE)
    assert command("check", str(suite), "smoke", "--baseline", "base.json") == 0
    assert command("check", str(suite), *UPDATE, "--tag", "smoke") == 2
    assert "A baseline is of whole suites" in capsys.readouterr().err


def test_a_broken_invariant_fails_the_gate_and_is_no_baseline(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("check", DEV, *UPDATE)
    before = (folder / "base.json").read_text()
    broken = {OPENING: replace(quoting(OPENED, short="1931"), corpus_version="old")}
    assert command("check", DEV, "--baseline", "base.json", answers=broken) == 1
    out = capsys.readouterr().out
    assert (
        "worse: broken invariants in tiny.dev on corpus: the answer names the corpus version (cases opening)"
        in out
    )
    assert command("check", DEV, *UPDATE, answers=broken) == 1
    assert "was not written" in capsys.readouterr().err
    assert (folder / "base.json").read_text() == before


def test_a_target_without_a_baseline_fails_the_gate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("check", DEV, "--baseline", "none.json") == 1
    assert (
        'worse: tiny.dev on corpus not in the baseline (python -m evals check --update --reason "…")'
        in capsys.readouterr().out
    )


BLOCKS = "".join(f"<!-- {name} -->\n<!-- /{name} -->\n" for name in ("scores", "speed", "settings"))


def test_docs_write_the_scores_between_the_markers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command("check", TEST, *UPDATE, answers={SECRET: refusing()})
    readme = folder / "README.md"
    readme.write_text(
        "# Footnote\n<!-- scores -->\nold\n<!-- /scores -->\n"
        "<!-- speed -->\n<!-- /speed -->\n<!-- settings -->\n<!-- /settings -->\nend\n"
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


def test_an_update_of_the_baseline_writes_the_scores(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the project's own baseline: another one is a trial, and leaves the README alone."""
    readme = folder / "README.md"
    readme.write_text(BLOCKS)
    assert command("check", DEV, *UPDATE) == 0
    assert readme.read_text() == BLOCKS
    kept = Path("base.json")
    monkeypatch.setattr(commands, "BASELINE", kept)
    monkeypatch.setattr(docs.generated, "__defaults__", (Path("README.md"), kept, docs.SCHEMA))
    assert command("check", DEV, "--baseline", "base.json", "--update-baseline", "--reason", "again") == 0
    assert "| cases | 4 |" in squeezed(readme.read_text())
    assert "wrote README.md" in capsys.readouterr().out


def test_docs_are_fresh_without_a_readme_or_a_baseline(folder: Path) -> None:
    assert command("docs", "--check", "--baseline", "none.json") == 0


def test_docs_say_where_nothing_was_measured(folder: Path) -> None:
    readme = folder / "README.md"
    readme.write_text(BLOCKS)
    assert command("docs", "--baseline", "none.json") == 0
    assert "Not measured yet. Measure with `python -m evals check --update --reason" in readme.read_text()
    assert (
        "<!-- speed -->\nNot measured yet. Measure with `make bench`.\n<!-- /speed -->" in readme.read_text()
    )


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
        (("run", "squad:none"), 2, "There is no 'none'. Name the folder of the set, as in squad:FOLDER."),
        (
            ("compare", "starter", "hybird"),
            2,
            "'hybird' is no result file and no system. Systems are footnote",
        ),
        (("add", "none.json"), 1, "none.json: No such file"),
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
        "import sys, evals.__main__, evals.bench.speed.page\n"
        f"print([name for name in {heavy!r}.split() if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
