"""Uploads and removals against a real index with a small encoder: jobs, refusals, and what can be cited after."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes import OneHotEncoder
from fakes_assistant import QueueReader
from starlette.testclient import TestClient

import server
from assistant.api.service import Service
from assistant.chat import Assistant
from assistant.shelf import Shelf
from assistant.storage.repository import Storage
from index.library import Library
from index.progress import Progress
from index.receipts import Receipt
from index.sync import Place, sync
from index.vocabulary import Vocabulary

BRIDGE = b"# The Bridge\n\nThe bridge is paid for by the bakers.\n\nA bell hangs on the bridge.\n"


@pytest.fixture
def client(corpus: Path, tmp_path: Path) -> Iterator[TestClient]:
    encoder, place = OneHotEncoder(), Place(corpus, tmp_path / "data")
    sync(place, encoder)

    def over(library: Library) -> Assistant:
        return Assistant(library, QueueReader(), Vocabulary([], ()), abstain_below=0.5, over=over)

    with (
        closing(over(Library(place, encoder))) as assistant,
        closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage,
    ):
        service: Service

        def update(progress: Progress) -> Receipt:
            receipt = sync(place, encoder, progress=progress)
            service.opened()
            return receipt

        app = server.create_app(assistant, (), storage, Shelf(corpus, tmp_path / "aside", update))
        service = app.state.service
        with TestClient(app) as client:
            yield client


def ended(client: TestClient, response: Any) -> dict[str, Any]:
    """The job of a response, once it has ended."""
    assert response.status_code == 202, response.text
    assert response.headers["location"] == f"/v1/jobs/{response.json()['id']}"
    deadline = time.monotonic() + 120
    while True:
        job: dict[str, Any] = client.get(response.headers["location"]).json()
        if job["state"] in ("done", "failed"):
            return job
        assert time.monotonic() < deadline
        time.sleep(0.02)


def upload(client: TestClient, *files: tuple[str, bytes], **headers: str) -> Any:
    return client.post("/v1/documents", files=[("files", file) for file in files], headers=headers)


def test_an_upload_can_be_cited_and_a_removal_cannot(client: TestClient) -> None:
    before = client.get("/v1/corpus").json()
    job = ended(client, upload(client, ("bridge.md", BRIDGE)))
    assert (job["state"], job["files"]) == ("done", ["bridge.md"])
    (added,) = [file for file in job["receipt"]["files"] if file["state"] == "added"]
    assert (added["document_id"], added["paragraphs"]) == ("bridge", 2)
    assert job["progress"]["file"] == "bridge.md"
    after = client.get("/v1/corpus").json()
    assert after["documents"] == before["documents"] + 1
    assert after["corpus_version"] != before["corpus_version"]
    hits = client.get("/v1/search", params={"q": "bakers bridge"}).json()["hits"]
    assert "bridge" in [hit["document_id"] for hit in hits]
    content = client.get("/v1/documents/bridge/content")
    assert (content.content, "attachment" in content.headers["content-disposition"]) == (BRIDGE, True)
    tag = {"If-None-Match": content.headers["etag"]}
    assert client.get("/v1/documents/bridge/content", headers=tag).status_code == 304
    gone = ended(client, client.delete("/v1/documents/bridge"))
    assert "removed" in [file["state"] for file in gone["receipt"]["files"]]
    assert client.get("/v1/documents/bridge").status_code == 404
    assert client.get("/v1/corpus").json()["corpus_version"] == before["corpus_version"]
    assert [job["action"] for job in client.get("/v1/jobs").json()["jobs"]] == ["remove", "add"]


def test_a_file_that_cannot_be_read_is_named_in_the_receipt(client: TestClient) -> None:
    job = ended(client, upload(client, ("blank.md", b"\n \n"), ("bridge.md", BRIDGE)))
    states = {file["file"]: file["state"] for file in job["receipt"]["files"]}
    assert (states["blank.md"], states["bridge.md"]) == ("failed", "added")


@pytest.mark.parametrize(
    ("name", "data", "status", "slug", "sentence"),
    [
        ("a.exe", b"x", 422, "unreadable-file", "files of this type are not read"),
        (".env", b"x", 422, "unreadable-file", "cannot be a file's name here"),
        ("corpus.toml", b"x", 422, "unreadable-file", "cannot be a file's name here"),
        ("a" * 200 + ".md", b"x", 422, "unreadable-file", "at most 150 bytes"),
        ("a.md", b"", 422, "unreadable-file", "the file is empty"),
    ],
)
def test_what_is_no_document_is_refused(
    client: TestClient, corpus: Path, name: str, data: bytes, status: int, slug: str, sentence: str
) -> None:
    before = sorted(corpus.iterdir())
    response = upload(client, ("bridge.md", BRIDGE), (name, data))
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{slug}")
    assert sentence in response.json()["detail"]
    assert sorted(corpus.iterdir()) == before


def test_a_path_in_a_name_leads_nowhere(client: TestClient, corpus: Path) -> None:
    ended(client, upload(client, ("../../bridge.md", BRIDGE)))
    assert (corpus / "bridge.md").read_bytes() == BRIDGE
    assert not (corpus.parent.parent / "bridge.md").exists()


def test_a_described_file_stays(client: TestClient, corpus: Path) -> None:
    response = client.delete("/v1/documents/harbour")
    assert (response.status_code, response.json()["type"]) == (409, "/problems/described-file")
    assert (corpus / "quay.txt").is_file()


def test_the_last_document_stays(client: TestClient, corpus: Path) -> None:
    (corpus / "corpus.toml").unlink()
    (corpus / "quay.txt").unlink()
    ended(client, upload(client, ("mill.md", b"# The Mill\n\nThe mill stands still.\n")))
    response = client.delete("/v1/documents/mill")
    assert (response.status_code, response.json()["type"]) == (409, "/problems/last-document")
    assert (corpus / "mill.md").is_file()


def test_an_upload_that_comes_twice_is_one_job(client: TestClient) -> None:
    key = {"Idempotency-Key": "upload-1"}
    first = upload(client, ("bridge.md", BRIDGE), **key)
    second = upload(client, ("bridge.md", BRIDGE), **key)
    assert first.json()["id"] == second.json()["id"]
    assert ended(client, first)["state"] == "done"
    other = upload(client, ("bridge.md", BRIDGE + b"More.\n"), **key)
    assert other.json()["type"] == "/problems/key-reused"


def test_a_job_that_is_not_there_is_a_problem(client: TestClient) -> None:
    assert client.get("/v1/jobs/nope").json()["type"] == "/problems/unknown-job"


def test_without_a_corpus_folder_nothing_is_uploaded() -> None:
    from fakes_web import fake

    with TestClient(server.create_app(fake(), ())) as client:
        assert upload(client, ("bridge.md", BRIDGE)).status_code == 503
