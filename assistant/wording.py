"""How a sentence says it: negations, words of doubt, who is said to have said so, and opposites.

Rules over the words of English sentences, for comparing a sentence with the passage that it rests on. In another
language they find nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.facts import Fact, find_facts
from assistant.names import Name
from assistant.words import Word, content_words

_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|hardly|scarcely|no longer|den(?:y|ies|ied)|"
    r"fail(?:s|ed)? to|refus(?:e|es|ed) to|reject(?:s|ed)?|dismiss(?:es|ed)?)\b|n[’']t\b",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\b(?:may|might|could|reportedly|allegedly|apparently|presumably|possibly|perhaps|probably|likely|supposed(?:ly)?|"
    r"potential(?:ly)?|(?:is|are|was|were) (?:widely )?(?:believed|thought|said|expected|alleged|rumou?red)|appears?|"
    r"appeared|seems?|seemed|suggests?|suggested|estimated|if)\b",
    re.IGNORECASE,
)
_SAYS = (
    r"(?:sa(?:id|ys)|t(?:old|ells)|reported|reports|claim(?:ed|s)|declar(?:ed|es)|stress(?:ed|es)|not(?:ed|es)|explain(?:ed|s)|"
    r"argu(?:ed|es)|announc(?:ed|es)|admit(?:ted|s)|warn(?:ed|s)|call(?:ed|s)|describ(?:ed|es)|believ(?:ed|es)|"
    r"promis(?:ed|es)|stated|insist(?:ed|s)|wr(?:ote|ites)|add(?:ed|s)|acknowledg(?:ed|es)|hail(?:ed|s)|"
    r"proclaim(?:ed|s)|emphasi[sz](?:ed|es)|underlin(?:ed|es)|highlight(?:ed|s)|remark(?:ed|s)|testif(?:ied|ies)|"
    r"point(?:ed|s) (?:out|to)|conced(?:ed|es))"
)
_SAYING = re.compile(rf"\b{_SAYS}\b", re.IGNORECASE)
_ACCORDING = re.compile(
    r"\b(?:according to|in the (?:words|view|opinion|account) of|"
    r"as (?:reported|claimed|stated|described) by|citing|cited by)\b",
    re.IGNORECASE,
)
_OPPOSITES = (
    ("rise rises rose risen rising increase increases increased increasing grow grows grew grown growing climbed up",
     "fall falls fell fallen falling decrease decreases decreased decreasing decline declines declined declining drop "
     "drops dropped dropping shrink shrank shrunk sank lost down"),
    ("more higher", "less fewer lower"),
    ("highest largest biggest most", "lowest smallest least fewest"),
    ("before earlier", "after later"),
    ("strengthen strengthens strengthened strengthening", "weaken weakens weakened weakening"),
    ("support supports supported supporting welcome welcomed praise praised praises",
     "oppose opposes opposed opposing condemn condemned condemns criticise criticised criticize criticized"),
    ("accept accepts accepted approve approved approves", "reject rejects rejected veto vetoed vetoes block blocked"),
    ("begin begins began begun start starts started opened open", "end ends ended stop stops stopped closed close"),
    ("import imports imported importing buy buys bought", "export exports exported exporting sell sells sold"),
    ("first", "last"),
    ("above over exceeding", "below under"),
    ("always", "never"),
    ("all every", "none few"),
    ("friendly friend ally", "hostile enemy foe"),
    ("defensive", "offensive aggressive"),
    ("possible likely", "impossible unlikely"),
)  # fmt: skip
_SIDES = [tuple(frozenset(side.split()) for side in pair) for pair in _OPPOSITES]
_ENGLISH = frozenset(
    "the of and to in a is that for it as was with be by on not he this are or his from at which but have an had they "
    "were has its who will their been than".split()
)
_OTHERS = frozenset(
    "der die das und ist nicht von mit den dem ein eine im auf für wird wurde sind hat des zu "  # German
    "le la les et est un une des du dans que pour pas sur par au aux ont "  # French
    "el los las y es una que en por con del se fue no su "  # Spanish
    "il lo gli e di che è non per con del della sono nel "  # Italian
    "o os as um uma não em para com do da foi dos "  # Portuguese
    "de het een van dat niet zijn op met voor".split()  # Dutch
)
_NEAR = 3
_BEFORE_SPEECH = 60


@dataclass(frozen=True, slots=True)
class Marked:
    """A word that changes what is said, and the stems of the content words that it bears on, nearest first."""

    word: str
    bears_on: tuple[str, ...]


def is_foreign(text: str) -> bool:
    """Whether `text` is in another language than English, as far as its letters and smallest words tell."""
    letters = [c for c in text if c.isalpha()]
    if sum(c > "\u024f" for c in letters) * 2 > len(letters):
        return True
    words = re.findall(r"[^\W\d_]+", text.lower())
    english = sum(word in _ENGLISH for word in words)
    others = sum(word in _OTHERS and word not in _ENGLISH for word in words)
    return others >= 2 and others > 2 * english


def is_small_word(word: str) -> bool:
    """Whether a word is an article or the like of another language, which a capital makes look like a name."""
    return word.lower() in _OTHERS


def negations(text: str) -> list[Marked]:
    """Each negation and what it denies."""
    return _marked(_NEGATION, text)


def doubts(text: str) -> list[Marked]:
    """Each word of doubt and what it leaves open."""
    return _marked(_DOUBT, text)


def sources(text: str) -> list[tuple[Fact, ...]]:
    """Who is named as having said something, before a verb of saying or after "according to".

    Each is the names that stand there together ("the Russian agency TASS"), of which one is meant.
    """
    names = [fact for fact in find_facts(text) if isinstance(fact.value, Name)]
    found = []
    for match in _SAYING.finditer(text):
        before = [
            name
            for name in names
            if name.end <= match.start()
            and match.start() - name.end <= _BEFORE_SPEECH
            and not re.search(r"[.;:“”\"]\s", text[name.end : match.start()])
        ]
        after = [name for name in names if 0 <= name.start - match.end() <= 1]
        if before:
            found.append(tuple(before[-2:]))
        elif after and text[: match.start()].rstrip().endswith((",", "”", '"')):  # "…", said Holt
            found.append(tuple(after))
    for match in _ACCORDING.finditer(text):
        comma = text.find(",", match.end())
        until = comma if comma >= 0 else len(text)
        named = tuple(
            name for name in names if match.end() <= name.start < min(until, match.end() + 2 * _BEFORE_SPEECH)
        )
        if named:
            found.append(named)
    return found


def credits_outright(text: str) -> bool:
    """Whether it says "according to" or the like, which no other verb of the sentence can mean."""
    return bool(_ACCORDING.search(text))


def says(text: str) -> bool:
    """Whether somebody is said to say something, named or not."""
    return bool(_SAYING.search(text) or _ACCORDING.search(text))


def opposites(sentence: str, passage: str) -> tuple[str, ...]:
    """Words of `sentence` whose opposite stands in `passage`, where they themselves do not."""
    mine = re.findall(r"[a-z]+", sentence.lower())
    theirs = frozenset(re.findall(r"[a-z]+", passage.lower()))
    found = []
    for one, other in (*_SIDES, *((b, a) for a, b in _SIDES)):
        said = [word for word in mine if word in one]
        if said and theirs & other and not theirs & one and not other & set(mine):
            found.append(said[0])
    return tuple(dict.fromkeys(found))


def _marked(pattern: re.Pattern[str], text: str) -> list[Marked]:
    words = content_words(text)
    return [Marked(match.group(), _following(words, match.end())) for match in pattern.finditer(text)]


def _following(words: list[Word], at: int) -> tuple[str, ...]:
    return tuple(word.stem for word in words if word.start >= at)[:_NEAR]
