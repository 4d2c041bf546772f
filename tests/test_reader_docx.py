"""Word documents: what of the XML becomes a paragraph, a heading, a note; and which files are refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from conftest import shared
from hypothesis import given, settings
from hypothesis import strategies as st
from word_files import STRICT, archive, paragraph, word_file

from index.corpus import CorpusFile, ReadDocument, read_document
from index.documents import Block
from index.errors import UnreadableFile
from index.readers import Contents, docx, read_file

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADING = '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 1"/></w:style>'
STYLES = (
    HEADING
    + '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="My Section"/><w:basedOn w:val="H"/></w:style>'
    + '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    + '<w:style w:type="paragraph" w:styleId="C"><w:name w:val="toc 1"/></w:style>'
    + '<w:style w:type="paragraph" w:styleId="B"><w:name w:val="List Bullet"/>'
    + '<w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>'
)
LONG = "The harbour has a long quay of granite, and salt is carried over it on two days."


def read(body: str, **parts: str) -> Contents:
    return docx.read("file.docx", word_file(body, **parts))


def texts(contents: Contents, *kinds: str) -> list[str]:
    return [block.text for block in contents.blocks if block.kind in (kinds or ("prose", "item"))]


def kinds(contents: Contents) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in contents.blocks]


def document(folder: Path, data: bytes) -> ReadDocument:
    path = folder / "file.docx"
    path.write_bytes(data)
    return read_document(CorpusFile(path, "file", {}), folder)


def reference(kind: str, number: int, more: str = "") -> str:
    return f'<w:r><w:{kind}Reference w:id="{number}" {more}/></w:r>'


def note(kind: str, number: int, text: str) -> str:
    return f'<w:{kind} w:id="{number}"><w:p><w:r><w:{kind}Ref/></w:r><w:r><w:t> {text}</w:t></w:r></w:p></w:{kind}>'


def test_notes_stand_behind_the_paragraph_and_the_word(tmp_path: Path) -> None:
    body = (
        f"<w:p><w:r><w:t>Salt is dear</w:t></w:r>{reference('footnote', 2)}<w:r><w:t>. Rye is not.</w:t></w:r>"
        f"{reference('endnote', 1)}</w:p>"
    )
    separator = '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    data = word_file(
        body, footnotes=separator + note("footnote", 2, "By weight."), endnotes=note("endnote", 1, "By sack.")
    )
    paragraph = document(tmp_path, data).paragraphs[1]
    assert paragraph.text == "Salt is dear. Rye is not."
    assert [(n.number, n.text, paragraph.text[: n.at]) for n in paragraph.notes] == [
        (1, "By weight.", "Salt is dear"),
        (2, "By sack.", "Salt is dear. Rye is not."),
    ]


def test_a_note_keeps_where_its_link_leads(tmp_path: Path) -> None:
    link = '<w:hyperlink r:id="x"><w:r><w:t>Gazette</w:t></w:r></w:hyperlink>'
    data = word_file(
        f"<w:p><w:r><w:t>Salt.</w:t></w:r>{reference('footnote', 1)}</w:p>",
        footnotes=f'<w:footnote w:id="1"><w:p><w:r><w:t>See </w:t></w:r>{link}</w:p></w:footnote>',
        relations='<Relationship Id="x" Type="t/hyperlink" Target="https://gazette.example/1" TargetMode="External"/>',
    )
    (found,) = document(tmp_path, data).paragraphs[1].notes
    assert (found.text, found.url) == ("See Gazette", "https://gazette.example/1")


def test_a_mark_of_ones_own_is_no_text() -> None:
    own = '<w:r><w:footnoteReference w:customMarkFollows="1" w:id="1"/><w:t>*</w:t></w:r>'
    body = f"<w:p><w:r><w:t>Salt</w:t></w:r>{own}</w:p>"
    assert texts(read(body, footnotes=note("footnote", 1, "n"))) == ["Salt"]


def test_headings_come_from_styles_and_outline_levels() -> None:
    body = (
        paragraph("One", "H") + paragraph("Text.") + paragraph("Two", "H2") + paragraph("Text.")
        + paragraph("Three", more='<w:outlineLvl w:val="1"/>') + paragraph("Not", "H", '<w:outlineLvl w:val="9"/>')
        + paragraph("Again", "H")
    )  # fmt: skip
    assert texts(read(body, styles=STYLES), "heading") == ["One", "Two", "Three", "Again"]


def test_the_title_is_no_paragraph_and_a_table_of_contents_is_not_read() -> None:
    body = (
        paragraph("The Harbour", "T") + paragraph("One\t3", "C") + paragraph("One", "H") + paragraph("Text.")
    )
    found = read(body, styles=STYLES)
    assert kinds(found) == [("title", "The Harbour"), ("heading", "One"), ("prose", "Text.")]
    assert found.metadata == {"title": "The Harbour"}


def test_items_of_lists_by_number_and_by_style() -> None:
    listed = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    body = (
        paragraph("A", more=listed)
        + paragraph("B", "B")
        + paragraph("C", more='<w:numPr><w:numId w:val="0"/></w:numPr>')
    )
    assert kinds(read(body, styles=STYLES)) == [("item", "A"), ("item", "B"), ("prose", "C")]


def cell(*paragraphs: str, more: str = "") -> str:
    return f"<w:tc>{more}{''.join(paragraphs)}</w:tc>"


def test_a_table_gives_its_rows_and_is_counted() -> None:
    rows = (
        f"<w:tr>{cell(paragraph('boat'))}{cell(paragraph('built'))}</w:tr>"
        f"<w:tr>{cell(paragraph('Ida'), paragraph('II'))}{cell(paragraph('1904'))}</w:tr>"
    )
    found = read(paragraph("Above.") + f"<w:tbl>{rows}</w:tbl>" + paragraph("Below."))
    assert texts(found) == ["Above.", "boat | built", "Ida II | 1904", "Below."]
    assert found.tables == 1


def test_a_marker_in_a_row_keeps_its_place() -> None:
    marked = f"<w:p><w:r><w:t>1904</w:t></w:r>{reference('footnote', 1)}</w:p>"
    rows = f"<w:tr>{cell(paragraph('Ida'))}{cell(marked)}</w:tr>"
    (row, _) = read(f"<w:tbl>{rows}</w:tbl>", footnotes=note("footnote", 1, "n")).blocks
    assert [row.text[: mark.at] for mark in row.marks] == ["Ida | 1904"]


def test_a_frame_of_one_column_is_no_table() -> None:
    found = read(f"<w:tbl><w:tr>{cell(paragraph('One.'), paragraph('Two.'))}</w:tr></w:tbl>")
    assert (texts(found), found.tables) == (["One.", "Two."], 0)


def test_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent>{paragraph('In the box.')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>Around it.</w:t></w:r><w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert texts(read(body)) == ["Around it.", "In the box."]


def test_changes_are_read_as_accepted() -> None:
    body = (
        "<w:p><w:r><w:t>The </w:t></w:r><w:del><w:r><w:delText>old </w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>new </w:t></w:r></w:ins><w:moveFrom><w:r><w:t>gone </w:t></w:r></w:moveFrom>"
        "<w:moveTo><w:r><w:t>come </w:t></w:r></w:moveTo><w:r><w:t>quay.</w:t></w:r></w:p>"
        + paragraph("Half a ", more="<w:rPr><w:del/></w:rPr>") + paragraph("sentence.")
        + f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr>{cell(paragraph('x'))}{cell(paragraph('y'))}</w:tr></w:tbl>"
    )  # fmt: skip
    assert texts(read(body)) == ["The new come quay.", "Half a sentence."]


def test_what_is_no_text_is_left_out() -> None:
    body = (
        '<w:p><w:commentRangeStart w:id="0"/><w:r><w:t>Said</w:t></w:r><w:r><w:commentReference w:id="0"/></w:r>'
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t> hidden</w:t></w:r><w:r><w:instrText> PAGE </w:instrText></w:r>"
        '<w:hyperlink r:id="x"><w:r><w:t> by link</w:t></w:r></w:hyperlink>'
        "<w:r><w:tab/><w:t>a</w:t><w:br/><w:t>b</w:t></w:r>"
        "<w:r><w:t>non</w:t><w:noBreakHyphen/><w:t>stop co</w:t><w:softHyphen/><w:t>op</w:t></w:r></w:p>"
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
        f"{paragraph('Click here to enter text.')}</w:sdtContent></w:sdt>"
        f"<w:sdt><w:sdtContent>{paragraph('Entered.')}</w:sdtContent></w:sdt>"
    )
    assert texts(read(body)) == ["Said by link a bnon-stop coop", "Entered."]


def test_a_strict_document_reads_like_another() -> None:
    body = paragraph("One", more='<w:outlineLvl w:val="0"/>') + paragraph("Text.") + paragraph("Two", "H")
    assert kinds(read(body, namespace=STRICT)) == kinds(read(body))


@pytest.mark.parametrize(
    ("core", "known"),
    [
        (
            "<dc:title>The Quay</dc:title><dc:creator>Ann Smith</dc:creator><dcterms:created>2024-05-03T10:00:00Z"
            "</dcterms:created>",
            {"title": "The Quay", "author": "Ann Smith", "date": "2024-05-03"},
        ),
        (
            "<dc:title>Microsoft Word - draft3.doc</dc:title><dc:creator>python-docx</dc:creator>"
            "<dcterms:created>2013-12-23T23:15:00Z</dcterms:created><dcterms:modified>2024-05-04T10:00:00Z"
            "</dcterms:modified>",
            {"date": "2024-05-04"},
        ),
        ("<dc:title>Document1</dc:title><dc:creator>user</dc:creator>", {}),
    ],
)
def test_properties_count_unless_a_program_wrote_them(core: str, known: dict[str, str]) -> None:
    assert read(paragraph("Text."), core=core).metadata == known


def test_the_first_lines_tell_what_the_properties_do_not() -> None:
    body = (
        paragraph("A Quay of Granite") + paragraph("By Ann Smith") + paragraph("3 May 2024") + paragraph(LONG)
    )
    found = read(body)
    assert found.metadata == {"title": "A Quay of Granite", "author": "Ann Smith", "date": "2024-05-03"}
    assert texts(found) == [LONG]


@pytest.mark.parametrize("line", ["Walking on air", "Ouch."])
def test_a_short_document_keeps_its_only_line(line: str) -> None:
    assert texts(read(paragraph(line))) == [line]


REFUSED = {
    "nothing": (b"", "the file is empty"),
    "encrypted": (OLE + b"\x00" * 64 + "EncryptedPackage".encode("utf-16-le"), "encrypted. Open it in Word"),
    "before 2007": (OLE + b"\x00" * 64 + "WordDocument".encode("utf-16-le"), "save it as .docx"),
    "rich text": (b"{\\rtf1 x}", "is RTF"),
    "text": (b"plain text", "is no docx"),
    "cut": (word_file(paragraph("Text.") * 50)[:-60], "damaged"),
    "no XML": (archive({"word/document.xml": "<w:document"}), "damaged"),
    "other zip": (archive({"a.txt": "a"}), "a zip archive without a Word document"),
    "spreadsheet": (archive({"xl/workbook.xml": "<a/>"}), "a spreadsheet"),
    "blank": (word_file(paragraph(" ")), "the document has no text"),
    "entities": (
        archive({"word/document.xml": '<!DOCTYPE d [<!ENTITY a "aaaa">]><d>&a;&a;</d>'}),
        "declares entities",
    ),
    "bomb": (archive({"word/document.xml": b"<d>" + b" " * 30_000_000 + b"</d>"}), "it is not opened"),
    "many": (archive({f"{i}.xml": "" for i in range(10_001)}), "10,001 parts"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_is_refused_in_one_sentence(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as raised:
        read_file(Path("file.docx"), data)
    assert str(raised.value).startswith("file.docx: ")
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)


def test_deep_nesting_is_no_crash() -> None:
    body = "<w:sdt><w:sdtContent>" * 5000 + paragraph("Text.") + "</w:sdtContent></w:sdt>" * 5000
    with pytest.raises(UnreadableFile):
        read(body)


def test_an_embedded_document_is_remarked() -> None:
    assert "not read" in " ".join(read(paragraph("Text.") + '<w:altChunk r:id="x"/>').remarks)


PARTS = st.sampled_from(
    "<w:p>|</w:p>|<w:r>|</w:r>|<w:t>a b</w:t>|<w:tbl>|</w:tbl>|<w:tr>|</w:tr>|<w:tc>|</w:tc>|<w:del>|</w:del>|<w:br/>"
    '|<w:footnoteReference w:id="1"/>|<w:txbxContent>|</w:txbxContent>|&#xE000;'.split("|")
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, max_size=30))
def test_any_document_is_read_or_refused(parts: list[str]) -> None:
    try:
        blocks: tuple[Block, ...] = read_file(Path("f.docx"), word_file("".join(parts))).blocks
    except UnreadableFile:
        return
    assert all(0 <= mark.at <= len(block.text) for block in blocks for mark in block.marks)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 2000))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int) -> None:
    whole = word_file(paragraph("Some text in it."), footnotes=note("footnote", 1, "n"))
    for data in (noise, b"PK\x03\x04" + noise, whole[:at] + noise + whole[at + len(noise) :]):
        try:
            read_file(Path("f.docx"), data)
        except UnreadableFile:
            continue


EXPECTED = {
    "comments": ["Ouch."],
    "endnotes": ["Ouch."],
    "footnotes": ["Ouch."],
    "strict-format": ["Test"],
    "tables": ["Above", "Top left | Top right", "Bottom left | Bottom right", "Below"],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_public_files_are_read(name: str) -> None:
    path = shared("data/docs/docx") / f"{name}.docx"
    if not path.is_file():
        pytest.skip(f"There is no file '../shared/data/docs/docx/{name}.docx' beside the project.")
    found = read_file(path, path.read_bytes())
    assert texts(found) == EXPECTED[name]
    assert len(texts(found, "note")) == (2 if "notes" in name else 0)


def test_a_zip_member_with_a_password_is_refused() -> None:
    data = bytearray(word_file(paragraph("Text.")))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = packed.infolist()
    for member in members:
        data[member.header_offset + 6] |= 1
    at = bytes(data).find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = bytes(data).find(b"PK\x01\x02", at + 1)
    with pytest.raises(UnreadableFile, match="password"):
        docx.read("file.docx", bytes(data))
