"""Footnote: the folder of documents is synced and its library searched, as the product does both."""

from __future__ import annotations

if __name__ == "__main__":
    from index.allocator import preload

    preload()  # as `python -m index build` does

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evals.bench.peers.protocol import Passage, serve
from evals.variants import as_markdown

if TYPE_CHECKING:
    from index.library import Library

CORPUS, DATA = "corpus", "data"
"""The folders of documents and index within the folder of a build."""
_IDS = "passages.json"


class Footnote:
    """Passages are paragraphs of Markdown files, one for each title; vectors are of paragraphs and of sentences."""

    packages = ("torch", "chromadb", "bm25s")

    def load(self, model: str) -> None:
        """The packaged encoder, which is the model in the folder."""
        from assistant.settings import Settings
        from assistant.wiring import open_encoder

        self._encoder = open_encoder(Settings())
        self._encoder.passages(["Warm."])
        self._library: Library | None = None
        self._ids: dict[str, str] = {}

    def build(self, passages: Sequence[Passage], folder: Path) -> None:
        """Write the files, sync and open."""
        from index.sync import Place, sync

        corpus, data = folder / CORPUS, folder / DATA
        write_files(passages, corpus)
        ids = {" ".join(each.text.split()): each.id for each in passages}
        (folder / _IDS).write_text(json.dumps(ids), encoding="utf-8")
        sync(Place(corpus, data), self._encoder)
        self.open(folder)

    def open(self, folder: Path) -> None:
        """The library over the index."""
        from index.library import Library
        from index.sync import Place

        if self._library is not None:
            self._library.close()
        self._ids = json.loads((folder / _IDS).read_text(encoding="utf-8"))
        self._library = Library(Place(folder / CORPUS, folder / DATA), self._encoder)

    def search(self, question: str, k: int) -> list[str]:
        """The nearest paragraphs, as the passages that they are."""
        if self._library is None:
            raise ValueError("Nothing is open. Build an index or open one first.")
        texts = [" ".join(hit.paragraph.text.split()) for hit in self._library.search(question, k)]
        return [self._ids.get(text, "") for text in texts]


def write_files(passages: Sequence[Passage], corpus: Path) -> None:
    """Write passages as Markdown files, one for each title."""
    corpus.mkdir(parents=True)
    files: dict[str, list[str]] = {}
    for each in passages:
        files.setdefault(each.title, []).append(as_markdown(each.text))
    for number, (title, texts) in enumerate(files.items()):
        text = "\n\n".join([f"# {as_markdown(title)}", *texts])
        (corpus / f"{number:06}.md").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    serve(Footnote())
