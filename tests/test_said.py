"""What files say of themselves: days in every way of writing them, and what programs put there unasked."""

from __future__ import annotations

import pytest

from index.readers.days import iso_day
from index.readers.front import read_front
from index.readers.pieces import Piece
from index.readers.unasked import said_author, said_title


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("16 August 2024", "2024-08-16"),
        ("published on Aug. 16, 2024", "2024-08-16"),
        ("3 sept 2020", "2020-09-03"),
        ("September 3, 2020", "2020-09-03"),
        ("2024-06-20T10:00:00Z", "2024-06-20"),
        ("20240620", "2024-06-20"),
        ("2024-06", "2024-06"),
        ("Chapter 12, 2019", None),
        ("40 May 2020", None),
        ("", None),
    ],
)
def test_a_day_is_read(text: str, day: str | None) -> None:
    assert iso_day(text) == day


@pytest.mark.parametrize(
    ("line", "date"), [("12 Mai 2024", "2024"), ("Published: May 12, 2024", "2024-05-12")]
)
def test_of_a_month_in_another_language_the_year_is_known(line: str, date: str) -> None:
    pieces = [Piece(text, 0, 0, bullet=False, page=None) for text in ("The Harbour of Ellmouth", line)]
    assert read_front(pieces)[1] == {"title": "The Harbour of Ellmouth", "date": date}


@pytest.mark.parametrize(
    "title", ["Scan 3", "Untitled 3", "report_final.docx", "Dokument1", "new document 2", "--"]
)
def test_a_title_that_a_program_gave_is_none(title: str) -> None:
    assert said_title(title) == ""


@pytest.mark.parametrize("title", ["Scandinavia", "New Zealand", "The Untitled Quay", "Prints of Ellmouth"])
def test_a_title_that_a_person_gave_stays(title: str) -> None:
    assert said_title(title) == title


def test_an_author_is_a_name() -> None:
    assert [said_author(name) for name in ("A. Holt", "python-docx", "Admin", "x@y.example")] == [
        "A. Holt",
        "",
        "",
        "",
    ]
