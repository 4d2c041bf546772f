"""Each sentence of an answer against the paragraph that it cites, and what that makes of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answers import Check, Verdict
from assistant.facts import missing_facts


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of a sentence. `missing_facts` holds, as written, what the paragraph does not state."""

    check: Check
    missing_facts: tuple[str, ...]


def verify_sentence(sentence: str, paragraph: str) -> Verified:
    """Check every date, number and name of `sentence` against `paragraph`; one missing fact is enough to fail.

    A sentence without facts is verified: what it says in words alone is not checked here.
    """
    missing = tuple(dict.fromkeys(fact.text for fact in missing_facts(sentence, paragraph)))
    return Verified("unverified" if missing else "verified", missing)


def verdict_of(checks: Sequence[Verified]) -> Verdict:
    """The verdict over an answer's sentences: supported when all are verified, partly when not.

    An answer of which no sentence is verified is partly supported still: each cites a paragraph and
    says what is missing there, while "not_in_corpus" would claim that the documents are silent. Only an answer
    without sentences claims that. Whether to withhold an unverified sentence is the caller's choice.
    """
    if not checks:
        return "not_in_corpus"
    return "supported" if all(one.check == "verified" for one in checks) else "partly_supported"
