"""Progress: plain lines where nobody looks at a terminal, a bar on one."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import pytest

from index import progress
from index.progress import Step, shown

READING = Step("reading", "a.pdf", 1, 2)


def embedding(done: int, total: int = 600) -> Step:
    return Step("embedding", "a.pdf", 1, 2, done, total)


def show(steps: Sequence[Step]) -> None:
    with shown() as update:
        for step in steps:
            update(step)


def test_a_long_document_is_followed_in_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 10.0, 12.0, 21.0, *(22.0 + step for step in range(99))])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    show([READING] * 5 + [embedding(done) for done in range(0, 601, 30)])
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "reading a.pdf (1 of 2)",
        "reading a.pdf: 10.0 s so far",
        "reading a.pdf: 21.0 s so far",
        "embedding a.pdf: 0 of 600",
        *(f"embedding a.pdf: {60 * tenth} of 600, {2.0 * tenth} s" for tenth in range(1, 11)),
    ]


def test_where_nothing_is_to_be_embedded_nothing_is_said_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    show([READING, embedding(0, 0)])
    assert capsys.readouterr().err == "reading a.pdf (1 of 2)\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_on_a_terminal_it_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = os.openpty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    pieces: list[bytes] = []

    def look() -> None:
        with suppress(OSError):  # Linux says so when the other end is closed
            while piece := os.read(master, 4096):
                pieces.append(piece)

    looking = threading.Thread(target=look)
    looking.start()
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        show([READING])
        show([embedding(300)])
        show([Step("reading", "b [1].pdf", 2, 2)])
    looking.join()
    os.close(master)
    seen = b"".join(pieces).decode()
    for text in (
        "reading a.pdf (1 of 2)",
        "embedding a.pdf (1 of 2)",
        "300/600",
        "reading b [1].pdf (2 of 2)",
    ):
        assert text in seen


def test_progress_may_be_unseen(capsys: pytest.CaptureFixture[str]) -> None:
    progress.unseen(READING)
    assert capsys.readouterr() == ("", "")
