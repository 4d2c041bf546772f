"""Conversations to take away, and the records of feedback."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import docx
from fakes_web import BERTH_GAZETTE, CONFLICTING, NOT_IN_CORPUS, ROSE, SUPPORTED
from markdown_it import MarkdownIt

from assistant.answers import Answer, Turn
from assistant.exports.feedback import to_lines
from assistant.exports.footnotes import footnoted
from assistant.exports.markdown import plain, to_markdown
from assistant.exports.page import to_html
from assistant.exports.word import to_word
from assistant.storage.records import Conversation, Feedback, GivenFeedback, KeptAnswer

ORIGIN = "https://footnote.example"
TALK = Conversation("c1", "ann", "Freight & berths", "2026-03-01T09:30:00.000000+00:00", "")
HOSTILE = "<script>alert(1)</script> ![x](http://far.example/x.png) [y](javascript:z) \x07"


def kept(answer: Answer, question: str) -> KeptAnswer:
    record = json.loads(json.dumps(answer.to_dict()))
    history = (Turn("user", "Before?"), Turn("assistant", "Yes."))
    return KeptAnswer(answer.id, "ann", "c1", TALK.created_at, question, history, (), "c0ffee12", record)


ANSWERS = [kept(SUPPORTED, "How much?"), kept(CONFLICTING, "How long?"), kept(NOT_IN_CORPUS, "What fare?")]


def test_an_answer_is_copied_with_its_footnotes() -> None:
    text = footnoted(SUPPORTED, ORIGIN)
    assert text.startswith(f"54 percent\n\n{ROSE} [1]\n\n[1] “{ROSE}” The harbour in 2024, ")
    citation = SUPPORTED.citations[0]
    address = f"{ORIGIN}/documents/harbour?p=2&start=53&end=116&h={citation.content_hash}#p2"
    assert f"Ellmouth Harbour Board, 16 August 2024, ¶ 2. {address}\n" in text
    assert text.endswith("Supported by the documents. Corpus version c0ffee12.")


def test_markdown_numbers_footnotes_through_the_conversation() -> None:
    text = to_markdown(TALK, ANSWERS, ORIGIN)
    assert text.startswith("# Freight & berths\n\n## How much?\n")
    assert f"{ROSE}[^1]" in text
    assert f"{BERTH_GAZETTE}[^3]" in text
    assert text.count("\n[^") == 3
    assert "1 March 2026, 09:30 UTC; corpus version c0ffee12" in text


def test_nothing_in_markdown_becomes_markup() -> None:
    rendered = MarkdownIt().render(plain(f"{HOSTILE}\n# no\n1. no\n- no\n```no"))
    for tag in ("<img", "<a ", "<script", "<h1", "<ol", "<ul", "<code"):
        assert tag not in rendered


def test_the_page_loads_and_runs_nothing() -> None:
    hostile = replace(SUPPORTED, answer=HOSTILE, short_answer=HOSTILE)
    page = to_html(replace(TALK, title=HOSTILE), [*ANSWERS, kept(hostile, HOSTILE)], ORIGIN)
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src 'none'" in page
    assert page.count("<article>") == 4
    assert f'href="{ORIGIN}/documents/harbour?p=2&amp;start=53' in page


def test_the_word_file_has_headings_raised_numbers_and_notes() -> None:
    hostile = replace(SUPPORTED, answer=HOSTILE, short_answer=None, citations=())
    data = to_word(TALK, [*ANSWERS, kept(hostile, HOSTILE)], ORIGIN)
    paragraphs = docx.Document(io.BytesIO(data)).paragraphs
    headings = [p.text for p in paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings[:3] == ["How much?", "How long?", "What fare?"]
    raised = [run.text for p in paragraphs for run in p.runs if run.font.superscript]
    assert raised == ["1", "1", "1", "2", "1", "2"]
    assert any(ROSE in p.text and ORIGIN in p.text for p in paragraphs)


def test_feedback_is_a_record_on_each_line() -> None:
    given = GivenFeedback(
        Feedback("down", "wrong-number", "55 percent", "Look again"), "ann", "t", ANSWERS[0]
    )
    up = GivenFeedback(Feedback("up"), "ann", "t", ANSWERS[1])
    first, second = map(json.loads, to_lines([given, up]).splitlines())
    assert first == {
        "answer_id": "a1",
        "question": "How much?",
        "history": ["Before?"],
        "verdict": "supported",
        "thumb": "down",
        "kind": "wrong-number",
        "right_answer": "55 percent",
        "comment": "Look again",
        "corpus_version": "c0ffee12",
        "given_at": "t",
    }
    assert "kind" not in second
