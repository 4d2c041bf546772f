"""Reading in processes that can be stopped: what hangs or crashes is named, and the next file is read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import OneHotEncoder

from index import workers
from index.corpus import CorpusFile, ReadDocument
from index.errors import UnreadableFile
from index.readers import READERS
from index.sync import Place, sync
from index.workers import Limits, Readers

ROOT = Path(__file__).parent.parent
PROSE = "The harbour has a long quay of granite, and salt is carried over it on two days of the week."
QUICK = Limits(seconds=20.0, workers=1)

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


@pytest.fixture(autouse=True)
def odd(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file type of `hostile_readers`, in worker processes only: here it could end the tests."""
    monkeypatch.setattr(workers, "PRELOAD", "hostile_readers")
    monkeypatch.setitem(READERS, ".odd", lambda *_: pytest.fail("read in this process"))


def files(folder: Path, contents: Mapping[str, str]) -> list[CorpusFile]:
    for name, content in contents.items():
        (folder / name).write_text(content, encoding="utf-8")
    return [CorpusFile(folder / name, name.partition(".")[0], {}) for name in contents]


def read(folder: Path, contents: Mapping[str, str], limits: Limits = QUICK) -> dict[str, str]:
    """File name -> the text that was read, or the reason why none was."""
    with Readers(folder, limits) as readers:
        return {
            file.path.name: found.paragraphs[1].text if isinstance(found, ReadDocument) else str(found)
            for file, found in readers.read_all(files(folder, contents))
        }


def test_a_file_is_read_with_all_that_its_reader_says(tmp_path: Path) -> None:
    (file,) = files(tmp_path, {"a.odd": "well"})
    with Readers(tmp_path, QUICK) as readers:
        ((_, found),) = readers.read_all([file])
    assert isinstance(found, ReadDocument)
    assert found.paragraphs[1].text == "It was read: well."
    assert (found.facts.pages, found.facts.tables, found.facts.encoding) == (3, 1, None)
    assert found.facts.remarks == ("Page 3 has no text.",)


def test_what_its_reader_refuses_is_said_in_its_words(tmp_path: Path) -> None:
    assert read(tmp_path, {"a.odd": "locked", "b.odd": "well"}) == {
        "a.odd": "a.odd: it is locked with a password. Save it without one.",
        "b.odd": "It was read: well.",
    }


CRASHES = {
    "segfault": "its reader crashed (SIGSEGV); the file is damaged or built in a way that the reader cannot take. ",
    "exit": "its reader crashed (exit code 7); the file is damaged or built in a way that the reader cannot take. ",
    "fault": "its reader met a fault (IndexError: list index out of range). ",
}


@posix
@pytest.mark.parametrize("deed", CRASHES)
def test_a_crash_is_named_and_the_next_file_is_read(tmp_path: Path, deed: str) -> None:
    found = read(tmp_path, {"a.odd": deed, "b.odd": "well"})
    assert found["b.odd"] == "It was read: well."
    assert found["a.odd"] == (
        f"a.odd: {CRASHES[deed]}Open it in its program and save it again, or save it in another format."
    ).replace("Open it", "Open the file" if deed == "fault" else "Open it")


@pytest.mark.parametrize("deed", ["hang", "spin"])
def test_what_takes_too_long_is_stopped(tmp_path: Path, deed: str) -> None:
    found = read(tmp_path, {"a.odd": deed, "b.odd": "well"}, replace(QUICK, seconds=2.0))
    assert found["a.odd"] == (
        "a.odd: reading it took longer than 2 seconds and was stopped. "
        "Split the file, or set ASSISTANT_READ_SECONDS to more."
    )
    assert found["b.odd"] == "It was read: well."


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit of Linux")
def test_what_takes_too_much_memory_is_stopped(tmp_path: Path) -> None:
    found = read(tmp_path, {"a.odd": "hoard", "b.odd": "well"})
    assert found == {
        "a.odd": "a.odd: reading it needs more than 4 GiB of memory. Split the file.",
        "b.odd": "It was read: well.",
    }


def test_what_a_parser_prints_goes_nowhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert read(tmp_path, {"a.odd": "chatter", "b.odd": "well"})["a.odd"] == "It was read: chatter."
    assert capfd.readouterr() == ("", "")


def test_one_process_reads_many_files(tmp_path: Path) -> None:
    log = tmp_path / "log"
    read(tmp_path, {f"{name}.odd": f"note {log}" for name in "abc"})
    assert len(log.read_text().split()) == 3
    assert len(set(log.read_text().split())) == 1


def test_several_processes_read_at_the_same_time_in_order(tmp_path: Path) -> None:
    log = tmp_path / "log"
    names = [f"{name}.odd" for name in "abcd"]
    contents = {name: "slow" if name == "a.odd" else f"note {log}" for name in names}
    with Readers(tmp_path, replace(QUICK, workers=2)) as readers:
        order = [file.path.name for file, _ in readers.read_all(files(tmp_path, contents))]
    assert order == names
    assert len(log.read_text().split()) == 3


