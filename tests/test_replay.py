"""Answers asked again on the corpus as it was: search, citations, refusals; by the API and on the command line."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes import OneHotEncoder
from fakes_assistant import evidence, reading
from starlette.testclient import TestClient

import server
from assistant import __main__ as cli
from assistant.answers import Question
from assistant.chat import Assistant
from assistant.reader import Reading
from assistant.replay import Replay, compared
from assistant.settings import Settings
from assistant.storage.repository import Storage
from index.documents import Hit
from index.errors import VersionGone
from index.library import Library
from index.sync import Place, remove, sync
from index.vocabulary import Vocabulary

ROOT = Path(__file__).parent.parent
ASK = {"question": "What does the mill grind?"}
THEN = "The mill grinds barley for two breweries."
NOW = "Since spring the mill grinds nothing but salt."
CHANGED = f"# The Mill\n\nThe bell of the mill is new.\n\n{NOW}\n"
QUERIES = ("mill barley", "ferry bay night", "salt quay", "river low", "bell bridge", "winter")


class FirstHit:
    """A reader that takes the first sentence of the first hit for the answer."""

    name = "first-hit"

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        return reading(evidence(hits[0], 0.99))


def over(library: Library) -> Assistant:
    texts = [paragraph.text for paragraph in library.all_paragraphs()]
    return Assistant(library, FirstHit(), Vocabulary(texts, ("grind",)), abstain_below=0.5, over=over)


@pytest.fixture
def encoder() -> OneHotEncoder:
    return OneHotEncoder()


@pytest.fixture
def place(corpus: Path, tmp_path: Path, encoder: OneHotEncoder) -> Place:
    place = Place(corpus, tmp_path / "data")
    sync(place, encoder)
    return place


@pytest.fixture
def library(place: Place, encoder: OneHotEncoder) -> Iterator[Library]:
    with closing(Library(place, encoder, reader="first-hit")) as library:
        yield library


def write(place: Place, name: str, text: str) -> None:
    (place.corpus / name).write_text(text, encoding="utf-8")
    sync(place, OneHotEncoder())


def found(library: Library, *documents: str) -> list[list[tuple[str, int, float, list[str]]]]:
    """The hits of some queries, best first; scores to what the store and numpy agree on."""
    return [
        [
            (
                hit.paragraph.document_id,
                hit.paragraph.number,
                round(hit.score, 3),
                [f.leg for f in hit.found_by],
            )
            for hit in library.search(query, 5, documents)
        ]
        for query in QUERIES
    ]


def test_a_former_version_is_searched_and_read_as_it_was(
    library: Library, place: Place, encoder: OneHotEncoder
) -> None:
    before, of_the_mill = found(library), found(library, "mill")
    paragraphs, documents = library.all_paragraphs(), library.documents()
    write(place, "mill.md", CHANGED)
    write(
        place, "bell.md", "# The bell\n\nThe bell rings over the bay. The ferry waits for the bell at night."
    )
    now = library.renewed()
    assert found(now) != before
    encoder.embedded.clear()
    then = now.at(library.version)
    assert (then.version, then.documents()) == (library.version, documents)
    assert then.all_paragraphs() == paragraphs
    assert found(then) == before
    assert found(then, "mill") == of_the_mill
    # Only what is no longer in the store was embedded: the texts of the mill as it was.
    assert any("barley" in text for text in encoder.embedded)
    assert not any("ferry" in text for text in encoder.embedded)
    assert [each.version for each in now.asked()] == [now.version, library.version]
    assert now.at(now.version) is now


def test_metadata_and_names_of_files_are_of_then(library: Library, place: Place) -> None:
    described = (place.corpus / "corpus.toml").read_text(encoding="utf-8")
    (place.corpus / "mill.md").rename(place.corpus / "old-mill.md")
    write(place, "corpus.toml", described.replace("2024-08-16", "2025-01-01"))
    now = library.renewed()
    assert now.version != library.version
    assert now.at(library.version).documents() == library.documents()


def test_a_state_that_came_back_is_the_version_that_it_was(library: Library, place: Place) -> None:
    former = (place.corpus / "mill.md").read_text(encoding="utf-8")
    write(place, "mill.md", CHANGED)
    changed = library.renewed()
    write(place, "mill.md", former)
    again = changed.renewed()
    assert again.version == library.version
    assert again.at(changed.version).all_paragraphs() == changed.all_paragraphs()


def test_what_was_removed_is_not_shown_again(library: Library, place: Place) -> None:
    write(place, "mill.md", CHANGED)
    now = library.renewed()
    then = now.at(library.version)
    (place.corpus / "mill.md").unlink()
    remove(place, "mill")
    assert "mill" not in {hit.paragraph.document_id for hit in then.search("mill barley", 5)}
    assert then.paragraph("mill", 1) is None
    for version in (library.version, now.version):
        with pytest.raises(
            VersionGone, match="no longer kept: 'mill' was removed since, or changed too often"
        ):
            now.renewed().at(version)
    write(place, "mill.md", CHANGED)
    with pytest.raises(VersionGone, match="'mill' was removed"):
        now.renewed().at(library.version)
    with closing(sqlite3.connect(place.folder / "catalogue.sqlite3")) as connection:
        kept = connection.execute("SELECT state FROM states WHERE state IS NOT NULL").fetchall()
    assert kept == []


def test_a_version_that_nobody_asked_is_not_kept(library: Library, place: Place) -> None:
    write(place, "mill.md", CHANGED)
    with closing(Library(place, OneHotEncoder())) as only_searched:
        between = only_searched.version
    write(place, "mill.md", CHANGED.replace("nothing", "little"))
    with pytest.raises(VersionGone, match=f"Nothing is known of a corpus version '{between}'"):
        library.renewed().at(between)
    assert library.renewed().at(library.version).all_paragraphs() == library.all_paragraphs()


def test_the_oldest_of_many_states_is_let_go(
    library: Library, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.timeline.KEPT_STATES", 3)
    present, versions = library, [library.version]
    for number in range(4):
        write(place, "mill.md", f"{CHANGED}\nThe bell rang {number} times.\n")
        present = present.renewed()
        versions.append(present.version)
    with pytest.raises(VersionGone, match="changed too often"):
        present.at(versions[0])
    assert present.at(versions[1]).version == versions[1]
    assert [each.version for each in present.asked()] == versions[:0:-1]


def test_another_reader_reads_the_same_paragraphs_as_another_version(library: Library, place: Place) -> None:
    write(place, "mill.md", CHANGED)
    with closing(Library(place, OneHotEncoder(), reader="second-hit")) as other:
        then = other.at(library.version)
        assert then.all_paragraphs() == library.all_paragraphs()
        assert then.version not in (library.version, other.version)


# By the API


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with closing(Storage(f"sqlite:///{tmp_path / 'data' / 'footnote.sqlite3'}")) as storage:
        yield storage


@pytest.fixture
def client(library: Library, storage: Storage) -> Iterator[TestClient]:
    with TestClient(server.create_app(over(library), (), storage)) as client:
        yield client


def quotes(answer: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(each["document_id"], each["paragraph"], each["quote"]) for each in answer["citations"]]


def test_an_answer_is_replayed_on_its_version_and_on_the_one_of_now(client: TestClient, place: Place) -> None:
    answer = client.post("/v1/ask", json=ASK).json()
    assert quotes(answer) == [("mill", 1, THEN)]
    write(place, "mill.md", CHANGED)
    address = f"/v1/answers/{answer['id']}/replay"
    then = client.post(address).json()
    assert quotes(then["again"]) == quotes(answer)
    assert then["again"]["corpus_version"] == then["then"]["corpus_version"] == answer["corpus_version"]
    assert (then["same_version"], then["same_answer"]) == (True, True)
    now = client.post(address, params={"corpus_version": "now"}).json()
    assert quotes(now["again"]) == [("mill", 2, NOW)]
    assert (now["same_version"], now["same_answer"]) == (False, False)
    held = [each["corpus_version"] for each in client.get("/v1/corpus/versions").json()["versions"]]
    assert held == [now["again"]["corpus_version"], answer["corpus_version"]]
    by_name = client.post(address, params={"corpus_version": held[0]}).json()
    assert by_name["again"]["answer"] == now["again"]["answer"]
    # What was asked again is kept as an answer of its own, and shows what it cited.
    kept = client.get(f"/v1/answers/{then['again']['id']}").json()
    assert [(each["state"], each["text"]) for each in kept["citations"]] == [("changed", THEN)]


def test_a_version_that_is_gone_is_a_problem(client: TestClient, place: Place) -> None:
    answer = client.post("/v1/ask", json=ASK).json()
    (place.corpus / "mill.md").unlink()
    sync(place, OneHotEncoder())
    for version, sentence in ((None, "'mill' was removed since"), ("c0ffee", "Nothing is known of")):
        gone = client.post(
            f"/v1/answers/{answer['id']}/replay", params={"corpus_version": version} if version else {}
        )
        assert (gone.status_code, gone.json()["type"]) == (410, "/problems/version-gone")
        assert sentence in gone.json()["detail"]


@pytest.mark.slow
def test_the_real_assistant_goes_back(tmp_path: Path) -> None:
    from assistant.wiring import bring_up_to_date, build

    corpus = tmp_path / "corpus"
    shutil.copytree(ROOT / "corpus", corpus)
    settings = Settings(corpus=corpus, data=tmp_path / "data")
    question = Question("By what percentage did trade grow in the first five months of 2024?")
    with closing(build(settings)) as assistant:
        then = assistant.ask(question)
        (cited,) = then.citations
        document = assistant.library.document(cited.document_id)
        assert document is not None
        file = corpus / document.source_path
        text = file.read_text(encoding="utf-8")
        assert text.count("54 percent") == 1
        file.write_text(text.replace("54 percent", "61 percent"), encoding="utf-8")
        bring_up_to_date(settings)
        renewed = assistant.renewed()
        now, again = renewed.ask(question), renewed.at(then.corpus_version).ask(question)
    assert (then.short_answer, now.short_answer) == ("54 percent", "61 percent")
    assert compared(then, again) == Replay(then, again, same_version=True, same_answer=True)
    assert not compared(then, now).same_answer
    assert [each.content_hash for each in again.citations] == [cited.content_hash]
    assert again.confidence == pytest.approx(then.confidence, abs=0.01)


# On the command line


def test_the_command_line_replays(
    client: TestClient,
    library: Library,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(place.data))
    monkeypatch.setattr(
        "assistant.wiring.build", lambda *_: over(Library(place, OneHotEncoder(), reader="first-hit"))
    )
    answer = client.post("/v1/ask", json=ASK).json()
    write(place, "mill.md", CHANGED)
    assert cli.main(["replay", answer["id"]]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"Asked again on corpus version {answer['corpus_version']}: the same answer.\n")
    assert THEN in told
    assert cli.main(["replay", answer["id"], "--on", "now", "--json"]) == 0
    assert quotes(json.loads(capsys.readouterr().out)["again"]) == [("mill", 2, NOW)]
    assert cli.main(["replay", "nope"]) == 1
    assert (
        capsys.readouterr().err
        == "assistant: No answer 'nope' is kept. Take the id of one from the chat or the API.\n"
    )
    assert cli.main(["replay", answer["id"], "--on", "c0ffee"]) == 1
    assert "Nothing is known of a corpus version 'c0ffee'" in capsys.readouterr().err
