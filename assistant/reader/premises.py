"""What a question takes for granted and a sentence does not tell: that something was refused, lifted, called off; that
something has happened which is only planned. Part of `lacks.py`."""

from __future__ import annotations

import re
from typing import NamedTuple

from assistant.asking import Asked
from assistant.reader.told import Told
from assistant.words import Word, content_words, stems


class _Deed(NamedTuple):
    """Something that is done or not: how a question has it, how a text tells of it, and what lacks."""

    asked: re.Pattern[str]
    told: re.Pattern[str]
    lack: str


def _deed(asked: str, told: str, lack: str) -> _Deed:
    return _Deed(
        re.compile(rf"\b(?:{asked})\b", re.IGNORECASE), re.compile(rf"\b(?:{told})", re.IGNORECASE), lack
    )


_MEASURES = (
    r"(?:bans?|embargo(?:es)?|sanctions?|restrictions?|siege|blockade|curfew|quarantine|tariffs?|moratorium|"
    r"state of emergency|immunity)"
)
_ENDS = (
    r"end|remov|eas(?:e|ing)|relax|scrap|cancel|drop|waiv|no longer|ceas|stop|abandon|expir|withdr|replac|"
    r"g[ia]ve up|repeal|revok|rescind|abol|overturn|str[iu]ck|void|nullif|invalid|terminat|out of|former|until"
)
_DEEDS = (
    _deed(
        r"refus(?:e|es|ed|ing|al)|reject(?:s|ed|ing)?|turn(?:s|ed)? down|rebuff(?:s|ed)?",
        r"refus|reject|declin|turn\w* (?:\w+ ){0,3}down|rebuff|veto|den[yi]|oppos|object|against|resist|disagree|"
        r"never|not\b|\w+n[’']t|no\b|without|fail|unwilling|reluct|rul\w+ (?:\w+ ){0,2}out|dismiss|block|ignor|"
        r"exclu|avoid|bann?|threw|only|cannot|contest|critici|condemn|barr|prevent|fr[eo]ez|froze|protest|turn|balk|"
        r"spurn|snub|shun|unaccept|withh[eo]ld|(?:stay|stand|stood|hold|held|opt)\w* (?:\w+ ){0,2}(?:out|up)\b|"
        r"vot\w* (?:\w+ ){0,2}down|defeat|neutral|overrul|repudiat|walk\w* away",
        "does not tell of a refusal",
    ),
    _deed(
        rf"lift(?:s|ed|ing)?(?= (?:[\w’'-]+ ){{0,5}}{_MEASURES}\b)|{_MEASURES} (?:\w+ )?lifted",
        rf"lift|{_ENDS}|suspend|laps|roll\w* (?:\w+ )?back|loosen|phas\w+ out|re-?open|resum|allow|"
        r"d(?:o|id|one|oing) away|swap|revers|unfr[eo]|halt|discontinu|delist|permit|normali|restor",
        "does not tell that it was lifted",
    ),
    _deed(
        r"abolish(?:ed|es)?|repeal(?:ed|s)?|revok(?:ed|es)|rescind(?:ed|s)?",
        rf"abolish|{_ENDS}|dissol|eliminat|prohibit|outlaw|disband|renounc|bann?|free|declar|illegal|against|forb|annul|"
        r"quash|strip|d(?:o|id|one|oing) away|laps|phas\w+ out|roll\w* (?:\w+ )?back|revers|delet|supersed|dismantl|"
        r"undo|undid",
        "does not tell that it was abolished",
    ),
    _deed(
        r"withdraw(?:s|n)?|withdrew|pull(?:s|ed)? out|walk(?:s|ed)? out|storm(?:s|ed)? out",
        r"withdr|pull|walk|storm|left|leav|quit|exit|depart|abandon|recall|retreat|out\b|back\b|remov|evacuat|"
        r"g[ia]ve up|drop|end|stop|suspend|resign|cancel|boycott|brought|retir|no longer|ceas|return|fell|surrend|"
        r"disengag|renounc|sever|revok|cancel|denounc|"
        r"repudiat|rescind|ditch|scrap|terminat|br[eo]ke|split|secede|secession|brexit|drawdown|dr[ae]w\w* down|"
        r"redeploy|cut|reduc",
        "does not tell of a withdrawal",
    ),
    _deed(
        r"call(?:ed|s)? off|cancel(?:l?ed|s)?|postpone[ds]?",
        r"call\w* (?:\w+ ){0,3}off|cancel|postpon|suspend|put off|delay|halt|stop|fr[oe]ez|frozen|br[eo]a?k|"
        r"interrupt|shelv|abandon|end|drop|withdr|bann?|defer|not\b|\w+n[’']t|never|instead|ceas|scrap|abolish|"
        r"dismiss|remov|fail|later|until|reschedul|moved|no\b|reject|retract|terminat|discontinu|cut|without|"
        r"conclu|eliminat|final|"
        r"push\w* back|pull\w* the plug|pull\w* out|on (?:ice|hold)|derail|wr[io]t\w* off|written off|relief|forg[ia]v|"
        r"ditch|axe|scuttl|scupper|collaps",
        "does not tell that it was called off",
    ),
    _deed(
        r"resign(?:ed|s)?|step(?:ped|s)? down|sacked",
        r"resign|step|st[oa]+n?d (?:\w+ )?down|dismiss|sack|fir(?:ed|ing)|remov|oust|left|leav|replac|retir|depos|"
        r"reliev|abdicat|quit|impeach|overthr|out\b|succe|drop|withdr|end|gave up|exit|forc|vacat|appoint|"
        r"depart|collaps|br(?:ought|ing) down|toppl|relinquish|hand\w* (?:\w+ )?power|no[- ]confidence|unseat|fell\b|"
        r"fall\b|down\b|last day",
        "does not tell of a resignation",
    ),
    _deed(
        r"expel(?:led|s)?|evict(?:ed|s)?|deport(?:ed|s)?",
        r"exp[eu]l|evict|deport|dr[io]ve|banish|exile|remov|forc|out\b|bann?|dismiss|sent|send|left|leav|withdr|"
        r"order|clear|flee|fled|reloc|push|purg|depart|kick|transfer|ethnic|non grata|persona|"
        r"go home|terminat|uproot|oust|suspend",
        "does not tell that anybody was expelled",
    ),
    _deed(
        r"apologi[sz]e[ds]?|apology",
        r"apolog|regret|sorry|forgiv|pardon|repent|remorse|contrit|aton|kne(?:lt|es|el)",
        "does not tell of an apology",
    ),
)

