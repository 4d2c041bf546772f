"""Clients that hold connections and do nothing with them: python -m evals.bench.clients --streams 10000

A server of its own is started over the corpus. Then, one kind after the other, so many clients connect and say nothing;
send the head of a request, or its body, a byte a second; keep a page of the chat open; ask for a stream and never read
it; send a question of 20 MB, announced or in chunks without an end. They stay for a while, and somebody else asks a
question a second meanwhile. The server may refuse whom it will, as long as it answers that somebody, keeps within its
number of connections and in bounded memory. How many it refuses in words, and how many it only closes, is counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from assistant.settings import Settings
from evals.bench.load import ANSWERED, REFUSED, Load
from evals.bench.served import Served, serving
from evals.errors import UsageError
from evals.report import table
from index.corpus import example_questions
from index.errors import FootnoteError

PATIENCE = 300.0
AT_A_TIME = 200
"""Connections that are being made at a time."""
AFTERWARDS = 120
"""How often it is asked again afterwards until it answers."""
FILES = 256
"""Files that the server may have open beside its connections: the index, the database, what just comes in."""
MB_EACH = 0.2
MB_BESIDE = 400.0
"""What the server may grow by: for each connection that it takes, and for the answers that it is giving meanwhile."""
CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"
LARGE = 20_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What one client sends at first, and again each second, until the server has answered."""

    name: str
    first: Callable[[int, str], bytes]
    again: bytes = b""
    few: bool = False
    """Whether three of it are enough."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the clients of a kind, and of who asked meanwhile; memory in MB, times in seconds."""

    kind: str
    offered: int
    held: int
    closed: int
    statuses: dict[str, int]
    asked: dict[str, int]
    longest: float
    files_most: int
    memory_before: float
    memory_most: float
    memory_after: float


def _request(path: str, *lines: str, method: str = "POST") -> Callable[[int, str], bytes]:
    def made(number: int, host: str) -> bytes:
        head = (f"{method} {path.format(number)} HTTP/1.1", f"Host: {host}", *lines)
        return "\r\n".join([*head, "", ""]).encode()

    return made


def _stream(number: int, host: str) -> bytes:
    body = json.dumps({"question": f"What is said of number {number}?"}).encode()
    return _request("/v1/ask/stream", _JSON, f"Content-Length: {len(body)}")(number, host) + body


