"""Reading files where they can do no harm: in processes of their own, with a limit on time and memory.

A parser of PDF or Word files can run without end, take all memory or crash the process that it runs in, and a folder
of documents has files that make it. So such files are read by long-lived worker processes that import the readers and
nothing of the models; one that takes too long or dies is replaced, and the file is named with the reason.

Small text and Markdown files are read in this process: their readers are our own Python, take a quarter of a second for
a megabyte and load no library that can crash, while starting a worker takes longer than most folders of notes.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Timer
from typing import IO, Any

from index.corpus import CorpusFile, ReadDocument, read_document
from index.errors import UnreadableFile

TEXT_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown"})
TEXT_BYTES = 1_000_000
START_SECONDS = 60.0
_DYING_SECONDS = 5.0
_MOST_REPLY = 2**31  # bytes
_BY_THE_CLOCK = 5  # times as many seconds as of processor time
_TIME_IS_UP = frozenset(-getattr(signal, name) for name in ("SIGALRM", "SIGPROF") if hasattr(signal, name))
# How often whoever waits for a file is told that it is still being read.
PULSE_SECONDS = 1.0

# A module to import in a worker before it reads: tests add file types that hang or crash there.
PRELOAD = ""

Request = tuple[CorpusFile, Path, float]
Reply = tuple[str, object]
"""What became of a file ("read", "unreadable", or "fault": its process is used up), and what was read or why not."""

_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from index.workers import serve; serve(*sys.argv[2:])"


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take: seconds, and bytes of address space where the system can limit it.

    Seconds are those of a processor, where the system counts them, since a busy machine gives a process few of them; by
    the clock it may take five times as many, for what waits instead of computing. `workers` is how many files are read
    at the same time; each worker has these limits for itself.
    """

    seconds: float = 120.0
    memory: int = 4 * 1024**3
    workers: int = min(4, os.cpu_count() or 1)


