"""History + question -> a question that stands alone, by rule.

Handled are fragments ("And the year before?", "What about crude oil?"), bare question words ("Who said so?",
"Why?") and pronouns that the question itself does not explain. What stands alone already is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from assistant.answers import Turn
from assistant.facts import Fact, find_facts
from assistant.naming import name_class
from assistant.words import STOPWORDS, content_words

_FRAGMENT = re.compile(
    r"^\W*(?:(?:and|but|or|also|so)\s+)?(?:(?:what|how)\s+about|what\s+of|and|or|but)\s+(?P<rest>.+?)[?.!\s]*$",
    re.IGNORECASE,
)
_WH = re.compile(
    r"^(?:(?:and|but|so)\s+)?(?:by |in |at |to |from |for |on |of |with )?"
    r"(?:who|whom|whose|what|which|when|where|why|how)\b",
    re.IGNORECASE,
)
_VERB_FIRST = re.compile(
    r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b", re.IGNORECASE
)
_BARE = re.compile(
    r"^\W*(?:and\s+)?(?:who|when|where|why|how|what|which)(?:\s+(?:is|was|were|did|does|do|has|had|said|says|say|told|"
    r"exactly|so|that|this|it|there|then|one|ones|else|reported|claimed|claims|happened|year|day|month|date|source|"
    r"document|paragraph|he|she|they|by|whom|according|to))*[?.!\s]*$",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\b(?:he|him|his|she|her|hers)\b", re.IGNORECASE)
_THING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|(?<!is )(?<!are )(?<!was )(?<!were )there|then|"
    r"the same|the latter|the former|such)\b",
    re.IGNORECASE,
)
_AND = re.compile(r"^\W*(?:and|but|so)\s+", re.IGNORECASE)
_BEFORE = re.compile(
    r"^(?:in\s+)?the\s+(?:(?:previous|preceding|prior)\s+year|year\s+(?:before|earlier|prior))$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"^(?:in\s+)?the\s+(?:(?:next|following)\s+year|year\s+after)$", re.IGNORECASE)
_TIME = re.compile(
    r"(?:\b(?:in|during|for|over|on|since|by|from|through|throughout)\s+)?(?:the\s+)?"
    r"(?:(?:whole|rest|end|start|beginning|middle)\s+of\s+)?"
    r"(?:first\s+\w+\s+months\s+of\s+\d{4}|between\s+\d{4}\s+and\s+\d{4}|[A-Z][a-z]+\s+(?:to|through|until|-|–)\s+[A-Z][a-z]+\s+\d{4}|"
    r"(?:(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+)?(?:1[0-9]|20)\d\d)\b"
)
_PREPOSITION = re.compile(
    r"(?:in|during|for|over|on|since|by|from|through|throughout|between)\b", re.IGNORECASE
)
_ARTICLES = ("the", "a", "an")
_PHRASE = re.compile(r"\b(?P<head>[Tt]he|[A-Z]\w+[’']s)(?=(?P<words>(?: [\w’'-]+){1,5}))")
_VERB_AHEAD = re.compile(
    r"\b(?:do|does|did|will|would|can|could|may|must|how|why|when|where) $|^(?:is|are|was|were) $",
    re.IGNORECASE,
)
_WHICH_NOUN = re.compile(
    r"^\W*(?:which|what) (?!(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|may|must)\b)"
    r"|^\W*what (?:do|does|did)\b(?!.*\b(?:say|report|mention|call)\b)",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(
    r"\bhow\s+(?:much|many)\s+(?:of\s+the\s+)?(?P<what>[\w\s’'-]+?)\s+(?=(?:is|are|was|were|did|does|do|will|would|can|has|have|had|may|must)\b)",
    re.IGNORECASE,
)


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """`question` as one that can be read without `history`; only the user's turns are used."""
    context = ""
    for turn in (*(turn for turn in history if turn.role == "user"), Turn("user", question)):
        context = _resolved(turn.content.strip(), context) if context else turn.content.strip()
    return context


def _resolved(question: str, before: str) -> str:
    fragment = _FRAGMENT.match(question)
    if fragment and not _WH.match(fragment["rest"]) and not _VERB_FIRST.match(fragment["rest"]):
        return _with_fragment(fragment["rest"].strip(), before)
    if _BARE.match(question):
        head, _, asked = before.partition(": ")
        return f"{_plain(question)}: {asked if asked and _BARE.match(head) else before}"
    if _leans(question):
        return _capital(_with_names(re.sub(_AND, "", question), before))
    return _beside(_plain(question), before) if _is_stub(question) or _goes_on(question) else question


def _plain(question: str) -> str:
    return _capital(re.sub(_AND, "", question).rstrip("?.! "))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _beside(question: str, before: str) -> str:
    """The question with the one before it in brackets, which has no brackets itself."""
    context = re.sub(r"\s*\((.*)\)", r"; \1", before.rstrip("?. ")).replace("?", "")
    return f"{question.rstrip('?.! ')} ({context})?"


def _leans(question: str) -> bool:
    """Whether a pronoun points out of the question."""
    named = _first_name_at(question)
    for match in (*_PERSONAL.finditer(question), *_THING.finditer(question)):
        if named is None or match.start() < named:
            # "that" before a noun's clause ("the treaty that …") and "there is" explain themselves.
            if (
                match.group().lower() in ("that", "there", "this", "these", "those")
                and len(content_words(question)) > 3
            ):
                continue
            return True
    return False


