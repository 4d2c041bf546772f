"""A system to compare that ranks passages by the words that they share with a question; run as a process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from evals.bench.peers.protocol import Passage, serve


class Overlap:
    packages = ("numpy",)

    def load(self, model: str) -> None:
        print("what a library says goes elsewhere")
        self._passages: list[Passage] = []

    def build(self, passages: Sequence[Passage], folder: Path) -> None:
        (folder / "passages.json").write_text(json.dumps(passages), encoding="utf-8")
        self.open(folder)

    def open(self, folder: Path) -> None:
        self._passages = [
            Passage(*each) for each in json.loads((folder / "passages.json").read_text("utf-8"))
        ]

    def search(self, question: str, k: int) -> list[str]:
        words = set(question.lower().strip("?").split())
        order = sorted(self._passages, key=lambda each: -len(words & set(each.text.lower().split())))
        return [each.id for each in order[:k]]


if __name__ == "__main__":
    serve(Overlap())
