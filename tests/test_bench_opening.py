"""The measure of opening an index: what it compares is what it says."""

from __future__ import annotations

from pathlib import Path

from evals.bench import opening
from evals.bench.opening import built, changed, opened, table
from index.sync import Place


def test_it_opens_with_shards_and_without(tmp_path: Path) -> None:
    place = Place(tmp_path / "corpus", tmp_path / "data")
    place.corpus.mkdir()
    for n in range(3):
        lines = [f"The mill {n} has {k} boats. They carry barley and salt." for k in range(4)]
        (place.corpus / f"m{n}.md").write_text("\n\n".join([f"# Mill {n}", *lines]), encoding="utf-8")
    figures = {"build": built(place), "kept": opened(place)}
    assert {file.name.rpartition(".")[2] for file in place.shards.iterdir()} == {
        "bm25",
        "stem_counts",
        "word_counts",
    }
    figures |= {"change": changed(place), "without": opened(place)}
    assert figures["kept"]["paragraphs"] == figures["without"]["paragraphs"] == 15
    assert figures["kept"]["shards_mb"] > 0
    assert "| 15 paragraphs | shards kept | without |" in table(figures)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert opening.main(["--articles", str(tmp_path / "none"), "--paragraphs", "3"]) == 1
