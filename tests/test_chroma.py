"""The store on a Chroma server: tenants, the header, what is tried again, and the same answers as embedded."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chroma_servers import HEADER, KEY, Gate, chroma_run, free_port
from fakes import OneHotEncoder

from assistant.answers import Question
from assistant.settings import Settings
from assistant.wiring import build, chroma_server, place
from index import chroma as clients
from index import library as libraries
from index import store as stores
from index.chroma import DATABASE, TENANT, ChromaServer, server_named
from index.errors import StoreError
from index.library import Library
from index.sync import Place, sync

ROOT = Path(__file__).parent.parent
QUESTIONS = (
    "By how much did trade rise in the first five months of 2024?",
    "Who edited the digests?",
    "What is the yearly cap on refined oil?",
    "How tall is the tower of Pisa?",
)


@pytest.fixture
def gate(chroma_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    monkeypatch.setattr(stores, "PAUSES", (0.01, 0.02, 0.04))
    with Gate(chroma_url) as gate:
        yield gate


def on(gate: Gate, corpus: Path, **server: Any) -> Place:
    header = server.pop("header", f"{HEADER}: {KEY}")
    return Place(corpus, corpus.parent / "data", ChromaServer(gate.url, header=header, **server))


def names(url: str, tenant: str = TENANT, database: str = DATABASE) -> set[str]:
    client = clients.connected(ChromaServer(url, tenant, database), clients.SECONDS)
    try:
        return {collection.name for collection in client.list_collections()}
    finally:
        clients.close(client)


def collections(place: Place) -> set[str]:
    return {f"{place.prefix}-one-hot-{kind}s" for kind in ("paragraph", "sentence")}


def test_the_header_goes_with_every_request(gate: Gate, corpus: Path) -> None:
    where = on(gate, corpus)
    assert str(sync(where, OneHotEncoder())) == "5 added, 0 changed, 0 unchanged"
    library = Library(where, OneHotEncoder())
    assert library.search("Who pays for the bridge?")[0].paragraph.number == 3
    library.close()
    assert gate.passed > 10


@pytest.mark.parametrize("header", [None, f"{HEADER}: pepper", f"Authorization: Bearer {KEY}"])
def test_without_the_right_header_it_says_what_to_set(gate: Gate, corpus: Path, header: str | None) -> None:
    with pytest.raises(StoreError) as raised:
        sync(on(gate, corpus, header=header), OneHotEncoder())
    assert str(raised.value) == (
        f"The Chroma server at '{gate.url}' refuses the request (401). "
        "Set ASSISTANT_CHROMA_AUTH to the header that it asks for, as: Authorization: Bearer KEY"
    )
    assert gate.passed == 0


@pytest.mark.parametrize("header", ["Bearer salt", ": salt", "X-Chroma-Token:", "X-Chroma-Token: a\nb: c"])
def test_what_is_no_header_is_refused_and_not_shown(corpus: Path, header: str) -> None:
    server = ChromaServer("http://127.0.0.1:9", header=header)
    with pytest.raises(StoreError, match=r"^ASSISTANT_CHROMA_AUTH is no header; it must look like") as raised:
        sync(Place(corpus, corpus.parent / "data", server), OneHotEncoder())
    assert "salt" not in str(raised.value) + repr(server)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(gate: Gate, corpus: Path, status: int) -> None:
    where = on(gate, corpus)
    sync(where, OneHotEncoder())
    library = Library(where, OneHotEncoder())
    gate.status, gate.failing = status, 3
    assert library.search("the ferry")[0].paragraph.document_id == "harbour"
    assert gate.failing == 0
    gate.failing = 3
    assert sync(where, OneHotEncoder()).embedded == 0
    library.close()


def test_a_server_that_stays_busy_is_given_up(gate: Gate, corpus: Path) -> None:
    where = on(gate, corpus)
    sync(where, OneHotEncoder())
    library = Library(where, OneHotEncoder())
    gate.failing = 99
    with pytest.raises(StoreError) as raised:
        library.search("the ferry")
    assert str(raised.value) == f"The vector store at '{gate.url}' does not answer (503): not now"
    assert 99 - gate.failing == 4  # once, and after each of the three pauses
    library.close()


def test_another_failure_is_not_asked_again(gate: Gate, corpus: Path) -> None:
    where = on(gate, corpus)
    sync(where, OneHotEncoder())
    library = Library(where, OneHotEncoder())
    gate.status, gate.failing = 500, 99
    with pytest.raises(StoreError, match=r"does not answer \(500\): not now$"):
        library.search("the ferry")
    assert 99 - gate.failing == 1
    library.close()


def test_tenant_and_database_are_made_and_kept_apart(gate: Gate, chroma_url: str, corpus: Path) -> None:
    one = on(gate, corpus, tenant="ellmouth", database="harbour")
    other = on(gate, corpus, tenant="ellmouth", database="mills")
    assert sync(one, OneHotEncoder()).embedded > 0
    assert names(chroma_url, "ellmouth", "harbour") == collections(one)
    assert not collections(one) & names(chroma_url)
    library = Library(other, OneHotEncoder())  # the other database is made, and has no vectors
    assert {leg.leg for hit in library.search("the ferry") for leg in hit.found_by} == {"bm25"}
    library.close()
    assert sync(one, OneHotEncoder()).embedded == 0


def test_a_server_that_was_restarted_is_reached_again(corpus: Path, tmp_path: Path) -> None:
    port = free_port()
    where = Place(corpus, tmp_path / "data", ChromaServer(f"http://127.0.0.1:{port}"))
    with chroma_run(tmp_path / "chroma", port):
        sync(where, OneHotEncoder())
        library = Library(where, OneHotEncoder())
        before = library.search("the ferry")
    back = threading.Event()

    def restarted() -> None:
        time.sleep(0.3)  # so that the first try meets nobody
        with chroma_run(tmp_path / "chroma", port):
            back.wait(60)

    thread = threading.Thread(target=restarted)
    thread.start()
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(stores, "PAUSES", (0.5,) * 100)
            assert library.search("the ferry") == before
    finally:
        back.set()
        thread.join()
        library.close()


def test_a_server_that_hangs_is_given_up(corpus: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "SEARCH_SECONDS", 2.0)
    monkeypatch.setattr(stores, "PAUSES", ())
    where = on(gate, corpus)
    sync(where, OneHotEncoder())
    library = Library(where, OneHotEncoder())
    assert library._store._client._server._session.timeout.read == 2.0
    gate.hanging.set()
    with pytest.raises(StoreError, match=r"did not answer in 2 seconds\. Try again\.$"):
        library.search("the ferry")
    gate.hanging.clear()
    library.close()


def test_former_encoders_are_dropped_on_a_server_too(gate: Gate, chroma_url: str, corpus: Path) -> None:
    where = on(gate, corpus)
    sync(where, OneHotEncoder(name="former"))
    sync(where, OneHotEncoder(), rebuild=True)
    assert {name for name in names(chroma_url) if name.startswith(where.prefix)} == collections(where)


def test_the_settings_and_the_index_commands_name_the_same_server() -> None:
    settings = Settings(
        chroma_url="http://vectors:8001", chroma_tenant="ellmouth", chroma_database="quays",
        chroma_auth="X-Chroma-Token: salt",  # type: ignore[arg-type]
    )  # fmt: skip
    variables = {
        "ASSISTANT_CHROMA_URL": "http://vectors:8001", "ASSISTANT_CHROMA_TENANT": "ellmouth",
        "ASSISTANT_CHROMA_DATABASE": "quays", "ASSISTANT_CHROMA_AUTH": "X-Chroma-Token: salt",
    }  # fmt: skip
    expected = ChromaServer("http://vectors:8001", "ellmouth", "quays", "X-Chroma-Token: salt")
    assert chroma_server(settings) == server_named(variables) == expected
    assert place(settings).server == expected
    assert server_named({"ASSISTANT_CHROMA_URL": ""}) is None
    assert ChromaServer("https://vectors").address == ("vectors", 443, True)


@pytest.mark.slow
def test_answers_are_the_same_embedded_and_on_a_server(chroma_url: str, tmp_path: Path) -> None:
    given = []
    for url in (None, chroma_url):
        data = tmp_path / ("server" if url else "embedded")
        assistant = build(Settings(corpus=ROOT / "corpus", data=data, chroma_url=url))
        try:
            answers = [assistant.ask(Question(question)).to_dict() for question in QUESTIONS]
        finally:
            assistant.close()
        for answer in answers:
            del answer["id"], answer["timings_ms"]
        given.append(json.dumps(answers))
    assert given[0] == given[1]
