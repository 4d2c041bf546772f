"""Dates in the common English orders, as far as they are given: a day, a month, a year, or a span of them.

A date keeps only what is written: "June 19" has no year, and none is guessed. Spans are read to
their ends, so "the first five months of 2024" is "January to May 2024".
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.date_points import (
    SPAN_WORDS,
    WEEKDAYS,
    Point,
    Read,
    read_day,
    read_day_first,
    read_month_first,
    read_numeric,
    read_year,
    valid_point,
    with_year,
    year_number,
)
from assistant.numerals import SMALL
from assistant.tokens import Token

_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "final": 4}


@dataclass(frozen=True, slots=True)
class When:
    """A date from `start` to `end`, which are equal unless a span is given.

    `period` marks a span with a name of its own (a quarter, a decade), which holds its parts as a
    month holds its days.
    """

    start: Point
    end: Point
    weekday: int | None = None
    period: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        if self.weekday is not None:
            return calendar.day_name[self.weekday].lower()
        return str(self.start) if self.start == self.end else f"{self.start}/{self.end}"


def read_date(tokens: Sequence[Token], at: int) -> tuple[When, int] | None:
    """The date that begins at token `at` and the index after it, None where none does."""
    weekday = WEEKDAYS.get(tokens[at].key) if tokens[at].capital else None
    if weekday is not None:
        after = at + 1 + (tokens[at + 1].text == ",")
        dated = read_date(tokens, after) if tokens[after].key not in WEEKDAYS else None
        if dated is not None and dated[0].start.day is not None:
            return dated
        return When(Point(), Point(), weekday), at + 1
    return _period(tokens, at) or _decade(tokens, at) or _span(tokens, at)


def states(stated: When, wanted: When, *, ends: bool = True) -> bool:
    """Whether a text that gives `stated` gives `wanted`, which may be coarser ("2024", "June 19").

    With `ends`, either end of a span counts as given ("June 18" by "June 18-19").
    """
    if wanted.weekday is not None:
        return wanted.weekday in (stated.weekday, _weekday(stated))
    given = [index for index in range(3) if wanted.start[index] is not None]
    start, end = ([point[index] for index in given] for point in (stated.start, stated.end))
    first, last = ([point[index] for index in given] for point in (wanted.start, wanted.end))
    if stated.weekday is not None or None in start or None in end:
        return False
    if (start, end) == (first, last):
        return True
    return ends and first == last and first in (start, end)


def disagree(a: When, b: When) -> bool:
    """Whether they cannot date one event: they differ in what both give, and neither holds the other.

    A day within a span of days differs from the span ("June 19" and "June 18-19"); a day within its
    month or a year within its decade does not.
    """
    common = [i for i in range(3) if a.start[i] is not None and b.start[i] is not None]
    if not common:
        return False
    first, second = (([w.start[i] for i in common], [w.end[i] for i in common]) for w in (a, b))
    if first == second:
        return False
    holds = (a.period and first[0] <= second[0] and second[1] <= first[1]) or (
        b.period and second[0] <= first[0] and first[1] <= second[1]
    )
    return not holds


def _weekday(when: When) -> int | None:
    year, month, day = when.start
    if when.start != when.end or not (year and month and day):
        return None
    return datetime.date(year, month, day).weekday()


def _single(read: Read) -> tuple[When, int]:
    return When(read.point, read.point), read.next


def _span(tokens: Sequence[Token], at: int) -> tuple[When, int] | None:
    """A point, or two points with "to" between: "June 18-19, 2024", "January to May 2024", "2019-21"."""
    first = (
        read_numeric(tokens, at)
        or read_month_first(tokens, at)
        or read_day_first(tokens, at)
        or read_year(tokens, at)
    )
    joint = _joint(tokens, at, first.next) if first else ""
    if first and joint:
        second = _second(tokens, first.next + 1, first.point)
        whole = _join(first, second, joint) if second else None
        if whole is not None:
            return whole
    if first is None:
        return None
    if first.bare:
        # "18 and 20 June": the first day takes its month from the second, which is read on its own.
        second = _second(tokens, first.next + 1, first.point)
        if second is None or second.point.month is None:
            return None
        point = valid_point(second.point.year, second.point.month, first.point.day or 0)
        return _single(Read(point, first.next)) if point else None
    return _single(first)


def _joint(tokens: Sequence[Token], at: int, joint_at: int) -> str:
    """The word or dash that makes a span: "and" does after "between" and between two days in a row."""
    word = tokens[joint_at].key
    if word in SPAN_WORDS:
        return "to"
    if word == "and":
        return "to" if tokens[at - 1].key == "between" else "and"
    return ""


def _second(tokens: Sequence[Token], at: int, first: Point) -> Read | None:
    """The point after a joint; a bare day or short year is completed from the `first` point."""
    if first.month is not None and first.day is not None and (day := read_day(tokens, at)) is not None:
        point = valid_point(first.year, first.month, day[0])
        after = read_day_first(tokens, at)
        if point is not None and (after is None or after.bare):
            return with_year(tokens, Read(point, day[1]))
    read = (
        read_numeric(tokens, at) or read_month_first(tokens, at, in_span=True) or read_day_first(tokens, at)
    )
    if read is not None:
        return None if read.bare else read
    token = tokens[at]
    if first.year and first.month is None and token.glued and token.kind == "digits" and len(token.text) == 2:
        return Read(Point(first.year // 100 * 100 + int(token.text)), at + 1)
    if year_number(token) and first.month is None and first.day is None:
        return Read(Point(year_number(token)), at + 1)
    return None


def _join(first: Read, second: Read, joint: str) -> tuple[When, int] | None:
    """The span of two points, each completed from the other, where they are in order."""
    start, end = first.point, second.point
    start = Point(start.year or end.year, start.month or end.month, start.day)
    end = Point(end.year or start.year, end.month, end.day)
    keys = [[part or 0 for part in point] for point in (start, end)]
    same_fields = [part is None for part in start] == [part is None for part in end]
    if not same_fields or keys[0] >= keys[1]:
        return None
    if start.day and start.month and valid_point(start.year, start.month, start.day) is None:
        return None
    if joint == "and" and not (keys[0][:2] == keys[1][:2] and keys[0][2] + 1 == keys[1][2]):
        return None
    return When(start, end), second.next


def _decade(tokens: Sequence[Token], at: int) -> tuple[When, int] | None:
    """The 1960s, the 1960's."""
    year = year_number(tokens[at])
    if year is None or year % 10:
        return None
    apostrophe = tokens[at + 1].text == "'" and tokens[at + 1].glued
    plural = tokens[at + 1 + apostrophe]
    if plural.text != "s" or not plural.glued:
        return None
    return When(Point(year), Point(year + 9), period=True), at + 2 + apostrophe


