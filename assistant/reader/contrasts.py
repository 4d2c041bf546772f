"""Sentences about the other of two things that are told in like words: the new treaty for the earlier one, its
signing for its ratification, growth for a share. What `lacks.py` asks beside its own rules."""

from __future__ import annotations

import re
from typing import NamedTuple

from assistant.naming import countries_in
from assistant.words import content_words

_FORMER = r"(?:earlier|previous|former|prior|preceding|older|old|original)"
_LATEST = r"(?:new|newer|newest|latest|current|present|recent|updated)"
_FORMER_OF = re.compile(rf"\b{_FORMER} (?P<what>(?:[\w’'-]+ ){{0,2}}[\w’'-]+)", re.IGNORECASE)
_LATEST_OF = re.compile(rf"\b{_LATEST} (?P<what>(?:[\w’'-]+,? ){{0,3}}[\w’'-]+)")  # "New York" is not new
_ABOUT_FORMER = re.compile(
    rf"\b(?:{_FORMER}|replac\w+|supersed\w+|succeed\w+|before|ago|again|renew\w+|second|since|in place of|updat\w+)\b",
    re.IGNORECASE,
)


class _Stage(NamedTuple):
    """A stage in the life of a treaty, law or contract: how it is asked for, how it is told, and what lacks."""

    asked: re.Pattern[str]
    told: re.Pattern[str]
    lack: str


def _stage(asked: str, told: str, lack: str) -> _Stage:
    return _Stage(re.compile(asked, re.IGNORECASE), re.compile(told, re.IGNORECASE), lack)


_FORCE = (
    r"\b(?:(?:enter|come|came|go|went|put|brought|entry|entered|entering|coming)\w* (?:\w+ )?(?:into|in) "
    r"(?:force|effect|operation)|(?:take|takes|took|taken|taking) effect|in force|effective)\b"
)
_LEADS = (
    r"\b(?:(?:take|takes|took|taken|taking) (?:office|power)|"
    r"(?:come|comes|came|rise|rises|rose|rising) to power)\b"
)
_STAGES = (
    _stage(
        _LEADS + r"|\b(?:become|became) (?:\w+ ){0,4}?(?:leader|president|king|queen|minister|chairman|head|"
        r"chief|emperor|pope|governor|mayor|secretary|ruler|chancellor|premier|director|ambassador)\b",
        _LEADS + r"|\b(?:bec[oa]m\w+|elect\w*|appoint\w*|succe\w+|assum\w+|named|crown\w*|"
        r"ascen\w+|promot\w+|inaugurat\w+|led|declar\w+|"
        r"proclaim\w*|install\w*|reign\w*|inherit\w*|throne|sworn|served?|term)\b",
        "does not tell since when",
    ),
    _stage(_FORCE, _FORCE + r"|\b(?:since|from|as of|begin\w*|began|start\w*)\b", "does not say when it took effect"),
    _stage(
        r"\bratif\w+", r"\b(?:ratif\w+|approv\w+|parliament\w*|assent\w*|adopt\w+|agreed|"
        r"referendum|pass\w*|endors\w+)\b", "speaks of no ratification"
    ),
    _stage(
        r"\b(?:expire\w*|expir\w+|run out|lapse\w*)\b",
        r"\b(?:expir\w+|ran? out|runs? out|laps\w+|until|till|valid\w*|end(?:s|ed|ing)?|"
        r"terminat\w+|renew\w*|through|years?)\b",
        "does not say when it ends",
    ),
)  # fmt: skip

