"""Which file is which document: renames, moves, copies and ids of corpus.toml, without a disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.corpus import CorpusFile
from index.documents import Document, FileFacts
from index.identity import Found, Plan, plan
from index.records import Kept


def known(**contents: str) -> dict[str, Kept]:
    """Documents of the index: id -> "path:content"."""
    kept = {}
    for id, place in contents.items():
        path, _, sha256 = place.partition(":")
        document = Document(id, id, None, None, None, None, None, "document", None, "en", path, sha256=sha256)
        kept[id] = Kept(document, "f", FileFacts(Path(path).stem))
    return kept


def found(*places: str) -> list[Found]:
    """Files of the folder: "path:content", with "=id" behind it where corpus.toml gives one."""
    files = []
    for place in places:
        path, _, rest = place.partition(":")
        sha256, _, id = rest.partition("=")
        stem = Path(path).stem
        described = {"file": path, "id": id} if id else {}
        files.append(Found(CorpusFile(Path(path), id or stem, described, stem), path, sha256 or None))
    return files


def told(planned: Plan) -> str:
    """The plan in a line: "path id" (and the former path), copies as "copy~path", what is gone as "-id"."""
    documents = [
        f"{each.found.path} {each.file.id}" + (f" was {each.renamed_from}" if each.renamed_from else "")
        for each in planned.documents
    ]
    copies = [f"{copy.path}~{path}" for path, group in planned.copies.items() for copy in group]
    return ", ".join([*documents, *copies, *(f"-{id}" for id in planned.gone)])


CASES = {
    "new": ([], {}, ["a.md:1", "b.md:2"], "a.md a, b.md b"),
    "two of one name": ([], {}, ["a.md:1", "x/a.md:2"], "a.md a, x/a.md a-2"),
    "as before": ([], {"a": "a.md:1"}, ["a.md:1"], "a.md a"),
    "edited": ([], {"a": "a.md:1"}, ["a.md:2"], "a.md a"),
    "renamed": ([], {"a": "a.md:1"}, ["b.md:1"], "b.md a was a.md"),
    "renamed and edited": ([], {"a": "a.md:1"}, ["b.md:2"], "b.md b, -a"),
    "moved": ([], {"a": "a.md:1"}, ["x/a.md:1"], "x/a.md a was a.md"),
    "moved and edited, under its name": ([], {"a": "a.md:1"}, ["x/a.md:2"], "x/a.md a was a.md"),
    "swapped": ([], {"a": "a.md:1", "b": "b.md:2"}, ["a.md:2", "b.md:1"], "a.md b was b.md, b.md a was a.md"),
    "one after the other": (
        [], {"a": "a.md:1", "b": "b.md:2"}, ["b.md:1", "c.md:2"], "b.md a was a.md, c.md b was b.md",
    ),
    "renamed, and another put in its place": (
        [], {"a": "a.md:1"}, ["a.md:2", "b.md:1"], "a.md a-2, b.md a was a.md",
    ),
    "a new file sorts first": ([], {"a": "x/a.md:1"}, ["a.md:2", "x/a.md:1"], "a.md a-2, x/a.md a"),
    "removed": ([], {"a": "a.md:1", "b": "b.md:2"}, ["b.md:2"], "b.md b, -a"),
    "named by corpus.toml": ([], {"a": "a.md:1"}, ["a.md:1=z"], "a.md z, -a"),
    "renamed and named": ([], {"a": "a.md:1"}, ["b.md:1=z"], "b.md z, -a"),
    "renamed under its given id": ([], {"z": "a.md:1"}, ["b.md:1=z"], "b.md z was a.md"),
    "an id given to another": ([], {"a": "a.md:1"}, ["a.md:1", "b.md:2=a"], "a.md a-2, b.md a was a.md"),
    "a copy": ([], {}, ["a.md:1", "b.md:1"], "a.md a, b.md~a.md"),
    "the shortest path": ([], {}, ["a copy.md:1", "a.md:1", "x/a.md:1"], "a.md a, x/a.md~a.md, a copy.md~a.md"),
    "what is indexed goes before": ([], {"bb": "bb.md:1"}, ["a.md:1", "bb.md:1"], "bb.md bb, a.md~bb.md"),
    "what is described goes first": (
        [], {"a": "a.md:1"}, ["a.md:1", "bb.md:1=z"], "bb.md z, a.md~bb.md, -a",
    ),
    "the copy that was indexed goes": ([], {"a": "a.md:1"}, ["b.md:1"], "b.md a was a.md"),
    "copied over": ([], {"a": "a.md:1", "b": "b.md:2"}, ["a.md:2", "b.md:2"], "b.md b, a.md~b.md, -a"),
    "empty files are no copies": ([], {}, ["a.md:", "b.md:"], "a.md a, b.md b"),
    "an id that is reserved": (["a"], {}, ["a.md:1"], "a.md a-2"),
}  # fmt: skip


@pytest.mark.parametrize(("reserved", "before", "files", "expected"), CASES.values(), ids=CASES.keys())
def test_files_become_documents(
    reserved: list[str], before: dict[str, str], files: list[str], expected: str
) -> None:
    assert told(plan(found(*files), known(**before), reserved)) == expected


@pytest.mark.parametrize("files", [["a.md:1", "b.md:1", "c.md:2"], ["c.md:2", "b.md:1", "a.md:1"]])
def test_which_copy_is_indexed_does_not_depend_on_the_order(files: list[str]) -> None:
    assert [copy.path for copy in plan(found(*files), {}).copies["a.md"]] == ["b.md"]


def test_a_renamed_file_goes_on_under_its_first_name() -> None:
    (renamed,) = plan(found("b.md:1"), known(a="a.md:1")).documents
    assert renamed.file.name == "a"
    (edited,) = plan(found("b.md:2=z"), known(z="a.md:1")).documents
    assert edited.file.name == "b"
