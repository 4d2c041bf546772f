"""Marks: what the span model is told about a token beside its word piece.

The packaged tokenizer folds case, and a small network trained on few examples is slow to learn that two words are the
same. So every token carries one of eleven marks: for the question, whether its content word occurs in the
paragraph; for the paragraph, whether its word occurs in the question, and whether it is written with a capital,
in capitals or in figures (after the exact-match and form features of Chen et al. 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from assistant.words import STOPWORDS, WORD, stem

MARKS = 11
"""How many different marks there are; 0 says nothing."""
_SHARED, _MISSING, _PARAGRAPH = 1, 2, 3


def token_marks(
    question: str,
    paragraph: str,
    offsets: Sequence[tuple[int, int]],
    parts: Sequence[int | None],
    *,
    missing: bool = False,
) -> list[int]:
    """The mark of each token of one sequence.

    Args:
        question: the question.
        paragraph: the paragraph.
        offsets: each token's span in its text.
        parts: for each token 0 (question), 1 (paragraph) or None (neither), as `sequence_ids` gives.
        missing: whether the question's words that the paragraph lacks are marked, too. Training marks them; in use
            they are not, since what is asked in other words than the paragraph's would count as not answered.
    """
    asked, told = _words(question), _words(paragraph)
    in_question = {word for word, _, _ in asked}
    in_paragraph = {word for word, _, _ in told}
    first = np.zeros(len(question) + 1, dtype=np.int8)
    for word, a, b in asked:
        first[a:b] = _SHARED if word in in_paragraph else _MISSING if missing else 0
    second: npt.NDArray[np.int8] = np.zeros(len(paragraph) + 1, dtype=np.int8)
    for match in WORD.finditer(paragraph):
        second[match.start() : match.end()] = _PARAGRAPH + _form(match.group())
    for word, a, b in told:
        if word in in_question:
            second[a:b] += 4
    marks = (first, second)
    return [0 if part is None else int(marks[part][a]) for (a, _), part in zip(offsets, parts, strict=True)]


@lru_cache(maxsize=2000)
def _words(text: str) -> tuple[tuple[str, int, int], ...]:
    """Content words as (stem, start, end), the parts of hyphenated words each by itself.

    Kept, since the same paragraphs come back with other questions.
    """
    found = []
    for match in WORD.finditer(text):
        at = match.start()
        for part in match.group().replace("’", "'").split("-"):
            plain = part.removesuffix("'s").removesuffix("'")
            if plain and plain.lower() not in STOPWORDS:
                found.append((stem(plain), at, at + len(plain)))
            at += len(part) + 1
    return tuple(found)


def _form(word: str) -> int:
    if any(c.isdigit() for c in word):
        return 3
    if not word[0].isupper():
        return 0
    return 2 if len(word) > 1 and word.isupper() else 1