def _is_stub(question: str) -> bool:
    """ "How many missiles?": a question without a verb or a name is a piece of the one before."""
    words = question.split()
    return len(words) <= 4 and len(content_words(question)) <= 2 and _first_name_at(question) is None


def _goes_on(question: str) -> bool:
    """ "And what would happen then?", "Compared to what?": it begins as a continuation, or has hardly a word of its
    own."""
    names = sum(fact.kind == "name" and fact.start > 0 for fact in find_facts(question))
    return (bool(_AND.match(question)) and names < 2) or (not names and len(content_words(question)) <= 2)


def _first_name_at(question: str) -> int | None:
    return next((fact.start for fact in find_facts(question) if fact.kind == "name"), None)


def _with_fragment(rest: str, before: str) -> str:
    year = _year(before)
    if year is not None and (_BEFORE.match(rest) or _AFTER.match(rest)):
        rest = f"in {year - 1 if _BEFORE.match(rest) else year + 1}"
    if _TIME.fullmatch(rest) or re.fullmatch(r"in \d{4}", rest):
        if _TIME.search(before):
            when = rest if _PREPOSITION.match(rest) else f"in {rest}"
            return _TIME.sub(lambda _: when, before, count=1)
        return f"{before.rstrip('?. ')} {rest}?"
    counted = _HOW_MUCH.search(before)
    if counted and len(rest.split()) <= 5:
        # "How many barrels of refined products …" and "crude": the measure stays.
        measure = re.match(r"[\w-]+ of ", counted["what"])
        kept = measure.group() if measure and " of " not in rest else ""
        return before[: counted.start("what")] + kept + _without_article(rest) + before[counted.end("what") :]
    swapped = _with_name_swapped(rest, before)
    return swapped or f"{before.rstrip('?. ')}, and {rest}?"


def _with_name_swapped(rest: str, before: str) -> str | None:
    """A name alone takes the place of the first name of its class in the question before, else of the last name."""
    names = [fact for fact in find_facts(rest) if fact.kind == "name"]
    if not names and rest.islower() and len(rest.split()) <= 3:  # "what about china"
        titled = rest.title()
        names = [f for f in find_facts(titled) if f.kind == "name" and name_class(f) in ("place", "person")]
    if len(names) != 1 or len(rest) - len(names[0].text) > 5:
        return None
    others = [fact for fact in find_facts(before) if fact.kind == "name"]
    if not others:
        return None
    wanted = name_class(names[0])
    target = next((fact for fact in others if name_class(fact) == wanted), others[-1])
    return before[: target.start] + _possessive(names[0].text, target) + before[target.end :]


def _possessive(name: str, target: Fact) -> str:
    bare = re.sub(r"[’']s?$", "", name)
    return f"{bare}'s" if re.search(r"[’']s?$", target.text) else bare


def _with_names(question: str, before: str) -> str:
    """A personal pronoun becomes the first person named before it; other pronouns keep the context beside them."""
    names = [
        fact.text
        for fact in find_facts(before)
        if fact.kind == "name" and name_class(fact) in ("person", "unknown")
    ]
    if names and _PERSONAL.search(question) and not _THING.search(question):
        name = re.sub(r"[’']s?$", "", names[0])
        return _PERSONAL.sub(lambda match: _for_pronoun(match, name), question, count=1)
    thing = _thing(before)
    if thing and re.search(r"\bit\b", question, re.IGNORECASE) and not _PERSONAL.search(question):
        return re.sub(r"\bit\b", lambda _: thing, question, count=1, flags=re.IGNORECASE)
    return _beside(question, before)


def _thing(text: str) -> str | None:
    """The noun phrase with an article or an owner ("the ISSI brief", "Putin's letter"); None unless there is just one.

    "Which treaty did the council sign?" has two things that "it" may mean.
    """
    if _WHICH_NOUN.match(text):
        return None
    things = set()
    for match in _PHRASE.finditer(text):
        following = match["words"].split()
        words = list(
            takewhile(
                lambda word: word.lower() not in STOPWORDS and not word.endswith(("ed", "ing")), following
            )
        )
        after = following[len(words)].lower() if len(words) < len(following) else "the"
        if len(words) > 1 and after in _ARTICLES and _VERB_AHEAD.search(text[: match.start()]):
            words.pop()  # "did the council sign": the last word is the verb
        if words:
            things.add(" ".join([match["head"], *words]))
    return things.pop() if len(things) == 1 else None


def _for_pronoun(pronoun: re.Match[str], name: str) -> str:
    owner = pronoun.group().lower() in ("his", "hers")
    if pronoun.group().lower() == "her":  # "What is her plan?", but "When did they meet her?"
        after = pronoun.string[pronoun.end() :].split()
        owner = bool(after) and bool(content_words(after[0]))
    return f"{name}'s" if owner else name


def _year(text: str) -> int | None:
    years = re.findall(r"\b(?:1[0-9]|20)\d\d\b", text)
    return int(years[-1]) if years else None


def _without_article(text: str) -> str:
    return re.sub(r"^(?:the|a|an)\s+", "", text, flags=re.IGNORECASE)
