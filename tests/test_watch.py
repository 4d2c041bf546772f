"""Following a folder: every change is told, and a fault in it ends nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from index import watch
from index.watch import follow

ROOT = Path(__file__).parent.parent
# How long another process may take before a test takes it for hung; on a busy machine it takes minutes to start.
PATIENCE = 900


class Script(threading.Event):
    """A `stop` whose waits do what a test has written down, one thing for each, and is set at the end of it."""

    def __init__(self, *deeds: Callable[[], object]) -> None:
        super().__init__()
        self._deeds = list(deeds)

    def wait(self, timeout: float | None = None) -> bool:
        if not self._deeds:
            self.set()
            return True
        self._deeds.pop(0)()
        return False


def nothing() -> None:
    """What happens while a folder settles."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    return folder


def told(folder: Path, *deeds: Callable[[], object]) -> list[str]:
    """What the folder held each time that it was told to have changed, after the first; see `Script`."""
    found: list[str] = []

    def changed() -> None:
        names = [path.name for path in folder.glob("[!.]*.md")] if folder.is_dir() else ["gone"]
        found.append(" ".join(sorted(names)))

    follow(folder, changed, ignored=folder / "index", stop=Script(*deeds))
    assert found.pop(0) == ""
    return found


def write(path: Path, text: str = "It is here.") -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_files_that_come_change_and_go_are_told_once_each(folder: Path) -> None:
    a, b = folder / "a.md", folder / "b.md"
    deeds = [lambda: write(a), lambda: write(a, "It is another."), lambda: a.rename(b), b.unlink]
    assert told(folder, *(each for deed in deeds for each in (deed, nothing, nothing))) == [
        "a.md", "a.md", "b.md", "",
    ]  # fmt: skip


def test_a_file_in_a_folder_that_comes_is_told(folder: Path) -> None:
    sub = folder / "sub"
    assert told(folder, lambda: write(sub / "a.md"), nothing) == [""]
    assert told(folder, lambda: write(sub / "a.md", "It is longer now."), nothing) == [""]


def test_what_is_written_in_steps_is_told_when_it_has_settled(folder: Path) -> None:
    steps = [partial(write, folder / "a.md", "x" * n) for n in range(1, 5)]
    assert told(folder, *steps, nothing, nothing) == ["a.md"]


def test_what_never_settles_is_told_all_the_same(folder: Path) -> None:
    steps = [partial(write, folder / "a.md", "x" * n) for n in range(1, 30)]
    assert len(told(folder, *steps)) == 2


def test_hidden_files_and_the_index_itself_are_not(folder: Path) -> None:
    def unseen() -> None:
        write(folder / ".data" / "catalogue")
        write(folder / ".draft.md")
        write(folder / "index" / "catalogue.md")

    (folder / "index").mkdir()
    assert told(folder, unseen, nothing, unseen) == []


def test_what_changes_while_a_change_is_told_is_told_after_it(folder: Path) -> None:
    calls: list[int] = []

    def changed() -> None:
        calls.append(len(calls))
        if len(calls) < 3:
            write(folder / f"{len(calls)}.md")

    follow(folder, changed, stop=Script(*[nothing] * 9))
    assert calls == [0, 1, 2]


def test_a_folder_that_goes_away_and_comes_back_is_followed(folder: Path, tmp_path: Path) -> None:
    away = tmp_path / "elsewhere"
    back = partial(write, folder / "a.md")
    assert told(folder, lambda: folder.rename(away), nothing, nothing, back, nothing) == ["gone", "a.md"]


@pytest.mark.skipif(sys.platform != "linux", reason="a name of bytes that are no text")
def test_a_name_that_is_no_text_ends_nothing(folder: Path) -> None:
    odd = os.fsencode(folder) + b"/caf\xe9.md"
    assert len(told(folder, lambda: os.close(os.open(odd, os.O_CREAT)), nothing)) == 1


def test_it_ends_when_it_is_stopped_and_looks_seldom_at_what_takes_long(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    class Once(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0)
            return len(waits) > 1

    monkeypatch.setattr(watch, "_look", lambda *_: ({}, 3.0))
    follow(folder, nothing, stop=Once())
    assert waits == [60.0, 60.0]


COMMAND = """
import sys
from fakes import OneHotEncoder
from index import __main__ as cli
from index import watch
cli.SentenceEncoder = lambda name, precision: OneHotEncoder(name=name)
watch.SETTLED = 0.1
sys.exit(cli.main(sys.argv[1:]))
"""


class Watching:
    """`python -m index build --watch` in a process of its own, with lines that come as they are printed."""

    def __init__(self, folder: Path, *options: str) -> None:
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
        self._process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "build", "--watch", *options],
            cwd=folder,
            env={**environment, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._threads: list[threading.Thread] = []
        self.out, self.err = self._lines(self._process.stdout), self._lines(self._process.stderr)

    def _lines(self, stream: Any) -> Queue[str]:
        lines: Queue[str] = Queue()

        def read() -> None:
            with stream:
                for line in stream:
                    lines.put(line.rstrip("\n"))

        self._threads.append(threading.Thread(target=read))
        self._threads[-1].start()
        return lines

    def interrupt(self) -> int:
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(PATIENCE)

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()


def until(lines: Queue[str], wanted: Callable[[str], bool]) -> str:
    """The first line that is wanted."""
    while not wanted(line := lines.get(timeout=PATIENCE)):
        pass
    return line


@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
def test_build_watch_prints_a_receipt_of_every_change_until_ctrl_c(corpus: Path, tmp_path: Path) -> None:
    with Watching(tmp_path) as watching:
        assert watching.err.get(timeout=PATIENCE) == "index: watching 'corpus'; Ctrl-C ends it."
        until(watching.out, lambda line: "added     mill.md: 2 paragraphs, 0 notes" in line)
        until(watching.out, lambda line: "5 added, 0 changed, 0 unchanged" in line)
        write(corpus / "new.md", "It is new.")
        assert "added     new.md: 1 paragraph, 0 notes" in watching.out.get(timeout=PATIENCE)
        until(watching.out, lambda line: "1 added, 0 changed, 5 unchanged" in line)
        good = (corpus / "corpus.toml").read_text(encoding="utf-8")
        write(corpus / "corpus.toml", "[[document]\n")
        fault = until(watching.err, lambda line: "corpus.toml cannot be read" in line)
        assert fault.endswith("Still watching.")
        write(corpus / "corpus.toml", good)
        (corpus / "new.md").unlink()
        until(watching.out, lambda line: "removed   new: 1 paragraph" in line)
        until(watching.out, lambda line: "5 unchanged, 1 removed" in line)
        assert watching.interrupt() == 0
        until(
            watching.err,
            lambda line: line == "index: watching ended; the next run completes what is missing.",
        )


@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
def test_build_watch_prints_json_in_lines(corpus: Path, tmp_path: Path) -> None:
    with Watching(tmp_path, "--json") as watching:
        assert json.loads(watching.out.get(timeout=PATIENCE))["added"] == 5
        (corpus / "mill.md").rename(corpus / "grinder.md")
        states: dict[str, str] = {}
        while "renamed" not in states.values():
            receipt = json.loads(watching.out.get(timeout=PATIENCE))
            states = {file["file"]: file["state"] for file in receipt["files"]}
        assert states == {"grinder.md": "renamed", "quay.txt": "unchanged"}
        assert watching.interrupt() == 0


def test_a_folder_that_never_was_is_not_watched(tmp_path: Path) -> None:
    with Watching(tmp_path) as watching:
        assert watching.err.get(timeout=PATIENCE).startswith("index: There is no corpus folder 'corpus'.")