_FUTURE = re.compile(
    r"^\W*(?:on |in |by |at )?(?:when|which \w+|what \w+) "
    r"(?:will|(?:is|are) [^?]*?\b(?:going|due|scheduled|set|expected|planned|supposed) to)\b",
    re.IGNORECASE,
)
_TO_COME = re.compile(
    r"\b(?:will|would|shall|plan\w*|schedul\w+|expect\w*|next|due|set to|upcoming|to be|to \w+ in|intend\w*|propos\w+|"
    r"is|are|going|may|might|could|target\w*|aim\w*|project\w*|estimat\w+|predict\w*|hop\w+|future)\b"
)
_BETWEEN = re.compile(r"\bbetween (?P<one>[^,.;?]+?) and (?P<other>[^,.;?]+)")
_WITH = re.compile(
    r"\b(?P<one>[A-Z][\w.]+(?: [A-Z][\w.]+)?)[’']s? (?:[a-z-]+ ){1,4}with (?:the )?"
    r"(?P<other>[A-Z][\w.]+(?: [A-Z][\w.]+)?)"
)
_THEIRS = re.compile(r"\b(?:their|both|each other|the two)\b", re.IGNORECASE)
_COMPOUND = re.compile(r"\b(?P<one>[A-Z][\w.]+(?: [A-Z][\w.]+)?)[-–](?P<other>[A-Z][\w.]+(?: [A-Z][\w.]+)?)")
_SHARE = re.compile(r"\b(?:percentage|per ?cent|pct|share|proportion) of\b", re.IGNORECASE)
_CHANGE = (
    r"(?:rise|rises|rose|risen|rising|grow|grows|grew|grown|growth|growing|increas\w+|jump\w*|climb\w*|soar\w*|surg\w+|"
    r"fall|falls|fell|fallen|drop\w*|declin\w+|decreas\w+|shr[aiu]nk\w*|expan\w+|gain\w*|reduc\w+|cut)"
)
_OF_CHANGE = re.compile(rf"\b(?:{_CHANGE}|change[ds]?|more|less|fewer|higher|lower)\b", re.IGNORECASE)
_BY_HOW_MUCH = re.compile(
    r"\b(?:by (?:how (?:much|many|large|big)|"
    r"what (?:percentage|share|proportion|amount|margin|factor|sum|rate|per ?cent))\b[^?]*?|"
    r"how much (?:did|has|have|had|will|would)\b[^?]*?)\b"
    r"(?:rise|risen|grow|grown|increased?|jump(?:ed)?|climb(?:ed)?|soar(?:ed)?|fall|fallen|drop(?:ped)?|declined?|"
    r"decreased?|shrink|shrunk|go up|gone up|go down|gone down)\b(?! (?:by|to|from) \d)",
    re.IGNORECASE,
)
_BROUGHT = re.compile(
    r"\b(?:rise|increase|jump|fall|drop|decline)\b[^?]*"
    r"\b(?:cost|save|earn|bring|add|affect|hurt|benefit|lose|gain|help)\b"
)
_GROWN = re.compile(
    r"\b(?:up|down|doubl\w+|tripl\w+|trebl\w+|quadrupl\w+|halv\w+|\w+fold|from [^.;]*? to|than|compared|rais\w+|"
    r"lower\w*|slump\w*|plung\w+|slid\w*|swell\w*|swollen|swelled|slow\w*|contract\w*|boost\w*|rate|add\w+|lost|lose\w*|"
    r"accelerat\w+|improv\w+|tumbl\w+|bigger|larger|smaller|longer|shorter|warm\w+|cool\w+|widen\w*|narrow\w*|"
    r"upgrad\w*|advanc\w+|inflat\w+|multipl\w+|quintupl\w+|ris\w+|by \d|above|below|"
    r"over|weaken\w*|strengthen\w*|depreciat\w*|appreciat\w*|devalu\w*|plummet\w*|collaps\w*|crash\w*|spik\w*|"
    r"hik\w*|lea?p\w*|rebound\w*|recover\w*|sank|sink\w*|sunk|extra|additional|shed\w*|instead of|against|short of|"
    r"half|hotter|colder|cheaper|dearer|dip\w*|eas(?:ed|es)|edged|crept|balloon\w*|dwindl\w*|mount\w*|exceed\w*|"
    r"surpass\w*|w[ie]nt from|rocket\w*|deepen\w*|swung|erod\w*)\b|[+−-]\d",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\d[\d.,]* ?(?:%|per ?cent\b|pct\b)", re.IGNORECASE)
_LEVEL = re.compile(r"\b(?:volume|worth|value|turnover|size|total)\b", re.IGNORECASE)
_MONEY = re.compile(
    r"[$€£¥] ?\d[\d.,]*(?: (?:million|billion|trillion))?"
    r"|\d[\d.,]* (?:(?:million|billion|trillion) )?(?:dollars|euros|pounds|yuan|roubles|rubles|yen|won|USD|EUR)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"\b(?:{_CHANGE})\b[^.,;:]{{0,40}}$", re.IGNORECASE)
_AFTER = re.compile(
    rf"^\W*(?:(?:\w+ )?{_CHANGE}\b|(?:more|less|fewer|higher|lower|up|down)\b)", re.IGNORECASE
)


def contrast(question: str, text: str, *, staged: bool) -> str | None:
    """What makes a sentence tell of the other of two things, as a predicate; None where nothing does.

    `staged`: the question asks when or whether something happened.
    """
    stage = _other_stage(question, text) or _past(question, text) if staged else None
    return _newer(question, text) or stage or _change(question, text) or _other_pair(question, text)


def _newer(question: str, text: str) -> str | None:
    """Where the earlier one of two is asked about: not the new one alone."""
    for former in _FORMER_OF.finditer(question):
        wanted = {word.stem for word in content_words(former["what"])}
        if _ABOUT_FORMER.search(text):
            continue
        for latest in _LATEST_OF.finditer(text):
            found = {word.stem: word.text for word in content_words(latest["what"])}
            if both := wanted & found.keys():
                return f"tells of the new {found[min(both)]}"
    return None


def _other_stage(question: str, text: str) -> str | None:
    """Where it is asked when a treaty or a law took effect, was ratified or ends: that, not when it was signed."""
    for stage in _STAGES:
        if stage.asked.search(question) and not stage.told.search(text):
            return stage.lack
    return None


def _change(question: str, text: str) -> str | None:
    """Where a share or the whole of something is asked for: not by how much it grew or fell."""
    if _BY_HOW_MUCH.search(question) and not _BROUGHT.search(question):
        return None if _OF_CHANGE.search(text) or _GROWN.search(text) else "gives no change"
    if _OF_CHANGE.search(question):
        return None
    if _SHARE.search(question):
        return "gives a change, not a share" if _all_changes(_PERCENT, text) else None
    if _LEVEL.search(question):
        return "gives a change, not the whole" if _all_changes(_MONEY, text) else None
    return None


def _all_changes(figure: re.Pattern[str], text: str) -> bool:
    """Whether a text has such figures, and each of them is what something grew or fell by."""
    found = list(figure.finditer(text))
    grown = [one for one in found if _BEFORE.search(text[: one.start()]) or _AFTER.search(text[one.end() :])]
    return bool(found) and len(grown) == len(found)


def _past(question: str, text: str) -> str | None:
    """Where it is asked when something will happen: nothing that has."""
    if _FUTURE.search(question) and not _TO_COME.search(text):
        return "tells of what has been"
    return None


def _other_pair(question: str, text: str) -> str | None:
    """Where it is asked what is between two countries: not what is between one of them and a third."""
    asked = [pair for pair in _pairs(question) if len(pair) == 2]
    told = [pair for pair in _pairs(text) if len(pair) == 2]
    if not asked or not told or any(pair in told for pair in asked) or _THEIRS.search(text):
        return None
    countries = " and ".join(sorted(told[0])).title().replace(" And ", " and ")
    return f"tells of {countries}"


def _pairs(text: str) -> list[frozenset[str]]:
    """The countries of each pair that a text names as one: "between A and B", "A-B", "A's trade with B"."""
    return [
        frozenset(country for side in ("one", "other") for country in countries_in(found[side]))
        for pattern in (_BETWEEN, _COMPOUND, _WITH)
        for found in pattern.finditer(text)
    ]
