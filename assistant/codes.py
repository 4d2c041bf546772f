"""Codes: runs without spaces that mix letters, digits and signs, such as "F-16", "COVID-19" or "2+2"."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.date_points import DATE_WORDS, SHORT_MONTHS
from assistant.names import Name
from assistant.tokens import Token
from assistant.units import CURRENCY_CODES, UNITS

MAX_CHAIN = 24
"""Tokens of one code; a longer chain is no code that anyone cites."""
_CODE_JOINTS = frozenset("-+/:.&")


def read_code(tokens: Sequence[Token], at: int) -> tuple[Name, int] | None:
    """A run without spaces that mixes letters, digits and signs, and the index after it."""
    token = tokens[at]
    if token.kind == "digits":
        return _digits_code(tokens, at)
    start = at + (token.text == "+")
    if token.text == "+" and tokens[start].glued and tokens[start].kind == "digits":
        end = _chain_end(tokens, start)
        return (_code(tokens, at, end), end) if end > start + 2 else None
    if token.kind != "word" or not token.capital or token.text in CURRENCY_CODES:
        return None
    if token.key in DATE_WORDS or token.key in SHORT_MONTHS:
        return None
    digits_at = at + 1 + (tokens[at + 1].text == "-" and tokens[at + 1].glued)
    if tokens[digits_at].kind != "digits" or not tokens[digits_at].glued:
        return None
    end = _chain_end(tokens, digits_at)
    return _code(tokens, at, end), end


def _digits_code(tokens: Sequence[Token], at: int) -> tuple[Name, int] | None:
    """2+2, 24/7, 9/11, 3:30, 5G, 51-920-4423, 1.2.3 and runs of digits too long to count."""
    token, after, third = tokens[at], tokens[at + 1], tokens[at + 2]
    end = _chain_end(tokens, at)
    joined = after.kind == "sign" and after.glued and third.glued and third.kind == "digits"
    if joined and (after.text in "+/:" or (after.text == "-" and end > at + 4)):
        return _code(tokens, at, end), end
    if token.text.count(".") > 1 or len(token.text) > 40:
        return _code(tokens, at, at + 1), at + 1
    lettered = after.glued and after.capital and after.key not in UNITS and len(after.text) <= 3
    if lettered and after.text not in ("K", "M", "B", "W", "V", "L", "F", "C", *CURRENCY_CODES):
        return _code(tokens, at, end), end
    return None


def _chain_end(tokens: Sequence[Token], at: int) -> int:
    """The index after the glued words, digits and joints that begin at `at`."""
    end = at + 1
    while tokens[end].glued and end - at < MAX_CHAIN:
        joint = tokens[end].text in _CODE_JOINTS
        part = tokens[end + joint]
        if joint and not part.glued:
            break
        if part.kind == "digits" or (part.kind == "word" and (part.capital or not joint)):
            end += 1 + joint
        else:
            break
    return end


def _code(tokens: Sequence[Token], at: int, end: int) -> Name:
    text = "".join(token.key for token in tokens[at:end])
    text = text if end - at > 3 and tokens[at].kind == "digits" else text.replace("-", "")
    plural = len(text) > 2 and text.endswith("s") and text[-2].isdigit()
    return Name((text.removesuffix("s") if plural else text,))
