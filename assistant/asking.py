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
    "duration": ("quantity", "number"),
    "person": ("name",),
    "organisation": ("name",),
    "place": ("name",),
    "name": ("name",),
}

_PERSON = (
    "person|man|woman|official|officer|leader|president|minister|secretary|author|writer|editor|analyst|expert|"
    "scholar|researcher|aide|adviser|advisor|diplomat|journalist|reporter|spokesman|spokeswoman|spokesperson|envoy|"
    "ambassador|chief|commander|general|captain|mayor|king|queen|professor|lawyer|judge|engineer|harbour master"
)
_ORGANISATION = (
    "agency|agencies|institution|institute|organi[sz]ation|ministry|department|company|newspaper|paper|outlet|"
    "publication|magazine|broadcaster|media|body|bodies|think tank|news agency|news service|council|committee|"
    "group|bank|publisher|website|journal|university|firm|service|panel|office"
)
_PLACE = "country|countries|nation|city|cities|place|state|region|capital|location|town|province|territory|continent"
_WHICH = r"(?:in |at |from |by |on )?(?:what|which|what's|whats)"
# What may stand between "which" and its noun: adjectives, but no verb, article or preposition.
_BETWEEN = (
    r"(?:(?!(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|a|an|the|to|of|in|on|"
    r"at|by|for|from|with|during|since|last|this|that|next|every)\b)[\w’'-]+ )"
)
_NOUN = rf"(?:of (?:the|these|those) )?{_BETWEEN}"
_WORKS = "documents?|digests?|briefs?|articles?|reports?|papers?|pieces?|essays?|texts?|files?|publications?|corpus"


def _before(*other: str) -> str:
    """The head of a question up to the word that decides, unless one of the `other` question words stands there."""
    return rf"^(?:(?!\b(?:{'|'.join(other)})\b).)*?"


_RULES: tuple[tuple[Sought, tuple[str, ...]], ...] = (
    (
        "overview",
        (
            r"^\W*(?:(?:please|can you|could you) )*"
            r"(?:summari[sz]e|give (?:me )?(?:a |an )?(?:summary|overview)|sum up)\b",
            rf"\bwhat (?:is|are) (?:it|this|these|those|(?:this|the|these|those) (?:\w+ )?(?:{_WORKS})"
            r"(?: (?:on|in|by|from|of) [^,?]*)?) (?:all )?about\W*$",
        ),
    ),
    (
        "percentage",
        (
            # "Who said that it rose 54 percent?" asks for no percentage.
            r"\bpercentage\b(?! points?)",
            r"\b(?:what|which|in) (?:\w+ )?(?:percent|per ?cent|pct|%)",
            r"\bhow (?:much|many)\b.*?(?<!\d )\b(?:percent|per ?cent|pct)\b",
            r"\b(?:what|which) (?:share|proportion)\b",
            r"\b(?:how many|what)[ -]?fold\b|\bhow many times\b",
        ),
    ),
    (
        "money",
        (
            r"\bhow (?:much money|many (?:dollars|euros|pounds|roubles|rubles))\b",
            r"\b(?:what|which) (?:(?:is|was|are|were) the )?(?:sum|price|fee|fare|budget)\b|\bin dollars\b",
            r"\bhow much\b.*\b(?:cost|dollars?|worth|pay|paid)\b",
            r"\bwhat (?:do|does|did|would|will) (?!(?:it|this|that|they) ).*\bcosts?\W*(?:in\b.*)?$",
            r"\bwhat (?:do|does|did|would|will) (?:an?|one|each) .*\bcosts?\b",
            r"\bwhat (?:is|was|are|were) .*\bworth\W*(?:in\b.*)?$|\b(?:at )?what price\b",
        ),
    ),
    ("duration", (r"\bhow (?:long|old)\b", r"\bhow many (?:years|months|weeks|days|hours|decades)\b")),
    (
        "count",
        (
            r"\bhow many\b",
            rf"{_before('who', 'whom', 'why', 'when', 'where', 'how')}\bnumber of\b",
            r"\b(?:what|which) (?:number|numbered)\b",
        ),
    ),
    (
        "amount",
        (
            r"\b(?:by )?how much\b|\bhow (?:large|high|tall|wide|heavy|often)\b",
            rf"\b(?:what|which) (?:(?:is|was|are|were) the )?{_BETWEEN}{{0,2}}?"
            r"(?:amount|quantity|volume|cap|limit|quota|rate|figure|price|value|size|total|length|depth|height|width|"
            r"weight|tonnage|population)\b",
        ),
    ),
    (
        "date",
        (
            rf"{_before('what', 'which', 'who', 'whom', 'whose', 'how', 'why', 'where')}"
            r"\bwhen\b(?! (?:it|he|she|they|the)\b)",
            r"\b(?:what|which) (?:exact |precise )?(?:years?|dates?|days?|months?|time)\b",
            rf"\b{_WHICH} (?:(?:is|was|are|were) the )?{_BETWEEN}{{0,4}}?(?:year|date|month)\b",
            r"\b(?:give|tell|state|name)\b.*\bthe (?:exact )?(?:year|date|month|day)\b",
            r"(?<!\ba )(?<!per )(?<!last )(?<!this )(?<!that )(?<!next )(?<!each )(?<!every )"
            r"\b(?:year|date)\s*\?*$",
        ),
    ),
    (
        "reason",
        (
            rf"{_before('who', 'whom', 'what', 'which', 'where', 'how')}\bwhy\b|\bhow come\b",
            r"\bwhat (?:made|caused|led|drove|prompted|explains)\b",
            r"\b(?:for )?what reasons?\b",
        ),
    ),
    (
        "place",
        (
            rf"{_before('what', 'which', 'who', 'how', 'why')}\bwhere\b",
            rf"\b{_WHICH} {_NOUN}{{0,2}}?(?:{_PLACE})\b",
            r"\bwhat(?:'s| is| was) the (?:capital|city|country|town|port)\b(?![’'])",
        ),
    ),
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
            rf"\b{_WHICH} {_NOUN}{{0,3}}?(?:{_ORGANISATION})\b",
            rf"\b{_WHICH} (?:is|was) the {_BETWEEN}{{0,2}}?(?:{_ORGANISATION}) (?:that|which|of|in)\b",
            r"\bwhose (?:reporting|data|figures|report)\b",
        ),
    ),
    (
        "person",
        (
            rf"{_before('what', 'which', 'how', 'why')}\b(?:who|whom|whose)\b",
            rf"\b{_WHICH} {_NOUN}{{0,3}}?(?:{_PERSON})\b",
            rf"\bname of (?:the |its |their )?{_BETWEEN}{{0,2}}?(?:{_PERSON})\b",
        ),
    ),
    ("name", (r"\bname of\b|[’']s name\b", r"\bwhat (?:is|was) [\w’' -]+ called\b")),
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
