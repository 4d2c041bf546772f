"""The title, what stands between it and the text, and what both say of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.readers.front import read_front
from index.readers.pdf.headings import find_title
from index.readers.pdf.passages import Passage
from index.readers.pieces import Piece

_TERMINAL = re.compile(r"[.!?…。！？:][\"'”’)\]»]*[\d*†‡]{0,3}$")
_NUMBERED = re.compile(r"^(?:chapter|section|part)?\s*(?:\d+(?:\.\d+)*|[IVX]+)[.:)]?\s", re.IGNORECASE)
_MIN_PROSE_WORDS = 12
_MIN_PROSE_LETTERS = 60
_LONG = 28  # words: prose, whatever it ends with
_MOST_PASSAGES, _MOST_WORDS = 40, 250


def mark_front(
    passages: Sequence[Passage], properties: Mapping[str, str], size: float
) -> tuple[list[Passage], dict[str, str]]:
    """The passages with title and masthead marked, and the metadata that they and the properties give."""
    metadata = dict(properties)
    title = find_title(passages, properties.get("title", ""), size)
    body = _body_start(passages, title)
    marked = list(passages)
    if title is not None and title >= body:
        title = None
    front = [at for at in range(body) if at != title and passages[at].kind != "note"]
    for at in front:
        marked[at] = replace(passages[at], kind="masthead")
    said = read_front([_piece(passages[at]) for at in front])[1]
    said.pop("title", None)
    metadata.update(said)
    if title is not None:
        whole = _whole_title(passages, title, body)
        marked[title] = replace(
            passages[title], kind="title", lines=tuple(line for part in whole for line in part.lines)
        )
        marked = [passage for at, passage in enumerate(marked) if at == title or passages[at] not in whole]
        printed = _text(marked[title])
        if (
            len(metadata.get("title", "").split()) < 2
        ):  # a single word is a file's name more often than a title
            metadata["title"] = printed
    return marked, metadata


def _body_start(passages: Sequence[Passage], title: int | None) -> int:
    """Where the text begins: at the first prose, item or table, and at the headings right above it.

    Where that is far, there is no masthead but the title.
    """
    none = 0 if title is None else title + 1
    start = next((at for at, passage in enumerate(passages) if _is_body(passage)), None)
    if start is None:
        return none if none < len(passages) else 0
    first = start
    while start > none and _heads_body(passages[start - 1], directly=start == first):
        start -= 1
    words = sum(len(_text(passage).split()) for passage in passages[:start])
    if start > _MOST_PASSAGES or words > _MOST_WORDS or passages[start].page > passages[0].page + 1:
        return none if title is not None and title < _MOST_PASSAGES // 4 else 0
    return start


def _whole_title(passages: Sequence[Passage], title: int, body: int) -> list[Passage]:
    """The title and what follows it in the same large size: its other lines, which something stood beside."""
    first = passages[title].lines[0]
    rest = passages[title + 1 : min(body, title + 5)]
    return [
        passages[title],
        *(p for p in rest if p.lines[0].size == first.size and p.lines[0].bold == first.bold),
    ]


def _heads_body(passage: Passage, *, directly: bool) -> bool:
    """Whether a heading belongs to the text and not to the masthead: right above it, or numbered."""
    return passage.kind == "heading" and (directly or bool(_NUMBERED.match(_text(passage))))


def _is_body(passage: Passage) -> bool:
    if passage.kind == "item" or passage.cells is not None:
        return True
    text = _text(passage)
    words = len(text.split())
    long = words >= _MIN_PROSE_WORDS or (len(text) >= _MIN_PROSE_LETTERS and not text.isascii())
    sentence = bool(_TERMINAL.search(text)) or words >= _LONG
    return passage.kind == "prose" and long and sentence and _runs_on(text)


def _runs_on(text: str) -> bool:
    """Whether half its words begin with a small letter, as in sentences and not in lists of names.

    Words of a script that has no capitals count as well.
    """
    words = text.split()
    return 2 * sum(word[:1].isalpha() and not word[:1].isupper() for word in words) >= len(words)


def _text(passage: Passage) -> str:
    return " ".join(line.text for line in passage.lines)


def _piece(passage: Passage) -> Piece:
    return Piece(_text(passage), 0, 0, False, passage.page)
