"""A compared system in its process: told and heard as `evals.bench.peers.protocol` says."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from evals.bench.speed.environments import environment
from evals.errors import RunError

_STOP_SECONDS = 60.0


class Process:
    """One running system; ends with its block."""

    def __init__(self, name: str, python: Path, module: str | None = None) -> None:
        """`module` is what is run; without it that of `evals.bench.peers`."""
        self.name = name
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed at the block's end
        self._process = subprocess.Popen(
            [python, "-m", module or f"evals.bench.peers.{name}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            encoding="utf-8",
            env=environment(),
        )

    def tell(self, do: str, **told: Any) -> dict[str, Any]:
        """What it answers.

        Raises:
            RunError: it ended instead; the message has the last line that it left.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, **told}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._said.seek(0)
            last = (self._said.read().strip() or "it left no word").splitlines()[-1]
            raise RunError(
                f"'{self.name}' ended while it was told to {do}: {last}. Leave it out with --peers."
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.close()
