"""Sentence spans of a paragraph.

A rule splitter: a terminator, its closing quotes and brackets, perhaps a note marker or a source in brackets, then
white space and something that can begin a sentence. The words after which a period is no end (abbreviations, titles,
what makes a figure an ordinal) are in `index/abbreviations.py`. A line feed always ends a sentence: only front matter
and tables have one. Chinese and Japanese stops need no white space.
"""

from __future__ import annotations

import re

from index.abbreviations import (
    ABBREVIATIONS,
    BEFORE_FIGURE,
    BEFORE_ORDINAL,
    CLOSING_ACRONYMS,
    GERMAN_MONTHS,
    GERMAN_STARTERS,
    STARTERS,
    TITLES,
    WITH_THEIR_MARK,
)
from index.enumerations import item_labels

_CLOSERS = "\"'”’“‘»«)\\]）】」』"
_QUOTES = "\"'”’“»"
_WIDE = "。！？｡"
# A source in brackets belongs to the sentence before it; a page alone is one only after a quotation.
_NAMES = r"(?:(?:[^\W\d_a-z][\w'’.-]*|and|und|et|&|al\.|de|la|van|von|der),?\s){1,8}"
_YEAR = r"(?:1[5-9]|20)\d\d[a-z]?(?:[,:]\s?(?:pp?\.\s?)?\d[\d–-]*)?"
_SOURCE = (
    rf"\s\({_NAMES}{_YEAR}\)\.?|(?<=[{_QUOTES}])\s\({_NAMES}(?:pp?\.\s?)?\d{{1,4}}(?:[–-]\d{{1,4}})?\)\.?"
)
# "5.1" is a figure, "2021.1" a year and a note.
_FIGURE = r"(?<!\D\d\.)(?<!\D\d\d\.)(?<!\D\d\d\d\.)"
_MARKER = rf"(?<=[\D])\s?\[\d{{1,3}}\]|[⁰¹²³⁴-⁹₀-₉]+|(?<=[.\"”’“)]){_FIGURE}\d{{1,2}}(?=\s|$)"
_END = re.compile(
    rf"(?P<stop>\.(?:[ \u00a0]\.){{2,}}|[.!?…؟۔।॥։]+|[{_WIDE}]+)"
    rf"(?P<closers>[{_CLOSERS}]*)(?:(?P<source>{_SOURCE})|{_MARKER})?[{_CLOSERS}]*"
)
_OPENERS = "\"'“‘„‚«»([（【「『《¿¡-–—•"
_WORD_BEFORE = re.compile(r"[\w.°’'&-]*$", re.UNICODE)
_ACRONYM = re.compile(r"^(?:[^\W\d_]\.)+[^\W\d_]$")
_SPACED_ACRONYM = re.compile(r"(?<![\w.])(?:[^\W\d_]\.[ \u00a0])+[^\W\d_]$")
_NEXT_LETTER = re.compile(r"[^\W\d_]\.|Chr\.|ex\.")
_OMISSION = re.compile(r"\A[\[(](?:…|\.{3}|\. \. \.)[\])]\s")
_NEXT_WORD = re.compile(r"\w+")
_NEXT_DATE = re.compile(r"\d{1,2}\.\s?\d{2,4}\b")
_TIME_ALONE = re.compile(
    r"(?:\A|[.!?:][\"”’)]*\s|\n)\s*(?:(?:At|By|Around|About|Before|After|Until|From|Since)\s)"
    r"(?:(?:about|around|exactly|nearly|just)\s)?\d{1,2}(?:[:.]\d\d)?\s?\Z"
)
_WIDE_LETTER = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_WIDE_GOES_ON = "，、；：,;:"
# Japanese: "…", he said; a particle binds the quotation to what follows.
_PARTICLES = "とのをがに"
_LOOK_BACK = 40
_LOOK_AHEAD = 80  # a longer look would cost quadratic time

Span = tuple[int, int]


def sentence_spans(text: str) -> list[Span]:
    """The spans of the sentences of `text`, in order, without the white space between them.

    Together they hold every character that is not white space.
    """
    spans = []
    start = 0
    for end in _ends(text):
        span = _trimmed(text, start, end)
        if span is not None:
            spans.append(span)
        start = end
    return spans


def _ends(text: str) -> list[int]:
    ends = set()
    for match in _END.finditer(text):
        if _is_before_omission(text, match):
            ends.add(match.start() + 1)
        elif _is_end(text, match):
            ends.add(match.end())
    labels = item_labels(text)
    ends -= {at for start, end in labels for at in range(start, end + 1)}
    ends |= {start for start, _ in labels[1:]}
    ends |= {match.start() for match in re.finditer(r"\n", text)}
    return sorted(ends | {len(text)})


def _is_end(text: str, match: re.Match[str]) -> bool:
    after = text[match.end() : match.end() + _LOOK_AHEAD]
    stop = match["stop"]
    if not after.strip():
        return True
    if stop[0] in _WIDE or (stop[0] in "!?" and _WIDE_LETTER.match(after)):
        return _wide_ends(text, match, after)
    if not after[0].isspace():
        return False
    following = _OMISSION.sub("", after.lstrip(), count=1).lstrip()
    first = following.lstrip(_OPENERS + " ")[:1]
    if first.islower() or (first and not first.isalnum()):
        return False
    if match["source"] and match["source"].endswith("."):
        return True
    if _is_set_apart(match) and stop.count(".") == 3:
        return False
    if _is_bracketed(text, match):
        return _is_mid_sentence(text, match) and _first_word(following) in STARTERS
    if stop.startswith(("…", "...")) and following[:1] not in _OPENERS and not first.isupper():
        return False
    if stop[0] != ".":
        return _before(text, match).lower() + "!" not in WITH_THEIR_MARK
    return _period_ends(text, match, following, first)


