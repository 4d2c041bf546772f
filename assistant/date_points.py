"""One point of a calendar as written: a day, a month or a year, in the common English orders."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from typing import NamedTuple

from assistant.numerals import SCALES
from assistant.tokens import Token
from assistant.units import FUNCTION_WORDS, PERCENT, POINTS, UNITS

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
SHORT_MONTHS = {name[:3]: number for name, number in MONTHS.items() if name != "may"} | {"sept": 9}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
DATE_WORDS = MONTHS.keys() | WEEKDAYS.keys()
SPAN_WORDS = frozenset({"to", "-", "through", "until", "till"})

_MONTH_OR_WORD = frozenset({"may", "march", "august"})
_BEFORE_MONTH = frozenset(
    "in last this next since until till by of early late mid from to through during before after between and or".split()
)
_BOUNDING = frozenset(
    "than over above under below least nearly almost about around some roughly approximately".split()
)
_BEFORE_YEAR = frozenset(
    "in since by of from until till to during before after between and through early late mid year circa".split()
)
_NOT_A_YEAR = frozenset("resolution no number article page room flight route order act".split())
_PLURALS = frozenset("people men women children".split())
_NOT_A_DAY = PERCENT | POINTS | frozenset({"%", "per", *SCALES})


class Point(NamedTuple):
    """A year, month or day, None where not given."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        if self.month is None:
            return f"{self.year:04}" if self.year else "-"
        year = f"{self.year:04}" if self.year else "-"
        return f"{year}-{self.month:02}" + (f"-{self.day:02}" if self.day else "")


class Read(NamedTuple):
    """A point as read, and the index of the token after it. `bare` is a day without a month yet."""

    point: Point
    next: int
    bare: bool = False


def valid_point(year: int | None, month: int, day: int) -> Point | None:
    """The point, where the calendar has such a day (29 February where the year is open)."""
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year or 2000, month)[1]:
        return None
    return Point(year, month, day)


def read_numeric(tokens: Sequence[Token], at: int) -> Read | None:
    """2024-06-19, 2024/6/19, 2024-06; 19/06/2024 where only one order is a date; 19.06.2024."""
    token = tokens[at]
    if token.kind != "digits" or (token.glued and tokens[at - 1].text in "-/"):
        return None
    if token.text.count(".") == 2:
        day, month, year = token.text.split(".")
        return _numeric_point(year, month, day, at + 1) if len(year) == 4 else None
    sign = tokens[at + 1]
    if sign.text not in ("-", "/") or not sign.glued or not tokens[at + 2].glued:
        return None
    parts = [token.text, tokens[at + 2].text]
    end = at + 3
    if tokens[end].text == sign.text and tokens[end].glued and tokens[end + 1].glued:
        parts.append(tokens[end + 1].text)
        end += 2
    if not all(part.isdigit() and len(part) <= 4 for part in parts):
        return None
    if len(parts) == 2:
        return _year_month(parts[0], parts[1], end) if sign.text == "-" else None
    if len(parts[0]) == 4:
        return (
            _numeric_point(parts[0], parts[1], parts[2], end)
            if all(len(part) <= 2 for part in parts[1:])
            else None
        )
    if len(parts[2]) != 4:
        return None
    orders = {(parts[0], parts[1]), (parts[1], parts[0])}
    reads = [read for day, month in orders if (read := _numeric_point(parts[2], month, day, end))]
    return reads[0] if len(reads) == 1 else None


def _numeric_point(year: str, month: str, day: str, end: int) -> Read | None:
    if not 1000 <= int(year) <= 2999 or len(month) > 2 or len(day) > 2:
        return None
    point = valid_point(int(year), int(month), int(day))
    return Read(point, end) if point else None


def _year_month(year: str, month: str, end: int) -> Read | None:
    """2024-06, unless it reads as a span of years: 2010-12 does, 2012-10 does not."""
    if len(year) != 4 or len(month) != 2 or not 1 <= int(month) <= 12 or not 1000 <= int(year) <= 2999:
        return None
    return None if int(month) > int(year) % 100 else Read(Point(int(year), int(month)), end)


def read_month(tokens: Sequence[Token], at: int) -> tuple[int, int, bool] | None:
    """A month's name: its number, the index after it, whether it can stand alone."""
    token = tokens[at]
    if token.kind != "word":
        return None
    if token.key in MONTHS:
        return MONTHS[token.key], at + 1, token.capital or token.key not in _MONTH_OR_WORD
    if token.capital and token.key in SHORT_MONTHS:
        dotted = tokens[at + 1].text == "." and tokens[at + 1].glued
        return SHORT_MONTHS[token.key], at + 1 + dotted, False
    return None