_JSON = "Content-Type: application/json"
_CHUNKED = "Transfer-Encoding: chunked"
KINDS = (
    Kind("say nothing", lambda *_: b""),
    Kind("a head, a byte a second", lambda *_: b"GET /hea", b"x"),
    Kind("a body, a byte a second", _request("/v1/ask", _JSON, "Content-Length: 1000"), b" "),
    Kind("an open page", _request("/gradio_api/heartbeat/idle{}", method="GET")),
    Kind("a stream that is not read", _stream),
    Kind("20 MB, announced", _request("/v1/ask", _JSON, f"Content-Length: {LARGE}"), few=True),
    Kind(
        "20 MB, in chunks",
        lambda *given: _request("/v1/ask", _JSON, _CHUNKED)(*given) + CHUNK * (LARGE // 65536),
        CHUNK,
        few=True,
    ),
)


class Client(asyncio.Protocol):
    """One connection: it sends, and keeps of what comes the first status alone."""

    def __init__(self, first: bytes) -> None:
        self._first = first
        self.status: str | None = None
        self.is_open = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send what comes first, and read no more than a status."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self.is_open = transport, True
        transport.write(self._first)

    def data_received(self, data: bytes) -> None:
        """Keep the status."""
        if self.status is None:
            self.status = data[:12].decode("latin-1").partition(" ")[2]
            if self.status == "200" and self._transport is not None:
                self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server, or this side, has closed."""
        self.is_open = False

    def send(self, data: bytes) -> None:
        """Send more, where nothing has come back and what was sent before has left."""
        if (
            self._transport is not None
            and self.is_open
            and self.status is None
            and not self._transport.get_write_buffer_size()
        ):
            self._transport.write(data)

    def close(self) -> None:
        """Go away."""
        if self._transport is not None:
            self._transport.abort()


async def hold(served: Served, kind: Kind, streams: int, seconds: float, questions: Sequence[str]) -> Outcome:
    """Let the clients of a kind come, stay for so many seconds, and go; meanwhile ask."""
    clients = [
        Client(kind.first(number, "127.0.0.1")) for number in range(min(3, streams) if kind.few else streams)
    ]
    before = served.memory()
    async with httpx.AsyncClient(base_url=served.url, timeout=PATIENCE) as http:
        load = Load(served, http, questions)
        beside = [
            asyncio.create_task(each) for each in (load.watch(), _drip(clients, kind.again), _ask(load))
        ]
        try:
            await _connect(served, clients)
            await asyncio.sleep(seconds)
            held = sum(client.is_open and client.status in (None, "200") for client in clients)
            closed = sum(not client.is_open and client.status is None for client in clients)
        finally:
            for client in clients:
                client.close()
            for task in beside:
                task.cancel()
            for task in beside:
                with suppress(asyncio.CancelledError):
                    await task
        for _ in range(AFTERWARDS):  # once they are gone, and the questions that they left have been answered
            await load.ask()
            if load.asked[-1].outcome == ANSWERED:
                break
            await asyncio.sleep(1)
    return Outcome(
        kind=kind.name,
        offered=len(clients),
        held=held,
        closed=closed,
        statuses=dict(Counter(client.status for client in clients if client.status)),
        asked=dict(Counter(each.outcome for each in load.asked)),
        longest=max(each.seconds for each in load.asked),
        files_most=load.files,
        memory_before=before,
        memory_most=max((size for _, size in load.memory), default=before),
        memory_after=served.memory(),
    )


async def _connect(served: Served, clients: Sequence[Client]) -> None:
    loop = asyncio.get_running_loop()
    slots = asyncio.Semaphore(AT_A_TIME)

    async def connect(client: Client) -> None:
        async with slots:
            with suppress(OSError):  # not even taken in: it stays closed, and is counted so
                await loop.create_connection(lambda: client, *served.address)

    await asyncio.gather(*(connect(client) for client in clients))


async def _drip(clients: Sequence[Client], data: bytes) -> None:
    while data:
        await asyncio.sleep(1)
        for client in clients:
            client.send(data)


async def _ask(load: Load) -> None:
    while True:
        await load.ask()
        await asyncio.sleep(1)


def faults(outcome: Outcome, connections: int) -> list[str]:
    """What is wrong with an outcome, where the server takes so many connections."""
    found = [
        f"{number} questions beside: {what}"
        for what, number in outcome.asked.items()
        if what not in (ANSWERED, REFUSED)
    ]
    if not outcome.asked.get(ANSWERED):
        found.append("nobody was answered beside or afterwards")
    found += [
        f"{number} times status {status}"
        for status, number in outcome.statuses.items()
        if status not in ("200", "408", "413", "431", "503")
    ]
    if outcome.files_most > connections + FILES:
        found.append(f"{outcome.files_most} files were open")
    growth = outcome.memory_most - outcome.memory_before
    if growth > MB_EACH * connections + MB_BESIDE:
        found.append(f"memory grew by {growth:.0f} MB")
    return [f"{outcome.kind}: {each}" for each in found]


def render(outcomes: Sequence[Outcome]) -> str:
    """A table, a kind a row."""
    header = [
        "clients that send",
        "came",
        "held",
        "closed",
        "told",
        "asked beside",
        "longest, s",
        "files",
        "memory, MB",
    ]
    rows = [
        [
            each.kind,
            *(str(n) for n in (each.offered, each.held, each.closed)),
            _counts(each.statuses),
            _counts(each.asked),
            f"{each.longest:.1f}",
            str(each.files_most),
            f"{each.memory_before:.0f}, {each.memory_most:.0f}, {each.memory_after:.0f}",
        ]
        for each in outcomes
    ]
    return table(header, rows)


def _counts(counted: dict[str, int]) -> str:
    return ", ".join(f"{number} × {what}" for what, number in sorted(counted.items())) or "–"


def make_room(streams: int) -> None:
    """Let this process have so many connections.

    Raises:
        UsageError: it may not.
    """
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = streams + FILES
    if hard not in (resource.RLIM_INFINITY,) and needed > hard:
        raise UsageError(f"This process may open only {hard} files. Raise that with: ulimit -n {needed}")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 1 where something is wrong, with a line on stderr for each."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.clients", description=(__doc__ or "").partition("\n\n")[2]
    )
    connections = Settings.model_fields["connections"].default
    parser.add_argument("--streams", type=int, default=10_000, help="clients of each kind (%(default)s)")
    parser.add_argument("--hold", type=float, default=30, metavar="SECONDS", help="they stay (%(default)s)")
    parser.add_argument(
        "--connections", type=int, default=connections, help="that the server takes (%(default)s)"
    )
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="(default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all figures there, too")
    args = parser.parse_args(argv)
    outcomes = []
    try:
        make_room(args.streams)
        questions = example_questions(args.corpus) or ("What do the documents say?",)
        with (
            TemporaryDirectory(prefix="footnote-clients-") as data,
            serving(Path(data), corpus=str(args.corpus), connections=str(args.connections)) as served,
        ):
            for kind in KINDS:
                outcomes.append(asyncio.run(hold(served, kind, args.streams, args.hold, questions)))
                print(render(outcomes[-1:]).splitlines()[-1], file=sys.stderr)
    except FootnoteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if args.json:
        args.json.write_text(
            json.dumps([asdict(each) for each in outcomes], indent=1) + "\n", encoding="utf-8"
        )
    print(render(outcomes))
    wrong = [fault for each in outcomes for fault in faults(each, args.connections)]
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
