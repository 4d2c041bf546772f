"""What the threat model says beside routes: secrets, comparisons, redirects, what unfolds, what listens."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes import OneHotEncoder
from fakes_web import fake
from served import serving
from sqlalchemy import event
from starlette.testclient import TestClient

import server
from assistant import __main__ as cli
from assistant import backups
from assistant.chat_model import Budgets, Message, ModelError
from assistant.llm import OpenAILikeModel
from assistant.settings import SettingsError, read_settings
from assistant.storage.engine import FILE_NAME
from assistant.storage.repository import Storage
from assistant.wiring import writer
from index.addresses import without_password
from index.chroma import ChromaServer
from index.errors import StoreError
from index.library import Library
from index.sync import Place, sync
from index.workers import Limits

HIDDEN = "swordfish"
QUICK = Limits(seconds=20.0, workers=1)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage:
        yield storage


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://ann:swordfish@127.0.0.1:1/v1", "http://127.0.0.1:1/v1"),
        ("https://swordfish@host/a@b", "https://host/a@b"),
        ("http://ann:sword@swordfish@host", "http://host"),
        ("ftp://ann:swordfish@host", "ftp://host"),
        ("http://host:8000/v1", "http://host:8000/v1"),
    ],
)
def test_an_address_is_told_without_its_password(url: str, told: str) -> None:
    assert without_password(url) == told


def test_no_password_of_an_address_is_told(
    monkeypatch: pytest.MonkeyPatch, corpus: Path, tmp_path: Path
) -> None:
    """Of the model's server it stood in the sentence that each reader of an answer gets."""
    address = f"http://ann:{HIDDEN}@127.0.0.1:1"
    told = []
    model = OpenAILikeModel(f"{address}/v1", "any", budgets=Budgets(connect=20.0, first=90.0, total=90.0))
    with closing(model), pytest.raises(ModelError) as failed:
        list(model.stream([Message("user", "Why?")], most_tokens=5))
    told.append(str(failed.value))
    with pytest.raises(StoreError) as wrong:
        ChromaServer(f"ftp://ann:{HIDDEN}@host").address  # noqa: B018
    told.append(str(wrong.value))
    with pytest.raises(StoreError) as gone:
        sync(Place(corpus, tmp_path / "data", ChromaServer(address)), OneHotEncoder())
    told.append(str(gone.value))
    for name in ("LLM_URL", "CHROMA_URL"):
        monkeypatch.setenv(f"ASSISTANT_{name}", address)
    monkeypatch.setenv("ASSISTANT_OTLP_URL", address)
    told += [repr(read_settings()), str(read_settings())]
    monkeypatch.setenv("ASSISTANT_LLM_URL", f"ftp://ann:{HIDDEN}@host")
    monkeypatch.setenv("ASSISTANT_LLM_MODEL", "any")
    with pytest.raises(SettingsError) as refused:
        writer(read_settings())
    told.append(str(refused.value))
    monkeypatch.setenv("ASSISTANT_OTLP_URL", f"ftp://ann:{HIDDEN}@host")
    with pytest.raises(SettingsError) as invalid:
        read_settings()
    told.append(str(invalid.value))
    assert [line for line in told if HIDDEN in line] == []
    assert [line for line in (told[0], told[2]) if "127.0.0.1:1" not in line] == []


