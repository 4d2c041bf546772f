"""What a numeral is counted in: a currency before it; a percent sign, "times", a currency or a unit after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from assistant import units
from assistant.numerals import after_hyphen
from assistant.tokens import Token

AmountKind = Literal["percentage", "money", "multiple", "quantity", "number"]
_DEGREES = {"c": "celsius", "f": "fahrenheit", "celsius": "celsius", "fahrenheit": "fahrenheit"}


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit as read after a numeral; `next` is the index of the token after it."""

    kind: AmountKind
    unit: str
    next: int
    factor: Fraction = Fraction(1)


def read_currency(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """The currency before a numeral: "$", "US$", "USD"."""
    token, after = tokens[at], tokens[at + 1]
    if token.text in units.CURRENCY_SIGNS:
        return units.CURRENCY_SIGNS[token.text], at + 1
    if token.kind != "word":
        return "", at
    prefix = token.text.replace(".", "")
    if prefix in units.DOLLAR_PREFIXES and after.text == "$" and after.glued:
        return units.DOLLAR_PREFIXES[prefix], at + 2
    if token.text in units.CURRENCY_CODES and after.kind == "digits":
        return _code(token.text), at + 1
    if token.text in ("Rs", "Rs.") and after.kind == "digits":
        return "inr", at + 1
    return "", at


def _code(text: str) -> str:
    return "cny" if text == "RMB" else text.lower()


def read_unit(tokens: Sequence[Token], at: int) -> Measure:
    """What follows a numeral: a percent sign, "times", a currency or a unit; else a bare number."""
    inner = after_hyphen(tokens, at)
    return (
        _percentage(tokens, inner)
        or _multiple(tokens, inner)
        or _money(tokens, inner)
        or _quantity(tokens, inner)
        or Measure("number", "", at)
    )


def _percentage(tokens: Sequence[Token], at: int) -> Measure | None:
    word, after = tokens[at].key, tokens[at + 1].key
    if word == "percentage" and after in units.POINTS:
        return Measure("percentage", "points", at + 2)
    if word == "%" or word in units.PERCENT:
        end = at + 1
    elif word == "per" and (after == "cent" or (after == "-" and tokens[at + 2].key == "cent")):
        end = at + 2 + (after == "-")
    else:
        return None
    return (
        Measure("percentage", "points", end + 1)
        if tokens[end].key in units.POINTS
        else Measure("percentage", "%", end)
    )


def _multiple(tokens: Sequence[Token], at: int) -> Measure | None:
    if tokens[at].key in units.TIMES or tokens[at].key == "fold":
        return Measure("multiple", "x", at + 1)
    return None


def _money(tokens: Sequence[Token], at: int) -> Measure | None:
    word = tokens[at].key
    if word in units.COUNTRY_DOLLARS:
        dollars = at + 1 + (word == "hong" and tokens[at + 1].key == "kong")
        if tokens[dollars].key in ("dollar", "dollars"):
            return Measure("money", units.COUNTRY_DOLLARS[word], dollars + 1)
    if tokens[at].text in units.CURRENCY_CODES:
        return Measure("money", _code(tokens[at].text), at + 1)
    if tokens[at].text in units.CURRENCY_SIGNS:
        return Measure("money", units.CURRENCY_SIGNS[tokens[at].text], at + 1)
    if word in ("cent", "cents"):
        return Measure("money", "usd", at + 1, Fraction(1, 100))
    currency = units.CURRENCY_WORDS.get(word.removesuffix("s"))
    if currency is None:
        return None
    return Measure("money", currency, at + 1 + (tokens[at + 1].key == "sterling"))


def _quantity(tokens: Sequence[Token], at: int) -> Measure | None:
    qualifier = units.UNIT_QUALIFIERS.get(tokens[at].key)
    if qualifier is not None:
        at = after_hyphen(tokens, at + 1)
    token = tokens[at]
    if token.text in units.SHORT_UNITS:
        unit, factor = units.SHORT_UNITS[token.text], 1
    elif token.key.removesuffix("s") in units.LARGE_UNITS:
        factor, unit = units.LARGE_UNITS[token.key.removesuffix("s")]
    elif token.key in units.UNITS:
        unit, factor = units.UNITS[token.key], 1
    else:
        return None
    if tokens[at + 1].text == "/" and tokens[at + 1].glued and tokens[at + 2].text == "h":
        return Measure("quantity", f"{unit}/h", at + 3)
    if qualifier == "n":
        return Measure("quantity", "nmi", at + 1)
    if unit == "degree" and tokens[at + 1].key in _DEGREES:
        return Measure("quantity", _DEGREES[tokens[at + 1].key], at + 2)
    return Measure("quantity", unit + (qualifier or ""), at + 1, Fraction(factor))
