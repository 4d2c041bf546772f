"""The speed benchmark: its texts, its arithmetic, compared systems as processes, load, and a run in little."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from fakes import OneHotEncoder
from fakes_web import FakeAssistant
from served import serving

import server
from evals.bench.speed import __main__ as command
from evals.bench.speed import agreement, bars, concurrency, peers, results, sizes, store
from evals.bench.speed.encoders import Perturbed, Recording, moved, moves
from evals.bench.speed.environments import python_of
from evals.bench.speed.figures import Figures, as_json, percentile, ratio, spread, summary
from evals.bench.speed.page import files, readme_block
from evals.bench.speed.passages import copies, paragraphs, questions_and_passages, some_paragraphs
from evals.bench.speed.plan import Plan
from evals.errors import RunError
from index.errors import CorpusError

LONG = "The quay of granite is long and salt is carried over it. " * 4
SQUAD = {
    "Harbour": {
        "The quay of granite is long and salt is carried over it by carts.": "What is carried over the quay?",
        "The ferry crosses the bay at night whatever the bell says.": "When does the ferry cross the bay?",
        "The bridge is only a plan so far, and the bakers pay for it.": "Who are those that pay for the bridge?",
    },
    "Mill": {
        "The mill grinds barley for two breweries of the town.": "What grinds barley for two breweries?",
        "The mill stands still when the river is low in summer.": "When is the river low?",
    },
}


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "The_Quay.txt").write_text(f"A heading\n{LONG}\n{LONG}again\n", encoding="utf-8")
    (folder / "Mill.txt").write_text(f"{LONG}mill\nshort\n", encoding="utf-8")
    return folder


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    folder = tmp_path / "squad"
    folder.mkdir()
    data = [
        {
            "title": title,
            "paragraphs": [
                {"context": text, "qas": [{"id": f"{title}-{n}", "question": question, "answers": []}]}
                for n, (text, question) in enumerate(texts.items())
            ],
        }
        for title, texts in SQUAD.items()
    ]
    (folder / "dev.json").write_text(json.dumps({"data": data}), encoding="utf-8")
    return folder


def test_passages_come_with_the_questions_that_they_answer(squad: Path) -> None:
    data = questions_and_passages(squad, 5)
    texts = {each.id: each.text for each in data.passages}
    assert {texts[each.passage]: each.question for each in data.asked} == SQUAD["Harbour"] | SQUAD["Mill"]
    few = questions_and_passages(squad, 2, 1)
    assert (len(few.passages), len(few.asked)) == (2, 1)
    assert few.asked[0].passage in {each.id for each in few.passages}
    with pytest.raises(CorpusError, match=r"has 5 passages, not 6\. Ask for at most that many\."):
        questions_and_passages(squad, 6)


def test_lines_that_are_long_enough_are_paragraphs(articles: Path) -> None:
    assert [(each.title, each.text) for each in paragraphs(articles)] == [
        ("Mill", f"{LONG}mill"), ("The Quay", LONG.strip()), ("The Quay", f"{LONG}again"),
    ]  # fmt: skip
    with pytest.raises(CorpusError, match=r"has 3 paragraphs, not 4\. Ask for at most that many\."):
        some_paragraphs(articles, 4)


def test_copies_are_slightly_changed(articles: Path) -> None:
    found = list(copies(articles, 2, 60))
    assert [each.text for each in found[:2]] == [LONG.strip(), f"{LONG}mill"]
    assert len({each.text for each in found[::2][:5]}) == 5
    assert {" ".join(sorted(each.text.split())) for each in found[::2]} == {" ".join(sorted(LONG.split()))}
    assert (found[0].title, found[-1].title) == ("Collection 1", "Collection 2")
    with pytest.raises(CorpusError, match="has no paragraphs"):
        list(copies(articles / "none", 2, 60))


def test_percentiles_are_measured_values() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert [percentile(values, p) for p in (50, 95, 99)] == [51.0, 96.0, 100.0]
    found = summary([7.0] * 1001)
    assert (found["n"], found["p99"], len(found["raw"])) == (1001, 7.0, 334)
    assert spread(range(10), 3) == [0, 3, 6]


def test_a_ratio_has_an_interval_that_noise_widens() -> None:
    assert ratio([6.0] * 9, [2.0] * 9) == (3.0, 3.0, 3.0)
    middle, low, high = ratio([5.0, 6.0, 7.0, 9.0], [2.0, 2.0, 3.0])
    assert low < middle < high


def test_lists_of_figures_are_a_line_of_the_file() -> None:
    values = {"raw": [1.5, 2.0, -3e-05], "names": ["a, b", "c"], "none": []}
    assert '"raw": [1.5, 2.0, -3e-05]' in as_json(values)
    assert json.loads(as_json(values)) == values


def test_moved_vectors_are_near_real_ones_and_the_same_at_every_call() -> None:
    perturbed = Perturbed(OneHotEncoder(), ["quay", "ferry", "mill"])
    texts = [f"text {n}" for n in range(200)]
    found = perturbed.passages(texts)
    assert np.array_equal(found, perturbed.passages(texts))
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    nearest = (found @ OneHotEncoder().passages(["quay", "ferry", "mill"]).T).max(axis=1)
    assert 0.9 < nearest.min() <= nearest.max() < 1
    assert len({row.tobytes() for row in found}) == 200
    assert moved(np.eye(4, dtype=np.float32), moves(4, 4)).dtype == np.float32


def test_what_was_embedded_is_kept() -> None:
    recording = Recording(OneHotEncoder())
    assert recording.passages(["the quay"]).shape == recording.queries(["the bay"]).shape
    assert (recording.texts, recording.name, recording.window) == (["the quay"], "one-hot", 64)


FAKES = ("llama_index_starter", "txtai_hybrid")


def compared(squad: Path, module: str) -> Figures:
    job = peers.Job(passages=5, rounds=2, questions=5, starts=1, systems=FAKES, squad=squad)
    pythons = dict.fromkeys(FAKES, Path(sys.executable))
    return peers.measure(job, pythons, dict.fromkeys(FAKES, module))


def test_systems_are_built_asked_and_started_as_processes(squad: Path) -> None:
    found = compared(squad, "tests.fake_peer")
    assert list(found["systems"]) == list(FAKES)
    for figures in found["systems"].values():
        assert figures["ranks"] == [1, 1, 1, 1, 1]
        assert (figures["first"][0], figures["in_ten"][0], figures["query_ms"]["n"]) == (1.0, 1.0, 5)
        assert (len(figures["build_s"]), len(figures["cold_s"])) == (2, 1)
        assert figures["versions"]["numpy"] == np.__version__
        assert figures["memory_mb"] > 1


def test_a_system_that_ends_is_named_with_its_last_line(squad: Path) -> None:
    with pytest.raises(
        RunError, match=r"'llama_index_starter' ended while it was told to load: .*no_such_peer"
    ):
        compared(squad, "tests.no_such_peer")


def test_an_environment_is_taken_as_it_is_or_its_failure_told(tmp_path: Path) -> None:
    python = tmp_path / "txtai_hybrid" / "bin" / "python"
    stamp = tmp_path / "txtai_hybrid" / ".installed"
    stamp.parent.mkdir()
    pins = Path(peers.__file__).parents[1] / "peers" / "txtai_hybrid.txt"
    stamp.write_bytes(pins.read_bytes())
    assert python_of("txtai_hybrid", tmp_path) == python
    with pytest.raises(
        RunError, match=r"The environment of txtai_hybrid cannot be installed: .* with --peers\."
    ):
        python_of("txtai_hybrid", pins)


def test_clients_ask_until_a_level_has_lasted(squad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def served(data: Path, log: Path, *, corpus: str) -> Iterator[SimpleNamespace]:
        with serving(server.create_app(FakeAssistant(), ())) as url:
            yield SimpleNamespace(url=url)

    monkeypatch.setattr(concurrency, "serving", served)
    monkeypatch.setattr(concurrency, "bring_up_to_date", lambda settings: None)
    found = concurrency.measure(concurrency.Job(levels=(1, 4), seconds=0.0, passages=5, squad=squad))
    one, four = found["levels"]
    assert (one["clients"], four["clients"], one["refused"], four["refused"]) == (1, 4, 0, 0)
    assert one["answer_ms"]["n"] >= 3
    assert four["answer_ms"]["n"] >= 12
    assert found["answers_per_s"] == max(one["answers_per_s"], four["answers_per_s"])
    assert four["share_ms"] == pytest.approx(4000 / found["answers_per_s"], abs=0.01)


def figures_of(middle: float) -> Figures:
    return {"n": 3, "p50": middle, "p95": middle, "p99": middle, "raw": [middle] * 3}


def system(build: float, cold: float) -> Figures:
    return {
        "build_s": [build] * 3, "cold_s": [cold], "query_ms": figures_of(3.0), "first": [0.7, 0.6, 0.8],
        "in_ten": [0.9, 0.8, 1.0], "memory_mb": 900.0, "disk_mb": 9.0,
    }  # fmt: skip


def a_run() -> Figures:
    return {
        "machine": "a desk",
        "peers": {
            "passages": 1000,
            "precision": "bfloat16",
            "systems": {"footnote": {**system(5.0, 3.0), "ask_s": [3.0]}, "llama_index_starter": system(25.0, 5.0)},
        },
        "concurrency": {
            "levels": [
                {"clients": n, "answers_per_s": 8.0, "refused": 0, "answer_ms": figures_of(125.0 * n),
                 "share_ms": 125.0 * n, "p95_to_share": [1.1, 1.0, 1.3]}
                for n in (1, 32)
            ]
        },
        "agreement": {"questions": 4, "differing": ["Why?"]},
    }  # fmt: skip


def test_demands_are_judged_by_the_figures() -> None:
    met = {bar.demand.partition(",")[0]: (bar.met, bar.certain) for bar in bars.bars(a_run())}
    assert met["ingestion"] == (True, True)
    assert met["cold start of `ask` to its whole answer"] == (False, True)
    assert met["p95 at 32 clients"] == (True, False)
    assert met["answers that are the same on embedded and server store"] == (False, True)
    assert met["retrieval p50"] == (None, True)
    assert all(bar.met is None for bar in bars.bars({}))


def test_the_page_shows_what_was_measured(tmp_path: Path) -> None:
    written = files(a_run(), tmp_path)
    page = written.pop(tmp_path / "speed.md")
    assert "5.00 (5.00 to 5.00) | met" in page.replace("  ", "").replace(" |", " |")
    assert "Footnote computes in bfloat16" in page
    assert "## Many at once" in page
    assert "## Sizes" not in page
    assert {path.name for path in written} == {"peers-ingestion.svg", "peers-query.svg", "concurrency.svg"}
    for path, chart in written.items():
        assert f"](speed/{path.name})" in page
        assert ElementTree.fromstring(chart).get("viewBox")
    assert "| Footnote " in readme_block(a_run())
    assert "Of 10 demands 2 are met" in readme_block(a_run())


def test_parts_are_kept_beside_each_other_if_one_machine_measured_them(tmp_path: Path) -> None:
    path = tmp_path / "docs" / results.FILE
    here, small, store = results.machine(), {"paragraphs": 1}, {"vectors": 2}
    results.keep(path, "sizes", [small])
    assert results.keep(path, "store", [store]) == {"machine": here, "sizes": [small], "store": [store]}
    path.write_text('{"machine": "another", "sizes": [{"paragraphs": 1}]}', encoding="utf-8")
    assert results.keep(path, "store", [store]) == {"machine": here, "store": [store]}
    path.write_text("no", encoding="utf-8")
    with pytest.raises(RunError, match="this is no JSON"):
        results.read_results(path)


def test_sizes_that_are_measured_again_take_the_place_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / results.FILE
    results.keep(path, "sizes", [{"paragraphs": 1000, "ms": 1}, {"paragraphs": 200, "ms": 1}])
    assert results.keep(path, "sizes", [{"paragraphs": 1000, "ms": 2}])["sizes"] == [
        {"paragraphs": 200, "ms": 1},
        {"paragraphs": 1000, "ms": 2},
    ]


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert command.main(["--only", "sizes", "--articles", str(tmp_path / "none"), "--out", str(out)]) == 1
    assert capsys.readouterr().err.endswith("none' has 0 paragraphs, not 1000. Ask for at most that many.\n")


@pytest.mark.long
def test_a_run_in_little_measures_every_part(
    articles: Path, squad: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    little = Plan(
        peers.Job(passages=5, rounds=1, questions=5, starts=1),
        (sizes.Job(3, questions=4, changes=1), sizes.Job(9, copies=True, questions=4, changes=1)),
        concurrency.Job(levels=(1, 2), seconds=0.0, passages=5),
        (store.Job(60, queries=4, real=3),),
        agreement.Job(passages=5, questions=2),
    )
    monkeypatch.setattr(command, "QUICK", little)
    arguments = [
        "--quick",
        "--peers",
        "--articles",
        str(articles),
        "--squad",
        str(squad),
        "--out",
        str(tmp_path),
    ]
    assert command.main(arguments) == 0
    run = results.read_results(tmp_path / results.FILE)
    assert run["peers"]["systems"]["footnote"]["in_ten"][0] == 1.0
    assert [each["paragraphs"] for each in run["sizes"]] == [3, 9]
    assert run["sizes"][0]["raw_texts_per_s"]
    assert run["store"][0]["recall_at_10"] == 1.0
    assert run["agreement"] == {"passages": 5, "questions": 2, "differing": []}
    assert (tmp_path / "speed.md").read_text("utf-8") == files(run, tmp_path)[tmp_path / "speed.md"]
