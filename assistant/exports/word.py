"""A conversation as a Word document. The one file that imports docx."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from assistant.answers import Answer
from assistant.storage.records import Conversation, KeptAnswer

from .footnotes import VERDICTS, address, given, source

_MARK = re.compile(r"\s*\[(\d+)\]")
# What XML cannot hold.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def to_word(conversation: Conversation, answers: Sequence[KeptAnswer], origin: str) -> bytes:
    """The whole conversation as a .docx file, each answer with its notes below it."""
    import docx

    document = docx.Document()
    document.core_properties.title = _text(conversation.title)[:255]
    document.add_heading(_text(conversation.title), 0)
    for kept in answers:
        answer = kept.answer
        document.add_heading(_text(kept.question), 1)
        document.add_paragraph(f"{VERDICTS[answer.verdict]}. {given(kept)}", style="Subtitle")
        if answer.short_answer:
            document.add_paragraph().add_run(_text(answer.short_answer)).bold = True
        for part in answer.answer.split("\n\n"):
            _sentences(document.add_paragraph(), part, answer)
        for citation in answer.citations:
            note = document.add_paragraph()
            note.add_run(str(citation.number)).font.superscript = True
            note.add_run(_text(f" “{citation.quote}” {source(citation)}. {address(citation, origin)}"))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _sentences(paragraph: Any, text: str, answer: Answer) -> None:
    """Text with the marks of citations raised."""
    known = {citation.number for citation in answer.citations}
    at = 0
    for found in _MARK.finditer(text):
        if int(found[1]) in known:
            paragraph.add_run(_text(text[at : found.start()]))
            paragraph.add_run(found[1]).font.superscript = True
            at = found.end()
    paragraph.add_run(_text(text[at:]))


def _text(text: str) -> str:
    return _CONTROL.sub("", text)