class Readers:
    """Reads files, each with the limits; a context manager that ends its workers."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._workers = [_Worker(limits) for _ in range(max(1, limits.workers))]
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(len(self._workers), thread_name_prefix="reading")

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        for worker in self._workers:
            worker.close()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.end()

    def read_all(
        self, files: Sequence[CorpusFile], waiting: Callable[[CorpusFile], None] = lambda _: None
    ) -> Iterator[tuple[CorpusFile, ReadDocument | UnreadableFile]]:
        """Each file with what was read, or with the reason why it could not be; in the order of `files`.

        While one is used, workers read the next ones. `waiting` is called when a file's turn comes, and again every
        second until it is read.
        """
        ahead = deque(file for file in files if not _is_small_text(file))
        begun: dict[Path, Future[ReadDocument]] = {}

        def begin() -> None:
            while ahead and len(begun) < len(self._workers):
                file = ahead.popleft()
                begun[file.path] = self._threads.submit(self._in_worker, file)

        begin()
        for file in files:
            waiting(file)
            read: ReadDocument | UnreadableFile
            try:
                if file.path in begun:
                    while not wait([begun[file.path]], PULSE_SECONDS).done:
                        waiting(file)
                    read = begun.pop(file.path).result()
                else:
                    read = _here(file, self._folder)
            except UnreadableFile as error:
                read = error
            begin()  # the next ones, while this one is used
            yield file, read

    def _in_worker(self, file: CorpusFile) -> ReadDocument:
        worker = self._idle.get()
        try:
            return worker.read(file, self._folder)
        finally:
            self._idle.put(worker)


def _is_small_text(file: CorpusFile) -> bool:
    try:
        return file.path.suffix.lower() in TEXT_SUFFIXES and file.path.stat().st_size <= TEXT_BYTES
    except OSError:
        return True  # reading it says what is wrong


def _here(file: CorpusFile, folder: Path) -> ReadDocument:
    try:
        return read_document(file, folder)
    except UnreadableFile:
        raise
    except Exception as error:  # a fault over one file must not keep the others out
        raise _fault(file, error) from error


def _fault(file: CorpusFile, error: Exception) -> UnreadableFile:
    what = f"{type(error).__name__}: {error}".partition("\n")[0][:200].rstrip(": ")
    return UnreadableFile(
        f"{file.path.name}: its reader met a fault ({what}). "
        "Open the file in its program and save it again, or save it in another format."
    )


class _Worker:
    """One process that reads, started when there is something to read. For one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def read(self, file: CorpusFile, folder: Path) -> ReadDocument:
        """What a worker makes of the file.

        Raises:
            UnreadableFile: with the reason, also where the process was stopped or died.
        """
        process = self._started(file)
        seconds = self._limits.seconds
        kind, value = self._asked(process, (file, folder, seconds), _BY_THE_CLOCK * seconds, file)
        if kind == "fault":
            self.end()  # what it holds or has broken must not reach the next file
        if isinstance(value, ReadDocument):
            return value
        raise UnreadableFile(str(value))

    def close(self) -> None:
        """Stop the process at once; the thread that waits for it gets an UnreadableFile."""
        self._closed = True
        if self._process is not None:
            self._process.kill()

    def end(self, patience: float = 0.0) -> None:
        """Let go of the process: stop it, after some seconds in which it may end by itself."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience)
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # a request that was never sent
                        pipe.close()
            process.wait()

    def _started(self, file: CorpusFile) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.end()
        arguments = [json.dumps([str(entry) for entry in sys.path]), str(self._limits.memory), PRELOAD]
        process = self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # parsers complain there, in the middle of the progress
        )
        self._asked(process, None, START_SECONDS, file)
        return process

    def _asked(
        self, process: subprocess.Popen[bytes], request: Request | None, seconds: float, file: CorpusFile
    ) -> Reply:
        """Send a request, or none to a process that starts, and wait for the reply."""
        assert process.stdin is not None
        assert process.stdout is not None
        late = False

        def stop() -> None:
            nonlocal late
            late = True
            process.kill()

        timer = Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            if self._closed:
                process.kill()
            if request is not None:
                _send(process.stdin, request)
            reply: Reply = _receive(process.stdout)
        except (EOFError, OSError) as error:
            self.end(_DYING_SECONDS)  # its own exit code says more than ours
            raise UnreadableFile(self._stopped(file, process.returncode, late, request is None)) from error
        finally:
            timer.cancel()
        return reply

    def _stopped(self, file: CorpusFile, code: int, late: bool, starting: bool) -> str:
        if self._closed:
            return f"{file.path.name}: reading it was broken off. Run the build again."
        if starting:
            return (
                f"{file.path.name}: the process that reads such files did not start ({_ending(code)}). "
                "Check the installation with: python -m assistant doctor"
            )
        if late or code in _TIME_IS_UP:
            return (
                f"{file.path.name}: reading it took longer than {self._limits.seconds:g} seconds and was stopped. "
                "Split the file, or set ASSISTANT_READ_SECONDS to more."
            )
        return (
            f"{file.path.name}: its reader crashed ({_ending(code)}); the file is damaged or built in a way that "
            "the reader cannot take. Open it in its program and save it again, or save it in another format."
        )


def packed(value: object) -> bytes:
    """A value of our own types, for another process of ours."""
    return pickle.dumps(value)


def unpacked(data: bytes) -> Any:
    """What another process of ours has packed.

    Raises:
        pickle.UnpicklingError: it is none of our own types.
    """
    return _OurValues(BytesIO(data)).load()


def _send(pipe: IO[bytes], value: object) -> None:
    data = packed(value)
    pipe.write(len(data).to_bytes(8, "big") + data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    """The next value from the pipe; an EOFError where it ended before the value did, or is none of ours."""
    head = pipe.read(8)
    size = int.from_bytes(head, "big")
    data = pipe.read(size) if size <= _MOST_REPLY else b""
    if len(head) < 8 or len(data) < size:
        raise EOFError
    try:
        return unpacked(data)
    except (pickle.UnpicklingError, AttributeError, ImportError, IndexError, TypeError, ValueError) as error:
        raise EOFError from error


class _OurValues(pickle.Unpickler):
    """Makes only values of our own types: a file may have taken a worker over, and then says what it likes."""

    def find_class(self, module: str, name: str) -> Any:
        """The type, where it is one of ours."""
        ours = module in ("index.documents", "index.corpus", "index.errors") and name[:1].isupper()
        if ours or (module.startswith("pathlib") and name in ("PosixPath", "WindowsPath")):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is none of our types")


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


def serve(memory: str, preload: str) -> None:
    """Be a worker: read the files that are asked for on stdin until it closes. Replies are pickles on stdout."""
    _limit_memory(int(memory))
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    requests, replies = sys.stdin.buffer, _own_stdout()
    if preload:
        __import__(preload)
    _send(replies, ("ready", None))
    while True:
        try:
            file, folder, seconds = _receive(requests)
        except EOFError:
            return
        _alarm(seconds)
        try:
            reply = _outcome(file, folder, int(memory))
        except Exception as error:
            _send(replies, ("fault", str(_fault(file, error))))
            raise
        _alarm(0)
        _send(replies, reply)


def _outcome(file: CorpusFile, folder: Path, memory: int) -> Reply:
    try:
        return "read", read_document(file, folder)
    except UnreadableFile as error:
        return "unreadable", str(error)
    except MemoryError:
        needs = f"reading it needs more than {memory / 1024**3:g} GiB of memory"
        return "fault", f"{file.path.name}: {needs}. Split the file."


def _own_stdout() -> IO[bytes]:
    """The pipe to the parent; what parsers print goes to stderr instead."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def _alarm(seconds: float) -> None:
    """Let the system end this process when its time is up, should the parent be gone as well; 0 takes that back."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, seconds and _BY_THE_CLOCK * seconds + 5)


def _limit_memory(limit: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    for kind, most in ((resource.RLIMIT_AS, limit), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # macOS refuses some, and a lower hard limit stays
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))