def _period(tokens: Sequence[Token], at: int) -> tuple[When, int] | None:
    """Q1 2024, H1 2024, the first quarter or half of a year, its first five months."""
    token, after = tokens[at], tokens[at + 1]
    if token.text in ("Q", "H") and after.glued and after.text in ("1", "2", "3", "4"):
        length = 3 if token.text == "Q" else 6
        return _months(tokens, at + 2, int(after.text) * length - length + 1, int(after.text) * length)
    part = _QUARTERS.get(token.key)
    if part is not None and after.key == "quarter":
        return _months(tokens, at + 2, part * 3 - 2, part * 3)
    if part in (1, 2) and after.key == "half":
        return _months(tokens, at + 2, part * 6 - 5, part * 6)
    if token.key == "first" and tokens[at + 2].key == "months":
        count = SMALL.get(after.key) or (int(after.text) if after.text in map(str, range(2, 12)) else 0)
        return _months(tokens, at + 3, 1, count) if 2 <= count <= 11 else None
    return None


def _months(tokens: Sequence[Token], at: int, first: int, last: int) -> tuple[When, int] | None:
    """Months `first` to `last`, of the year at `at` where one is named."""
    if last > 12:
        return None
    year_at = at + (tokens[at].key == "of")
    year = year_number(tokens[year_at])
    end = year_at + 1 if year else at
    return When(Point(year, first), Point(year, last), period=True), end
