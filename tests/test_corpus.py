"""The corpus folder: which files are read, by what id, and what is said where something is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from index.corpus import (
    CorpusFile,
    ReadDocument,
    example_questions,
    list_files,
    list_unread,
    read_document,
    slug,
)
from index.errors import CorpusError, UnreadableFile

PROSE = "The café in Zürich serves crème brûlée, and the señor from Málaga says that déjà vu is free."


def describe(folder: Path, text: str) -> None:
    (folder / "corpus.toml").write_text(text, encoding="utf-8")


def read_bytes(folder: Path, name: str, data: bytes) -> ReadDocument:
    (folder / name).write_bytes(data)
    return read_document(CorpusFile(folder / name, "x", {}), folder)


def test_files_go_by_their_described_id_or_their_name(corpus: Path) -> None:
    (corpus / "deep" / "er").mkdir(parents=True)
    (corpus / "deep" / "er" / "Île d'Été 2.TXT").write_text(PROSE, encoding="utf-8")
    assert [(file.id, file.path.name) for file in list_files(corpus)] == [
        ("ile-d-ete-2", "Île d'Été 2.TXT"),
        ("mill", "mill.md"),
        ("harbour", "quay.txt"),
    ]


def test_what_is_described_goes_before_what_the_file_says(corpus: Path) -> None:
    harbour = {file.id: read_document(file, corpus).document for file in list_files(corpus)}["harbour"]
    assert (harbour.title, harbour.publisher, harbour.date) == (
        "The Harbour",
        "Ellmouth Harbour Board",
        "2024-08-16",
    )
    assert (harbour.kind, harbour.language, harbour.source_path) == ("document", "en", "quay.txt")


def test_a_file_without_any_title_goes_by_its_name(tmp_path: Path) -> None:
    read = read_bytes(tmp_path, "opening_hours.md", b"We open at nine.")
    assert read.document.title == "opening hours"


def test_a_date_without_quotation_marks_is_a_date(corpus: Path) -> None:
    describe(corpus, '[[document]]\nfile = "mill.md"\ndate = 2024-08-16\n')
    assert read_document(list_files(corpus)[0], corpus).document.date == "2024-08-16"


def test_two_files_of_one_name_get_two_ids(corpus: Path) -> None:
    (corpus / "mill.txt").write_text(PROSE, encoding="utf-8")
    assert [file.id for file in list_files(corpus)] == ["mill", "mill-2", "harbour"]


def test_hidden_files_are_passed_over(corpus: Path) -> None:
    (corpus / ".draft.md").write_text("Draft.", encoding="utf-8")
    (corpus / ".git").mkdir()
    (corpus / ".git" / "notes.md").write_text("Notes.", encoding="utf-8")
    (corpus / ".picture.png").write_bytes(b"")
    assert [file.id for file in list_files(corpus)] == ["mill", "harbour"]
    assert list_unread(corpus) == []


def test_files_that_no_reader_is_for_are_listed(corpus: Path) -> None:
    (corpus / "old").mkdir()
    (corpus / "old" / "table.xlsx").write_bytes(b"PK")
    (corpus / "README").write_text("Read me.", encoding="utf-8")
    assert [path.relative_to(corpus).as_posix() for path in list_unread(corpus)] == [
        "README",
        "old/table.xlsx",
    ]


def test_a_described_file_that_no_reader_is_for_says_so(corpus: Path) -> None:
    (corpus / "table.xlsx").write_bytes(b"PK")
    describe(corpus, '[[document]]\nfile = "table.xlsx"\n')
    assert list_unread(corpus) == []
    file = next(file for file in list_files(corpus) if file.id == "table")
    with pytest.raises(
        UnreadableFile, match=r"^table\.xlsx: files of type '\.xlsx' are not read; save it as"
    ):
        read_document(file, corpus)


MISTAKES = {
    "no TOML": ("[[document]\n", "cannot be read: "),
    "no table": ('document = "quay.txt"\n', "has 'document' as something else"),
    "one bracket": ('[document]\nfile = "quay.txt"\n', "under a line [[document]] of its own"),
    "a word for a table": ('document = ["quay.txt"]\n', "under a line [[document]] of its own"),
    "another heading": (
        '[[documents]]\nfile = "quay.txt"\n',
        "has the unknown key 'documents'. Describe each file under",
    ),
    "no file": ('[[document]]\nid = "quay"\n', "document 1: the key 'file' is missing. Name the file"),
    "an unknown key": (
        '[[document]]\nfile = "quay.txt"\n[[document]]\nfile = "mill.md"\nautor = "Ines"\n',
        "document 2: unknown key 'autor'. Known are: author, author_role, date, editor,",
    ),
    "no slug": (
        '[[document]]\nfile = "quay.txt"\nid = "The Quay"\n',
        "the id 'The Quay' is not a slug. Use lower-case letters, digits and hyphens, such as 'the-quay'.",
    ),
    "no such file": (
        '[[document]]\nfile = "quai.txt"\n',
        "describes 'quai.txt', but there is no such file. Correct its 'file', or remove the table.",
    ),
    "a file outside": ('[[document]]\nfile = "../quay.txt"\n', "there is no such file"),
    "twice": (
        '[[document]]\nfile = "quay.txt"\n[[document]]\nfile = "quay.txt"\n',
        "document 2: 'quay.txt' is described twice. Remove one of the two.",
    ),
    "one id for two": (
        '[[document]]\nfile = "quay.txt"\nid = "a"\n[[document]]\nfile = "mill.md"\nid = "a"\n',
        "'quay.txt' and 'mill.md' both have the id 'a'. Give one of them another id in corpus.toml.",
    ),
    "the id of another's name": (
        '[[document]]\nfile = "quay.txt"\nid = "mill"\n',
        "'quay.txt' and 'mill.md' both have the id 'mill'.",
    ),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_corpus_toml_is_named(corpus: Path, text: str, message: str) -> None:
    describe(corpus, text)
    with pytest.raises(CorpusError, match=re.escape(message)) as raised:
        list_files(corpus)
    assert "\n" not in str(raised.value)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"There is no corpus folder '.*nowhere'\. Create it"):
        list_files(tmp_path / "nowhere")


def test_example_questions_are_a_list_of_texts(corpus: Path) -> None:
    assert example_questions(corpus) == ()
    describe(corpus, 'examples = ["Who pays?"]\n')
    assert example_questions(corpus) == ("Who pays?",)
    assert [file.id for file in list_files(corpus)] == ["mill", "quay"]
    describe(corpus, 'examples = "Who pays?"\n')
    with pytest.raises(CorpusError, match="'examples' must be a list of questions"):
        example_questions(corpus)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252"])
def test_a_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    assert read_bytes(tmp_path, "menu.txt", PROSE.encode(encoding)).paragraphs[1].text == PROSE


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "It is a café."),
        ("cp1252", "The “café” – it’s free – costs €5."),
        ("latin-1", "Die größere Fähre fährt über die Förde zurück."),
        ("cp1250", "Prom pływa przez zatokę dwa razy dziennie, a zimą rzadziej, gdyż lód bywa zbyt gruby."),
        ("cp1251", "Паром ходит через залив два раза в день, а зимой реже."),
        ("shift_jis", "渡し船は一日に二回、湾を渡ります。冬はもっと少ないです。"),
    ],
)
def test_an_old_encoding_is_found(tmp_path: Path, encoding: str, text: str) -> None:
    read = read_bytes(tmp_path, "ferry.md", text.encode(encoding))
    assert [paragraph.text for paragraph in read.paragraphs[1:]] == [text]


def test_windows_line_ends_are_line_ends(tmp_path: Path) -> None:
    read = read_bytes(
        tmp_path, "menu.txt", PROSE.replace(" and", "\r\nand").encode() + b"\r\n\r\nIt was shut.\r\n"
    )
    assert [paragraph.text for paragraph in read.paragraphs[1:]] == [PROSE, "It was shut."]


UNREADABLE = {
    "empty": (b"", "the file is empty."),
    "blank": (b" \n\t\n", "the file is empty."),
    "NUL": (b"one\x00two", "holds NUL bytes, so it is not a text file."),
    "Base64": (b"VGhlIGhhcmJvdXIgaGFzIGEgbG9uZyBxdWF5IG9mIGdyYW5pdGUu", "holds Base64, not text. Decode it"),
    "cut UTF-16": (PROSE.encode("utf-16")[:-1], "begins as utf-16 but is damaged at byte"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8, ""),
    "no sentence": (b"# A title\n", "no paragraph of text was found in it. Check what the file holds."),
}


@pytest.mark.parametrize(("data", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("name", ["file.txt", "file.md"])
def test_a_file_that_is_no_text_is_refused_by_name(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableFile, match=rf"^{re.escape(name)}: .*{re.escape(reason)}") as raised:
        read_bytes(tmp_path, name, data)
    assert "\n" not in str(raised.value)


def test_front_matter_that_is_no_yaml_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableFile, match=r"^mill\.md: the front matter between the '---' lines cannot be"
    ):
        read_bytes(tmp_path, "mill.md", b"---\ntitle: [a: b\n---\n\nIt stands still.\n")


def test_a_title_with_a_colon_needs_no_quotation_marks(tmp_path: Path) -> None:
    front = b'---\ntitle: The Mill: Its Wheel, and "its" Owner\nauthor: [Ann, Bo]\ndate: 2024-03-01\n---\n\n'
    document = read_bytes(tmp_path, "mill.md", front + b"It stands still.\n").document
    assert document.title == 'The Mill: Its Wheel, and "its" Owner'
    assert (document.author, document.date) == ("Ann, Bo", "2024-03-01")


def test_a_file_that_is_gone_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"^gone\.txt: No such file or directory\.$"):
        read_document(CorpusFile(tmp_path / "gone.txt", "gone", {}), tmp_path)


def test_a_file_that_is_too_large_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.readers.MAX_BYTES", 1_000_000)
    with pytest.raises(UnreadableFile, match=r"^big\.txt: 2 MB; at most 1 MB are read\. Split the file\.$"):
        read_bytes(tmp_path, "big.txt", b"a" * 2_000_000)


@pytest.mark.parametrize(
    ("name", "slugged"),
    [
        ("000_112a", "000-112a"),
        ("  The Quay!  ", "the-quay"),
        ("Über Straßen", "uber-straen"),
        ("港口", "document"),
        ("a" * 99, "a" * 60),
    ],
)
def test_a_name_becomes_a_slug(name: str, slugged: str) -> None:
    assert slug(name) == slugged
    assert slug(slugged) == slugged
