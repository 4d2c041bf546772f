"""Words as the reader compares them: content words, their stems, and how rare a stem is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

WORD = re.compile(r"(?:[A-Za-z]\.){2,}|\w+(?:[’'.+/-]\w+)*", re.UNICODE)

STOPWORDS = frozenset(
    "a about above after again against all also am an and any are as at be because been before being below between "
    "both but by can could did do does doing done down during each few for from further get gets getting give gives "
    "given got had has have having he her here hers herself him himself his how i if in into is it its itself just "
    "kind know let like made make makes many may me might more most much must my myself need no nor not of off on "
    "once one only or other our ours out over own please quote say says said same shall she should show so some such "
    "tell than that the their theirs them themselves then there these they thing things this those through to too "
    "under until up upon us use used very was we were what whats when where which while who whom whose why will with "
    "would you your yours exactly".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """A content word: as written, its stem, and its span in the text."""

    text: str
    stem: str
    start: int
    end: int


def content_words(text: str) -> list[Word]:
    """The words of `text` that carry meaning, in order."""
    found = []
    for match in WORD.finditer(text):
        word = match.group()
        plain = re.sub(r"[’']s?$", "", word)
        if plain.lower() not in STOPWORDS:
            found.append(Word(word, stem(plain), match.start(), match.end()))
    return found


def stems(text: str) -> frozenset[str]:
    """The stems of the content words of `text`, hyphenated words also by their parts."""
    found: set[str] = set()
    for word in set(WORD.findall(text)):
        found |= _stems_of(word)
    return frozenset(found)


@lru_cache(maxsize=50_000)
def _stems_of(text: str) -> frozenset[str]:
    """The stems of one word; none where it carries no meaning."""
    found = set()
    for word in content_words(text):
        found.add(word.stem)
        if "-" in word.text:
            found.update(stem(part) for part in word.text.split("-") if part)
    return frozenset(found)


_OUR = (
    "arb|ard|arm|behavi|cand|clam|col|endeav|enam|fav|ferv|flav|glam|harb|hon|hum|lab|neighb|od|parl|ranc|rig|rum|"
    "sav|savi|splend|succ|tum|val|vap|vig"
)
_SPELLINGS = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (rf"^(\w*?(?:{_OUR}))our(?=$|s$|ed$|ing$|er|ite|able|al|hood|ful|less|'|’)", r"\1or"),
        (r"^(\w*(?:def|off|lic|pret))enc(e|es|ed|ing|eless)$", r"\1ens\2"),
        (r"^(\w*(?:cent|met|lit|fib|theat|calib|sab|spect|lust))re(s?)$", r"\1er\2"),
        (r"^(\w{3,}[^aeiou\W])is(e|es|ed|ing|er|ers|ation|ations)$", r"\1iz\2"),
        (r"^(trave|cance|labe|mode|leve|signa|fue|counse|channe|margina)ll(ed|ing|er|ers)$", r"\1l\2"),
        (r"^programmes?$", "program"),
        (r"^grey", "gray"),
        (r"^cheque(s?)$", r"check\1"),
        (r"^aluminium$", "aluminum"),
        (r"^plough", "plow"),
    )
)


@lru_cache(maxsize=50_000)
def one_spelling(word: str) -> str:
    """A word in lower case as Americans spell it, where Britons spell it otherwise; else the word as it is.

    It serves for comparing two words that have both been put so, and may give what nobody writes.
    """
    for pattern, form in _SPELLINGS:
        changed, count = pattern.subn(form, word)
        if count:
            return changed
    return word


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Snowball (English) stem of a word, in lower case without dots, in one of its two spellings."""
    return str(_stemmer().stemWord(one_spelling(word.lower().replace(".", "").replace("’", "'"))))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    from Stemmer import Stemmer

    return Stemmer("english")


def stem_counts(texts: Iterable[str]) -> Counter[str]:
    """In how many of the texts each stem stands."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(stems(text))
    return counts


class Rarity:
    """How much a stem tells in a corpus: its inverse document frequency over paragraphs, 0 to 1."""

    def __init__(
        self, texts: Iterable[str] = (), counted: Mapping[str, int] | None = None, of: int = 0
    ) -> None:
        """Of texts, or of what `stem_counts` says of so many texts."""
        if counted is None:
            read = tuple(texts)
            counted, of = stem_counts(read), len(read)
        self._counts = counted
        self._log_total = math.log(of + 1.0)

    def __call__(self, word_stem: str) -> float:
        """1 for a stem that stands nowhere, towards 0 for one that stands everywhere."""
        return max(0.05, 1.0 - math.log(self._counts.get(word_stem, 0) + 1.0) / max(self._log_total, 1e-9))

    def knows(self, word_stem: str) -> bool:
        """Whether the stem stands anywhere in the corpus."""
        return word_stem in self._counts


def coverage(words: Sequence[Word], present: frozenset[str], rarity: Rarity) -> float:
    """The share of the words' rarity whose stems are in `present`, 0 to 1; 0 without words."""
    total = sum(rarity(word.stem) for word in words)
    return sum(rarity(word.stem) for word in words if word.stem in present) / total if total else 0.0


def word_share(sentence: str, passage: str) -> float:
    """The share of the content words of `sentence` whose stems stand in `passage`; 1 without content words."""
    wanted = [word.stem for word in content_words(sentence)]
    present = stems(passage)
    return sum(word in present for word in wanted) / len(wanted) if wanted else 1.0
