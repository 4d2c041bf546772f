"""The figures of a run, kept as one JSON file; what is measured again takes the place of what was: a part, or of a part
with several sizes those that were measured.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from evals.bench.speed.figures import Figures, as_json
from evals.errors import RunError

FILE = "speed.json"


def read_results(path: Path) -> Figures:
    """What was kept, or nothing.

    Raises:
        RunError: the file is no JSON object.
    """
    if not path.is_file():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunError(f"{path}: this is no JSON: {error}. Delete it and run: make bench") from error
    if not isinstance(kept, dict):
        raise RunError(f"{path}: this is no JSON object. Delete it and run: make bench")
    return kept


def keep(path: Path, part: str, figures: Figures | Sequence[Figures]) -> Figures:
    """Write a part's figures beside those of other parts and sizes, if the same machine measured them."""
    kept = read_results(path)
    if kept.get("machine") != machine():
        kept = {"machine": machine()}
    if isinstance(figures, Sequence):
        measured = {_size(one) for one in figures}
        others = [one for one in kept.get(part, ()) if _size(one) not in measured]
        figures = sorted([*others, *figures], key=_size)
    kept[part] = figures
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_json(kept), encoding="utf-8")
    return kept


def _size(figures: Figures) -> int:
    """The number of paragraphs or vectors that figures are of."""
    return int(figures["paragraphs"] if "paragraphs" in figures else figures["vectors"])


def machine() -> str:
    """What the figures depend on most."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
