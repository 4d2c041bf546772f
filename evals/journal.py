"""What a run has done so far, kept on disk, so that an interrupted one goes on where it stopped.

A journal belongs to one system on one corpus with one set of cases and one state of the code; where any of these
changes, the run begins anew. It is removed when the command that writes it is done.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from evals.cases import Case
from evals.results import Result

FOLDER = Path(".data") / "evals"
_CODE = ("assistant", "index", "evals")
_KEPT = {".py", ".json", ".safetensors"}


class Journal:
    """One line of JSON for each result, in the order in which they came."""

    def __init__(self, path: Path | None) -> None:
        """Open the journal at `path`, with the results that it has; None keeps nothing."""
        self._path = path
        self._found = _read(path) if path else {}

    def found(self, case: str) -> Result | None:
        """The result that an interrupted run had of a case."""
        return self._found.get(case)

    def __len__(self) -> int:
        return len(self._found)

    def add(self, result: Result) -> None:
        """Keep a result."""
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")

    def remove(self) -> None:
        """Forget it all: the run is done."""
        if self._path:
            self._path.unlink(missing_ok=True)


def journal_name(cases: tuple[Case, ...], *parts: str) -> str:
    """A file name for a run of `cases`, which changes with them, with `parts` and with the code and weights."""
    state = hashlib.sha256(repr((cases, parts)).encode())
    state.update(_code().encode())
    return f"{state.hexdigest()[:20]}.jsonl"


@cache
def _code() -> str:
    root = Path(__file__).parent.parent
    state = hashlib.sha256()
    for folder in _CODE:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in _KEPT and path.name != "baseline.json":
                state.update(path.name.encode() + path.read_bytes())
    return state.hexdigest()


def _read(path: Path) -> dict[str, Result]:
    """The results of a journal; a last line that was cut off is left out."""
    import pydantic

    if not path.is_file():
        return {}
    adapter = pydantic.TypeAdapter(Result)
    found: dict[str, Result] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            values: Any = json.loads(line)
        except ValueError:
            break
        result = adapter.validate_python(values)
        found[result.score.id] = result
    return found
