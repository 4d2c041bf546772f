"""What a question asks for: a date, a number of something, a person, a reason … or a statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.facts import FactKind

Sought = Literal[
    "date", "percentage", "money", "count", "amount", "duration",
    "person", "organisation", "place", "name",
    "reason", "yes_no", "list", "overview", "statement",
]  # fmt: skip

FACTS: dict[Sought, tuple[FactKind, ...]] = {
    "date": ("date",),
    "percentage": ("percentage", "multiple"),
    "money": ("money",),
    "count": ("number", "quantity"),
    "amount": ("percentage", "money", "quantity", "multiple", "number"),
    "duration": ("quantity", "number", "date"),
    "person": ("name",),
    "organisation": ("name",),
    "place": ("name",),
    "name": ("name",),
}

_PERSON = (
    "person|man|woman|official|officer|leader|president|minister|secretary|author|writer|editor|analyst|expert|"
    "scholar|researcher|aide|adviser|advisor|diplomat|journalist|reporter|spokesman|spokeswoman|spokesperson|envoy|"
    "ambassador|chief|commander|general"
)
_ORGANISATION = (
    "agency|agencies|institution|institute|organi[sz]ation|ministry|department|company|newspaper|paper|outlet|"
    "publication|magazine|broadcaster|media|body|bodies|think tank|news agency|news service|council|committee|"
    "group|bank|publisher|website|journal|university|firm|service|panel|office"
)
_PLACE = "country|countries|nation|city|cities|place|state|region|capital|location|town|province|territory|continent"
_WHICH = r"(?:in |at |from |by |on )?(?:what|which|what's|whats)"
_RULES: tuple[tuple[Sought, tuple[str, ...]], ...] = (
    (
        "overview",
        (
            r"^\W*(?:please )?(?:summari[sz]e|give (?:me )?(?:a |an )?(?:summary|overview)|sum up)\b",
            r"\bwhat (?:is|are) (?:this|the|these|those)?\s*(?:\w+ ){0,3}about\b",
        ),
    ),
    (
        "percentage",
        (
            r"\b(?:percent(?:age)?|per ?cent|pct)\b|%",
            r"\b(?:what|which) (?:share|proportion)\b",
            r"-?fold\b|\bhow many times\b",
        ),
    ),
    (
        "money",
        (
            r"\bhow (?:much money|many (?:dollars|euros|pounds|roubles|rubles))\b",
            r"\b(?:what|which) (?:sum|price)\b|\bin dollars\b",
            r"\bhow much\b.*\b(?:cost|dollars?|worth|pay|paid)\b",
        ),
    ),
    ("duration", (r"\bhow (?:long|old)\b", r"\bhow many (?:years|months|weeks|days|hours|decades)\b")),
    ("count", (r"\bhow many\b", r"\bnumber of\b", r"\b(?:what|which) (?:number|numbered)\b")),
    (
        "amount",
        (
            r"\b(?:by )?how much\b|\bhow (?:large|high|often)\b",
            r"\b(?:what|which) (?:amount|quantity|volume|cap|limit|rate|figure|price|value|size|total)\b",
        ),
    ),
    (
        "date",
        (
            r"\b(?:since )?when\b(?! (?:it|he|she|they|the)\b)",
            r"\b(?:what|which) (?:exact |precise )?(?:years?|dates?|days?|months?|time)\b",
            rf"\b{_WHICH} (?:[\w’'-]+ ){{0,4}}?(?:year|date|month)\b",
            r"\b(?:year|date)\s*\?*$",
        ),
    ),
    (
        "reason",
        (
            r"\bwhy\b|\bhow come\b",
            r"\bwhat (?:made|caused|led|drove|prompted|explains)\b",
            r"\b(?:for )?what reasons?\b",
        ),
    ),
    ("place", (r"\bwhere\b", rf"\b{_WHICH} (?:[\w’'-]+ ){{0,2}}?(?:{_PLACE})\b")),
    (
        "list",
        (
            r"^\W*(?:list|name|enumerate)\b",
            rf"\b{_WHICH} (?:two|three|four|five|several|other|areas|fields|sectors|steps|factors)\b",
            rf"\b{_WHICH} (?:obstacles|measures|reasons|countries|topics|kinds|types|goals|aims|activities)\b",
        ),
    ),
    (
        "organisation",
        (
            rf"\b{_WHICH} (?:[\w’'-]+ ){{0,3}}?(?:{_ORGANISATION})\b",
            r"\bwhose (?:reporting|data|figures|report)\b",
        ),
    ),
    (
        "person",
        (
            r"\bwho\b|\bwhom\b|\bwhose\b",
            rf"\b{_WHICH} (?:[\w’'-]+ ){{0,3}}?(?:{_PERSON})\b",
            r"\bname of the\b",
        ),
    ),
    ("name", (rf"^\W*{_WHICH} (?:is|was) the name\b", r"\bwhat (?:is|was) [\w’' -]+ called\b")),
    (
        "yes_no",
        (r"^\W*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)\b",),
    ),
)
_COMPILED = tuple(
    (sought, tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)) for sought, patterns in _RULES
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sought, and the kinds of fact that can be a short answer to it."""

    sought: Sought
    facts: tuple[FactKind, ...]

    @property
    def is_short(self) -> bool:
        """Whether a date, a figure or a name answers the question."""
        return bool(self.facts)


def what_is_asked(question: str) -> Asked:
    """What `question` asks for; the first rule that fits decides."""
    # A follow-up carries the question before: "Who said so: …?", "What does it replace (…)?"
    head = re.sub(r"\s*\(.*\)\W*$", "?", question.split(": ")[0])
    for text in dict.fromkeys((head, question)):
        for sought, patterns in _COMPILED:
            if any(pattern.search(text) for pattern in patterns):
                return Asked(sought, FACTS.get(sought, ()))
    return Asked("statement", ())
