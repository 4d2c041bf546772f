"""A question's parts, and the documents that it names.

"What did he promise, and which paper printed it?" is two questions; each is read by itself, so that an
answer to one half is not taken for an answer to both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.answers import Turn
from assistant.followup import stand_alone
from assistant.words import content_words
from index.documents import Document

_WH = r"(?:by |in |at |to |from |for |on |of |with )?(?:what|which|who|whom|whose|when|where|why|how)\b"
# After a comma alone, "who", "which", "when" and "where" open a relative clause, which is no question of its own.
_AFTER_COMMA = r"(?:what|why|how|(?:when|where) (?:is|are|was|were|do|does|did|has|have|had|will|can))\b"
_CUT = re.compile(
    rf"(?:,\s*(?={_AFTER_COMMA})|"
    rf"(?:,?\s+and\s+(?:also\s+)?|\s*;\s*(?:and\s+)?|\s+[-–—]\s+(?:and\s+)?|\?\s+(?:and\s+)?)(?={_WH}))",
    re.IGNORECASE,
)
# "Which fish, and in what amounts, …", "between what was promised and what was kept": one question each.
_WHOLE = re.compile(
    r"^(?:how (?:many|much)|which) [\w’'-]+$|\bbetween (?:what|who|where|when)\b", re.IGNORECASE
)
_MAX_PARTS = 3
_WORKS = "(?:document|source|article|brief|text|paper|account|report|digest|author|publication|piece)s?"
_EACH = re.compile(
    rf"\b(?:both|each|either|all|the two)\b(?: \w+){{0,3}} (?:{_WORKS})\b|^\W*(?:compare|contrast)\b",
    re.IGNORECASE,
)
_MOST_EACH = 4
_LEAD = re.compile(r"^(?:in|according to|per|from|for|as for)\b[^,?]{2,60}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SubQuestion:
    """A part of a question, and the documents it is put to; all of them where none is named."""

    text: str
    documents: tuple[str, ...] = ()


def split_parts(question: str) -> list[str]:
    """The parts of `question`, each with a question mark; the question alone where it has but one.

    A pronoun that points to the first part ("… and when was it published?") is replaced by what it means there.
    """
    pieces = [piece.strip() for piece in _CUT.split(question.strip()) if piece.strip()]
    pieces = _with_lead(pieces)
    if not 2 <= len(pieces) <= _MAX_PARTS or any(not content_words(piece) for piece in pieces):
        return [question.strip()]
    if _WHOLE.search(pieces[0]):
        return [question.strip()]
    if not all(re.search(_WH, piece, re.IGNORECASE) for piece in pieces[1:]):
        return [question.strip()]
    if not re.search(_WH, pieces[0], re.IGNORECASE):
        # An announcement ("Collect its words - what was …, and what …?") goes with the part after it.
        pieces = [f"{pieces[0]}: {pieces[1]}", *pieces[2:]]
    if len(pieces) < 2:
        return [question.strip()]
    first, *others = (piece.rstrip("?. ") + "?" for piece in pieces)
    return [first, *(_told(other, first) for other in others)]


def sub_questions(question: str, documents: Sequence[Document]) -> list[SubQuestion]:
    """What is to be read for `question`: its parts, each within the one document that it names.

    "What do both documents say …" and "How do A and B describe …" are put to each of the documents.
    """
    parts = split_parts(question)
    found = []
    for part in parts:
        named = named_documents(part, documents) or (
            named_documents(question, documents) if parts[1:] else ()
        )
        if len(parts) == 1 and (len(named) > 1 or _EACH.search(part)):
            each = named if len(named) > 1 else tuple(document.id for document in documents)
            if len(each) <= _MOST_EACH:
                text = _unframed(part, documents)
                found += [SubQuestion(text, (document_id,)) for document_id in each]
                continue
        if len(named) == 1:
            found.append(SubQuestion(_unframed(part, documents), named))
        else:
            found.append(SubQuestion(part))
    return found


def _unframed(question: str, documents: Sequence[Document]) -> str:
    """The question without "according to the brief": the document is known, and its name would mislead the reader."""
    names = sorted((re.escape(name) for one in documents for name in _names(one)), key=len, reverse=True)
    named = rf"(?:{'|'.join(names)})(?:['’]s?)?(?: (?:\w+ )?{_SOURCE}\b)?"
    source = rf"(?:{named}|(?:each|both|all|the two)(?: \w+)? (?:{_WORKS})\b)"
    bare = re.sub(rf",?\s*\b(?:according to|in|per) (?:the )?{source},?", "", question, flags=re.IGNORECASE)
    bare = re.sub(r"\s+", " ", bare).strip(" ,")
    return bare[:1].upper() + bare[1:] if content_words(bare) else question


def named_documents(question: str, documents: Sequence[Document]) -> tuple[str, ...]:
    """The ids of the documents that `question` names by publisher, its short form, author or id.

    Only a name in a place that points to a source counts: "according to …", "the … brief", "in …'s account".
    """
    asked = question.casefold()
    return tuple(
        document.id
        for document in documents
        if (document.id.casefold() in asked and _points_to(question, document.id, article=""))
        or any(name.casefold() in asked and _points_to(question, name) for name in _names(document))
    )


def _told(part: str, first: str) -> str:
    """`part` with its pronoun replaced; as it is where it would have to repeat the first part's question."""
    told = stand_alone(part, (Turn("user", first),))
    return part if first.rstrip("? ") in told else told


def _with_lead(pieces: list[str]) -> list[str]:
    """ "In the brief, what …" was cut at its comma: put the lead back."""
    if len(pieces) > 1 and _LEAD.match(pieces[0]):
        return [f"{pieces[0]}, {pieces[1]}", *pieces[2:]]
    return pieces


def _names(document: Document) -> frozenset[str]:
    return _names_of(document.publisher, document.author)


@lru_cache(maxsize=65_536)
def _names_of(publisher: str | None, author: str | None) -> frozenset[str]:
    names = set()
    if publisher:
        names.add(re.sub(r"\s*\([^)]*\)", "", publisher))
        names.update(re.findall(r"\(([A-Z][A-Za-z]+)\)", publisher))
    if author:
        names.add(author)
        names.add(author.split()[-1])
    return frozenset(name for name in names if len(name) > 2)


_SOURCE = r"(?:brief|article|account|report|paper|piece|document|essay|text|view|analysis|author|author's)"


def _points_to(question: str, name: str, *, article: str = "(?:the )?") -> bool:
    """Whether `name` stands in `question` as a source; an id takes no article, since it may be a common word."""
    quoted = re.escape(name)
    said = "says?|said|writes?|wrote|sees?|argues?|describes?|reports?|calls?|expects?|mentions?"
    return bool(
        re.search(
            rf"\b(?:according to|in|do|does|did|as|from|by|per|what|how) {article}{quoted}\b(?:['’]s?)?"
            rf"|\b{quoted}(?:['’]s?)? (?:\w+ )?{_SOURCE}\b"
            + (rf"|\b{quoted} (?:{said})\b" if article else ""),
            question,
            re.IGNORECASE,
        )
    )
