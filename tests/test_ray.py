"""A build on a Ray cluster equals the ordinary one, and goes on where it was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from build_on_ray import Slow, place

from index.__main__ import main
from index.catalogue import Catalogue
from index.cluster import Cluster
from index.errors import FootnoteError, StoreError
from index.sync import Place, sync

pytest.importorskip("ray", reason="Ray is not installed; it comes with footnote[ray].")

ROOT = Path(__file__).parent.parent
PATIENCE = 500.0
DOCUMENTS = 24


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents of a few paragraphs, one file that cannot be read, one for which there is no reader, and a copy."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for n in range(DOCUMENTS):
        lines = [
            f"The river of mill {n} has {k} boats. They carry barley, and on {k} days salt." for k in range(5)
        ]
        (corpus / f"m{n:02}.md").write_text("\n\n".join([f"# Mill {n}", *lines]), encoding="utf-8")
    (corpus / "m99.md").write_bytes((corpus / "m05.md").read_bytes())
    (corpus / "page.html").write_text(
        "<html><head><title>Page</title></head><body><p>The quay of granite is long, and salt is carried over it on "
        "two days of the week, whatever the bell of the harbour says.</p></body></html>",
        encoding="utf-8",
    )
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing that follows")
    (corpus / "odd.xyz").write_text("?")
    return corpus


@contextmanager
def build(
    corpus: Path, data: Path, url: str, database: str, **variables: str
) -> Iterator[subprocess.Popen[str]]:
    """The building process; it and its cluster, which is a session of its own, are ended in any case."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    process = subprocess.Popen(
        [sys.executable, ROOT / "tests" / "build_on_ray.py", corpus, data, url, database],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": path, **variables},
    )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE)


def built(corpus: Path, data: Path, url: str, database: str) -> dict[str, Any]:
    """What a build on Ray says when it is done."""
    with build(corpus, data, url, database) as process:
        told, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors
        result: dict[str, Any] = json.loads(told.splitlines()[-1])
        return result


def contents(place: Place) -> tuple[Any, ...]:
    """Version, paragraphs, vectors and words of an index."""
    with closing(place.catalogue()) as catalogue, closing(place.store("hashes")) as store:
        pages = {
            kind: each.get(include=["embeddings", "metadatas"]) for kind, each in store._collections.items()
        }
        vectors = {
            key: (tuple(np.round(vector, 5)), kind, meta)
            for kind, found in pages.items()
            for key, vector, meta in zip(found["ids"], found["embeddings"], found["metadatas"], strict=True)
        }
        words = {file.name: file.read_bytes() for file in place.shards.iterdir()}
        return catalogue.version(), catalogue.paragraphs(), catalogue.vectors(), vectors, words


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.long
def test_a_build_on_ray_equals_the_ordinary_one(folder: Path, chroma_url: str, tmp_path: Path) -> None:
    straight = place(str(folder), str(tmp_path / "here"), chroma_url, "straight")
    receipt = sync(straight, Slow())
    on_ray = built(folder, tmp_path / "there", chroma_url, "rayed")
    assert on_ray["embedded"] == receipt.embedded > 5 * DOCUMENTS
    assert on_ray["states"] == [file.state for file in receipt.files]
    assert on_ray["failed"] == [file.reason for file in receipt.failed]
    assert len(on_ray["failed"]) == 1
    there = place(str(folder), str(tmp_path / "there"), chroma_url, "rayed")
    assert contents(there) == contents(straight)
    # A change is read and embedded alone; what is gone is taken out.
    text = (folder / "m03.md").read_text(encoding="utf-8")
    (folder / "m03.md").write_text(text.replace("has 2 boats", "has two boats"), encoding="utf-8")
    (folder / "m07.md").unlink()
    again = built(folder, tmp_path / "there", chroma_url, "rayed")
    assert again["embedded"] == 2  # a paragraph, and the one of its sentences that is another
    assert sorted(again["states"])[0] == "changed"
    assert again["states"].count("removed") == 1
    sync(straight, Slow())
    assert contents(there) == contents(straight)


@pytest.mark.long
def test_a_build_on_ray_that_is_killed_goes_on_where_it_was(
    folder: Path, chroma_url: str, tmp_path: Path
) -> None:
    where = place(str(folder), str(tmp_path / "there"), chroma_url, "killed")
    with build(folder, tmp_path / "there", chroma_url, "killed", SLOWNESS="0.5") as process:
        until(lambda: entered(where) > 3 or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        done = entered(where)
    assert 3 < done < DOCUMENTS
    with closing(where.store("hashes")) as store:
        kept = len(store.keys())
    rest = built(folder, tmp_path / "there", chroma_url, "killed")
    straight = place(str(folder), str(tmp_path / "here"), chroma_url, "straight-too")
    receipt = sync(straight, Slow())
    assert kept > 0
    # What was on the server is not embedded again; the cluster outlives its driver by a moment, and adds to it.
    assert rest["embedded"] <= receipt.embedded - kept
    assert rest["states"].count("unchanged") == done
    assert contents(where) == contents(straight)


def entered(place: Place) -> int:
    """The documents in the catalogue; none before there is one."""
    if not (place.folder / "catalogue.sqlite3").exists():
        return 0
    try:
        with closing(Catalogue(place.folder / "catalogue.sqlite3")) as catalogue:
            return len(catalogue.ids())
    except FootnoteError:
        return 0  # it is being made


def test_a_cluster_needs_a_chroma_server(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StoreError, match="build without --ray"):
        sync(Place(folder, tmp_path / "data"), Slow(), cluster=Cluster(Slow))
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("ASSISTANT_CHROMA_URL", raising=False)
    assert main(["build", str(folder), "--ray"]) == 1
    assert capsys.readouterr().err == (
        "index: A Ray cluster writes to a Chroma server, since the embedded one is for one process. "
        "Start it with: chroma run, and set ASSISTANT_CHROMA_URL, or build without --ray.\n"
    )
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_named(folder: Path, chroma_url: str, tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "index", "build", folder, "--ray", "127.0.0.1:9"],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False,
        env={**os.environ, "ASSISTANT_DATA": str(tmp_path / "data"), "ASSISTANT_CHROMA_URL": chroma_url},
    )  # fmt: skip
    assert process.returncode == 1
    last = process.stderr.strip().splitlines()[-1]
    assert last.startswith("index: There is no Ray cluster at '127.0.0.1:9': ")
    assert last.endswith("Begin one with: ray start --head, or leave the address out.")
