"""Files that mean harm, and addresses that nobody is to be asked at."""

from __future__ import annotations

import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fakes import OneHotEncoder
from fakes_pdf import pdf, prose
from fakes_web import fake
from reportlab.pdfgen.canvas import Canvas
from served import serving
from starlette.testclient import TestClient

import server
from index.sync import Place, sync
from index.workers import Limits

QUICK = Limits(seconds=20.0)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' if n else '<!ENTITY a0 "ha">' for n in range(10))


def docx(body: str, *, before: str = "", relations: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """A Word document with this body, and other members where they are given."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}'
            "</Relationships>",
        )
        archive.writestr(
            "word/document.xml",
            f'<?xml version="1.0"?>{before}<w:document xmlns:w="{W}" xmlns:r="{R}">'
            f"<w:body>{body}</w:body></w:document>",
        )
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return packed.getvalue()


def bomb() -> bytes:
    """A thousandfold: 600 MB that pack into less than one."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(600):
            member.write(b"\0" * 1_000_000)
    return packed.getvalue()


def test_bombs_are_refused_and_the_rest_is_read(corpus: Path, tmp_path: Path) -> None:
    (corpus / "bomb.docx").write_bytes(bomb())
    entities = docx("<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", before=f"<!DOCTYPE x [{LAUGHS}]>")
    (corpus / "laughs.docx").write_bytes(entities)
    outside = docx("<w:p/>", before='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>')
    (corpus / "outside.docx").write_bytes(outside)
    page = f"<!DOCTYPE html [{LAUGHS}]><html><body><p>It is &a9; here. {'It is a long story. ' * 20}</p></body></html>"
    (corpus / "laughs.html").write_text(page, encoding="utf-8")
    (corpus / "climbing.docx").write_bytes(docx("<w:p/>", more={"../../../climbed.txt": b"out"}))
    receipt = sync(Place(corpus, tmp_path / "data"), OneHotEncoder(), limits=QUICK)
    states = {file.file: file.state for file in receipt.files}
    for name in ("bomb.docx", "laughs.docx", "outside.docx"):
        assert states[name] == "failed", states
    assert states["mill.md"] == states["quay.txt"] == "added"
    assert all("\n" not in (file.reason or "") for file in receipt.files)
    assert not list(tmp_path.rglob("climbed.txt"))
    kept = "".join(path.read_text("utf-8", "replace") for path in (tmp_path / "data").rglob("*.sqlite3"))
    assert "root:" not in kept
    assert "hahaha" not in kept


@pytest.fixture
def listener() -> Iterator[tuple[str, list[object]]]:
    """An address of this machine, and who has called there."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, who = listening.accept()
                except TimeoutError:
                    continue
                calls.append(who)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", calls
        over.set()
        thread.join()


def linking(url: str) -> dict[str, bytes]:
    """Files of several formats that name an address wherever their format lets them."""
    words = "It stands here in so many words that a reader takes it for a paragraph of its own. " * 3
    html = (
        f'<html><head><base href="{url}/"><link rel="stylesheet" href="{url}/s.css"><script src="{url}/s.js"></script>'
        f'<meta http-equiv="refresh" content="0;url={url}/r"><link rel="canonical" href="{url}/c"></head>'
        f"<body><article>"
        f'<p>{words}<img src="{url}/i.png"><a href="{url}/a">a</a></p><iframe src="{url}/f"></iframe>'
        f'<object data="{url}/o"></object><svg><use href="{url}/u#x"/></svg></article></body></html>'
    )
    relations = (
        f'<Relationship Id="r9" Type="{R}/attachedTemplate" Target="{url}/t.dotm" TargetMode="External"/>'
        f'<Relationship Id="r8" Type="{R}/image" Target="{url}/i.png" TargetMode="External"/>'
    )
    email = (
        "From: ann@a.example\r\nSubject: News\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b\r\nContent-Type: message/external-body; "
        f'access-type=URL; URL="{url}/x"\r\n\r\nContent-Type: text/plain\r\n\r\n--b--\r\n'
    )

    def page(canvas: Canvas) -> None:
        prose(canvas, words)
        canvas.linkURL(f"{url}/p", (72, 600, 400, 760))

    return {
        "a.html": html.encode(),
        "b.docx": docx(f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>", relations=relations),
        "c.eml": email.encode(),
        "d.md": f"# Md\n\n![i]({url}/i.png) {words} <img src='{url}/j.png'>\n".encode(),
        "e.pdf": pdf(page),
        "f.txt": f"{words}\n\n{url}/plain\n".encode(),
    }


def test_no_address_in_a_document_is_asked(tmp_path: Path, listener: tuple[str, list[object]]) -> None:
    url, calls = listener
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, data in linking(url).items():
        (folder / name).write_bytes(data)
    receipt = sync(Place(folder, tmp_path / "data"), OneHotEncoder(), limits=QUICK)
    assert {file.state for file in receipt.files} == {"added"}, receipt.files
    assert calls == []


def test_no_address_in_a_request_is_asked(listener: tuple[str, list[object]]) -> None:
    url, calls = listener
    image = {"type": "image_url", "image_url": {"url": f"{url}/i.png"}}
    text = {"type": "text", "text": f"What is at {url}/x ?"}
    with TestClient(server.create_app(fake(), ())) as client:
        for path, body in (
            ("/v1/ask", {"question": f"{url}/q", "documents": [f"{url}/d"]}),
            (
                "/v1/chat/completions",
                {"model": "footnote", "messages": [{"role": "user", "content": [text, image]}]},
            ),
            ("/v1/responses", {"model": "footnote", "input": [{"role": "user", "content": [text, image]}]}),
        ):
            assert client.post(path, json=body).status_code in (200, 404, 422)
        client.get("/login", params={"next": url})
        client.get("/gradio_api/proxy=" + url)
        client.get("/gradio_api/file=" + url)
    assert calls == []


def test_what_is_too_large_is_refused_before_it_has_come() -> None:
    with serving(server.create_app(fake(), ())) as url:
        host, port = url.removeprefix("http://").split(":")
        for path in ("/v1/ask", "/mcp", "/gradio_api/queue/join", "/v1/chat/completions"):
            head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            with closing(socket.create_connection((host, int(port)), timeout=60)) as connection:
                connection.sendall(f"{head}Content-Length: 20000000\r\n\r\n".encode())
                assert connection.recv(4096).startswith(b"HTTP/1.1 413"), path
            sent = 0
            with closing(socket.create_connection((host, int(port)), timeout=60)) as connection:
                connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
                chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
                connection.settimeout(0.01)
                answer = b""
                while not answer and sent < 20_000_000:
                    try:
                        connection.settimeout(60)
                        connection.sendall(chunk)
                        sent += 65536
                        connection.settimeout(0.01)
                        answer = connection.recv(4096)
                    except TimeoutError:
                        continue
                    except OSError:
                        break
            assert sent < 10_000_000, (path, sent)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 413"), answer[:80]
