"""The corpus folder: its files, and what corpus.toml says of them."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from index import readers
from index.documents import Document, FileFacts, Paragraph
from index.errors import CorpusError, UnreadableFile
from index.paragraphs import number_paragraphs
from index.readers import READERS, Contents, read_file

CORPUS_FILE = "corpus.toml"
# Part of each document's fingerprint: raise it when a file would be read or cut differently.
READING_VERSION = "6"
_KEYS = frozenset("id file title author author_role editor publisher date url kind restates language".split())


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file of the corpus: where it is, the id it goes by, and its table in corpus.toml.

    `name` stands for a missing title; it is the path's stem, but of a renamed file the one that it had at first.
    """

    path: Path
    id: str
    described: Mapping[str, str]
    name: str = ""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A file that was read: the document, its paragraphs, number 0 first, and what is known of the file."""

    document: Document
    paragraphs: tuple[Paragraph, ...]
    facts: FileFacts


@dataclass(frozen=True, slots=True)
class Folder:
    """What a walk through the corpus folder found, each list sorted by path.

    `unread` are files that no reader is for; `closed` are folders that could not be looked into, with the reason.
    """

    files: tuple[CorpusFile, ...]
    unread: tuple[Path, ...]
    closed: tuple[tuple[Path, str], ...]


def look_through(folder: Path) -> Folder:
    """Walk through the corpus folder; hidden files and folders are passed over.

    Raises:
        CorpusError: the folder is missing, or corpus.toml is wrong; the message says where.
    """
    if not folder.is_dir():
        raise CorpusError(
            f"There is no corpus folder '{folder}'. Create it and put documents into it, "
            "or set ASSISTANT_CORPUS to the folder that has them."
        )
    described = _described(folder)
    paths, closed = _walk(folder)
    if any(path == folder for path, _ in closed):
        raise CorpusError(f"The corpus folder '{folder}' cannot be looked into: {closed[0][1]}.")
    files: list[CorpusFile] = []
    unread: list[Path] = []
    taken: dict[str, Path] = {}
    for path in paths:
        relative = path.relative_to(folder).as_posix()
        if path.suffix.lower() not in READERS and relative not in described:
            unread.append(path)
            continue
        entry = described.get(relative, {})
        identity = entry.get("id") or slug(path.stem)
        if "id" in entry and identity in taken:
            raise CorpusError(
                f"'{path.name}' and '{taken[identity].name}' both have the id '{identity}'. "
                f"Give one of them another id in {CORPUS_FILE}."
            )
        identity = free_id(identity, taken)
        taken[identity] = path
        files.append(CorpusFile(path, identity, entry, path.stem))
    missing = sorted(set(described) - {f.path.relative_to(folder).as_posix() for f in files})
    if missing:
        raise CorpusError(
            f"{folder / CORPUS_FILE} describes '{missing[0]}', but there is no such file. "
            "Correct its 'file', or remove the table."
        )
    return Folder(tuple(files), tuple(unread), tuple(closed))


def list_files(folder: Path) -> list[CorpusFile]:
    """The files of the corpus that a reader is for, sorted by path.

    Raises:
        CorpusError: the folder is missing, or corpus.toml is wrong; the message says where.
    """
    return list(look_through(folder).files)


def list_unread(folder: Path) -> list[Path]:
    """The files of the folder that no reader is for, so that none is passed over in silence."""
    return list(look_through(folder).unread)


def _walk(folder: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    paths: list[Path] = []
    closed: list[tuple[Path, str]] = []

    def refused(error: OSError) -> None:
        closed.append((Path(error.filename), error.strerror or str(error)))

    for at, folders, names in os.walk(folder, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found = [Path(at) / name for name in names if not name.startswith(".")]
        paths += [path for path in found if path.is_file() and path != folder / CORPUS_FILE]
    return sorted(paths), sorted(closed)


def read_document(file: CorpusFile, folder: Path) -> ReadDocument:
    """Read one file into a document and its paragraphs.

    Raises:
        UnreadableFile: with the file's name and the reason.
    """
    try:
        size = file.path.stat().st_size
        if size > readers.MAX_BYTES:  # said before it is in memory
            raise UnreadableFile(
                f"{file.path.name}: {size / 1e6:.0f} MB; at most {readers.MAX_BYTES / 1e6:.0f} MB are read. "
                "Split the file."
            )
        data = file.path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{file.path.name}: {error.strerror or error}.") from error
    try:
        contents = read_file(file.path, data)
    except UnreadableFile as error:
        message = str(error)
        raise UnreadableFile(
            message if message.startswith(file.path.name) else f"{file.path.name}: {message}"
        ) from error
    document, author_role = _document(file, folder, contents, sha256(data).hexdigest())
    paragraphs = number_paragraphs(document, contents.blocks, author_role)
    facts = FileFacts(
        file.name or file.path.stem, contents.encoding, contents.pages, contents.tables, contents.remarks
    )
    return ReadDocument(document, paragraphs, facts)


def example_questions(folder: Path) -> tuple[str, ...]:
    """The questions that corpus.toml offers to begin with; none where it has no `examples`.

    Raises:
        CorpusError: corpus.toml cannot be read, or `examples` is no list of texts.
    """
    found = _tables(folder / CORPUS_FILE).get("examples", [])
    if not isinstance(found, list) or not all(isinstance(question, str) for question in found):
        raise CorpusError(
            f"{folder / CORPUS_FILE}: 'examples' must be a list of questions in quotation marks."
        )
    return tuple(found)


def slug(name: str) -> str:
    """A name as an id: ASCII letters, digits and hyphens, at most 60 characters."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:60] or "document"


