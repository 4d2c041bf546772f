"""The PDF reader: one drawn file for each rule, the public files where they are, and any bytes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import shared
from fakes_pdf import BOLD, HEIGHT, WIDTH, bar, lines, pdf, prose, raised, rule
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from evals.bench.documents import as_printed, markdown_paragraphs, paragraph_f1, word_f1, words
from index.documents import Block, Document, Paragraph
from index.errors import UnreadableFile
from index.paragraphs import number_paragraphs
from index.readers import read_file
from index.readers.contents import Contents
from index.readers.pdf import pdfium, read
from index.readers.pdf.accents import compose_accents
from index.readers.pdf.lines import cut_lines
from index.readers.pdf.scripts import join_letters, mirror
from index.readers.pdf.shapes import PageText, Word

FERRY = (
    "The ferry of Ellmouth crosses the bay four times a day, and on two days of the week it also carries salt for "
    "the curing houses, which stand on the far shore and have no road of their own."
)
QUAY = (
    "The quay was built of granite by the harbour board, because the timber piles of the old jetty were eaten by "
    "worms within a few winters, and nobody wished to pay for them again."
)
MILL = (
    "The mill grinds barley for two breweries, and it stands still whenever the river is low, so that the brewers "
    "keep a store of meal in the loft above the cooperage."
)
FRONT = Document("d", "T", None, None, None, None, None, "document", None, "en", "d.pdf", "")


def blocks(data: bytes) -> tuple[Block, ...]:
    return read("d.pdf", data).blocks


def texts(found: tuple[Block, ...], *kinds: str) -> list[str]:
    return [block.text for block in found if block.kind in (kinds or ("prose", "item"))]


def paragraphs(data: bytes) -> tuple[Paragraph, ...]:
    return number_paragraphs(FRONT, blocks(data))[1:]


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as raised_error:
        read("d.pdf", data)
    message = str(raised_error.value)
    assert message.startswith("d.pdf: ")
    assert "\n" not in message
    return message


def two_columns(canvas: Canvas) -> None:
    lines(canvas, ["The Harbours of the North"], 150, 80, size=20, font=BOLD)
    y = prose(canvas, FERRY, 60, 130, width=225)
    prose(canvas, f"{QUAY} It is long", 60, y, width=225, indent=14)
    y = prose(canvas, "and straight, and in the evening people walk on it.", 310, 130, width=225)
    prose(canvas, MILL, 310, y, width=225, indent=14)


def test_two_columns_are_read_one_after_the_other() -> None:
    found = blocks(pdf(two_columns))
    assert texts(found, "title") == ["The Harbours of the North"]
    assert texts(found) == [
        FERRY,
        f"{QUAY} It is long and straight, and in the evening people walk on it.",
        MILL,
    ]


def test_columns_whose_lines_are_not_level() -> None:
    def draw(canvas: Canvas) -> None:
        prose(canvas, f"{FERRY} {QUAY}", 60, 100, width=220)
        prose(canvas, f"{MILL} {FERRY}", 310, 106.5, width=220)

    assert texts(blocks(pdf(draw))) == [f"{FERRY} {QUAY}", f"{MILL} {FERRY}"]


def furnished(number: int, text: str) -> pdfium.Any:
    def draw(canvas: Canvas) -> None:
        lines(canvas, ["Almanac of Ellmouth"], 240, 40, size=9)
        prose(canvas, text, y=100)
        lines(canvas, [str(number)], WIDTH / 2, HEIGHT - 40, size=9)

    return draw


def test_running_heads_and_page_numbers_are_left_out() -> None:
    found = blocks(pdf(*(furnished(n, text) for n, text in enumerate([FERRY, QUAY, MILL], 17))))
    assert texts(found) == [FERRY, QUAY, MILL]
    assert not any(block.text.isdigit() for block in found)
    # Once it is kept, since it may stand nowhere else.
    assert [(b.kind, b.page) for b in found if "Almanac" in b.text] == [("masthead", 1)]


def test_a_number_alone_at_the_foot_of_one_page() -> None:
    assert [b.text for b in blocks(pdf(furnished(3, FERRY)))][-1] == FERRY


@pytest.mark.parametrize("number", ["7-26", "A-3", "12 – 4"])
def test_a_page_number_with_its_chapter(number: str) -> None:
    def draw(canvas: Canvas) -> None:
        prose(canvas, FERRY, y=100)
        lines(canvas, [number], WIDTH / 2, HEIGHT - 40, size=9)

    assert [b.text for b in blocks(pdf(draw))] == [FERRY]


@pytest.mark.parametrize(("number", "name"), [(72, 200), (500, 150)])
def test_a_page_that_stands_alone_has_a_running_head(number: float, name: float) -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, ["The Trade of Ellmouth in Salt"], name, 50, size=9)
        lines(canvas, ["9"], number, 50, size=9)
        prose(canvas, f"so that nobody saw it. {FERRY}", y=90)

    assert [b.text for b in blocks(pdf(draw))] == [f"so that nobody saw it. {FERRY}"]


def test_rows_of_words_and_numbers_are_no_running_head() -> None:
    def draw(canvas: Canvas) -> None:
        y = 60.0
        for name, number in (("Barley", "120"), ("Salt", "95"), ("Herring", "310")):
            lines(canvas, [name], 72, y)
            lines(canvas, [number], 300, y)
            y += 22
        prose(canvas, FERRY, y=y + 30)

    found = " ".join(b.text for b in blocks(pdf(draw)))
    assert all(word in found for word in ("Barley", "120", "Herring", "310"))


def test_a_line_that_repeats_in_the_text_stays() -> None:
    def draw(canvas: Canvas) -> None:
        y = prose(canvas, FERRY, y=300)
        lines(canvas, ["Nobody objected to this plan of the board at all."], y=y + 20)

    found = texts(blocks(pdf(draw, draw)))
    assert found.count("Nobody objected to this plan of the board at all.") == 2


def test_hyphens_at_line_ends_are_undone() -> None:
    drawn = [
        "The harbour board met in the old cus-",
        "toms house. It heard that a well-known mer-",
        "chant of the town, the owner of a well-",
        "known ship of the type Baltic-",
        "9, would pay for the northern half.",
    ]
    assert texts(blocks(pdf(lambda canvas: [None, lines(canvas, drawn)][0]))) == [
        "The harbour board met in the old customs house. It heard that a well-known merchant of the town, "
        "the owner of a well-known ship of the type Baltic-9, would pay for the northern half."
    ]


def with_note(canvas: Canvas, mark: str, before: str, note: str) -> None:
    y = prose(canvas, FERRY)
    raised(canvas, before, mark, " In winter it carries no carts at all.", y=y + 20)
    rule(canvas, 72, 170, 690)
    raised(canvas, "", mark, f" {note}", y=702, size=9)


def test_a_footnote_is_behind_its_paragraph() -> None:
    found = paragraphs(
        pdf(lambda c: with_note(c, "1", "It crosses at night.", "Ellmouth Gazette, May 1911."))
    )
    assert [p.text for p in found] == [FERRY, "It crosses at night. In winter it carries no carts at all."]
    (note,) = found[1].notes
    assert (note.text, found[1].text[: note.at]) == ("Ellmouth Gazette, May 1911.", "It crosses at night.")


def test_footnotes_that_count_anew_on_each_page() -> None:
    found = paragraphs(
        pdf(
            lambda c: with_note(c, "1", "It crosses at night.", "The Gazette of May."),
            lambda c: with_note(c, "1", "It rests on Sunday.", "The Gazette of June."),
        )
    )
    assert [note.text for p in found for note in p.notes] == ["The Gazette of May.", "The Gazette of June."]


def test_a_symbol_is_a_marker_too() -> None:
    found = paragraphs(pdf(lambda c: with_note(c, "*", "It crosses at night.", "The Gazette of May.")))
    assert [note.text for p in found for note in p.notes] == ["The Gazette of May."]


def test_an_exponent_is_no_marker() -> None:
    def draw(canvas: Canvas) -> None:
        with_note(canvas, "2", "It crosses at night.", "The Gazette of May.")
        raised(canvas, "The quay takes up 900 m", "2", " of the old meadow by the river.", y=300)

    found = paragraphs(pdf(draw))
    assert [note.number for p in found for note in p.notes] == [1]
    assert found[-1].text == "The quay takes up 900 m2 of the old meadow by the river."


def test_a_note_at_the_columns_foot_does_not_cut_the_paragraph() -> None:
    def draw(canvas: Canvas) -> None:
        y = prose(canvas, FERRY, 60, 500, width=225)
        raised(canvas, "The bell is rung at dusk,", "1", " and the boats", 60, y)
        rule(canvas, 60, 130, 690)
        raised(canvas, "", "1", " The Gazette of May.", 60, 700, size=8)
        prose(canvas, f"then come in one after the other. {MILL}", 310, 500, width=225)

    found = paragraphs(pdf(draw))
    text = f"The bell is rung at dusk, and the boats then come in one after the other. {MILL}"
    assert [p.text for p in found] == [FERRY, text]
    assert [note.text for note in found[1].notes] == ["The Gazette of May."]


def test_a_paragraph_goes_on_across_a_page() -> None:
    found = blocks(
        pdf(
            lambda c: [None, prose(c, FERRY), prose(c, "The bridge is a plan so far, and the", y=760)][0],
            lambda c: [None, prose(c, "bakers of the town pay for the drawings."), prose(c, MILL, y=160)][0],
        )
    )
    assert [(block.page, block.text) for block in found] == [
        (1, FERRY),
        (1, "The bridge is a plan so far, and the bakers of the town pay for the drawings."),
        (2, MILL),
    ]


ROWS = [
    ["Port", "Ships", "Tons"],
    ["Ellmouth", "412", "9,300"],
    ["Sandhaven", "77", "1,250"],
    ["Orme", "8", "90"],
]


def test_the_rows_of_a_table() -> None:
    def draw(canvas: Canvas) -> None:
        y = prose(canvas, FERRY) + 20
        for row in ROWS:
            for at, cell in enumerate(row):
                lines(canvas, [cell], 90 + 130 * at, y)
            y += 16
        prose(canvas, MILL, y=y + 20)

    contents = read("d.pdf", pdf(draw))
    assert texts(contents.blocks) == [FERRY, *(" | ".join(row) for row in ROWS), MILL]
    assert contents.tables == 1


def test_a_drawn_table_with_cells_of_several_lines() -> None:
    def draw(canvas: Canvas) -> None:
        prose(canvas, FERRY)
        for y in (200, 230, 275, 305):
            rule(canvas, 72, 420, y)
        for x in (72, 180, 420):
            bar(canvas, x, 200, 305)
        lines(canvas, ["Duty"], 78, 219)
        lines(canvas, ["Paid by"], 186, 219)
        lines(canvas, ["Pilotage"], 78, 250)
        lines(canvas, ["the master of the ship, before the", "ship is brought to the quay"], 186, 247)
        lines(canvas, ["Wharfage"], 78, 294)
        lines(canvas, ["the owner of the goods"], 186, 294)

    contents = read("d.pdf", pdf(draw))
    assert texts(contents.blocks)[1:] == [
        "Duty | Paid by",
        "Pilotage | the master of the ship, before the ship is brought to the quay",
        "Wharfage | the owner of the goods",
    ]
    assert contents.tables == 1


def test_an_entry_of_the_outline_is_a_heading() -> None:
    def draw(canvas: Canvas) -> None:
        y = prose(canvas, FERRY) + 14
        canvas.bookmarkPage("pilots")
        canvas.addOutlineEntry("Of pilots", "pilots", 0)
        y = lines(canvas, ["Of pilots"], y=y) + 14
        y = prose(canvas, QUAY, y=y) + 14
        y = lines(canvas, ["Of carts"], y=y) + 14
        prose(canvas, MILL, y=y)

    found = blocks(pdf(draw))
    assert texts(found, "heading") == ["Of pilots"]
    assert [p.heading for p in number_paragraphs(FRONT, found)[1:]] == [None, *["Of pilots"] * 3]


def test_size_and_weight_make_headings() -> None:
    def draw(canvas: Canvas) -> None:
        y = lines(canvas, ["The Harbour Rules"], size=20, font=BOLD) + 10
        y = prose(canvas, FERRY, y=y) + 10
        y = lines(canvas, ["Of pilots"], y=y, size=14) + 10
        y = prose(canvas, QUAY, y=y) + 10
        y = lines(canvas, ["Of carts"], y=y, font=BOLD) + 2
        prose(canvas, MILL, y=y)

    found = blocks(pdf(draw))
    assert [block.kind for block in found] == ["title", "prose", "heading", "prose", "heading", "prose"]


def test_items_are_paragraphs() -> None:
    def draw(canvas: Canvas) -> None:
        y = lines(canvas, ["The board asks the masters of all ships for three things:"])
        for item in (
            "a list of the crew,",
            "the papers of the ship and, where goods are carried, those of",
            "a lamp.",
        ):
            lines(canvas, ["•"], 80, y)
            y = lines(canvas, [item], 98, y)
            if "papers" in item:
                y = lines(canvas, ["the goods, signed,"], 98, y)

    found = blocks(pdf(draw))
    assert texts(found, "item") == [
        "a list of the crew,",
        "the papers of the ship and, where goods are carried, those of the goods, signed,",
        "a lamp.",
    ]


def test_numbers_of_lines_are_left_out() -> None:
    def draw(canvas: Canvas) -> None:
        y = 100.0
        for number in range(1, 8):
            lines(canvas, [str(number)], 72, y)
            lines(canvas, ["the witness said that the ferry had left the quay before the bell"], 120, y)
            y += 22

    assert not any(c.isdigit() for block in blocks(pdf(draw)) for c in block.text)


def test_a_page_that_lies_on_its_side() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.translate(WIDTH, 0)
        canvas.rotate(90)
        canvas.translate(0, WIDTH - HEIGHT)
        prose(canvas, FERRY, y=200, width=600)

    assert texts(blocks(pdf(draw))) == [FERRY]


def test_front_matter_and_properties() -> None:
    def draw(canvas: Canvas) -> None:
        y = lines(canvas, ["The Harbour Rules"], size=20, font=BOLD) + 10
        y = lines(canvas, ["By Ada Quill"], y=y) + 10
        y = lines(canvas, ["May 3, 2019"], y=y) + 10
        prose(canvas, FERRY, y=y)

    contents = read("d.pdf", pdf(draw, title="Microsoft Word - rules_final.doc", author="admin"))
    assert texts(contents.blocks, "masthead") == ["By Ada Quill", "May 3, 2019"]
    assert dict(contents.metadata) == {
        "title": "The Harbour Rules",
        "author": "Ada Quill",
        "date": "2019-05-03",
    }
    declared = read("d.pdf", pdf(draw, title="Rules of the Harbour of Ellmouth", author="B. Scribe")).metadata
    assert (declared["title"], declared["author"]) == ("Rules of the Harbour of Ellmouth", "Ada Quill")


def test_what_was_filled_into_a_form_is_read() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, ["Application for a berth at the quay"], size=16)
        for y, label, value in ((150, "Name of the ship:", "Marigold"), (190, "Home port:", "Sandhaven")):
            lines(canvas, [label], y=y)
            canvas.acroForm.textfield(name=label, value=value, x=180, y=HEIGHT - y - 5, width=200, height=18)

    found = " ".join(block.text for block in blocks(pdf(draw)))
    assert "Name of the ship: Marigold" in found.replace(" |", "")
    assert "Home port: Sandhaven" in found.replace(" |", "")


def test_drawn_dots_are_bullets() -> None:
    def draw(canvas: Canvas) -> None:
        y = prose(canvas, FERRY) + 10
        for item in ("a list of the crew", "the papers of the ship", "a lamp"):
            canvas.circle(82, HEIGHT - y + 4, 2.2, fill=1)
            y = lines(canvas, [item], 94, y)

    assert texts(blocks(pdf(draw)), "item") == ["a list of the crew", "the papers of the ship", "a lamp"]


def test_a_line_that_justification_stretched_is_one_line() -> None:
    def draw(canvas: Canvas) -> None:
        y = lines(canvas, ["The board of the harbour heard on that evening that the long-"])
        x = 72.0
        for word in ("awaited", "Schifffahrtsordnung", "was"):
            lines(canvas, [word], x, y)
            x += 120
        lines(canvas, ["ready at last, and that it would be read out on the first market day."], y=y + 13.2)

    assert len(texts(blocks(pdf(draw)))) == 1


def test_arabic_letters_stand_in_the_order_of_reading() -> None:
    """PDFium turns some words round and leaves others, so their places on the page decide."""
    assert join_letters(["ب", "ا", "ب"], [10.0, 20.0, 30.0]) == "باب"
    assert join_letters(["م", "ي", "ن"], [30.0, 20.0, 10.0]) == "مين"
    assert join_letters(["1", "2"], [30.0, 20.0]) == "12"


def test_references_are_no_paragraphs() -> None:
    def draw(canvas: Canvas) -> None:
        y = prose(canvas, f"{FERRY} The salt is taxed [2].") + 12
        y = lines(canvas, ["References"], y=y, size=14, font=BOLD) + 6
        y = lines(canvas, ["[1] A. Quill. The Salt Tax. Ellmouth, 1911."], y=y)
        lines(canvas, ["[2] B. Scribe. On Curing Fish. Orme, 1907."], y=y)

    found = paragraphs(pdf(draw))
    assert [p.text for p in found] == [f"{FERRY} The salt is taxed [2]."]
    assert [note.text for note in found[0].notes] == ["B. Scribe. On Curing Fish. Orme, 1907."]


def cited(data: bytes) -> tuple[Paragraph, ...]:
    """The paragraphs with what they cite from lists of references."""
    return number_paragraphs(FRONT, read_file(Path("d.pdf"), data).blocks)[1:]


def test_references_by_author_and_year_are_behind_what_cites_them() -> None:
    entries = [
        "Anna Quill, Ben Scribe, and Cora Holt. 1911. The salt tax and those who pay it. In Papers of the Harbour "
        "Board, pages 12–40.",
        "Scribe, B. (1907). On curing fish. Orme: Cooperage Press.",
        "Dora Weir. 1915. Tides. Gazette, 4(2):1–9.",
    ]

    def draw(canvas: Canvas) -> None:
        text = "Salt is taxed (Quill et al., 1911) and so is fish, as Scribe (1907) says. The tide is not (Weir 1920)."
        y = prose(canvas, f"{FERRY} {text}") + 12
        y = lines(canvas, ["References"], y=y, size=14, font=BOLD) + 6
        for entry in entries:
            y = prose(canvas, entry, x=86, y=y, indent=-14, width=300) + 6

    found = cited(pdf(draw))
    assert len(found) == 1
    behind = [(found[0].text[: note.at].split()[-1], note.text) for note in found[0].notes]
    assert behind == [("1911)", entries[0]), ("(1907)", entries[1])]


def test_an_entry_that_a_columns_end_cut_is_one() -> None:
    def draw(canvas: Canvas) -> None:
        y = prose(canvas, f"{FERRY} {QUAY} Salt is taxed (Quill 1911).", 60, 100, width=220) + 12
        y = lines(canvas, ["References"], 60, y, size=14, font=BOLD) + 6
        prose(canvas, "Anna Quill. 1911. The salt tax and those who have to pay it in the", 60, y, width=220)
        y = prose(canvas, "end. In Papers of the Harbour Board.", 310, 100, width=220) + 6
        prose(canvas, "Ben Scribe. 1907. On curing fish. Cooperage Press of Orme.", 310, y, width=220)

    (note,) = cited(pdf(draw))[0].notes
    assert note.text == (
        "Anna Quill. 1911. The salt tax and those who have to pay it in the end. In Papers of the Harbour Board."
    )


def test_spans_slice_the_texts() -> None:
    found = blocks(pdf(two_columns))
    whole = "\n\n".join(block.text for block in found)
    assert [whole[block.start : block.end] for block in found] == [block.text for block in found]


def test_contents_of_several_pages() -> None:
    contents = read_file(Path("d.PDF"), pdf(*(furnished(n, text) for n, text in enumerate([FERRY, QUAY], 1))))
    assert (contents.pages, contents.tables, contents.encoding, contents.remarks) == (2, 0, None, ())
    assert [(block.kind, block.page) for block in contents.blocks] == [
        ("masthead", 1),
        ("prose", 1),
        ("prose", 2),
    ]


def test_a_password_is_asked_for() -> None:
    locked = StandardEncryption("secret", ownerPassword="owner", canPrint=0)
    assert "protected by a password" in refusal(pdf(furnished(1, FERRY), encrypt=locked))


def test_an_empty_password_opens() -> None:
    locked = StandardEncryption("", ownerPassword="owner", canCopy=0)
    assert texts(blocks(pdf(furnished(1, FERRY), encrypt=locked))) == [FERRY]


@pytest.mark.parametrize("data", [b"", b" \n\n"])
def test_an_empty_file(data: bytes) -> None:
    assert "is empty" in refusal(data)


@pytest.mark.parametrize("data", [b"PK\x03\x04 no PDF", b"%PDF-1.7\n%%EOF\n"])
def test_a_damaged_file(data: bytes) -> None:
    assert "damaged" in refusal(data)


def test_half_a_file_is_read_or_refused() -> None:
    whole = pdf(furnished(1, FERRY), furnished(2, QUAY))
    for share in (0.2, 0.5, 0.8, 0.95):
        assert_total(whole[: int(share * len(whole))])


def test_too_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfium, "MAX_PAGES", 1)
    assert refusal(pdf(furnished(1, FERRY), furnished(2, QUAY))) == (
        "d.pdf: 2 pages; at most 1 are read. Split the file."
    )


def scan(canvas: Canvas) -> None:
    canvas.setFillGray(0.9)
    canvas.rect(20, 20, WIDTH - 40, HEIGHT - 40, fill=1)


@pytest.fixture
def no_tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_tesseract")
def test_pages_without_text_are_remarked_on() -> None:
    contents = read("d.pdf", pdf(furnished(1, FERRY), scan, furnished(3, QUAY), scan))
    assert contents.remarks == ("2 of 4 pages have no text; install tesseract to have them read.",)
    assert texts(contents.blocks) == [FERRY, QUAY]


@pytest.mark.usefixtures("no_tesseract")
def test_a_file_without_text_is_refused() -> None:
    assert (
        refusal(pdf(scan, scan))
        == "d.pdf: none of its 2 pages has text; install tesseract to have them read."
    )
    assert refusal(pdf(scan)) == "d.pdf: its only page has no text; install tesseract to have them read."
    assert "its pages are empty" in refusal(pdf(lambda canvas: None))


TSV = """level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext
1\t1\t0\t0\t0\t0\t0\t0\t2000\t2900\t-1\t
5\t1\t1\t1\t1\t1\t200\t300\t90\t40\t96\tThe
5\t1\t1\t1\t1\t2\t310\t300\t180\t42\t95\tferry
5\t1\t1\t1\t1\t3\t510\t302\t60\t38\t12\t~~
5\t1\t1\t1\t2\t1\t200\t350\t110\t40\t96\trests.
"""


@pytest.fixture
def tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A program of that name that keeps the picture that it is given and answers with a table."""
    program = tmp_path / "tesseract"
    answer = tmp_path / "answer.tsv"
    answer.write_text(TSV, encoding="utf-8")
    program.write_text(f"#!/bin/sh\n/bin/cat > {tmp_path}/picture\n/bin/cat {answer}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_pages_without_text_are_read_by_tesseract(tesseract: Path) -> None:
    contents = read("d.pdf", pdf(furnished(1, FERRY), scan))
    assert contents.remarks == ("1 of 2 pages was read by tesseract.",)
    assert [(block.page, block.text) for block in contents.blocks][1:] == [
        (1, FERRY),
        (2, "The ferry rests."),
    ]
    picture = (tesseract / "picture").read_bytes()
    assert picture.startswith(b"P5 ")
    width, height = map(int, picture.split(b" ", 3)[1:3])
    assert len(picture) == width * height + len(b"P5 %d %d 255\n" % (width, height))


def test_a_tesseract_that_fails_is_no_error(tesseract: Path) -> None:
    (tesseract / "tesseract").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    contents = read("d.pdf", pdf(furnished(1, FERRY), scan))
    assert contents.remarks == (
        "1 of 2 pages has no text; tesseract could not read them either, scan them again.",
    )


def test_lines_of_a_script_that_runs_left() -> None:
    """The page is held before a mirror: its words stand in the order of reading, figures are not turned round."""
    hebrew = [Word("שנת", 100, 130, 100, 10), Word("לספירה", 40, 80, 100, 10)]
    page = PageText(1, 200, 300, tuple(reversed([*hebrew, Word("1911", 82, 98, 100, 10)])), rightwards=True)
    mirrored = mirror(page)
    (line,) = cut_lines(mirrored)
    assert line.text == "שנת 1911 לספירה"


def test_an_accent_of_its_own_is_put_on_its_letter() -> None:
    words_drawn = [Word("Herve", 0, 25, 100, 10), Word("´", 20.5, 23, 99.8, 10), Word("de", 28, 38, 100, 10)]
    assert [word.text for word in compose_accents(words_drawn)] == ["Hervé", "de"]


def test_importing_the_readers_does_not_load_pdfium() -> None:
    code = "import sys, index.readers; print('pypdfium2' in sys.modules)"
    root = Path(__file__).parent.parent
    env = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def assert_total(data: bytes) -> None:
    """Blocks or a refusal of one line, whatever the bytes."""
    message = None
    try:
        assert isinstance(read("d.pdf", data), Contents)
    except UnreadableFile as error:
        message = str(error)
    assert message is None or (message.startswith("d.pdf: ") and "\n" not in message)


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=timedelta(seconds=60))
def test_any_bytes(data: bytes) -> None:
    assert_total(data)
    assert_total(b"%PDF-1.4\n" + data)