def read_month_first(tokens: Sequence[Token], at: int, *, in_span: bool = False) -> Read | None:
    """June 19, June 19th 2024, June 2024, June."""
    month = read_month(tokens, at)
    if month is None:
        return None
    number, after, whole = month
    after += tokens[after].text == "," and year_number(tokens[after + 1]) is not None
    year = year_number(tokens[after])
    if year is not None:
        return Read(Point(year, number), after + 1)
    day = read_day(tokens, after) if whole or tokens[at].capital else None
    if day is not None:
        point = valid_point(None, number, day[0])
        if point is not None:
            return with_year(tokens, Read(point, day[1]))
    if not whole or not (in_span or _month_alone(tokens, at)):
        return None
    return Read(Point(None, number), at + 1)


def _month_alone(tokens: Sequence[Token], at: int) -> bool:
    """Whether a month's name without day and year is the month: "May" and "March" need a word that says so."""
    token, before = tokens[at], tokens[at - 1]
    follows_name = (
        before.capital and not (before.initial or before.possessive) and before.key not in DATE_WORDS
    )
    if token.key in _MONTH_OR_WORD:
        spanned = tokens[at + 1].key in SPAN_WORDS and read_month(tokens, at + 2) is not None
        return before.key in _BEFORE_MONTH or before.text == "-" or spanned
    return not (follows_name and before.key not in _BEFORE_MONTH)


def read_day(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """A day's number and the index after it: "19", "19th", not "19 percent", "19:30" or "19 tons"."""
    token, after = tokens[at], tokens[at + 1]
    if (
        token.kind != "digits"
        or not token.text.isdigit()
        or len(token.text) > 2
        or not 1 <= int(token.text) <= 31
    ):
        return None
    if after.glued and after.text in ("st", "nd", "rd", "th"):
        return int(token.text), at + 2
    if after.glued and (after.kind == "word" or (after.text in (":", "+", "/") and tokens[at + 2].glued)):
        return None
    return None if after.key in _NOT_A_DAY or after.key in UNITS else (int(token.text), at + 1)


def with_year(tokens: Sequence[Token], read: Read) -> Read:
    """`read` with the year after it: ", 2024" or " 2024"."""
    after = read.next + (tokens[read.next].text == ",")
    year = year_number(tokens[after])
    if year is None or read.point.year is not None or _counts(tokens, after):
        return read
    point = read.point
    return Read(Point(year, point.month, point.day), after + 1)


def read_day_first(tokens: Sequence[Token], at: int) -> Read | None:
    """19 June 2024, 19th of June; or a bare day that a second one follows: "18-19 June", "18 and 19 June"."""
    day = read_day(tokens, at)
    if day is None:
        return None
    after = day[1] + (tokens[day[1]].key == "of")
    month = read_month(tokens, after)
    if month is not None:
        point = valid_point(None, month[0], day[0])
        return with_year(tokens, Read(point, month[1])) if point else None
    if tokens[day[1]].key not in (*SPAN_WORDS, "and"):
        return None
    second = read_day(tokens, day[1] + 1)
    if second is None or read_month(tokens, second[1] + (tokens[second[1]].key == "of")) is None:
        return None
    return Read(Point(None, None, day[0]), day[1], bare=True)


def year_number(token: Token) -> int | None:
    """The year from 1000 to 2999 that four plain digits are, None for any other token."""
    if token.kind != "digits" or len(token.text) != 4 or not token.text.isdigit():
        return None
    return int(token.text) if 1000 <= int(token.text) <= 2999 else None


def read_year(tokens: Sequence[Token], at: int) -> Read | None:
    """A year alone, where the four digits read as one.

    From 1900 to 2099 they do unless a unit, a bound or a counted plural says otherwise; other
    years need a word such as "in" before them and none after that they could count.
    """
    year = year_number(tokens[at])
    before, after = tokens[at - 1], tokens[at + 1]
    if (
        year is None
        or before.key in _NOT_A_YEAR
        or (before.glued and before.kind == "sign" and before.text in "$€£+/")
    ):
        return None
    if before.text in ("$", "€", "£", "¥") or (
        after.glued and (after.kind == "word" or after.text in ("%", "+", "/"))
    ):
        return None
    if _counts(tokens, at):
        return None
    noun_follows = after.kind == "word" and after.key not in FUNCTION_WORDS
    if 1900 <= year <= 2099:
        up_to = before.key == "to" and tokens[at - 2].key in ("up", "close")
        counting = up_to or before.key in _BOUNDING or (year % 100 == 0 and before.key not in _BEFORE_YEAR)
        plural = noun_follows and not after.capital and (after.key.endswith("s") or after.key in _PLURALS)
        return None if counting and plural else Read(Point(year), at + 1)
    return None if noun_follows or before.key not in _BEFORE_YEAR else Read(Point(year), at + 1)


def _counts(tokens: Sequence[Token], at: int) -> bool:
    """Whether what follows token `at` makes it an amount: a unit, a scale, a percent sign."""
    after = tokens[at + 1]
    per_cent = after.key == "per" and tokens[at + 2].key in ("cent", "-")
    return (
        per_cent or after.key in (PERCENT | SCALES.keys() | {"%", "dollars", "euros"}) or after.key in UNITS
    )
