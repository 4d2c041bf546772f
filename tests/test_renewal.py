"""A server that runs while another process builds: it answers from the index as it is when it is asked."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import OneHotEncoder
from fakes_assistant import evidence, reading
from fastapi.testclient import TestClient

from assistant.chat import Assistant
from assistant.reader import Reading
from index.documents import Hit
from index.errors import IndexMismatch, IndexMissing
from index.library import Library
from index.sentences import sentence_spans
from index.sync import Place, remove, sync
from index.vocabulary import Vocabulary
from server import create_app

ROOT = Path(__file__).parent.parent
# Does what it is told line by line: a sync, or taking a document out.
WRITER = """
import sys
from pathlib import Path
from fakes import OneHotEncoder
from index.sync import Place, remove, sync
place = Place(Path(sys.argv[1]), Path(sys.argv[2]))
for line in sys.stdin:
    if line.strip():
        remove(place, line.strip())
    else:
        sync(place, OneHotEncoder())
    print("done", flush=True)
"""


@pytest.fixture
def place(corpus: Path, tmp_path: Path) -> Place:
    place = Place(corpus, tmp_path / "data")
    sync(place, OneHotEncoder())
    return place


@pytest.fixture
def library(place: Place) -> Iterator[Library]:
    library = Library(place, OneHotEncoder(), reader="first-hit")
    yield library
    library.close()


class FirstHit:
    """A reader that takes the first sentence of the first hit for the answer."""

    name = "first-hit"

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        start, end = sentence_spans(hits[0].paragraph.text)[0]
        return reading(evidence(hits[0], 0.99, sentence=0)) if end > start else Reading((), 0.0)


def over(library: Library) -> Assistant:
    texts = [paragraph.text for paragraph in library.all_paragraphs()]
    vocabulary = Vocabulary(texts, OneHotEncoder().words())
    return Assistant(library, FirstHit(), vocabulary, abstain_below=0.5, over=over)


class Builder:
    """Another process that changes the index."""

    def __init__(self, place: Place) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(place.corpus), str(place.data)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def build(self, remove: str = "") -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(remove, file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "done\n"

    def __enter__(self) -> Builder:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def ask(client: TestClient, question: str) -> Any:
    response = client.post("/v1/ask", json={"question": question})
    assert response.status_code == 200, response.text
    return response.json()


def test_a_server_answers_from_what_another_process_has_built(place: Place, library: Library) -> None:
    client = TestClient(create_app(over(library), examples=()))
    with Builder(place) as other:
        _answers_follow(client, place, other)


def _answers_follow(client: TestClient, place: Place, other: Builder) -> None:
    before = ask(client, "What grinds the barley?")
    assert before["citations"][0]["quote"] == "The mill grinds barley for two breweries."

    mill = place.corpus / "mill.md"
    mill.write_text(mill.read_text("utf-8").replace("two breweries", "nine breweries"), "utf-8")
    (place.corpus / "bell.md").write_text("# The bell\n\nThe bell rings at noon.", "utf-8")
    other.build()

    after = ask(client, "What grinds the barley?")
    assert after["citations"][0]["quote"] == "The mill grinds barley for nine breweries."
    assert after["corpus_version"] != before["corpus_version"]
    ready = client.get("/readyz").json()
    assert ready["corpus_version"] == after["corpus_version"]
    found = client.get("/v1/search", params={"q": "bell rings"}).json()["hits"][0]
    assert (found["document_id"], {leg["leg"] for leg in found["found_by"]}) == (
        "bell", {"paragraph", "sentence", "bm25"}
    )  # fmt: skip
    cited = before["citations"][0]
    page = client.get(f"/documents/mill?h={cited['content_hash']}#p1").text
    assert "two breweries" in page
    assert "nine breweries" in page

    mill.unlink()
    other.build()
    assert {c["document_id"] for c in ask(client, "What grinds the barley?")["citations"]} <= {
        "harbour",
        "bell",
    }
    assert client.get("/documents/mill").status_code == 404
    assert {one["id"] for one in client.get("/v1/documents").json()["documents"]} == {"harbour", "bell"}

    other.build(remove="bell")
    assert {one["id"] for one in client.get("/v1/documents").json()["documents"]} == {"harbour"}


def test_where_nothing_was_built_it_is_the_same_library(place: Place, library: Library) -> None:
    assert library.renewed() is library
    sync(place, OneHotEncoder())
    assert library.renewed() is library


def test_the_library_that_was_open_stays_as_it_was(place: Place, library: Library) -> None:
    version, text = library.version, library.paragraphs("mill")[1].text
    (place.corpus / "mill.md").write_text("# The Mill\n\nThe mill is a museum.", "utf-8")
    sync(place, OneHotEncoder())
    now = library.renewed()
    assert now is not library
    assert now.renewed() is now
    assert (library.version, library.paragraphs("mill")[1].text) == (version, text)
    assert now.paragraphs("mill")[1].text == "The mill is a museum."
    assert now.version != version
    fresh = Library(place, OneHotEncoder(), reader="first-hit")
    assert fresh.version == now.version
    fresh.close()


def test_a_sync_that_was_stopped_is_not_shown_before_it_is_completed(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its documents are complete one by one, but only the end of a sync is told."""

    class Stopped(BaseException):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    (place.corpus / "bell.md").write_text("# The bell\n\nThe bell rings at noon.", "utf-8")
    with monkeypatch.context() as patched:
        patched.setattr("index.store.VectorStore.drop_others", stop)
        with pytest.raises(Stopped):
            sync(place, OneHotEncoder())
    assert library.renewed() is library
    sync(place, OneHotEncoder())
    assert library.renewed().document("bell") is not None


def test_an_index_that_was_emptied_or_built_with_another_encoder_says_so(
    place: Place, library: Library
) -> None:
    client = TestClient(create_app(over(library), examples=()))
    sync(place, OneHotEncoder(name="another"), rebuild=True)
    with pytest.raises(IndexMismatch, match="was built with 'another'"):
        library.renewed()
    told = client.post("/v1/ask", json={"question": "What grinds the barley?"})
    assert told.status_code == 503
    assert "was built with 'another'" in told.json()["detail"]
    sync(place, OneHotEncoder(), rebuild=True)
    assert ask(client, "What grinds the barley?")["citations"]
    for document_id in ("harbour", "mill"):
        remove(place, document_id)
    with pytest.raises(IndexMissing):
        library.renewed()


def test_questions_that_come_while_it_is_renewed_do_not_wait(place: Place, library: Library) -> None:
    """One request opens the new state; the others are answered over the state before."""
    begun, go_on = threading.Event(), threading.Event()

    def slowly(library: Library) -> Assistant:
        begun.set()
        assert go_on.wait(60)
        return over(library)

    app = create_app(
        Assistant(library, FirstHit(), Vocabulary([], frozenset()), abstain_below=0.5, over=slowly),
        examples=(),
    )
    service = app.state.service
    before = library.version
    (place.corpus / "bell.md").write_text("# The bell\n\nThe bell rings at noon.", "utf-8")
    sync(place, OneHotEncoder())
    opened: list[str] = []
    thread = threading.Thread(target=lambda: opened.append(service.opened().library.version))
    thread.start()
    assert begun.wait(60)
    assert service.opened().library.version == before
    go_on.set()
    thread.join(60)
    assert opened == [service.opened().library.version]
    assert opened != [before]