@given(st.integers(0, 2**32), st.integers(1, 40))
@settings(max_examples=80, deadline=timedelta(seconds=60))
def test_any_damage_to_a_file(seed: int, wounds: int) -> None:
    data = bytearray(pdf(two_columns, furnished(2, QUAY)))
    choice = random.Random(seed)
    for _ in range(wounds):
        data[choice.randrange(len(data))] = choice.randrange(256)
    assert_total(bytes(data))


def test_every_public_file_is_read_or_refused() -> None:
    folder = shared("data/docs/pdf")
    refused = {}
    for path in sorted(folder.glob("*.pdf")):
        try:
            contents = read_file(path, path.read_bytes())
        except UnreadableFile as error:
            refused[path.name] = str(error)
            continue
        assert contents.pages
        assert all(block.page for block in contents.blocks)
    assert set(refused) == {"empty.pdf", "libreoffice-writer-password.pdf", "password-example.pdf"}
    assert all(reason.startswith(name) for name, reason in refused.items())


@pytest.mark.parametrize(("name", "least"), [("multi_page", 0.97), ("normal_4pages", 0.8)])
def test_public_files_with_a_gold_text(name: str, least: float) -> None:
    folder = shared("data/docs/pdf")
    gold = markdown_paragraphs((folder / f"{name}.md").read_text(encoding="utf-8"))
    path = folder / f"{name}.pdf"
    found = [as_printed(block) for block in read_file(path, path.read_bytes()).blocks]
    assert word_f1(words("\n".join(found)), words("\n".join(gold))) > 0.98
    assert paragraph_f1(found, gold) >= least