@pytest.mark.slow
def test_doctor_tells_no_secret(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSISTANT_CORPUS", str(corpus))
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ASSISTANT_LLM_URL", f"http://ann:{HIDDEN}@127.0.0.1:1/v1")
    monkeypatch.setenv("ASSISTANT_LLM_MODEL", "any")
    monkeypatch.setenv("ASSISTANT_LLM_KEY", HIDDEN)
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", f"postgresql://ann:{HIDDEN}@127.0.0.1:1/x")
    cli.main(["doctor", "--json"])
    told = capsys.readouterr()
    assert "127.0.0.1:1/v1" in told.out
    assert HIDDEN not in told.out + told.err


def test_no_secret_is_in_a_backup(corpus: Path, tmp_path: Path) -> None:
    place = Place(corpus, tmp_path / "data")
    sync(place, OneHotEncoder())
    with closing(Storage(f"sqlite:///{place.data / FILE_NAME}")) as storage:
        secret = storage.access.make_key("Ann", ["ask"])[1]
        assert storage.access.find(secret) is not None
        backups.make(place, storage, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        held = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Ann" in held
    assert secret.removeprefix("fn_").encode() not in held
    assert not [
        path for path in place.data.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()
    ]


def test_of_a_key_only_its_hash_is_compared(storage: Storage) -> None:
    """How long a look-up takes tells how much of a hash is right, from which nothing follows for the secret."""
    made, secret = storage.access.make_key("Ann", ["ask"])
    sent: list[Any] = []
    engine = storage._database._engine

    def note(*call: Any) -> None:
        sent.append(call[3])

    event.listen(engine, "before_cursor_execute", note)
    found = storage.access.find(secret)
    assert found is not None
    assert found.id == made.id
    for near in (secret[:-1], secret + "x", secret.upper(), "", "%", "' OR 1=1 --", "fn_" + "x" * 43):
        assert storage.access.find(near) is None
    values = [str(value) for each in sent for value in (each.values() if isinstance(each, dict) else each)]
    assert not [value for value in values if secret[:8] in value]
    assert len([value for value in values if re.fullmatch("[0-9a-f]{64}", value)]) >= 8


TARGETS = [
    "/\t/far.example", "/\n//far.example", "/\r/far.example", " //far.example", "\\\\far.example", "/%09/far.example",
    "javascript:alert(1)", "http:far.example", "///far.example", "/\\\\far.example", "\x00//far.example",
]  # fmt: skip


def test_a_login_leads_to_this_server_alone(storage: Storage) -> None:
    secret = storage.access.make_key("Ann", ["ask"])[1]
    with TestClient(server.create_app(fake(), (), storage), follow_redirects=False) as client:
        for target in TARGETS:
            location = client.post("/login", data={"key": secret, "target": target}).headers["location"]
            # Browsers leave tabs and line feeds out, and take a backslash for a slash.
            as_read = re.sub(r"[\t\r\n]", "", location).replace("\\", "/")
            assert as_read.startswith("/"), target
            assert not as_read.startswith("//"), target


def listening() -> set[str]:
    """The sockets on which this process takes connections."""
    own = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found = re.fullmatch(r"socket:\[(\d+)\]", str(entry.readlink()))
        except OSError:
            continue
        own |= {found[1]} if found else set()
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == "0A" and row[9] in own}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="Sockets are counted by Linux' /proc.")
def test_the_vectors_are_behind_no_door_of_their_own(corpus: Path, tmp_path: Path) -> None:
    place = Place(corpus, tmp_path / "data")
    before = listening()
    sync(place, OneHotEncoder())
    with closing(Library(place, OneHotEncoder())) as library:
        assert library.search("barley")
        assert listening() == before
        with (
            serving(server.create_app(fake(), ())) as url,
            TestClient(server.create_app(fake(), ())) as client,
        ):
            assert {int(each.partition(":")[2], 16) for each in listening() - before} == {
                int(url.rpartition(":")[2])
            }
            for path in (
                "/api/v1/heartbeat",
                "/api/v2/heartbeat",
                "/api/v2/tenants/default_tenant",
                "/chroma",
                "/docs",
            ):
                assert client.get(path).status_code == 404, path


def flate_bomb() -> bytes:
    """A PDF whose page's content unfolds from half a megabyte to half a gigabyte of text operators."""
    packed = zlib.compressobj(9)
    content = b"".join(packed.compress(b"(a) Tj " * 150_000) for _ in range(500)) + packed.flush()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1"
        b"/BaseFont/Helvetica>>>>>>>>",
        b"<</Filter/FlateDecode/Length "
        + str(len(content)).encode()
        + b">>stream\n"
        + content
        + b"\nendstream",
    ]
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.7\n")
    places = []
    for number, part in enumerate(parts, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, part))
    start = out.tell()
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    out.write(b"xref\n0 5\n0000000000 65535 f \n" + table)
    out.write(b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start)
    return out.getvalue()


def nested_zip(depth: int) -> bytes:
    data = b"x" * 1000
    for _ in range(depth):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", data)
        data = packed.getvalue()
    return data


WORDS = "It is a long story that goes on and on. " * 20
DEEP: dict[str, bytes] = {
    "bomb.pdf": flate_bomb(),
    "zips.docx": nested_zip(20),
    "divs.html": b"<div>" * 50_000 + WORDS.encode() + b"</div>" * 50_000,
    "tables.html": b"<table><tr><td>" * 20_000 + WORDS.encode(),
    "lists.md": "".join(f"{'  ' * depth}- x\n" for depth in range(2000)).encode() + WORDS.encode(),
    "quotes.md": b"> " * 20_000 + WORDS.encode(),
    "brackets.md": b"[" * 50_000 + WORDS.encode(),
    "parts.eml": b"From: a@b.example\nMIME-Version: 1.0\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5000))
    + b"Content-Type: text/plain\n\n" + WORDS.encode(),
    "quoted.eml": b"From: a@b.example\n\n" + b">" * 100_000 + WORDS.encode(),
    "one-line.txt": WORDS.encode() * 500,
}  # fmt: skip


@pytest.mark.parametrize("name", DEEP)
def test_what_unfolds_or_nests_is_read_or_named_and_the_rest_is_read(
    name: str, corpus: Path, tmp_path: Path
) -> None:
    (corpus / name).write_bytes(DEEP[name])
    receipt = sync(Place(corpus, tmp_path / "data"), OneHotEncoder(), limits=QUICK)
    states = {file.file: file.state for file in receipt.files}
    assert states["mill.md"] == states["quay.txt"] == "added"
    reasons = {file.file: file.reason for file in receipt.files if file.state == "failed"}
    assert set(reasons) <= {name}
    assert all(reason and "\n" not in reason and "fault" not in reason for reason in reasons.values()), (
        reasons
    )