_HAS_BEEN = re.compile(r"\b(?:did|has|have|had|was|were)\b", re.IGNORECASE)
_NOT_YET = re.compile(
    r"\b(?:will|would|to be|plan\w*|expect\w*|due|going|agree\w*|promis\w*|intend\w*|schedul\w*|propos\w*|want\w*|"
    r"supposed|set to|pledg\w*|hop\w*|could|should|must|say|said|to \w+ (?:in|by) )\b",
    re.IGNORECASE,
)
_TO_COME = re.compile(
    r"\b(?:(?:is|are) (?:due |set |expected |scheduled |planned )?to|will(?: not)?)(?: be)? $", re.IGNORECASE
)
_INFINITIVE = re.compile(r"\bto \w+")
_TO_BE_BY = re.compile(r"\bto be $")
_BY_THEN = re.compile(
    r"^\S* (?:\w+ )?(?:by|in|before|from|between|within|until) (?:\w+ )?(?:20|\d|next|the end)", re.IGNORECASE
)


_SO_FAR = re.compile(
    r"\b(?:so far|up to now|to date|until now|till now|as yet|already|by now)\b|"
    r"\b(?:has|have) (?:[\w’'-]+ ){0,4}?been\b",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\b(?:will|would|plan(?:s|ned)?|promis\w+|calls? for|requires?|is to|are to|may|pledg\w+|propos\w+|intends?)\b"
)
_DONE = re.compile(
    r"\b(?:so far|already|to date|until now|has|have|had|since|now|been|was|were|is|are(?! to)|remains?)\b",
    re.IGNORECASE,
)


_ASKING = re.compile(r"^\W*(?:[\w’'-]+ )?(?:who|whom|whose|which|what|when|where|why|how)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\b(?:after|before|since|once|while|when|if|unless|because|that|which|who|whom|whose|can|must|may)\b",
    re.IGNORECASE,
)
_OF_PLANS = re.compile(r"\b(?:pledg|promis|propos|plann|commit|announc|request|call)\w*", re.IGNORECASE)


def unfinished(question: str, _: Asked, told: Told) -> str | None:
    """Where it is asked how much has been done so far: not what is planned."""
    planned = _PLANNED.search(told.text)
    if planned is None or not _SO_FAR.search(question) or _OF_PLANS.search(question):
        return None
    at = told.text.find(told.short) if told.short else len(told.text)
    return None if planned.start() > at or _DONE.search(told.text) else "tells of what is planned"


def untold(question: str, _: Asked, told: Told) -> str | None:
    """Where it is asked about a refusal, a withdrawal, a lifted ban …: a text that tells of it."""
    text = f"{told.before} {told.text}"
    for deed in _DEEDS:
        asked = deed.asked.search(question)
        if asked and not _in_passing(question, asked) and not deed.told.search(text):
            return deed.lack
    return None


def _in_passing(question: str, deed: re.Match[str]) -> bool:
    """Whether a question names a deed to say of what time or of whom it asks: "after he resigned", "that he left"."""
    before = _ASKING.sub("", question[: deed.start()])
    noun = re.search(r"\b(?:the|those|these) $", before) and re.match(r" [a-z]+s\b", question[deed.end() :])
    return bool(_CLAUSE.search(before) or noun)


def unrealised(question: str, _: Asked, told: Told) -> str | None:
    """Where it is asked what has happened: not what is to happen. "Did parliament ratify", "is to ratify"."""
    been = _HAS_BEEN.search(question)
    if been is None or _NOT_YET.search(question):
        return None
    asked = stems(_INFINITIVE.sub("", question[been.end() :]))
    words = [word for word in content_words(told.text) if word.stem in asked]
    to_come = {word.stem for word in words if _is_to_come(told.text, word)}
    done = {word.stem for word in words if not _is_to_come(told.text, word)}
    return "tells of what is to come" if to_come - done else None


def _is_to_come(text: str, word: Word) -> bool:
    before = text[: word.start]
    return bool(_TO_COME.search(before) or (_TO_BE_BY.search(before) and _BY_THEN.match(text[word.end :])))
