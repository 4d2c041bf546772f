"""Plain text: encodings, runs of lines without a blank one, and what Markdown's front matter says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from conftest import shared
from hypothesis import given, settings
from hypothesis import strategies as st

from index.corpus import CorpusFile, read_document
from index.errors import UnreadableFile
from index.readers import Contents, read_file
from index.readers.decode import decode

SALT = "The harbour has a long quay of granite, and salt is carried over it on two days of the week."


def read(text: str, name: str = "file.txt") -> Contents:
    return read_file(Path(name), text.encode())


def texts(contents: Contents) -> list[str]:
    return [block.text for block in contents.blocks if block.kind in ("prose", "item")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_needs_no_mark(encoding: str) -> None:
    assert decode("file.txt", SALT.encode(encoding)) == (SALT, encoding)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy a všichni poslouchali jeho zpěv celou noc."),
        ("cp1251", "Гавань имеет длинный причал из гранита, и соль перевозят по нему два дня в неделю."),
        ("cp1252", "São Paulo não é a capital – « où l’été est chaud » costs 5 €, naïve Ångström."),
        ("cp1253", "Η Ελλάδα είναι μια χώρα της Ευρώπης με πολλά νησιά και μεγάλη ιστορία."),
    ],
)
def test_code_pages_are_told_apart(encoding: str, text: str) -> None:
    assert decode("file.txt", text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize(
    ("twice", "once"),
    [
        ("Itâ€™s caf\u00c3\u00a9 â€“ 5 Â£ of â€œsaltâ€\u009d", "It’s café – 5 £ of “salt”"),
        ("1986\u00e2\u0080\u009390 for Â£275", "1986–90 for £275"),
        ("Â is a letter, and so is Ã of São", "Â is a letter, and so is Ã of São"),
    ],
)
def test_text_that_was_encoded_twice_is_read(twice: str, once: str) -> None:
    assert decode("file.txt", twice.encode())[0] == once


def test_lines_that_end_before_the_margin_end_paragraphs() -> None:
    text = (
        "The harbour has a long quay of granite, and salt is carried over it on two\n"
        "days of the week, whatever the bell says.\n"
        "It rains.\n"
        "The ferry crosses the bay at night, and in winter it carries no carts since\n"
        "the ramp is under water until noon. Then the ferry waits.\n"
        "The Bridge\n"
        "The bridge is only a plan so far, and the bakers of the lower town are the\n"
        "ones who pay for the drawings of it.\n"
    )
    assert [line.split()[:2] for line in texts(read(text))] == [
        ["The", "harbour"], ["It", "rains."], ["The", "ferry"], ["The", "bridge"]
    ]  # fmt: skip


def test_numbered_lines_are_items_of_their_own() -> None:
    assert texts(
        read(f"{SALT}\n\n1. Count the boats.\n2. Count the men\nand the dogs.\n3. Go home again.\n")
    ) == [
        SALT,
        "1. Count the boats.",
        "2. Count the men and the dogs.",
        "3. Go home again.",
    ]


def test_a_drawn_line_parts_paragraphs() -> None:
    assert texts(read(f"{SALT}\n-----\n{SALT}\n* * *\n{SALT}")) == [SALT] * 3


def test_lines_that_are_set_in_begin_paragraphs_or_go_on() -> None:
    novel = f"{SALT}\n  He went out.\nIt rained.\n  She stayed in."
    assert texts(read(novel)) == [SALT, "He went out. It rained.", "She stayed in."]
    hanging = f"{SALT}\n\nSalt is a mineral of the sea\n  and of the earth.\nRye is a grain that\n  grows on poor soil."
    assert len(texts(read(hanging))) == 3


def test_front_matter_of_markdown(tmp_path: Path) -> None:
    path = tmp_path / "file.md"
    path.write_text(
        "---\ntitle: The Quay\nauthors: [Ann Smith, {name: Bo}]\ndate: 2024-05-03 10:00:00\nlang: de\n---\n\nText.\n",
        encoding="utf-8",
    )
    found = read_document(CorpusFile(path, "file", {}), tmp_path).document
    assert (found.title, found.author, found.date, found.language) == (
        "The Quay",
        "Ann Smith, Bo",
        "2024-05-03",
        "de",
    )


@pytest.mark.parametrize("matter", ["date: 2024-02-30", "a: " + "[" * 3000, "a: [", "a: *b"])
def test_front_matter_that_cannot_be_read_is_refused(matter: str) -> None:
    with pytest.raises(UnreadableFile, match="front matter"):
        read(f"---\n{matter}\n---\n\nText.\n", "file.md")


@pytest.mark.parametrize(
    "text",
    [
        "http://" * 40_000,
        "**a " * 40_000,
        "[1] " * 40_000,
        "1. a\n" * 20_000,
        "(" * 50_000,
        "x\n" * 20_000,
        "^{1 " * 20_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    start = time.process_time()
    for name in ("file.txt", "file.md"):
        try:
            read(text, name)
        except UnreadableFile:
            continue
    assert time.process_time() - start < 20


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["file.txt", "file.md"]))
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    for whole in (data, SALT.encode() + b"\n\n" + data, b"---\n" + data + b"\n---\n\nText."):
        try:
            found = read_file(Path(name), whole)
        except UnreadableFile:
            continue
        "".join([*found.metadata.values(), *texts(found)]).encode()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["1. a", "2. b", "[1] c", "  d", "E f.", "", "---", "- g", "References", "\x0c"]),
        max_size=20,
    )
)
def test_any_lines_are_read_or_refused(lines: list[str]) -> None:
    try:
        blocks = read("\n".join([SALT, *lines])).blocks
    except UnreadableFile:
        return
    assert all(0 <= block.start <= block.end for block in blocks)


def test_every_public_text_gives_paragraphs_or_a_reason() -> None:
    files = sorted(shared("data/docs/txt").glob("*.txt"))
    if not files:
        pytest.skip("There are no texts in '../shared/data/docs/txt' beside the project.")
    counts: dict[str, int | str] = {}
    for path in files:
        try:
            counts[path.stem] = len(texts(read_file(path, path.read_bytes())))
        except UnreadableFile as error:
            counts[path.stem] = str(error)
    refused = {name: reason for name, reason in counts.items() if isinstance(reason, str)}
    assert refused.keys() <= {"empty", "fake-text-all-whitespace", "hebrew-text-base64-iso88598i"}
    assert len({counts[name] for name in counts if name.startswith("fake-text") and name not in refused}) == 1
