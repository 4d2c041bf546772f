"""Fixtures that several files of tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from chroma_servers import chroma_run

from index.chroma import ChromaServer

SHARED = Path(__file__).parent.parent.parent / "shared"

QUAY = """THE ELLMOUTH HARBOUR BOARD

The harbour has a long quay of granite, and salt is carried over it on two days of the week.

The ferry crosses the bay at night, whatever the bell says.1 In winter the ferry carries no carts.

The bridge is only a plan so far, and the bakers are the ones who pay for the drawings.

"Whatever the bell says", Ellmouth Gazette, published on May 3, 2019. https://gazette.example/bell
"""
MILL = """# The Mill

The mill grinds barley for two breweries.

The mill stands still when the river is low.
"""
CORPUS_TOML = """[[document]]
id = "harbour"
file = "quay.txt"
title = "The Harbour"
publisher = "Ellmouth Harbour Board"
date = "2024-08-16"
"""


def pytest_configure() -> None:
    """Have Ctrl-C work in what tests start: a shell's background jobs ignore it, and so does all that they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the long tests to those who ask for them."""
    if "LONG_TESTS" not in os.environ:
        reason = pytest.mark.skip(reason="It takes half a minute or more: set LONG_TESTS=1.")
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(reason)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder of two documents: `harbour` of three paragraphs and a note, `mill` of two."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "quay.txt").write_text(QUAY, encoding="utf-8")
    (folder / "mill.md").write_text(MILL, encoding="utf-8")
    (folder / "corpus.toml").write_text(CORPUS_TOML, encoding="utf-8")
    return folder


@pytest.fixture
def seeds() -> Path:
    """The folder of the two originals, which are no part of the project."""
    return shared("seeds")


def shared(name: str) -> Path:
    """A folder beside the project that only some machines have; skips the test where it is missing."""
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"There is no folder '../shared/{name}' beside the project.")
    return folder


@pytest.fixture(scope="session")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chroma server on loopback; collections are named after the corpus's path, so that tests do not meet."""
    with chroma_run(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture(params=["embedded", "server"])
def chroma(request: pytest.FixtureRequest) -> ChromaServer | None:
    """Both stores, one after the other: embedded in the index's folder, and a server."""
    return None if request.param == "embedded" else ChromaServer(request.getfixturevalue("chroma_url"))
