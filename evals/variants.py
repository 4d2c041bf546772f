"""Changed corpora: excerpts under another publisher's name, figures replaced, sentences added.

They are made from the documents as they are read, whichever corpus a suite runs on, so that no text of an original is
kept in a suite. A document that is edited is written anew, one paragraph after the other, under its own id and with
the same paragraph numbers; the others are copied as files.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from evals.errors import SuiteError
from index.corpus import CORPUS_FILE, list_files, read_document
from index.documents import Document, Paragraph

_MARKUP = re.compile(r"([\\`*_<>#\[\]|~]|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)])")
_NOTE = re.compile("\ue000(\\d+)\ue001")
_DESCRIBED = ("id", "title", "author", "editor", "publisher", "date", "url", "kind", "restates", "language")


@dataclass(frozen=True, slots=True)
class Copy:
    """Another document `id`, made of some paragraphs of a document, in the order given; of all where none is."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    of: str
    paragraphs: tuple[int, ...] = ()
    title: str = ""
    publisher: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """In a paragraph of a document (in every one where it is 0) `replace` becomes `by`; `append` is added at its end.

    A paragraph of a copy goes by its number in the copy. What is to be replaced must be there.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    document: str
    paragraph: int = 0
    replace: str = ""
    by: str = ""
    append: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """A changed corpus: first the copies are made, then the edits, in order."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    copies: tuple[Copy, ...] = ()
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph on its way into a changed document: note markers stand in its text between private characters."""

    heading: str | None
    text: str
    notes: tuple[str, ...]


@contextmanager
def varied(corpus: Path, variant: Variant) -> Iterator[Path]:
    """A temporary folder of the name of `corpus` that holds the changed documents.

    Raises:
        SuiteError: a document, a paragraph or a text that is to be changed is not there.
    """
    with TemporaryDirectory(prefix="footnote-variant-") as temporary:
        folder = Path(temporary) / corpus.resolve().name
        folder.mkdir()
        write_varied(corpus, variant, folder)
        yield folder


def write_varied(corpus: Path, variant: Variant, folder: Path) -> None:
    """Write the changed corpus into an empty folder."""
    originals = {file.id: (file.path, read_document(file, corpus)) for file in list_files(corpus)}
    texts = {id: _texts(read.paragraphs[1:]) for id, (_, read) in originals.items()}
    about = {id: read.document for id, (_, read) in originals.items()}
    for copy in variant.copies:
        _make(copy, texts, about, variant)
    for edit in variant.edits:
        _apply(edit, texts, variant)
    changed = {copy.id for copy in variant.copies} | {edit.document for edit in variant.edits}
    tables = []
    for id, document in about.items():
        name = f"{id}.md"
        if id in changed:
            _write(folder / name, document, texts[id])
        else:
            name = originals[id][0].name
            shutil.copy(originals[id][0], folder / name)
        tables.append(_table(document, id, name))
    (folder / CORPUS_FILE).write_text("\n".join(tables), encoding="utf-8")


def as_markdown(text: str) -> str:
    """A text such that Markdown reads it as one paragraph of these very characters."""
    return _NOTE.sub(r"[^\1]", _MARKUP.sub(r"\\\1", " ".join(text.split())))


def _texts(paragraphs: Sequence[Paragraph]) -> list[Text]:
    found = []
    for paragraph in paragraphs:
        text = paragraph.text
        for note in sorted(paragraph.notes, key=lambda note: -(len(text) if note.at is None else note.at)):
            at = len(paragraph.text) if note.at is None else note.at
            text = f"{text[:at]}\ue000{note.number}\ue001{text[at:]}"
        notes = tuple(f"[^{note.number}]: {as_markdown(note.text)}" for note in paragraph.notes)
        found.append(Text(paragraph.heading, text, notes))
    return found


def _make(
    copy: Copy,
    texts: dict[str, list[Text]],
    about: dict[str, Document],
    variant: Variant,
) -> None:
    if copy.of not in texts:
        raise SuiteError(
            f"Variant '{variant.name}' copies '{copy.of}', which is not in the corpus. Correct it."
        )
    source = texts[copy.of]
    numbers = copy.paragraphs or tuple(range(1, len(source) + 1))
    missing = [number for number in numbers if not 1 <= number <= len(source)]
    if missing:
        raise SuiteError(
            f"Variant '{variant.name}' copies {copy.of}#p{missing[0]}, which is not there. Correct it."
        )
    texts[copy.id] = [replace(source[number - 1], heading=None) for number in numbers]
    given = {key: value for key in ("title", "publisher", "date") if (value := getattr(copy, key))}
    about[copy.id] = replace(
        about[copy.of], id=copy.id, author=None, editor=None, url=None, kind="document", restates=None,
        **{"publisher": None, "date": None, **given},
    )  # fmt: skip


def _apply(edit: Edit, texts: dict[str, list[Text]], variant: Variant) -> None:
    paragraphs = texts.get(edit.document, [])
    if not paragraphs or not 0 <= edit.paragraph <= len(paragraphs):
        raise SuiteError(
            f"Variant '{variant.name}' changes {edit.document}#p{edit.paragraph}, which is not there. Correct it."
        )
    found = False
    for at in range(len(paragraphs)) if edit.paragraph == 0 else [edit.paragraph - 1]:
        text = paragraphs[at].text
        found |= not edit.replace or edit.replace in text
        text = text.replace(edit.replace, edit.by) if edit.replace else text
        paragraphs[at] = replace(paragraphs[at], text=f"{text} {edit.append}" if edit.append else text)
    if not found:
        raise SuiteError(
            f"Variant '{variant.name}' replaces '{edit.replace}' in {edit.document}#p{edit.paragraph}, where it "
            "does not stand. Correct it."
        )


def _write(path: Path, document: Document, paragraphs: Sequence[Text]) -> None:
    parts, last = [f"# {as_markdown(document.title)}"], None
    for each in paragraphs:
        if each.heading and each.heading != last:
            parts.append(f"## {as_markdown(each.heading)}")
        last = each.heading
        parts.append(as_markdown(each.text))
    parts += [note for each in paragraphs for note in each.notes]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _table(document: Document, id: str, name: str) -> str:
    values = {key: value for key in _DESCRIBED if (value := getattr(document, key))}
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in {**values, "id": id}.items()
    ]
    return "\n".join(["[[document]]", f"file = {json.dumps(name)}", *lines, ""])
