"""Lists of references: what the text cites in brackets or by author and year, as notes behind the paragraph."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.corpus import CorpusFile, read_document
from index.documents import Block, Mark, Paragraph
from index.readers.references import cite


def paragraphs(folder: Path, text: str, name: str = "file.txt") -> list[Paragraph]:
    (folder / name).write_text(text, encoding="utf-8")
    return list(read_document(CorpusFile(folder / name, "file", {}), folder).paragraphs[1:])


def notes(paragraph: Paragraph) -> list[tuple[int, str]]:
    """Each note's number, and the words before its marker."""
    return [(note.number, " ".join(paragraph.text[: note.at].split()[-2:])) for note in paragraph.notes]


QUAY = "The quay was built anew after the storm, and salt is carried over it."
BY_NAME = """The Trade in Salt

The quay was built anew after the storm (Smith 2020). Trade doubled (Jones & Brown, 2019; Lee et al. 2018a, p. 4).

As Smith (2020) and the Harbour Board (2021) say, salt is dear. Others do not agree (Nobody 2020; Smith 1999).

{heading}

Brown, A. (2017). Something else. Press.

Jones, K., & Brown, A. (2019). The trade of the bay. Press. https://press.example/trade

Lee, C., Kim, D. and Park, E. (2018a). Salt by the barrel. Gazette, 4, 1–20.

Smith, J. (2020). Quays. London: Harbour Books.

Harbour Board. 2021. Outlook for salt. Ellmouth. https://board.example/salt
"""


@pytest.mark.parametrize("heading", ["References", "Bibliography:", "7. Works cited", "Literatur", "Sources"])
def test_an_author_and_a_year_lead_to_the_reference(tmp_path: Path, heading: str) -> None:
    found = paragraphs(tmp_path, BY_NAME.format(heading=heading))
    assert len(found) == 2
    assert "(Smith 2020)" in found[0].text
    assert notes(found[0]) == [(2, "p. 4)"), (3, "p. 4)"), (4, "(Smith 2020)")]
    assert notes(found[1]) == [(4, "Smith (2020)"), (5, "Board (2021)")]
    assert found[0].notes[0].text.startswith("Jones, K., & Brown, A. (2019). The trade of the bay. Press.")
    assert found[0].notes[0].url == "https://press.example/trade"


def test_a_first_author_may_be_named_before_the_surname(tmp_path: Path) -> None:
    text = (
        "The quay was built anew after the storm (Smith et al., 2020), and salt is dear (Lee and Park, 2018).\n\n"
        "Nobody knows what fish costs (Brown 2017), which Board (2021) does not say either.\n\nReferences\n\n"
        "Jane Smith, Kim Doe, and Ann Lee. 2020. Quays. Harbour Books.\n\nChris Lee and Eve Park. 2018. Salt.\n\n"
        "Ann Brown. 2017. Fish.\n\nOtto Brown. 2017. More fish.\n\nHarbour Board of Ellmouth Town Hall. 2021. Fees."
    )
    found = paragraphs(tmp_path, text)
    assert [notes(paragraph) for paragraph in found] == [[(1, "al., 2020)"), (2, "Park, 2018)")], []]


def test_entries_line_below_line(tmp_path: Path) -> None:
    text = (
        "The quay was built anew after the storm (Smith 2020). Trade doubled (Jones & Brown, 2019).\n\n"
        "References\nJones, K., & Brown, A. (2019). The trade of the bay: barrels, carts and\n"
        "ferries. Press. https://press.example/trade\nSmith, J. (2020). Quays. London: Harbour Books.\n"
    )
    (found,) = paragraphs(tmp_path, text)
    assert notes(found) == [(1, "Brown, 2019)"), (2, "(Smith 2020)")]
    assert found.notes[0].text == (
        "Jones, K., & Brown, A. (2019). The trade of the bay: barrels, carts and ferries. Press."
    )
    assert found.notes[1].text == "Smith, J. (2020). Quays. London: Harbour Books."