def free_id(wanted: str, taken: Container[str]) -> str:
    """`wanted`, or with the first number from 2 behind it that is not taken."""
    if wanted not in taken:
        return wanted
    return next(found for n in count(2) if (found := f"{wanted}-{n}") not in taken)


def path_within(folder: Path, path: Path) -> str:
    """The path as everything names it: within the corpus folder, with slashes, bytes that are no text escaped."""
    return printable(path.relative_to(folder).as_posix())


def printable(name: str) -> str:
    """A file name as text: bytes of it that are none are escaped, as in `caf\\xe9.txt`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _document(file: CorpusFile, folder: Path, contents: Contents, digest: str) -> tuple[Document, str | None]:
    known = {**contents.metadata, **file.described}
    document = Document(
        id=file.id,
        title=known.get("title") or printable(file.name or file.path.stem).replace("_", " "),
        author=known.get("author"),
        editor=known.get("editor"),
        publisher=known.get("publisher"),
        date=known.get("date"),
        url=known.get("url"),
        kind=known.get("kind") or "document",
        restates=known.get("restates"),
        language=known.get("language") or "en",
        source_path=path_within(folder, file.path),
        sha256=digest,
    )
    return document, known.get("author_role")


def _described(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / CORPUS_FILE
    described = _tables(path)
    unknown = sorted(set(described) - {"document", "examples"})
    tables = described.get("document", [])
    if unknown or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        found = f"the unknown key '{unknown[0]}'" if unknown else "'document' as something else"
        raise CorpusError(f"{path} has {found}. Describe each file under a line [[document]] of its own.")
    return _checked(path, tables)


def _tables(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise CorpusError(f"{path} cannot be read: {error}.") from error


def _checked(path: Path, tables: Sequence[Mapping[str, object]]) -> dict[str, dict[str, str]]:
    entries: dict[str, dict[str, str]] = {}
    for i, table in enumerate(tables, 1):
        unknown = sorted(set(table) - _KEYS)
        if unknown:
            raise CorpusError(
                f"{path}, document {i}: unknown key '{unknown[0]}'. Known are: {', '.join(sorted(_KEYS))}."
            )
        if not table.get("file"):
            raise CorpusError(f"{path}, document {i}: the key 'file' is missing. Name the file it describes.")
        entry = {key: str(value) for key, value in table.items()}
        if "id" in entry and entry["id"] != slug(entry["id"]):
            raise CorpusError(
                f"{path}, document {i}: the id '{entry['id']}' is not a slug. "
                f"Use lower-case letters, digits and hyphens, such as '{slug(entry['id'])}'."
            )
        if entry["file"] in entries:
            raise CorpusError(
                f"{path}, document {i}: '{entry['file']}' is described twice. Remove one of the two."
            )
        entries[entry["file"]] = entry
    return entries
