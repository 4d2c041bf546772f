"""Questions about a document itself, answered from its front matter alone."""

from __future__ import annotations

import pytest
from fakes_assistant import document, paragraph

from assistant.masthead import Field, documents_meant, field_asked, read_front
from assistant.reader import Reading

QUESTIONS: dict[Field, list[str]] = {
    "Author": [
        "Who wrote the brief?",
        "Who is the author of the article?",
        "Who are the authors of these reports?",
        "Which author wrote the piece?",
        "By whom was the brief written?",
        'Who wrote "Freight returns to Ellmouth"?',
        "Who wrote the harbour board's brief on the ferry?",
        "Who is the brief's author?",
        "gazette article author?",
        "Who wrote the article that the board published?",
        "What is the name of the author of the brief?",
        "What is the author of the brief called?",
    ],
    "Affiliation": [
        "At which centre does the author of the brief work?",
        "Where does the author work?",
        "Which institute does the writer of the article work for?",
        "What is the author's position?",
        "What job title does the author of the brief have?",
    ],
    "Editor": ["Who edited the report?", "Who was the editor of the brief?", "harbour brief editor"],
    "Publisher": [
        "Who published the report?",
        "Which institute published the brief?",
        "Which paper published the article?",
        "Where was the article published?",
        "Where did the article appear?",
        "Who published the report on the storm?",
        "Who published the article written by Albrecht?",
        'Which publication carried the piece "Freight returns to the harbour"?',
    ],
    "Date of publication": [
        "When was the brief published?",
        "When did the article appear?",
        "What is the date of the report?",
        "How old is the report?",
        "How recent is the article?",
        "what day was the digest issued",
        "When was the brief on the ferry published?",
        "harbour brief publication date",
        "In what year was the report published?",
    ],
    "Title": [
        "What is the title of the report?",
        "What are the titles of the documents?",
        "What is the title of the article published by the board?",
        "What is the brief called?",
        "Under what title did the board publish its report?",
        "What is the headline of the article?",
    ],
}
OTHERS = [
    "Who wrote the letter?",
    "Who published the figures?",
    "Which paper printed the letter, and which one ran a piece on freight?",
    "When was the treaty published?",
    "What does the report say about the harbour?",
    "Which minister is named in the article?",
    "Who wrote the letter that the article quotes?",
    "When was the letter published in the paper?",
    "When did the paper print the letter?",
    "Who, according to the brief, wrote the treaty?",
    "What does the author of the report think about fishing?",
    "What did the author of the brief say about the ferry?",
    "What is the title of the man in the report?",
    "What is the author's view of the treaty?",
    "Which country does the author think will gain?",
    "What is the position of the brief on sanctions?",
    "At which harbour do the men in the report work?",
]
HARBOUR = document(
    "harbour", title="The harbour in 2024", author="Ines Albrecht", publisher="Ellmouth Harbour Board"
)
GAZETTE = document("gazette", title="Freight returns", publisher="Ellmouth Gazette")
DOCUMENTS = [GAZETTE, HARBOUR]
FRONT_HARBOUR = paragraph(
    "harbour 0",
    "Title: The harbour in 2024\nAuthor: Ines Albrecht, harbour clerk\nEditor: Dr. Jonas Weber\n"
    "Publisher: Ellmouth Harbour Board\nDate of publication: 16 August 2024",
)
FRONT_GAZETTE = paragraph("gazette 0", "Title: Freight returns\nPublisher: Ellmouth Gazette")


def lines(reading: Reading) -> list[tuple[str, str | None]]:
    return [(evidence.text, evidence.short_text) for evidence in reading.evidence]


@pytest.mark.parametrize(
    ("field", "question"), [(field, question) for field, asked in QUESTIONS.items() for question in asked]
)
def test_a_question_asks_for_a_line_of_the_front_matter(field: Field, question: str) -> None:
    assert field_asked(question) == field


@pytest.mark.parametrize("question", OTHERS)
def test_a_question_about_something_else_asks_for_none(question: str) -> None:
    assert field_asked(question) is None


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("Who wrote the Ellmouth Gazette article?", ["gazette"]),
        ("Who edited Albrecht's report?", ["harbour"]),
        ("Who wrote the report on freight?", ["gazette"]),  # by the words of its title
        ("Who wrote the paper on the harbour in 2024?", ["harbour"]),
        ("Who wrote the article?", ["gazette", "harbour"]),  # nothing tells them apart
        ("Which think tank put out the brief?", ["gazette", "harbour"]),
        ("Who wrote the report on the storms of Whitby?", []),
        ("Who wrote “A history of whaling”?", []),
        ("When was the article in The Pyongyang Times published?", []),
        ("When was the article in August 2024 published?", ["harbour"]),
    ],
)
def test_a_question_means_these_documents(question: str, ids: list[str]) -> None:
    assert [meant.id for meant in documents_meant(question, DOCUMENTS)] == ids


@pytest.mark.parametrize(
    ("field", "line", "short"),
    [
        ("Author", "Author: Ines Albrecht, harbour clerk", "Ines Albrecht"),
        ("Affiliation", "Author: Ines Albrecht, harbour clerk", "harbour clerk"),
        ("Editor", "Editor: Dr. Jonas Weber", "Dr. Jonas Weber"),
        ("Publisher", "Publisher: Ellmouth Harbour Board", "Ellmouth Harbour Board"),
        ("Date of publication", "Date of publication: 16 August 2024", "16 August 2024"),
        ("Title", "Title: The harbour in 2024", "The harbour in 2024"),
    ],
)
def test_a_line_is_read_with_its_short_answer(field: Field, line: str, short: str) -> None:
    reading = read_front("?", field, [FRONT_HARBOUR])
    assert lines(reading) == [(line, short)]
    assert reading.answerable > 0.9
    assert reading.evidence[0].hit.paragraph is FRONT_HARBOUR


def test_each_document_that_has_the_line_answers() -> None:
    reading = read_front("?", "Publisher", [FRONT_HARBOUR, FRONT_GAZETTE])
    assert [short for _, short in lines(reading)] == ["Ellmouth Harbour Board", "Ellmouth Gazette"]
    only = read_front("?", "Author", [FRONT_GAZETTE, FRONT_HARBOUR])
    assert [short for _, short in lines(only)] == ["Ines Albrecht"]


def test_a_document_without_an_author_is_silent_and_shows_its_title() -> None:
    reading = read_front("Who wrote the article?", "Author", [FRONT_GAZETTE])
    assert lines(reading) == [("Title: Freight returns", None)]
    assert reading.answerable < 0.1


def test_no_front_matter_is_no_evidence() -> None:
    assert read_front("Who wrote it?", "Author", []).evidence == ()