BY_NUMBER = """# Salt

The quay was built anew [1]. Trade doubled [2, 3] and fell [1–3], "[sic]", whatever [9] is.

## References

{0} Smith, J. *Quays*. London, 2020.
{1} Jones, K. The trade of the bay. 2019. <https://press.example/trade>
{2} Lee, C. Salt. 2018.
"""


@pytest.mark.parametrize("labels", [("1.", "2.", "3."), ("-", "-", "-")])
def test_a_number_in_brackets_leads_to_the_reference(tmp_path: Path, labels: tuple[str, str, str]) -> None:
    (found,) = paragraphs(tmp_path, BY_NUMBER.format(*labels), "file.md")
    assert found.text == 'The quay was built anew. Trade doubled and fell, "[sic]", whatever [9] is.'
    assert notes(found) == [
        (1, "built anew"), (1, "and fell"), (2, "Trade doubled"), (2, "and fell"), (3, "Trade doubled"), (3, "and fell")
    ]  # fmt: skip


def test_a_numbered_list_without_a_heading_is_one_where_the_text_cites_it(tmp_path: Path) -> None:
    text = (
        "The harbour has a long quay of granite that was built anew after the storm.[1] It is grey.[2]\n\n"
        "The ferry crosses the bay at night, whatever the bell says.[1][3]\n\n"
        "1. Smith, J. Quays. London, 2020.\n2. Jones, K. The trade of the bay,\n   by the barrel. 2019.\n"
        "3. Smith 2020, p. 3\n"
    )
    found = paragraphs(tmp_path, text)
    behind = [[(1, "the storm."), (2, "is grey.")], [(1, "bell says."), (3, "bell says.")]]
    assert [notes(paragraph) for paragraph in found] == behind
    assert found[0].notes[1].text == "Jones, K. The trade of the bay, by the barrel. 2019."


def test_raised_digits_lead_to_a_numbered_list(tmp_path: Path) -> None:
    text = (
        "The harbour has a long quay of granite that was built anew after the storm.¹ It has 5 km² of stone.\n\n"
        "The ferry crosses the bay at night, whatever the bell says.² It carries no carts.\n\n"
        "Notes\n\n1. Smith, J. Quays. London, 2020.\n\n2. The bell was cast in 1871.\n"
    )
    found = paragraphs(tmp_path, text)
    assert [notes(paragraph) for paragraph in found] == [[(1, "the storm.")], [(2, "bell says.")]]


@pytest.mark.parametrize(
    "text",
    [
        f"{QUAY}\n\nNotes\n\nIn 2019 the bell broke. It was mended.",
        f"{QUAY}\n\n1. Count the boats of 2019.\n2. Count men.\n3. Go.",
    ],
)
def test_what_nothing_cites_stays_a_paragraph(tmp_path: Path, text: str) -> None:
    assert len(paragraphs(tmp_path, text)) > 1


def test_markers_that_a_reader_found_keep_their_places() -> None:
    body = Block("prose", "Salt [1] is dear.", 0, 0, marks=(Mark("note", 17),))
    heading, entry = Block("heading", "References", 0, 0), Block("prose", "1. Smith. 2020.", 0, 0)
    cited = cite([body, heading, entry])
    assert (cited[0].text, cited[0].marks) == ("Salt is dear.", (Mark("reference 1", 4), Mark("note", 13)))
    assert (cited[2].kind, cited[2].text, cited[2].label) == ("note", "Smith. 2020.", "reference 1")


TEXTS = st.sampled_from(
    [
        "References",
        "Notes",
        "1. Smith 2020.",
        "2. Lee 2019",
        "Smith (2020) and [1], [2-1].",
        "[1] x [2] y (Lee 2019; 2020)",
    ]
)
KINDS = st.sampled_from(["prose", "item", "heading", "note", "title"])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.builds(lambda kind, text: Block(kind, text, 0, 0), KINDS, TEXTS), max_size=12))
def test_any_blocks_are_cited_within_their_texts(blocks: list[Block]) -> None:
    cited = cite(blocks)
    assert len(cited) == len(blocks)
    assert all(0 <= mark.at <= len(block.text) for block in cited for mark in block.marks)
