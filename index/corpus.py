"""The corpus folder: its files, and what corpus.toml says of them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from index.documents import Document, Paragraph
from index.errors import CorpusError, UnreadableFile
from index.paragraphs import number_paragraphs
from index.readers import READERS, Contents, read_file

CORPUS_FILE = "corpus.toml"
_KEYS = frozenset("id file title author author_role editor publisher date url kind restates language".split())


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file of the corpus: where it is, the id it goes by, and its table in corpus.toml."""

    path: Path
    id: str
    described: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A file that was read: the document and its paragraphs, number 0 first."""

    document: Document
    paragraphs: tuple[Paragraph, ...]


def list_files(folder: Path) -> list[CorpusFile]:
    """The files of the corpus that a reader is for, sorted by path.

    Raises:
        CorpusError: the folder is missing, or corpus.toml is wrong; the message says where.
    """
    if not folder.is_dir():
        raise CorpusError(
            f"There is no corpus folder '{folder}'. Create it and put documents into it, "
            "or set ASSISTANT_CORPUS to the folder that has them."
        )
    described = _described(folder)
    files: list[CorpusFile] = []
    taken: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or not path.is_file() or relative == CORPUS_FILE:
            continue
        if path.suffix.lower() not in READERS and relative not in described:
            continue
        entry = described.get(relative, {})
        identity = _free_id(entry.get("id") or slug(path.stem), taken, explicit="id" in entry, path=path)
        taken[identity] = path
        files.append(CorpusFile(path, identity, entry))
    missing = sorted(set(described) - {f.path.relative_to(folder).as_posix() for f in files})
    if missing:
        raise CorpusError(
            f"{folder / CORPUS_FILE} describes '{missing[0]}', but there is no such file. "
            "Correct its 'file', or remove the table."
        )
    return files


def list_unread(folder: Path) -> list[Path]:
    """The files of the folder that no reader is for, so that none is passed over in silence."""
    described = _described(folder)
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.suffix.lower() not in READERS
        and path.relative_to(folder).as_posix() not in {CORPUS_FILE, *described}
    ]


def read_document(file: CorpusFile, folder: Path) -> ReadDocument:
    """Read one file into a document and its paragraphs.

    Raises:
        UnreadableFile: with the file's name and the reason.
    """
    try:
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
    return ReadDocument(document, number_paragraphs(document, contents.blocks, author_role))


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


def _document(file: CorpusFile, folder: Path, contents: Contents, digest: str) -> tuple[Document, str | None]:
    known = {**contents.metadata, **file.described}
    document = Document(
        id=file.id,
        title=known.get("title") or file.path.stem.replace("_", " "),
        author=known.get("author"),
        editor=known.get("editor"),
        publisher=known.get("publisher"),
        date=known.get("date"),
        url=known.get("url"),
        kind=known.get("kind") or "document",
        restates=known.get("restates"),
        language=known.get("language") or "en",
        source_path=file.path.relative_to(folder).as_posix(),
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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
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


def _free_id(wanted: str, taken: Mapping[str, Path], *, explicit: bool, path: Path) -> str:
    if wanted not in taken:
        return wanted
    if explicit:
        raise CorpusError(
            f"'{path.name}' and '{taken[wanted].name}' both have the id '{wanted}'. "
            f"Give one of them another id in {CORPUS_FILE}."
        )
    return next(f"{wanted}-{n}" for n in range(2, len(taken) + 3) if f"{wanted}-{n}" not in taken)
