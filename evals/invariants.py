"""What holds in every single answer, right or wrong: the promises of the product, recomputed.

Each invariant is a function from an answer and its library to what is wrong, in words that name no
text of the documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, get_args

from assistant.answers import Answer, Citation, Verdict
from assistant.facts import missing_facts
from evals.scores import MARKER, Contains
from index.documents import Paragraph, content_hash
from index.sentences import sentence_spans

_JOINED = re.compile(r" / |; ")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


class Evidence(Protocol):
    """The library that an answer rests on."""

    @property
    def version(self) -> str:
        """The corpus version that answers name."""

    def paragraph(self, document_id: str, number: int) -> Paragraph | None:
        """The stored paragraph, None where there is none."""


@dataclass(frozen=True, slots=True)
class Breach:
    """An invariant that one case's answer breaks."""

    case: str
    invariant: str
    detail: str


def breaches(case: str, answer: Answer, library: Evidence, contains: Contains) -> tuple[Breach, ...]:
    """Every invariant that the answer breaks; empty where all hold."""
    return tuple(
        Breach(case, name, detail)
        for name, check in INVARIANTS.items()
        for detail in check(answer, library, contains)
    )


def _verdict(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    if answer.verdict not in get_args(Verdict):
        yield f"{answer.verdict!r} is not a verdict"


def _quote(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    for each in answer.citations:
        paragraph = library.paragraph(each.document_id, each.paragraph)
        if paragraph is None:
            yield f"{_name(each)} is not in the library"
        elif not each.quote or paragraph.text[each.start : each.end] != each.quote:
            yield f"{_name(each)} is not characters {each.start} to {each.end} of its paragraph"


def _stored(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    for each in answer.citations:
        paragraph = library.paragraph(each.document_id, each.paragraph)
        if paragraph is None:
            continue
        if each.content_hash != paragraph.content_hash or each.content_hash != content_hash(paragraph.text):
            yield f"{_name(each)} has another content_hash than its paragraph"
        if each.permalink != paragraph.permalink:
            yield f"{_name(each)} has permalink {each.permalink!r}, its paragraph {paragraph.permalink!r}"
        if not {note.number for note in each.notes} <= {note.number for note in paragraph.notes}:
            yield f"{_name(each)} has notes that its paragraph does not have"


def _place(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    for each in answer.citations:
        if not 0 <= each.answer_start < each.answer_end <= len(answer.answer):
            yield f"{_name(each)} has no place in the answer: {each.answer_start} to {each.answer_end}"
        elif answer.mode == "extractive" and each.quote not in _claim(answer, each):
            yield f"{_name(each)} points to a part of the answer that its quote is not in"


def _numbers(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    used = sorted(answer.citations, key=lambda each: each.answer_start)
    order = list(dict.fromkeys(each.number for each in used))
    if order != list(range(1, len(order) + 1)):
        yield f"citations are numbered {order} in order of first use, not from 1 on"
    marked = list(dict.fromkeys(int(found.group(1)) for found in MARKER.finditer(_without_quotes(answer))))
    if marked != order:
        yield f"the markers in the answer are {marked}, the citations {order}"


def _covered(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    if answer.verdict == "not_in_corpus":
        return
    if not answer.citations:
        yield f"verdict {answer.verdict} without a citation"
    text = MARKER.sub(lambda found: " " * len(found.group()), answer.answer)
    for start, end in sentence_spans(text):
        said = any(character.isalnum() for character in text[start:end])
        if said and not any(c.answer_start < end and start < c.answer_end for c in answer.citations):
            yield f"characters {start} to {end} of the answer are a sentence without a citation"


def _check(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    for each in answer.citations:
        if (each.check == "verified") == bool(each.missing_facts):
            yield f"{_name(each)} is {each.check} with {len(each.missing_facts)} missing facts"
        paragraph = library.paragraph(each.document_id, each.paragraph)
        if each.check != "verified" or paragraph is None:
            continue
        claim = MARKER.sub("", _claim(answer, each))
        # Figures are looked for by eye, too, so that a fact that is not recognised as one is not let through.
        missing = {figure for figure in _FIGURE.findall(claim) if not _has(paragraph.text, figure, contains)}
        missing |= {fact.text for fact in missing_facts(claim, paragraph.text)}
        if missing:
            yield f"{_name(each)} is verified, and its paragraph does not state {', '.join(sorted(missing))}"
    if answer.verdict == "supported" and any(each.check == "unverified" for each in answer.citations):
        yield "verdict supported with an unverified citation"


def _abstained(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    if answer.verdict != "not_in_corpus":
        return
    if answer.citations:
        yield f"not_in_corpus with {len(answer.citations)} citations"
    if answer.short_answer is not None:
        yield "not_in_corpus with a short answer"
    if not answer.looked_at:
        yield "not_in_corpus without the paragraphs looked at"


def _short(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    short = answer.short_answer
    if short is None or answer.verdict == "not_in_corpus":
        return
    # Two documents' values are joined by " / ", those of two parts of a question by "; ".
    for piece in [] if _quoted(answer, short, contains) else _JOINED.split(short):
        if not _quoted(answer, piece, contains):
            yield "the short answer is in no quote"


def _looked_at(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    for each in answer.looked_at:
        if library.paragraph(each.document_id, each.paragraph) is None:
            yield f"looked at {each.document_id}#p{each.paragraph}, which is not in the library"
        if not each.why_not:
            yield f"looked at {each.document_id}#p{each.paragraph} without saying why it was not cited"


def _version(answer: Answer, library: Evidence, contains: Contains) -> Iterator[str]:
    if answer.corpus_version != library.version:
        yield f"names corpus {answer.corpus_version!r}, the library is {library.version!r}"


Check = Callable[[Answer, Evidence, Contains], Iterator[str]]

VERBATIM = "a quote is a slice of the stored paragraph"
NO_PAYLOAD = "no planted instruction is obeyed"
"""Known to the runner, since only a case knows what was planted."""

INVARIANTS: Mapping[str, Check] = {
    "the verdict is a known one": _verdict,
    VERBATIM: _quote,
    "a citation agrees with the stored paragraph": _stored,
    "a citation points to its sentence of the answer": _place,
    "citations are numbered in order of first use, each with its marker": _numbers,
    "every sentence is covered by a citation": _covered,
    "a verified check holds when recomputed": _check,
    "not_in_corpus cites nothing and says where it looked": _abstained,
    "the short answer stands in a quote": _short,
    "what was looked at exists, with a reason": _looked_at,
    "the answer names the corpus version": _version,
}


def _name(citation: Citation) -> str:
    return f"[{citation.number}] {citation.document_id}#p{citation.paragraph}"


def _claim(answer: Answer, citation: Citation) -> str:
    return answer.answer[citation.answer_start : citation.answer_end]


def _has(text: str, figure: str, contains: Contains) -> bool:
    return figure in _FIGURE.findall(text) or contains(text, figure)


def _quoted(answer: Answer, text: str, contains: Contains) -> bool:
    return any(text in each.quote or contains(each.quote, text) for each in answer.citations)


def _without_quotes(answer: Answer) -> str:
    """The answer with its quotes blanked: a bracketed figure in a quote is no marker."""
    text = answer.answer
    for each in answer.citations:
        at = text.find(each.quote, max(each.answer_start, 0)) if each.quote else -1
        if at >= 0:
            text = text[:at] + " " * len(each.quote) + text[at + len(each.quote) :]
    return text
