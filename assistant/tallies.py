"""What is counted in the paragraphs of a corpus, kept by shard: a changed paragraph has only its shard counted anew."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from inspect import getsourcefile
from pathlib import Path
from typing import Any

from index.documents import Paragraph
from index.shards import Shard, whole

Count = Callable[[Iterable[str]], Counter[str]]


def tally(shards: Sequence[tuple[Shard, Sequence[Paragraph]]], folder: Path, count: Count) -> Counter[str]:
    """What `count` finds in the texts of all shards, summed up; what the folder has of it is not counted again.

    The code that counts is part of the files' names, so that it may change.
    """
    found: Counter[str] = Counter()
    for shard, paragraphs in shards:
        file = shard.file(folder, _kind(count))
        counts = _read(file)
        if counts is None:
            counts = count(paragraph.text for paragraph in paragraphs)
            if any(
                folder.glob(f"{shard.name}.*.bm25")
            ):  # a former state's would not be deleted with its documents
                _write(file, counts)
        found.update(counts)
    return found


@cache
def _kind(count: Count) -> str:
    code = Path(getsourcefile(count) or "").read_bytes()
    mark = hashlib.sha256(code + version("PyStemmer").encode()).hexdigest()[:8]
    return f"{mark}.{count.__name__}"


def _read(file: Path) -> dict[str, int] | None:
    """Counts as they were written, in order; None where they are not there or damaged."""
    try:
        digest, _, text = file.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    if digest != _digest(text):
        return None
    counts: Any = json.loads(text)
    return dict(counts)


def _write(file: Path, counts: Counter[str]) -> None:
    """Keep counts; a folder that may not be written to only has them counted again by the next start."""
    text = json.dumps(counts)
    with suppress(OSError), whole(file) as passing:
        passing.write_text(f"{_digest(text)}\n{text}", encoding="utf-8")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