def test_small_text_is_read_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert read(tmp_path, {"a.md": "It is here.", "b.txt": ""}) == {
        "a.md": "It is here.",
        "b.txt": "b.txt: the file is empty.",
    }
    monkeypatch.setattr(workers, "TEXT_BYTES", 5)
    with pytest.raises(AssertionError, match="a process was started"):
        read(tmp_path, {"a.md": "It is here."})


def test_a_fault_over_small_text_does_not_keep_others_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str, data: bytes) -> None:
        raise RecursionError("too deep")

    monkeypatch.setitem(READERS, ".md", fail)
    found = read(tmp_path, {"a.md": "deep", "b.txt": PROSE})
    assert found["a.md"].startswith("a.md: its reader met a fault (RecursionError: too deep). ")
    assert found["b.txt"] == PROSE


def test_a_worker_that_does_not_start_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PRELOAD", "no_such_module")
    assert read(tmp_path, {"a.odd": "well"})["a.odd"] == (
        "a.odd: the process that reads such files did not start (exit code 1). "
        "Check the installation with: python -m assistant doctor"
    )


@posix
def test_a_worker_that_is_killed_between_two_files_is_replaced(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Readers(tmp_path, QUICK) as readers:
        results = readers.read_all(files(tmp_path, {"a.odd": f"note {log}"}))
        next(results)
        os.kill(int(log.read_text()), signal.SIGKILL)
        while _is_running(int(log.read_text())):
            time.sleep(0.01)
        ((_, found),) = readers.read_all(files(tmp_path, {"b.odd": "well"}))
    assert isinstance(found, ReadDocument)


def _is_running(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        try:
            os.kill(process, 0)
        except OSError:
            return False
        return sys.platform != "linux"
    return stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_whoever_waits_is_told_every_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PULSE_SECONDS", 0.2)
    told: list[str] = []
    with Readers(tmp_path, QUICK) as readers:
        for _ in readers.read_all(files(tmp_path, {"a.odd": "slow"}), lambda file: told.append(file.id)):
            pass
    assert len(told) > 2


def test_leaving_ends_what_still_runs(tmp_path: Path) -> None:
    def broken_off() -> Iterator[object]:
        with Readers(tmp_path, replace(QUICK, seconds=600.0)) as readers:
            yield from readers.read_all(files(tmp_path, {"a.md": "It is here.", "b.odd": "hang"}))

    reading = broken_off()
    next(reading)
    reading.close()  # type: ignore[attr-defined]


IMPORTS = (
    "import sys, index.workers; print(*sorted({'torch','numpy','chromadb','llama_index'} & set(sys.modules)))"
)


def test_a_worker_imports_nothing_of_the_models() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.stderr) == ("\n", "")


def test_a_sync_names_what_it_could_not_read_and_tries_it_once(corpus: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    place = Place(corpus, tmp_path / "data")
    files(corpus, {"a.odd": "exit", "b.odd": f"note {log}", "c.odd": "locked"})
    receipt = sync(place, OneHotEncoder(), limits=QUICK)
    assert {file.file: file.state for file in receipt.files} == {
        "a.odd": "failed", "b.odd": "added", "c.odd": "failed", "mill.md": "added", "quay.txt": "added",
    }  # fmt: skip
    odd = next(file for file in receipt.files if file.file == "b.odd")
    assert (odd.pages, odd.tables, odd.encoding, odd.remarks) == (3, 1, None, ("Page 3 has no text.",))
    told: list[object] = []
    again = sync(place, OneHotEncoder(), limits=QUICK, progress=told.append)
    assert told == []
    assert [file.reason for file in again.failed] == [file.reason for file in receipt.failed]
    unchanged = next(file for file in again.files if file.file == "b.odd")
    assert (unchanged.state, unchanged.pages, unchanged.remarks) == ("unchanged", 3, odd.remarks)
    sync(place, OneHotEncoder(), limits=replace(QUICK, seconds=21.0), progress=told.append)
    assert len(told) == 2
    sync(place, OneHotEncoder(), limits=QUICK, retry=True, progress=told.append)
    assert len(told) == 4
    files(corpus, {"a.odd": "well"})
    mended = {file.file: file.state for file in sync(place, OneHotEncoder(), limits=QUICK).files}
    assert (mended["a.odd"], mended["c.odd"]) == ("added", "failed")


def test_a_file_that_went_away_is_an_unreadable_one(tmp_path: Path) -> None:
    with Readers(tmp_path, QUICK) as readers:
        ((_, found),) = readers.read_all([CorpusFile(tmp_path / "gone.odd", "gone", {})])
    assert isinstance(found, UnreadableFile)
    assert str(found) == "gone.odd: No such file or directory."


class Harmful:
    """What a worker that was taken over could send."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return os.system, (f"touch {self.path}",)


def test_a_worker_that_was_taken_over_can_make_nothing_but_our_values(tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    for value in (Harmful(tmp_path / "touched"), {"a": Harmful(tmp_path / "touched")}, eval):
        with sent.open("wb") as pipe:
            workers._send(pipe, value)
        with sent.open("rb") as pipe, pytest.raises(EOFError):
            workers._receive(pipe)
    sent.write_bytes((2**62).to_bytes(8, "big") + b"x")
    with sent.open("rb") as pipe, pytest.raises(EOFError):
        workers._receive(pipe)
    assert not (tmp_path / "touched").exists()
