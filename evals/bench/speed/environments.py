"""The environment of each compared system: a venv of its own with pinned versions, made where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from evals.bench import peers
from evals.errors import RunError

VENVS = Path(".data/bench/venvs")
OURS = "footnote"
PEERS = ("llama_index_starter", "langchain_chroma", "txtai_hybrid", "haystack_chroma")
ROOT = Path(__file__).resolve().parents[3]
_PINS = Path(peers.__file__).parent
_STAMP = ".installed"
_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Nothing is fetched from a model hub, and nobody is told of a run."""


def python_of(name: str, venvs: Path = VENVS) -> Path:
    """The interpreter of a system's environment; torch goes first and by its exact pin, as in the Makefile.

    Raises:
        RunError: it cannot be installed.
    """
    if name == OURS:
        return Path(sys.executable)
    venv, pins = venvs.resolve() / name, (_PINS / f"{name}.txt").read_text(encoding="utf-8")
    python, stamp = venv / "bin" / "python", venv / _STAMP
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == pins):
        print(f"installing {name} into {venv}", file=sys.stderr)
        _run(name, [sys.executable, "-m", "venv", venv])
        pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(name, [*pip, next(line for line in pins.splitlines() if line.startswith("torch=="))])
        _run(name, [*pip, "--requirement", _PINS / f"{name}.txt"])
        stamp.write_text(pins, encoding="utf-8")
    return python


def environment() -> dict[str, str]:
    """The variables that a compared system runs under: it finds this package and no model hub.

    Each may keep its compiled modules, so that a start after the first compiles nothing.
    """
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**own, **_QUIET, "PYTHONPATH": str(ROOT)}


def _run(name: str, command: list[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "no reason was given").splitlines()[-1]
        raise RunError(f"The environment of {name} cannot be installed: {last}. Leave it out with --peers.")
