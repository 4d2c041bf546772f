"""Questions about a document itself: who wrote or edited it and where they work, who published it and when, what
it is called.

They are answered from the document's front matter (paragraph 0), line by line, and only from there; for every
other question the front matter is left out of reading, since titles resemble everything and say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from assistant.facts import find_facts
from assistant.parts import named_documents
from assistant.reader import Evidence, Reading
from assistant.words import stems
from index.documents import Document, Hit, Paragraph
from index.sentences import sentence_spans

Field = Literal["Author", "Affiliation", "Editor", "Publisher", "Date of publication", "Title"]

_WORKS = "brief|article|report|paper|document|digest|piece|essay|text|publication|analysis"
_WORK = re.compile(rf"\b(?:{_WORKS})s?\b|[\"“][^\"”]{{12,}}[\"”]", re.IGNORECASE)
# What was written or published is the document itself, not "the letter that the article quotes".
_OF_WORK = re.compile(
    r"\b(?:(?:edit|publish|releas|issu|appear|author|writ|publi|titl|headline)\w*|wrote|penned|dated?|names?|out|day|month|year|"
    r"is|was|are|were|do|does|did)\s+(?:(?:of|on|for|behind)\s+)?"
    rf"(?:(?!(?:in|on|of|by|for|from|that|which|who|to|quoted|cited)\b)[^\s,?]+\s+){{0,6}}?(?:{_WORK.pattern})"
    rf"|\b(?:{_WORKS})(?:[’']s)? (?:(?:publication|release|issue) )?"
    r"(?:authors?|editors?|writers?|publisher|date|year|title|headline)\b"
    rf"|\b(?:the|its) (?:author|editor|writer)(?:[’']s)?\b"
    r"|\b(?:carried|ran|printed)\b[^?]*[\"“][^\"”]{12,}[\"”]",
    re.IGNORECASE,
)
_PEOPLE = "authors?|editors?|writers?|publishers?"
_WRITER = r"\b(?:authors?|writers?|who(?:ever)? (?:wrote|authored|penned))\b"
_FIELDS: tuple[tuple[Field, str, str], ...] = (
    # the line, how it is asked for, and the verb or noun that says of what
    (
        "Affiliation",
        r"\bworks? (?:at|for|in)\b|\b(?:where|which|what)\b.*\b(?:work|works|based|employed|belongs?|affiliated)\b\W*$"
        r"|\b(?:affiliation|employer|job title|institutional home)\b"
        r"|\b(?:authors?|writers?)[’']s? (?:role|position|job|post|profession|title)\b"
        r"|\bwhat (?:role|position|job|post)\b.*\b(?:have|has|hold|holds)\b",
        _WRITER,
    ),
    (
        "Editor",
        r"^\W*(?:who|which|what|name|by whom)\b|\beditors? of\b|\beditors?\W*$",
        r"\bedit(?:ed|ors?)\b",
    ),
    (
        "Date of publication",
        r"\bwhen\b|\bdated?\b|\b(?:what|which) (?:day|month|year)\b|\bhow (?:old|recent)\b|\bpublication year\b",
        r"\b(?:publi\w+|released|issued|dated?|appear\w*|c[ao]me out|put out|written|how (?:old|recent))\b",
    ),
    (
        "Publisher",
        r"\b(?:who|which|what|where|whose|whom)\b|\bpublisher of\b",
        r"\b(?:publish\w*|released|issued|brought out|put out|carried|ran|printed|appear\w*)\b",
    ),
    (
        "Author",
        r"\b(?:who|whom|whose|name)\b|^\W*(?:the )?authors? of\b|\b(?:what|which) authors?\b|\b(?:authors?|called)\W*$",
        r"\b(?:wrote|written|writes|authored|penned|authors?|writers?)\b",
    ),
    (
        "Title",
        r"\b(?:titles?|headlines?|(?:en)?titled|headlined)\b|\bcalled\W*$"
        r"|\b(?:what|which) (?:is|are|was|were) the names? of\b",
        r"\b(?:(?<!job )titles? (?:of|did|does|was|is)|(?:what|which) (?:title|headline)|headlines? of"
        rf"|(?:en)?titled|headlined|names? of (?:the|this|these|that)(?![^?]*\b(?:{_PEOPLE})\b)"
        rf"|(?:{_WORKS})(?:[’']s)? (?:title|headline))\b|^(?!.*\b(?:{_PEOPLE})\b).*\b(?:{_WORKS})\b[^,]*\bcalled\b",
    ),
)
_PATTERNS = tuple(
    (field, re.compile(asked, re.IGNORECASE), re.compile(of, re.IGNORECASE)) for field, asked, of in _FIELDS
)
_TOPIC = re.compile(
    rf"\b(?:{_WORKS})s? (?:on|about|regarding|concerning)\b|[\"“][^\"”]{{12,}}[\"”]", re.IGNORECASE
)
# "The editor of The Pyongyang Times", "the article in Rodong Sinmun".
_OF_OTHER = re.compile(
    rf"\b(?:[Aa]uthor|[Ee]ditor|[Ww]riter|[Pp]ublisher|(?i:{_WORKS}))s? (?:of|in|by|from) "
    r"(?P<whose>(?:[Tt]he )?[A-Z][\w’'-]*(?: (?:of |the )?[A-Z][\w’'-]*)*)"
)
_CERTAIN = 0.97
_SILENT = 0.03


def field_asked(question: str) -> Field | None:
    """The line of the front matter that `question` asks for, or None where it asks about something else.

    Of several that it speaks of, the first: "Who wrote the article that they published?" asks for the author.
    """
    if not _OF_WORK.search(question):
        return None
    found = [
        (of_what.start(), field)
        for field, asked, of in _PATTERNS
        if asked.search(question) and (of_what := of.search(question))
    ]
    return min(found, key=lambda one: one[0], default=(0, None))[1]


def documents_meant(question: str, documents: Sequence[Document]) -> list[Document]:
    """The documents that a question about a document means: the named ones, else the best match by words.

    None where the question says what it is about, and no document is.
    """
    named = named_documents(question, documents)
    if named:
        return [document for document in documents if document.id in named]
    other = _OF_OTHER.search(question)
    if other and any(fact.kind == "name" for fact in find_facts(other["whose"])):
        known = [stems(_description(document)) for document in documents]
        if not any(stems(other["whose"]) <= words for words in known):
            return []
    asked = stems(re.sub(rf"\b(?:{_WORKS})s?\b", " ", question, flags=re.IGNORECASE))
    shared = [len(asked & stems(_description(document))) for document in documents]
    best = max(shared, default=0)
    if not best and _TOPIC.search(question):
        return []
    return [document for document, count in zip(documents, shared, strict=True) if count == best]


def read_front(question: str, field: Field, fronts: Sequence[Paragraph]) -> Reading:
    """The lines of `fronts` that state `field`, as evidence that is certain.

    Where none states it, their titles come back, as evidence of nothing.
    """
    evidence = []
    for front in fronts:
        for start, end in sentence_spans(front.text):
            label, _, value = front.text[start:end].partition(": ")
            # An author's line goes on with the role: the short answer is the name or what comes after it.
            name, _, role = value.partition(", ")
            said = {"Author": name, "Affiliation": role}.get(field, value)
            if label == ("Author" if field == "Affiliation" else field) and said:
                at = start + len(label) + 2 + (len(value) - len(role) if field == "Affiliation" else 0)
                hit = Hit(front, 0.0, ())
                evidence.append(Evidence(hit, start, end, _CERTAIN, _CERTAIN, (at, at + len(said))))
    if evidence:
        return Reading(tuple(evidence), _CERTAIN)
    titles = [
        Evidence(Hit(front, 0.0, ()), *sentence_spans(front.text)[0], _SILENT, _SILENT) for front in fronts
    ]
    return Reading(tuple(titles), _SILENT)


def _description(document: Document) -> str:
    known = (document.title, document.publisher, document.author, document.editor, document.id)
    return " ".join(part for part in known if part)
