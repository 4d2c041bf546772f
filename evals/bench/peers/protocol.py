"""What a compared system is told over stdin and answers over stdout, a JSON object on a line each.

    {"do": "load", "model": FOLDER}                     loads its libraries and the encoder
    {"do": "build", "folder": FOLDER, "passages": FILE} builds an index there and opens it; gives the seconds
    {"do": "open", "folder": FOLDER}                    opens an index that was built before
    {"do": "ask", "questions": [...], "k": 10}          gives each one's milliseconds and the passages' ids, best first
    {"do": "memory"}                                    gives the largest memory that the process has had, in MB

Every answer is an object, an empty one where there is nothing to say. FILE is a JSON list of [id, title, text]. It
imports the standard library alone, since it runs in every environment.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, Protocol


class Passage(NamedTuple):
    """What is indexed: an id, the title of the article that it stands in, and its text."""

    id: str
    title: str
    text: str


class System(Protocol):
    """A system that is compared."""

    @property
    def packages(self) -> Sequence[str]:
        """The packages whose versions are told."""

    def load(self, model: str) -> None:
        """Import what it needs and load the encoder from a folder."""

    def build(self, passages: Sequence[Passage], folder: Path) -> None:
        """Index passages such that they outlast the process, and be ready to search."""

    def open(self, folder: Path) -> None:
        """Be ready to search what was built there."""

    def search(self, question: str, k: int) -> list[str]:
        """The ids of the `k` nearest passages, nearest first."""


def serve(system: System) -> None:
    """Do what stdin says until it ends. What libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(_done(system, json.loads(line))) + "\n")
        answers.flush()


def _done(system: System, told: dict[str, Any]) -> dict[str, Any]:
    match told["do"]:
        case "load":
            system.load(told["model"])
            return {"versions": {name: version(name) for name in system.packages}}
        case "build":
            passages = [Passage(*each) for each in json.loads(Path(told["passages"]).read_text("utf-8"))]
            start = time.perf_counter()
            system.build(passages, Path(told["folder"]))
            return {"seconds": time.perf_counter() - start}
        case "open":
            system.open(Path(told["folder"]))
            return {}
        case "ask":
            return _asked(system, told["questions"], told["k"])
        case "memory":
            return {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000}
        case other:
            raise ValueError(f"There is nothing called {other!r} to do. See evals/bench/peers/protocol.py.")


def _asked(system: System, questions: Sequence[str], k: int) -> dict[str, Any]:
    milliseconds, found = [], []
    for question in questions:
        start = time.perf_counter()
        found.append(system.search(question, k))
        milliseconds.append(1000 * (time.perf_counter() - start))
    return {"ms": milliseconds, "ids": found}
