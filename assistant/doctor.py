"""What is installed, loaded and reachable, and that nothing phones home."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from assistant.settings import Settings
from index.addresses import without_password
from index.errors import FootnoteError

PACKAGES = ("torch", "sentence-transformers", "chromadb", "llama-index-core", "fastapi", "gradio")
_LOOPBACK = ("127.", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined, what was found, and whether it is as it should be."""

    what: str
    ok: bool
    found: str

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain values."""
        return asdict(self)


def examine(settings: Settings) -> list[Finding]:
    """Examine this installation; asks one question with every connection watched."""
    with _watched() as attempts:
        findings = [_python(), *_packages(), _examined("encoder", lambda: _encoder(settings))]
        findings.append(_examined("corpus", lambda: _corpus(settings)))
        findings.append(_examined("answering", lambda: _answering(settings)))
        findings += [_examined("chat model", lambda: _chat_model(settings))] if settings.llm_url else []
    outside = sorted({host for host in attempts if not host.startswith(_LOOPBACK)} - _named(settings))
    findings.append(
        Finding(
            "connections",
            not outside,
            f"tried to reach {', '.join(outside)}" if outside else "none left this machine",
        )
    )
    return findings


def _python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("python", sys.version_info >= (3, 11), found)


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            yield Finding(name, True, version(name))
        except PackageNotFoundError:
            yield Finding(name, False, f"not installed; run: python -m pip install {name}")


def _examined(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except FootnoteError as error:
        return Finding(what, False, str(error))


def _encoder(settings: Settings) -> str:
    from index.encoder import DEFAULT_ENCODER, SentenceEncoder

    encoder = SentenceEncoder(settings.encoder, settings.precision)
    vectors = encoder.queries(["a question"])
    checked = ", weights as published" if settings.encoder == DEFAULT_ENCODER else ""
    return f"{settings.encoder}, {vectors.shape[1]} dimensions{checked}"


def _corpus(settings: Settings) -> str:
    from assistant.wiring import bring_up_to_date

    receipt = bring_up_to_date(settings)
    failed = "".join(f"; {file.reason}" for file in receipt.failed)
    documents = sum(file.paragraphs > 0 for file in receipt.files)
    return f"{documents} documents in '{settings.corpus}', {receipt}{failed}"


def _answering(settings: Settings) -> str:
    from assistant.answers import Question
    from assistant.wiring import build

    assistant = build(settings)
    try:
        document = assistant.library.documents()[0]
        answer = assistant.ask(Question(f"What is the title of {document.title}?"))
    finally:
        assistant.close()
    return f"{answer.verdict} in {sum(answer.timings_ms.values()):.0f} ms, corpus version {answer.corpus_version}"


def _chat_model(settings: Settings) -> str:
    from assistant.chat_model import Message
    from assistant.wiring import writer

    opened = writer(settings)
    assert opened is not None
    try:
        words = "".join(opened.model.stream([Message("user", "Say one word.")], most_tokens=16))
    finally:
        opened.close()
    return f"'{opened.model.name}' at {without_password(settings.llm_url or '')} answers, {len(words)} characters"


def _named(settings: Settings) -> set[str]:
    """The hosts that the settings name, and their addresses."""
    hosts = (urlsplit(url).hostname for url in (settings.chroma_url, settings.llm_url) if url)
    return {name for host in hosts if host for name in _addresses(host)}


def _addresses(host: str) -> set[str]:
    try:
        return {host, *(str(found[4][0]) for found in socket.getaddrinfo(host, None))}
    except OSError:
        return {host}


@contextmanager
def _watched() -> Iterator[set[str]]:
    """Collect the hosts that this process looks up or connects to, while letting it."""
    attempts: set[str] = set()
    active = True

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not active:
            return
        if event == "socket.getaddrinfo" and arguments[0]:
            attempts.add(str(arguments[0]))
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            attempts.add(str(arguments[1][0]))

    sys.addaudithook(hook)  # cannot be taken off again, hence `active`
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        yield attempts
    finally:
        active = False
