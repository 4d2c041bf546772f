"""An answer as it grows: checked sentences and quotes with their marks, told piece by piece."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from assistant.answers import Citation, Cited, Delta, Event
from assistant.citations import citation
from assistant.claims import Claim
from assistant.compose import Quote
from assistant.facts import contains
from assistant.verify import Verified
from index.documents import Document, Hit

VerifyQuote = Callable[[Quote], Verified]


class Assembly:
    """Grows an answer's text and citations together, so that their offsets agree. Text is only ever added."""

    def __init__(self, documents: Mapping[str, Document], verify: VerifyQuote) -> None:
        """`verify` checks a quote against the paragraph as it is stored."""
        self.text = ""
        self.citations: list[Citation] = []
        self.checks: list[Verified] = []
        self._documents = documents
        self._verify = verify

    def sentence(self, text: str, claims: tuple[Claim, ...], *, opens: bool) -> Iterator[Event]:
        """Add a sentence of the model with the slices that its claims rest on."""
        separator = self._separator(opens)
        start = len(self.text) + len(separator)
        added = []
        for claim in claims:
            carried = claim.support
            quote = Quote(Hit(claim.paragraph, 0.0, ()), carried.start, carried.end, carried.score)
            stored = self._verify(quote)  # the slice is of the paragraph as it is stored now
            faults = carried.faults + (stored.missing_facts if stored.check == "unverified" else ())
            check = Verified("unverified" if faults else "verified", faults)
            added.append(self._cited(start + claim.start, start + claim.end, quote, check))
        yield from self._told(separator + text, added)

    def quote(self, quote: Quote) -> Iterator[Event]:
        """Add a quote of the reader's, unless the answer rests on that slice already."""
        if not self.has(quote):
            separator = self._separator(False)
            start = len(self.text) + len(separator)
            added = self._cited(start, start + len(quote.text), quote, self._verify(quote))
            yield from self._told(separator + quote.text, [added])

    def has(self, quote: Quote) -> bool:
        """Whether a verified sentence rests on (a part of) the slice of `quote` and says its short answer."""
        return any(
            one.check == "verified"
            and (one.document_id, one.paragraph) == (quote.paragraph.document_id, quote.paragraph.number)
            and one.start < quote.end
            and quote.start < one.end
            and (quote.short is None or contains(self.text[one.answer_start : one.answer_end], quote.short))
            for one in self.citations
        )

    def _separator(self, opens: bool) -> str:
        return ("\n" if opens else " ") if self.text else ""

    def _cited(self, start: int, end: int, quote: Quote, check: Verified) -> Citation:
        document = self._documents[quote.paragraph.document_id]
        one = citation(len(self.citations) + 1, start, end, quote, check, document)
        self.citations.append(one)
        self.checks.append(check)
        return one

    def _told(self, text: str, added: list[Citation]) -> Iterator[Event]:
        text += "".join(f" [{one.number}]" for one in added)
        self.text += text
        for piece in re.findall(r"\s*\S+", text):
            yield Delta(piece)
        yield from map(Cited, added)
