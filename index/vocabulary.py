"""The words of a corpus, and the repair of misspelt questions by them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[A-Za-z][A-Za-z’']*[A-Za-z]")
_SHORTEST = 4
# What decides the kind of a question is worth putting right even where a dictionary would not.
_QUESTION_WORDS = {
    "wat": "what", "waht": "what", "wht": "what", "wich": "which", "whcih": "which", "whic": "which",
    "wen": "when", "whn": "when", "wher": "where", "hwo": "who", "yaer": "year", "yr": "year",
    "editer": "editor", "auther": "author", "autor": "author", "publishd": "published", "wrot": "wrote",
    "percet": "percent", "precent": "percent", "precentage": "percentage",
}  # fmt: skip


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """How often each word stands in the texts, in lower case."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(word.lower() for word in _WORD.findall(text))
    return counts


class Vocabulary:
    """Corpus words with their counts, over a dictionary of common words."""

    def __init__(
        self, texts: Iterable[str], common: Container[str], counted: Mapping[str, int] | None = None
    ) -> None:
        """Of texts, or of what `word_counts` says of them; `common` is the dictionary."""
        self._counts = word_counts(texts) if counted is None else counted
        self._common = common
        self._known = sorted(word for word in self._counts if len(word) >= _SHORTEST)

    def correct(self, text: str) -> str:
        """`text` with the words put right that neither corpus nor dictionary knows, where a corpus word is near.

        Near is one edit (a swap of neighbours counts as one), two for words of eight letters or more. The
        first letter stands; short words and words with figures are left alone.
        """
        if not self._common:
            return text
        return _WORD.sub(lambda match: self._corrected(match.group()), text)

    def _corrected(self, word: str) -> str:
        lower = word.lower()
        bare = re.sub(r"[’']s?$", "", lower)
        if lower in _QUESTION_WORDS:
            return _like(word, _QUESTION_WORDS[lower])
        if len(lower) < _SHORTEST or (word.isupper() and len(word) < 7):
            return word
        if any(form in self._counts or form in self._common for form in _forms(bare)):
            return word
        allowed = 1 if len(lower) < 8 else 2
        near = process.extract(bare, self._known, scorer=OSA.distance, score_cutoff=allowed, limit=20)
        fitting = [(found, edits) for found, edits, _ in near if found[0] == bare[0]]
        if not fitting:
            return word
        best = min(fitting, key=lambda pair: (pair[1], -self._counts[pair[0]], pair[0]))
        return _like(word, best[0]) + lower[len(bare) :]


def _forms(word: str) -> set[str]:
    """The word and what it may be an inflection of, so that "visiters'" plural or past is no misspelling."""
    forms = {word}
    for ending, stems in (
        ("ies", ("y",)), ("es", ("", "e")), ("s", ("",)), ("ied", ("y",)), ("ed", ("", "e")),
        ("ing", ("", "e")), ("ly", ("",)), ("er", ("", "e")), ("ers", ("", "e")), ("ness", ("",)),
    ):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            root = word[: -len(ending)]
            forms.update(root + stem for stem in stems)
            if ending in ("ed", "ing", "er", "ers") and root[-1:] == root[-2:-1]:
                forms.add(root[:-1])
    return forms


def _like(word: str, correction: str) -> str:
    """The correction in the case of the word."""
    if word.isupper():
        return correction.upper()
    return correction.capitalize() if word[:1].isupper() else correction
