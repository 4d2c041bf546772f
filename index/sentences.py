"""Sentence spans of a paragraph.

A rule splitter: a terminator, its closing quotes and brackets, perhaps a note marker, then white
space and something that can begin a sentence. What looks like an end and is none (abbreviations,
initials, "U.S.", ellipses inside a quotation) is held in the tables below. A line feed always ends
a sentence: only front matter and tables have one.
"""

from __future__ import annotations

import re

# Never end a sentence, whatever follows.
_TITLES = frozenset(
    "adm amb asst atty brig capt cmdr col cpl dr drs fr gen gov hon insp lt maj messrs mlle mme mr mrs ms "
    "msgr pres prof rep reps rev rt sen sens sgt sr supt".split()
)
# End a sentence only where the next word cannot continue it.
_ABBREVIATIONS = frozenset(
    "al apr approx aug ave blvd bros ca cf cm co corp dec dept dist ed eds eg esp est et etc feb fig figs "
    "ft ie inc jan jr jul jun km lb ltd mar mt nov oct oz plc pty rd sep sept st univ viz vs".split()
)
# Never end a sentence before a figure: "No. 5", "p. 55", "vol. 3".
_BEFORE_FIGURE = frozenset(
    "app art arts ch chap fig figs no nos nr p para paras pp sec sect vol vols".split()
)
# After "U.S." and its like these words begin a sentence; another capitalised word continues the name.
_STARTERS = frozenset(
    "A After Also Although An And As At Because Before But By Despite Did Do Does During For From He Her "
    "His How However I If In It Its Meanwhile Moreover Nevertheless No Not On Once Or Our Several She "
    "Since So Some Such That The Their Then There These They This Those Though Thus Today Under Until We "
    "What When Where Which While Who Why With Yet You".split()
)
_INVITING = frozenset({"yahoo!", "jeopardy!", "yum!"})

_CLOSERS = "\"'”’»)\\]）】"
_END = re.compile(
    r"(?:[.!?…]+|[。！？]+)"
    rf"[{_CLOSERS}]*"
    r"(?:(?<=[\D])\s?\[\d{1,3}\]|[⁰¹²³⁴-⁹₀-₉]+|(?<=[.\"”’)])\d{1,2}(?=\s|$))?"
    rf"[{_CLOSERS}]*"
)
_OPENERS = "\"'“‘«([（【¿¡-–—•"
_WORD_BEFORE = re.compile(r"[\w.’'&-]*$", re.UNICODE)
_ACRONYM = re.compile(r"^(?:[A-Za-z]\.)+[A-Za-z]$")
_NEXT_WORD = re.compile(r"\w+")

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
    ends = [match.start() for match in re.finditer(r"\n", text)]
    ends += [match.end() for match in _END.finditer(text) if _is_end(text, match)]
    ends.append(len(text))
    return sorted(set(ends))


def _is_end(text: str, match: re.Match[str]) -> bool:
    after = text[match.end() : match.end() + 80]  # a longer look would cost quadratic time
    if not after.strip():
        return True
    if match.group()[0] in "。！？":
        return True
    if not after[0].isspace():
        return False
    following = after.lstrip()
    first = following.lstrip(_OPENERS + " ")[:1]
    if first.islower() or (first and not first.isalnum()):
        return False
    if match.group().startswith(("…", "...")) and following[:1] not in _OPENERS and not first.isupper():
        return False
    if not match.group().startswith("."):
        return _before(text, match) + "!" not in _INVITING
    return _period_ends(text, match, following, first)


def _before(text: str, match: re.Match[str]) -> str:
    found = _WORD_BEFORE.search(text, max(0, match.start() - 40), match.start())
    return found.group().lower() if found else ""


def _period_ends(text: str, match: re.Match[str], following: str, first: str) -> bool:
    if match.group()[1:2] in tuple(_CLOSERS):
        return True
    window = text[max(0, match.start() - 40) : match.start()]
    found = _WORD_BEFORE.search(window)
    word = found.group() if found else ""
    bare = word.replace(".", "").strip("-–’'").lower()
    next_word = _NEXT_WORD.match(following.lstrip(_OPENERS + " "))
    starts = next_word is not None and next_word.group() in _STARTERS
    if bare in _TITLES:
        return False
    if bare in _BEFORE_FIGURE and first.isdigit():
        return False
    if _ACRONYM.match(word):
        return starts if word.lower() not in {"a.m", "p.m"} else True
    if len(word) == 1 and word.isalpha() and word.isupper():
        return starts
    if bare in _ABBREVIATIONS:
        return starts
    return not _is_list_number(text, match, word)


def _is_list_number(text: str, match: re.Match[str], word: str) -> bool:
    """A figure that opens the text or follows a sentence's end is a list's number, not a sentence."""
    if not word.isdigit() or len(word) > 2:
        return False
    head = text[: match.start() - len(word)].rstrip()
    return not head or head[-1] in ".!?:;\n"


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
