"""Word documents (DOCX, transitional and strict): headings, paragraphs, items, rows, text boxes and real notes.

Headers, footers, comments and tables of contents are not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from index.documents import Block, BlockKind
from index.errors import UnreadableFile
from index.readers.contents import Contents, placed
from index.readers.docx_package import Package
from index.readers.docx_styles import local, read_styles, value
from index.readers.docx_text import Body, Line
from index.readers.front import is_front_matter, read_front
from index.readers.pieces import Piece
from index.readers.unasked import said_author, said_title

_MAIN = "officeDocument"
_TITLE_STYLES = frozenset({"title"})
_FRONT_STYLES = {"subtitle": None, "author": "author", "authors": "author", "date": "date"}
# The days that programs write where they know none, and that of python-docx' template.
_NO_DAYS = ("1601-", "1899-", "1900-", "1904-", "1970-01-01", "1980-01-01", "2013-12-23T23:15:00")
_DAY = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_TITLE_WORDS = 20
_MIN_PROSE_WORDS = 8
_ENDED = re.compile(r"[.!?…。！？:;][\"'”’)\]»]*$")


def read(name: str, data: bytes) -> Contents:
    """The contents of a Word document.

    Raises:
        UnreadableFile: it is no docx, encrypted, damaged, empty, or unpacks to too much.
    """
    package = Package(name, data)
    part = _main_part(name, package)
    root = package.tree(part)
    if root is None or local(root) != "document":
        raise UnreadableFile(
            f"{name}: its part '{part}' is no Word text. Open the file in Word and save it as .docx."
        )
    try:
        return _contents(name, package, part, root)
    except RecursionError as error:
        raise UnreadableFile(
            f"{name}: its parts are nested too deeply to be read. Open it in Word and save it again."
        ) from error


def _main_part(name: str, package: Package) -> str:
    main = [relation.target for relation in package.relations("").values() if relation.kind == _MAIN]
    part = next((target for target in main if target in package), "word/document.xml")
    if part in package and not part.startswith(("xl/", "ppt/")):
        return part
    kinds = (
        ("xl/workbook.xml", "a spreadsheet"),
        ("ppt/presentation.xml", "a presentation"),
        ("content.xml", "an OpenDocument"),
    )
    kind = next((kind for known, kind in kinds if known in package), "a zip archive without a Word document")
    raise UnreadableFile(f"{name}: the content of this file is {kind}. Save the document in it as .docx.")


def _contents(name: str, package: Package, part: str, root: etree._Element) -> Contents:
    relations = package.relations(part)
    targets = {relation.kind: relation.target for relation in relations.values() if not relation.external}
    body = Body(read_styles(package.tree(targets.get("styles", "word/styles.xml"))), relations)
    lines = list(body.lines(root))
    if not lines:
        raise UnreadableFile(f"{name}: the document has no text. Check that it is the right file.")
    metadata = _core(package)
    blocks, front = _blocks(lines)
    blocks += _notes(package, targets, body)
    metadata = {**front, **metadata}
    remarks = (
        ("A document that is embedded in this one was not read; insert its text.",) if body.embedded else ()
    )
    return Contents(placed(blocks), metadata, encoding=None, tables=body.tables, remarks=remarks)


def _blocks(lines: Sequence[Line]) -> tuple[list[Block], dict[str, str]]:
    """The blocks of the body, and what its first lines say of the document."""
    lines = [line for line in lines if not _is_contents(line)]
    single = sum(line.level == 1 for line in lines) == 1
    front: dict[str, str] = {}
    blocks: list[Block] = []
    for line in lines:
        kind = _kind(line)
        opening = not any(block.kind in ("prose", "item", "heading") for block in blocks)
        style = line.style.lower()
        if opening and kind in ("prose", "heading"):
            if style in _TITLE_STYLES or (line.level == 1 and single and not _has_title(blocks)):
                kind = "title"
                front["title"] = f"{front['title']} {line.text}" if "title" in front else line.text
            elif style in _FRONT_STYLES:
                kind = "masthead"
                key = _FRONT_STYLES[style]
                if key == "author":
                    front["author"] = f"{front['author']}, {line.text}" if key in front else line.text
                elif key == "date":
                    front |= {k: v for k, v in _read_lines([line.text]).items() if k == "date"}
        blocks.append(Block(kind, line.text, 0, 0, marks=line.marks))
    blocks, said = _with_front(blocks, [bool(line.table) for line in lines])
    return blocks, {**said, **front}


def _is_contents(line: Line) -> bool:
    return bool(
        re.match(
            r"(?:toc ?\d|toc heading|table of (?:figures|authorities)|index ?\d)", line.style, re.IGNORECASE
        )
    )


def _has_title(blocks: Sequence[Block]) -> bool:
    return any(block.kind == "title" for block in blocks)


def _kind(line: Line) -> BlockKind:
    if line.level or line.style.lower() in _TITLE_STYLES:
        return "heading"
    return "item" if line.item else "prose"


def _with_front(blocks: list[Block], in_table: Sequence[bool]) -> tuple[list[Block], dict[str, str]]:
    """The first lines as title and masthead where they have the form of one, and a heading or long prose follows."""
    top = next((i for i, block in enumerate(blocks) if block.kind not in ("title", "masthead")), len(blocks))
    body = next((i for i in range(top, len(blocks)) if in_table[i] or not _is_front(blocks[i])), len(blocks))
    if body in (top, len(blocks)) or in_table[body] or not _opens_text(blocks[body]):
        return blocks, {}
    opening = blocks[top:body]
    said = _read_lines([block.text for block in opening])
    if _has_title(blocks):
        said.pop("title", None)
        if not all(is_front_matter(block.text) or "date" in _read_lines([block.text]) for block in opening):
            return blocks, said
    front = [
        replace(block, kind="title" if block.text == said.get("title") else "masthead") for block in opening
    ]
    return [*blocks[:top], *front, *blocks[body:]], said


def _is_front(block: Block) -> bool:
    """Whether a block can be a line of a title page: short, no sentence, without notes."""
    if block.kind != "prose" or block.marks or len(block.text.split()) > _TITLE_WORDS:
        return False
    return is_front_matter(block.text) or not _ENDED.search(block.text)


def _opens_text(block: Block) -> bool:
    return block.kind == "heading" or (block.kind == "prose" and len(block.text.split()) >= _MIN_PROSE_WORDS)


def _read_lines(lines: Sequence[str]) -> dict[str, str]:
    return read_front([Piece(text, 0, 0, bullet=False, page=None) for text in lines])[1]


def _notes(package: Package, targets: dict[str, str], body: Body) -> list[Block]:
    """The notes that the text has markers for, in the order of the markers."""
    texts: dict[str, str] = {}
    for kind in ("footnote", "endnote"):
        part = targets.get(f"{kind}s", f"word/{kind}s.xml")
        root = package.tree(part)
        if root is None:
            continue
        reader = Body(body.styles, package.relations(part), with_links=True)
        for note in root:
            if local(note) == kind and (value(note, "type") or "normal") == "normal":
                texts[f"{kind} {value(note, 'id')}"] = " ".join(line.text for line in reader.lines(note))
    labels = dict.fromkeys(label for label in body.labels if texts.get(label))
    return [Block("note", texts[label], 0, 0, label=label) for label in labels]


def _core(package: Package) -> dict[str, str]:
    """Title, author and date from the core properties, unless a program put them there."""
    parts = [
        relation.target for relation in package.relations("").values() if relation.kind == "core-properties"
    ]
    root = package.tree(next(iter(parts), "docProps/core.xml"))
    said = {local(entry): " ".join((entry.text or "").split()) for entry in root} if root is not None else {}
    found: dict[str, str] = {}
    title, author = said_title(said.get("title", "")), said_author(said.get("creator", ""))
    if title:
        found["title"] = title
    if author:
        found["author"] = author.replace(";", ", ").replace("  ", " ")
    days = [said.get(key, "") for key in ("created", "modified")]
    day = next(
        (match for text in days if not text.startswith(_NO_DAYS) and (match := _DAY.match(text))), None
    )
    if day is not None:
        found["date"] = day.group()
    if re.match(r"[a-z]{2,3}(?:-|$)", said.get("language", "")):
        found["language"] = said["language"].split("-")[0]
    return found
