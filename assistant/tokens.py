"""Text as words, digits and signs that know where they stood: what the fact readers walk over.

One pass and bounded look-ahead keep the readers linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal, NamedTuple

TokenKind = Literal["word", "digits", "sign", "end"]

PADDING = 8
"""End tokens after the last one: readers look this far ahead, and behind the first, unguarded."""

_DASHES = dict.fromkeys("‐‑‒–−﹣－", "-")
_SINGLE_QUOTES = dict.fromkeys("‘’‚‛ʼ′`´", "'")
_DOUBLE_QUOTES = dict.fromkeys("“”„‟«»″", '"')
_SIGNS = _DASHES | _SINGLE_QUOTES | _DOUBLE_QUOTES | {"％": "%", "＄": "$"}

_LETTER = r"[^\W\d_]"
_ACCENTS = "\u0300-\u036f"
_WORD = rf"{_LETTER}(?:{_LETTER}|[{_ACCENTS}])*"
_MARK = r"\[\^?[0-9]{1,3}(?:[ ]?[,-][ ]?[0-9]{1,3}){0,20}\]|[¶§][ ]?[0-9]+|^[ ]*[0-9]{1,2}[.)](?=\s)"
CITATION_MARK = re.compile(_MARK, re.MULTILINE)
"""What only points or counts lines: "[1]", "¶ 6", "2." at the head of a line."""

_TOKEN = re.compile(
    rf"""
    (?P<link> (?:https?://|www\.)\S+ )
  | (?P<mark> {_MARK} )
  | (?P<acronym> (?:[A-Z]\.){{2,}}(?:'s\b)? )
  | (?P<digits> (?:1[5-9]|20)[0-9]{{2}}(?=\.[0-9]{{1,2}}[ ]+[A-Z])    # a year and a printed note
      | [0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9])(?:\.[0-9]+)? | [0-9]+(?:\.[0-9]+)* )
  | (?P<word> {_WORD}(?:'{_WORD})? )
  | (?P<blank> \n[ \t]*\n\s* | \n[ ]*(?=[-*•][ ]) )
  | (?P<sign> \S )
    """,
    re.VERBOSE | re.MULTILINE,
)
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen sen rep gov lt col sgt capt rev st vs no inc ltd co jan feb mar apr jun jul aug "
    "sep sept oct nov dec".split()
)
_SILENT_SIGNS = frozenset("'\"([{*•-—_#>")


class Token(NamedTuple):
    """A word, a run of digits or one sign. `text` is in plain characters, as long as its source.

    `key` is the word for comparison: lower case, no accents, no possessive. `glued` says that it
    touches the token before; `initial` that any word would have a capital here.
    """

    kind: TokenKind
    text: str
    key: str
    start: int
    end: int
    glued: bool = False
    initial: bool = False
    possessive: bool = False

    @property
    def capital(self) -> bool:
        """Whether it is a word with a capital at its head."""
        return self.kind == "word" and self.text[0].isupper()


END = Token("end", "", "", -1, -1)


def plain(text: str) -> str:
    """`text` with quotes, dashes, spaces and digits unified, each character by one character."""
    return text if text.isascii() else "".join(map(_plain_char, text))


def fold(word: str) -> str:
    """`word` in lower case without Latin accents; other scripts keep their marks."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return unicodedata.normalize("NFC", re.sub(f"[{_ACCENTS}]", "", decomposed))


def tokenise(text: str) -> list[Token]:
    """The tokens of `text` in order, then `PADDING` end tokens.

    Left out: links, citation marks such as "[1]", paragraph signs and list markers with their numbers, and
    the digits of a printed note after the end of a sentence ("by treaty.7").
    """
    source = plain(text)
    tokens: list[Token] = []
    initial, end = True, -1
    for match in _TOKEN.finditer(source):
        group = match.lastgroup
        if group == "blank":
            initial = True
        elif group in ("word", "acronym"):
            tokens.append(_word(match, glued=match.start() == end, initial=initial))
            initial = False
        elif group == "digits" and not _is_printed_note(tokens, match):
            tokens.append(Token("digits", match[0], match[0], *match.span(), match.start() == end))
            initial = False
        elif group == "sign":
            sign = Token("sign", match[0], match[0], *match.span(), match.start() == end)
            initial = _starts_sentence(sign, tokens, text, initial)
            tokens.append(sign)
        if group != "blank":
            end = match.end()
    return tokens + [END] * PADDING


@cache
def _plain_char(char: str) -> str:
    if char in _SIGNS:
        return _SIGNS[char]
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in ("No", "Nl"):  # superscripts are note markers, and \w would take them for letters
        return "^"
    return " " if category == "Zs" else char


def _word(match: re.Match[str], *, glued: bool, initial: bool) -> Token:
    text = match[0]
    possessive = text.endswith(("'s", "'S"))
    key = fold(text[:-2] if possessive else text)
    if match.lastgroup == "acronym":
        key = key.replace(".", "")
    return Token("word", text, key, *match.span(), glued, initial, possessive)


def _is_printed_note(before: list[Token], match: re.Match[str]) -> bool:
    """Whether digits are a note's marker that lost its height: glued to a full stop that ends a word or year."""
    if len(match[0]) > 2 or not match[0].isdigit() or match.string[match.end() : match.end() + 1].strip():
        return False
    at, touched = len(before) - 1, match.start()
    while at >= 0 and before[at].text in (".", '"', "'", ")") and before[at].end == touched:
        touched = before[at].start
        at -= 1
    if at < 0 or before[at].end != touched or "." not in match.string[touched : match.start()]:
        return False
    last = before[at]
    if last.kind == "digits":
        return len(last.text) == 4
    return last.kind == "word" and len(last.text) > 1 and last.key not in _ABBREVIATIONS


def _starts_sentence(sign: Token, before: list[Token], text: str, initial: bool) -> bool:
    """Whether a word right after `sign` has a capital because a sentence begins."""
    if sign.text == ".":
        last = before[-1] if before else END
        abbreviated = last.key in _ABBREVIATIONS or (last.capital and len(last.text) == 1)
        return not (sign.glued and abbreviated)
    if sign.text in "!?…:":
        return True
    if sign.text == '"':
        return initial or text[sign.start] in "“„«" or not sign.glued
    return initial and sign.text in _SILENT_SIGNS
