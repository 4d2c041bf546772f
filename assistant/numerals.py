"""Numerals in digits and in words: "11,000", "4 million", "1.5bn", "two dozen", "fifty-four", "21st"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from assistant.tokens import Token

MAX_DIGITS = 40
"""A longer run of digits is a code, not a number; Python itself refuses int() far above it."""

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
SMALL = {word: number for number, word in enumerate(_ONES.split())}
TENS = {word: 10 * number for number, word in enumerate(_TENS.split(), start=2)}
ORDINALS = {word: number for number, word in enumerate(_ORDINALS.split())} | {
    "twentieth": 20,
    "thirtieth": 30,
}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_COUNTS = SCALES | {"hundred": 100, "dozen": 12}
_SUFFIXES = {
    **dict.fromkeys(("k", "K"), 10**3),
    **dict.fromkeys(("m", "M", "mn", "mln", "mio"), 10**6),
    **dict.fromkeys(("b", "B", "bn", "bln"), 10**9),
    **dict.fromkeys(("tn", "trn"), 10**12),
}
_MANY = {f"{word}s": number for word, number in _COUNTS.items()} | {"tens": 10}
_PARTS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_PARTS |= {f"{word}s": number for word, number in _PARTS.items() if number > 2}
_AFTER_HALF = frozenset("of the its their his her all a an".split())
_DOTTED_GROUPS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}")

WORDS = frozenset({*SMALL, *TENS, *ORDINALS, *_MANY, "a", "an", "half"})
"""Words that a numeral can begin with."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written. `next` is the index of the token after it.

    `scale` is what a scale word multiplied it by, `many` marks plurals such as "dozens".
    """

    value: Fraction
    next: int
    scale: int = 1
    ordinal: bool = False
    many: bool = False


def read_numeral(tokens: Sequence[Token], at: int) -> Numeral | None:
    """The numeral that begins at token `at`, None where none does."""
    token = tokens[at]
    if token.kind == "digits":
        return _digits(tokens, at)
    if token.kind != "word" or token.key not in WORDS:
        return None
    return _half(tokens, at) or _many(tokens, at) or _article(tokens, at) or _words(tokens, at)


def after_hyphen(tokens: Sequence[Token], at: int) -> int:
    """The index behind a hyphen that glues token `at` to its left and right, else `at`."""
    joined = tokens[at].text == "-" and tokens[at].glued and tokens[at + 1].glued
    return at + 1 if joined else at


def _digits(tokens: Sequence[Token], at: int) -> Numeral | None:
    text = tokens[at].text
    if text.count(".") > 1:
        if not _DOTTED_GROUPS.fullmatch(text):
            return None
        text = text.replace(".", "")
    text = text.replace(",", "")
    at += 1
    if len(text) <= 3 and text.isdigit():
        while len(text) < MAX_DIGITS and _is_group(tokens, at):
            text += tokens[at].text
            at += 1
    if len(text) > MAX_DIGITS:
        return None
    value = Fraction(text)
    if tokens[at].glued and tokens[at].text in ("st", "nd", "rd", "th") and value.denominator == 1:
        return Numeral(value, at + 1, ordinal=True)
    if tokens[at].glued and tokens[at].text in _SUFFIXES:
        scale = _SUFFIXES[tokens[at].text]
        return Numeral(value * scale, at + 1, scale)
    return _scaled(tokens, Numeral(value, at))


def _is_group(tokens: Sequence[Token], at: int) -> bool:
    """Whether token `at` is the next three digits of a number grouped by single spaces."""
    token = tokens[at]
    return token.kind == "digits" and len(token.text) == 3 and token.start == tokens[at - 1].end + 1


def _scaled(tokens: Sequence[Token], numeral: Numeral) -> Numeral:
    """`numeral` times the scale words after it, at most three ("two hundred thousand million")."""
    for _ in range(3):
        at = after_hyphen(tokens, numeral.next)
        scale = _COUNTS.get(tokens[at].key)
        if scale is None:
            break
        numeral = replace(numeral, value=numeral.value * scale, next=at + 1, scale=numeral.scale * scale)
    return numeral


def _half(tokens: Sequence[Token], at: int) -> Numeral | None:
    """ "half of", "half a million", "half-million"."""
    if tokens[at].key != "half":
        return None
    inner = after_hyphen(tokens, at + 1)
    inner += tokens[inner].key in ("a", "an")
    if tokens[inner].key in _COUNTS:
        return _scaled(tokens, Numeral(Fraction(1, 2), inner))
    return Numeral(Fraction(1, 2), at + 1) if tokens[at + 1].key in _AFTER_HALF else None


def _many(tokens: Sequence[Token], at: int) -> Numeral | None:
    """ "dozens", "tens of thousands"."""
    scale = _MANY.get(tokens[at].key)
    if scale is None:
        return None
    of_more = tokens[at + 1].key == "of" and tokens[at + 2].key in _MANY
    if of_more:
        return Numeral(Fraction(scale * _MANY[tokens[at + 2].key]), at + 3, many=True)
    return Numeral(Fraction(scale), at + 1, many=True) if tokens[at].key != "tens" else None


def _article(tokens: Sequence[Token], at: int) -> Numeral | None:
    """ "a dozen", "a hundred thousand", "a third of"."""
    if tokens[at].key not in ("a", "an"):
        return None
    word = tokens[at + 1].key
    if word in _COUNTS:
        return _scaled(tokens, Numeral(Fraction(1), at + 1))
    if word in _PARTS and tokens[at + 2].key == "of":
        return Numeral(Fraction(1, _PARTS[word]), at + 2)
    return None


def _words(tokens: Sequence[Token], at: int) -> Numeral | None:
    """ "fifty-four", "two hundred and three thousand", "two-thirds", "twenty-first", "fourth"."""
    if tokens[at].key in ORDINALS:
        return Numeral(Fraction(ORDINALS[tokens[at].key]), at + 1, ordinal=True)
    total, end, ceiling, scaled = 0, at, 10**15, 1
    while (group := _group(tokens, end)) is not None:
        value, after, ordinal = group
        if ordinal:
            return Numeral(Fraction(total + value), after, ordinal=True)
        scale_at = after_hyphen(tokens, after)
        scale = SCALES.get(tokens[scale_at].key)
        if scale is None or scale >= ceiling:
            total, end = total + value, after
            break
        total, end, ceiling, scaled = total + value * scale, scale_at + 1, scale, scale
        if scale == 10**3 and tokens[end].key == "and" and _group(tokens, end + 1) is not None:
            end += 1
    if end == at:
        return None
    if tokens[end].key == "dozen":
        return Numeral(Fraction(total * 12), end + 1, 12)
    part_at = after_hyphen(tokens, end)
    part = _PARTS.get(tokens[part_at].key)
    if part and total < 20 and (total == 1 or tokens[part_at].key.endswith("s")):
        return Numeral(Fraction(total, part), part_at + 1)
    return Numeral(Fraction(total), end, scaled if total % scaled == 0 else 1)


def _group(tokens: Sequence[Token], at: int) -> tuple[int, int, bool] | None:
    """A number below a thousand in words: its value, the index after it, whether it is an ordinal."""
    below = _below_hundred(tokens, at)
    if below is None:
        return None
    value, end, ordinal = below
    hundred_at = after_hyphen(tokens, end)
    if ordinal or tokens[hundred_at].key != "hundred" or not 0 < value < 100:
        return below
    value, end = value * 100, hundred_at + 1
    rest = _below_hundred(tokens, end + (tokens[end].key == "and"))
    return (value + rest[0], rest[1], rest[2]) if rest else (value, end, False)


def _below_hundred(tokens: Sequence[Token], at: int) -> tuple[int, int, bool] | None:
    word = tokens[at].key
    if word in SMALL:
        return SMALL[word], at + 1, False
    if word not in TENS:
        return None
    unit_at = after_hyphen(tokens, at + 1)
    unit = tokens[unit_at].key
    if 0 < SMALL.get(unit, 0) < 10:
        return TENS[word] + SMALL[unit], unit_at + 1, False
    if 0 < ORDINALS.get(unit, 0) < 10 and unit_at > at + 1:
        return TENS[word] + ORDINALS[unit], unit_at + 1, True
    return TENS[word], at + 1, False
