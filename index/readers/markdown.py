"""Markdown with front matter and footnotes, through markdown-it-py.

Markers become `Mark`s, so that a paragraph's text is what a reader would read aloud.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from index.documents import Block, BlockKind, Mark
from index.errors import UnreadableFile

_METADATA = (
    "title", "author", "author_role", "editor", "publisher", "date", "url", "kind", "restates", "language"
)  # fmt: skip

_ALIASES = {"authors": "author", "editors": "editor", "lang": "language", "link": "url", "published": "date"}


def read(text: str) -> tuple[list[Block], dict[str, str]]:
    """Blocks and metadata of a Markdown text."""
    parser = MarkdownIt("commonmark").use(front_matter_plugin).use(footnote_plugin).enable("table")
    text = text.replace("\x0c", "\n")
    tokens = parser.parse(text)
    lines = _line_starts(text)
    metadata: dict[str, str] = {}
    blocks: list[Block] = []
    stack: list[Token] = []
    for token in tokens:
        if token.type == "front_matter":
            metadata.update(_front_matter(token.content))
        elif token.nesting == 1:
            stack.append(token)
        elif token.nesting == -1:
            stack.pop()
        elif token.type == "inline":
            _add(blocks, token, stack, lines, metadata)
        elif token.type in ("fence", "code_block") and token.content.strip() and token.map:
            start, end = lines[token.map[0]], lines[min(token.map[1], len(lines) - 1)]
            blocks.append(Block("prose", _spaced(token.content), start, end))
    return blocks, metadata


def _add(
    blocks: list[Block], token: Token, stack: list[Token], lines: list[int], metadata: dict[str, str]
) -> None:
    kinds = [opened.type for opened in stack]
    text, marks = _plain(token.children or [], with_links="footnote_open" in kinds)
    if not text:
        return
    span = token.map or [0, 0]
    start, end = lines[span[0]], lines[min(span[1], len(lines) - 1)]
    if "footnote_open" in kinds:
        label = next(_label(t) for t in stack if t.type == "footnote_open")
        if blocks and blocks[-1].kind == "note" and blocks[-1].label == label:
            previous = blocks.pop()
            text, start = f"{previous.text} {text}", previous.start
        blocks.append(Block("note", text, start, end, label=label))
        return
    kind = _kind(kinds, stack)
    if kind == "title" and blocks:
        kind = "heading"  # only what opens the file is its title
    if kind == "title":
        metadata.setdefault("title", text)
    if (
        kinds[-1] in ("td_open", "th_open")
        and blocks
        and blocks[-1].start == start
        and kinds[-2] == "tr_open"
    ):
        previous = blocks.pop()
        blocks.append(Block("prose", f"{previous.text} | {text}", start, end, marks=previous.marks + marks))
        return
    blocks.append(Block(kind, text, start, end, marks=marks))


def _kind(kinds: list[str], stack: list[Token]) -> BlockKind:
    if kinds and kinds[-1] == "heading_open":
        return "title" if stack[-1].tag == "h1" else "heading"
    return "item" if "list_item_open" in kinds else "prose"


def _plain(children: list[Token], *, with_links: bool) -> tuple[str, tuple[Mark, ...]]:
    """The text of inline tokens, perhaps with where its links lead, and the note markers in it.

    White space is folded.
    """
    text = ""
    href = ""
    marks: list[Mark] = []
    for child in children:
        if child.type in ("text", "code_inline"):
            text = _appended(text, child.content)
        elif child.type in ("softbreak", "hardbreak"):
            text = _appended(text, " ")
        elif child.type == "footnote_ref":
            text = text.rstrip()
            marks.append(Mark(_label(child), len(text)))
        elif child.type == "link_open" and child.markup != "autolink":
            href = str(child.attrs.get("href", ""))
        elif child.type == "link_close" and href:
            text = _appended(text, f" <{href}>") if with_links else text
            href = ""
        elif child.type == "image":
            text = _appended(text, child.content)
    return text.rstrip(), tuple(marks)


def _label(token: Token) -> str:
    """What marker and note have in common; an inline note ("^[...]") has a number only."""
    return str(token.meta.get("label") or f"^{token.meta['id']}")


def _appended(text: str, more: str) -> str:
    more = re.sub(r"\s+", " ", more)
    return text + (more.lstrip() if not text or text.endswith(" ") else more)


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


_TYPED = re.compile(r"^([A-Za-z][\w-]*):[ \t]+([^\s\"'|>\[{&*#!].*?)[ \t]*$", re.MULTILINE)


def _front_matter(content: str) -> dict[str, str]:
    try:
        values = _mapping(content)
    except (
        yaml.YAMLError,
        ValueError,
        RecursionError,
        OverflowError,
    ) as error:  # ValueError: a day such as 2024-02-30
        reason = str(getattr(error, "problem", None) or "it is not YAML")
        raise UnreadableFile(f"the front matter between the '---' lines cannot be read: {reason}.") from error
    if not isinstance(values, dict):
        return {}
    named = {_ALIASES.get(str(key).lower(), str(key).lower()): value for key, value in values.items()}
    return {key: line for key in _METADATA if (line := _line(named.get(key)))}


def _mapping(content: str) -> Any:
    """The front matter's values; one line each where it is no YAML, as people type a title that has a colon."""
    try:
        return yaml.safe_load(content)
    except yaml.YAMLError as error:
        try:
            return yaml.safe_load(_TYPED.sub(lambda line: f"{line[1]}: {json.dumps(line[2])}", content))
        except yaml.YAMLError:
            raise error from None


def _line(value: object) -> str:
    """A value of the front matter on one line: names with commas, a day without its hour."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, list):
        return ", ".join(part for entry in value if (part := _line(entry)))
    if isinstance(value, dict):
        return _line(value.get("name"))
    return "" if value is None else _spaced(str(value).encode("utf-8", "ignore").decode())


def _line_starts(text: str) -> list[int]:
    starts = [0]
    starts += [match.end() for match in re.finditer("\n", text)]
    starts.append(len(text))
    return starts