def _wide_ends(text: str, match: re.Match[str], after: str) -> bool:
    """A stop inside a title's brackets ends nothing, nor one after which the sentence goes on."""
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    if before.rfind("《") > before.rfind("》") and 0 <= after.find("》") < _LOOK_BACK:
        return False
    return after[0] not in _WIDE_GOES_ON and not (match["closers"] and after[0] in _PARTICLES)


def _is_set_apart(match: re.Match[str]) -> bool:
    """Dots with blanks between them: three leave words out inside a sentence, four at its end."""
    return match["stop"][1:2] in (" ", "\u00a0") and not match["closers"]


def _is_before_omission(text: str, match: re.Match[str]) -> bool:
    """The first of four dots ends the sentence where it stands at a word; the others begin the next."""
    if not _is_set_apart(match) or match["stop"].count(".") < 4:
        return False
    goes_on = text[match.end() : match.end() + _LOOK_AHEAD].lstrip().lstrip(_OPENERS)[:1].isupper()
    return goes_on and not text[max(0, match.start() - 1) : match.start()].isspace()


def _is_bracketed(text: str, match: re.Match[str]) -> bool:
    """Whether these are the dots of "[...]" or "(…)"."""
    dots = match["stop"] == "…" or match["stop"].startswith(("...", ". ."))
    return dots and match["closers"] in ("]", ")") and text[match.start() - 1 : match.start()] in ("[", "(")


def _is_mid_sentence(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _LOOK_BACK) : match.start() - 1].rstrip()
    return before[-1:] not in (*".!?", *_QUOTES)


def _first_word(following: str) -> str:
    found = _NEXT_WORD.match(following.lstrip(_OPENERS + " "))
    return found.group() if found else ""


def _before(text: str, match: re.Match[str]) -> str:
    """The word that the terminator stands at, with the periods inside it."""
    found = _WORD_BEFORE.search(text[max(0, match.start() - _LOOK_BACK) : match.start()])
    return found.group() if found else ""


def _period_ends(text: str, match: re.Match[str], following: str, first: str) -> bool:
    word = _before(text, match)
    if match["closers"]:
        return match["closers"] != ")" or not _is_list_number(text, match, word)
    bare = word.replace(".", "").strip("-–’'").lower()
    begins = _first_word(following)
    starts = begins in STARTERS
    if bare in TITLES:
        return False
    if bare in BEFORE_FIGURE and first.isdigit():
        return False
    if word.isdigit():
        return not _is_list_number(text, match, word) and not _is_ordinal(
            text, match, word, following, begins
        )
    acronym = _acronym(text, match, word, following)
    if acronym in CLOSING_ACRONYMS:
        return not _TIME_ALONE.search(text[max(0, match.start() - 60) : match.start() - len(word)])
    if acronym or (len(word) == 1 and word.isupper()):
        return starts
    if bare in ABBREVIATIONS:
        return starts or begins in GERMAN_STARTERS
    return True


def _acronym(text: str, match: re.Match[str], word: str, following: str) -> str | None:
    """The acronym that the period belongs to, in lower case and without blanks: "u.s", "z.b" of "z. B."."""
    if _ACRONYM.match(word):
        return word.lower()
    if len(word) != 1 or not word.isalpha():
        return None
    if word.islower() and _NEXT_LETTER.match(following):
        return word
    spaced = _SPACED_ACRONYM.search(text[max(0, match.start() - _LOOK_BACK) : match.start()])
    if spaced is None or not spaced.group()[0].islower():
        return None
    return re.sub(r"\s", "", spaced.group()).lower()


def _is_list_number(text: str, match: re.Match[str], word: str) -> bool:
    """A figure that opens the text or follows a sentence's end is a list's number, not a sentence."""
    if not word.isdigit() or len(word) > 2:
        return False
    head = text[max(0, match.start() - _LOOK_BACK) : match.start() - len(word)].rstrip()
    if not head or head[-1] not in ".!?:;\n":
        return not head and match.start() < _LOOK_BACK
    numbered = _WORD_BEFORE.search(head[:-1])
    return numbered is None or numbered.group().lower() not in BEFORE_FIGURE


def _is_ordinal(text: str, match: re.Match[str], word: str, following: str, begins: str) -> bool:
    """German: "vom 12. Juni", "im 19. Jahrhundert", "am 12. 6. 2020"."""
    if len(word) > 2:
        return False
    if begins in GERMAN_MONTHS or _NEXT_DATE.match(following):
        return True
    before = text[max(0, match.start() - _LOOK_BACK) : match.start() - len(word)].split()
    return (
        bool(before)
        and before[-1].lower() in BEFORE_ORDINAL
        and before[-2:] != ["I", "am"]
        and begins not in STARTERS
    )


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
