"""How near a short text is to the expected ones: the published measures of reading comprehension."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_WORD = re.compile(r"[a-z0-9]+")


def squad_words(text: str) -> list[str]:
    """The words that SQuAD compares: lower case, without punctuation and articles (Rajpurkar et al. 2016)."""
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def exact_match(given: str, expected: str) -> float:
    """SQuAD's EM of one pair: 1.0 where the normalised texts are equal."""
    return float(squad_words(given) == squad_words(expected))


def token_f1(given: str, expected: str) -> float:
    """SQuAD's F1 of one pair, over the bags of words; where one is empty, 1.0 if both are."""
    ours, theirs = squad_words(given), squad_words(expected)
    if not ours or not theirs:
        return float(ours == theirs)
    both = (Counter(ours) & Counter(theirs)).total()
    return 2 * both / (len(ours) + len(theirs))


def best(measure: Callable[[str, str], float], given: str, expected: Sequence[str]) -> float:
    """The measure against the nearest of the expected texts; without any, "" is expected: SQuAD 2.0's no answer."""
    return max(measure(given, each) for each in expected or [""])


def subspan_match(given: str, expected: str) -> float:
    """1.0 where the expected words stand in the given ones in a row: the accuracy of Liu et al. 2023 on NQ-open."""
    ours, theirs = " ".join(squad_words(given)), " ".join(squad_words(expected))
    return float(bool(theirs) and theirs in ours)


def rouge_l(given: str, expected: str) -> float:
    """ROUGE-L: the F1 of the longest common subsequence of words (Lin 2004), lower case, letters and digits only."""
    ours, theirs = _WORD.findall(given.lower()), _WORD.findall(expected.lower())
    return 2 * _common(ours, theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def word_recall(given: str, expected: str) -> float:
    """The share of the expected words that the given text has, each as often as it occurs (Adlakha et al. 2023)."""
    ours, theirs = Counter(squad_words(given)), Counter(squad_words(expected))
    return (ours & theirs).total() / theirs.total() if theirs else 0.0


def _common(ours: Sequence[str], theirs: Sequence[str]) -> int:
    from rapidfuzz.distance import LCSseq

    return int(LCSseq.similarity(ours, theirs))
