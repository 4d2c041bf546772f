"""Amounts: percentages, money, multiples, quantities with a unit, and bare numbers.

An amount is read from its numeral outwards: a bound and a currency before it, a range, a unit and
a bound after it. "About" and "some" are not read, since they do not change the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from assistant import units
from assistant.dates import read_date
from assistant.measures import AmountKind, Measure, read_currency, read_unit
from assistant.numerals import WORDS, Numeral, after_hyphen, read_numeral
from assistant.tokens import Token

_MAX_COUNTED = 3
_OWNED_BY_MONEY = {"m": 10**6, "b": 10**9, "t": 10**12}
_NUMBER_FORMS = {"th", "many"}
_COMPOUNDED = frozenset("hand party class rate ever come guess".split())
_BOUND_HEADS = frozenset(words[0] for words in units.BOUNDS)
_FOLD = {f"{word}fold": number for word, number in zip(
    "two three four five six seven eight nine ten twelve twenty hundred thousand".split(),
    (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 20, 100, 1000), strict=True,
)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """A magnitude from `low` to `high` (equal unless a range) in `unit`, perhaps only a bound of it.

    `unit` is "" for a bare number, "th" for an ordinal, "many" for plurals such as "dozens".
    `counted` holds the words that follow a bare number, in the singular: what it counts.
    """

    low: Fraction
    high: Fraction
    unit: str
    bound: units.Bound = ""
    counted: frozenset[str] = field(default=frozenset(), compare=False)

    def __str__(self) -> str:
        span = _written(self.low) if self.low == self.high else f"{_written(self.low)}..{_written(self.high)}"
        return f"{self.bound}{span} {self.unit}".rstrip()


def read_amount(tokens: Sequence[Token], at: int) -> tuple[AmountKind, Amount, int] | None:
    """The amount that begins at token `at` and the index after it, None where none does."""
    token = tokens[at]
    if token.kind == "word" and (multiple := _multiple_word(tokens, at)) is not None:
        return "multiple", Amount(multiple, multiple, "x"), at + 1
    bound, start = _bound(tokens, at)
    if bound and read_date(tokens, start) is not None:  # "over 2023" is no more than a preposition
        return None
    currency, start = read_currency(tokens, start)
    low = read_numeral(tokens, start)
    if low is None or (low.ordinal and (currency or bound)):
        return None
    if low.ordinal:
        return _ordinal(tokens, start, low)
    high = _range_end(tokens, start, low)
    measure, low, high = _measure(tokens, low, high, currency)
    if measure.kind == "number" and tokens[start - 1].key == "of" and tokens[start - 2].key == "factor":
        measure = replace(measure, kind="multiple", unit="x")
    if measure.kind == "number" and not bound and high is low and _is_pronoun(tokens, start, low):
        return None
    after_bound, end = _bound_after(tokens, measure.next)
    amount = Amount(
        low.value * measure.factor,
        high.value * measure.factor,
        "many" if low.many and measure.kind == "number" else measure.unit,
        after_bound or bound,
        _counted(tokens, end) if measure.kind == "number" else frozenset(),
    )
    return measure.kind, amount, end


def states(kind: str, stated: Amount, wanted_kind: str, wanted: Amount, *, ends: bool = True) -> bool:
    """Whether a text that gives `stated` gives `wanted`: its magnitude and unit, and its bound if it has one.

    With `ends`, either end of a stated range counts as given.

    A bare number is given by any amount of its magnitude, unless the words after it count something
    else; an amount in a unit is given by a bare number that counts that unit ("5 refined tons").
    """
    if stated.bound not in units.ENTAILED_BY[wanted.bound]:
        return False
    if not _gives(stated, wanted, ends=ends):
        return False
    if kind == wanted_kind and stated.unit == wanted.unit:
        return True
    if wanted_kind == "number" and wanted.unit == "":
        return stated.unit not in _NUMBER_FORMS and (not wanted.counted or stated.unit in _unit_names(wanted))
    return wanted_kind == "quantity" and kind == "number" and wanted.unit in _unit_names(stated)


def disagree(a: Amount, b: Amount) -> bool:
    """Whether no amount satisfies both, or both give a bound of one kind and not the same one.

    "More than two dozen" and "more than three dozen" may both be true, but are two accounts. Different units, or
    different things counted, never disagree.
    """
    if a.unit != b.unit or a.unit == "many" or (a.low, a.high) == (b.low, b.high):
        return False
    if (a.counted or b.counted) and not a.counted & b.counted:
        return False
    if a.bound and a.bound == b.bound:
        return True
    return _floor(a) > _ceiling(b) or _floor(b) > _ceiling(a)


def _written(number: Fraction) -> str:
    """The number as a decimal where that is exact, else as a fraction."""
    decimal = Decimal(number.numerator) / Decimal(number.denominator)
    exact = number.denominator > 1 and Fraction(decimal) == number
    return f"{decimal.normalize():f}" if exact else str(number)


def _gives(stated: Amount, wanted: Amount, *, ends: bool) -> bool:
    """Equal magnitudes, or with `ends` one end of the range that is `stated`."""
    if (stated.low, stated.high) == (wanted.low, wanted.high):
        return True
    return ends and wanted.low == wanted.high and wanted.low in (stated.low, stated.high)


def _floor(amount: Amount) -> Fraction | float:
    return float("-inf") if amount.bound in ("<", "<=", "~<") else amount.low


def _ceiling(amount: Amount) -> Fraction | float:
    return float("inf") if amount.bound in (">", ">=") else amount.high


def _unit_names(amount: Amount) -> set[str]:
    return {units.UNITS[word] for word in amount.counted if word in units.UNITS}


def _multiple_word(tokens: Sequence[Token], at: int) -> Fraction | None:
    """ "twice", "doubled", "ninefold"."""
    word = tokens[at].key
    if word == "double" and tokens[at + 1].key in ("the", "its", "that", "their", "what", "last"):
        return Fraction(2)
    number = units.MULTIPLES.get(word) or _FOLD.get(word)
    return Fraction(number) if number else None


def _bound(tokens: Sequence[Token], at: int) -> tuple[units.Bound, int]:
    if tokens[at].key in _BOUND_HEADS:
        for length in (3, 2, 1):
            bound = units.BOUNDS.get(tuple(token.key for token in tokens[at : at + length]))
            if bound:
                return bound, at + length
    return "", at


def _bound_after(tokens: Sequence[Token], at: int) -> tuple[units.Bound, int]:
    if tokens[at].text == "+" and tokens[at].glued and not tokens[at + 1].glued:
        return ">=", at + 1
    bound = units.BOUNDS_AFTER.get((tokens[at].key, tokens[at + 1].key))
    # "at least" after one number may belong to the next: "5 or at least 6".
    if bound and read_numeral(tokens, at + 2) is None:
        return bound, at + 2
    return "", at


def _ordinal(tokens: Sequence[Token], at: int, numeral: Numeral) -> tuple[AmountKind, Amount, int] | None:
    """An ordinal, unless it only orders the text ("First, …", "at first") or is half of a compound."""
    before, after = tokens[at - 1], tokens[numeral.next]
    is_word = tokens[at].kind == "word"
    if is_word and (
        before.key == "at" or (tokens[at].initial and after.text == ",") or after.key in ("of", "and")
    ):
        return None
    if is_word and after.text == "-" and tokens[numeral.next + 1].key in _COMPOUNDED:
        return None
    return "number", Amount(numeral.value, numeral.value, "th"), numeral.next


def _range_end(tokens: Sequence[Token], start: int, low: Numeral) -> Numeral:
    """The upper end of a range ("5-7", "5 to 7", "between 5 and 7"), `low` itself where there is none."""
    at = low.next
    at += tokens[at].text == "%"
    before = tokens[start - 1].key
    hyphen = tokens[at].text == "-"
    joined = (
        hyphen
        or (tokens[at].key == "to" and before != "from")
        or (tokens[at].key == "and" and before == "between")
    )
    if not joined or low.many:
        return low
    _, number_at = read_currency(tokens, at + 1)
    high = read_numeral(tokens, number_at)
    if high is None or high.ordinal or (hyphen and tokens[number_at].kind != "digits"):
        return low
    if high.scale > 1 and low.scale == 1 and low.value < high.value / high.scale:
        return high
    return high if high.value > low.value else low


def _measure(
    tokens: Sequence[Token], low: Numeral, high: Numeral, currency: str
) -> tuple[Measure, Numeral, Numeral]:
    """The unit of a numeral or range, with the numerals as that unit and the range's scale make them."""
    if high is not low and high.scale > 1 and low.scale == 1:
        low = Numeral(low.value * high.scale, low.next, high.scale)
    measure = read_unit(tokens, high.next)
    if currency:
        if measure.unit not in _OWNED_BY_MONEY or not tokens[high.next].glued:
            end = measure.next if measure.kind == "money" else high.next
            return Measure("money", currency, end), low, high
        return Measure("money", currency, measure.next, Fraction(_OWNED_BY_MONEY[measure.unit])), low, high
    if measure.kind == "number":
        shared = _shared_unit(tokens, high.next)
        if shared is not None:
            return Measure(shared.kind, shared.unit, high.next, shared.factor), low, high
    return measure, low, high


def _shared_unit(tokens: Sequence[Token], at: int) -> Measure | None:
    """The unit that a second number states for both: "300 and 500 tons", "from 5 to 7 percent"."""
    if tokens[at].key not in ("and", "or", "to"):
        return None
    other = read_numeral(tokens, at + 1)
    if other is None or other.ordinal or other.many:
        return None
    measure = read_unit(tokens, other.next)
    return measure if measure.kind in ("percentage", "quantity", "money") else None


def _is_pronoun(tokens: Sequence[Token], at: int, numeral: Numeral) -> bool:
    """Whether a bare "one" is read: more often "one of them" and "one another" than a count."""
    return tokens[at].key == "one" and numeral.next == at + 1


def _counted(tokens: Sequence[Token], at: int) -> frozenset[str]:
    """Up to three words after a bare number, in the singular, up to where its noun phrase must end."""
    words: list[str] = []
    at = after_hyphen(tokens, at)
    for token in tokens[at : at + _MAX_COUNTED]:
        if token.kind != "word" or token.key in units.FUNCTION_WORDS or token.key in WORDS or token.capital:
            break
        words.append(token.key.removesuffix("s"))
        if token.possessive:
            break
    return frozenset(words)
