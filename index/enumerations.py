"""Lists in running text: "1. The boats 2. The men", "a) … b) …", "• … • …".

A figure with a period is taken for an item's number only where the text begins with such a list, or a colon announces
it, and each number follows the one before it in the same style.
"""

from __future__ import annotations

import re

from index.abbreviations import NEVER_LAST

_BULLETS = "•‣⁃◦▪●∙"
_NUMBER = re.compile(
    rf"(?<!\S)(?P<bullet>[{_BULLETS}]\s?)?(?P<open>\(?)(?:(?P<figure>\d{{1,2}})|(?P<letter>[a-z]))"
    r"(?P<close>\.\)|[.)])\s+(?=(?P<next>\S))"
)
_BULLET = re.compile(rf"(?<!\S)[{_BULLETS}]")
_LAST_WORD = re.compile(r"(\w*)\W*\Z")
_LONGEST_WORD = 40

Span = tuple[int, int]


def item_labels(text: str) -> list[Span]:
    """The spans of the numbers and bullets of the list that `text` is or announces, in order; without one, none."""
    return _numbers(text) or _bullets(text)


def _numbers(text: str) -> list[Span]:
    found: list[re.Match[str]] = []
    for match in _NUMBER.finditer(text):
        if match["next"].islower():
            continue
        if found and _follows(found[-1], match) and not _is_referred_to(text, match):
            found.append(match)
        elif len(found) < 2 and _begins(text, match):
            found = [match]
    return [(match.start(), match.end("close")) for match in found] if len(found) > 1 else []


def _value(match: re.Match[str]) -> int:
    return int(match["figure"]) if match["figure"] else ord(match["letter"]) - ord("a") + 1


def _style(match: re.Match[str]) -> tuple[bool, str, bool, str]:
    return (match["bullet"] is not None, match["open"], match["figure"] is not None, match["close"])


def _follows(before: re.Match[str], match: re.Match[str]) -> bool:
    return _style(before) == _style(match) and _value(match) == _value(before) + 1


def _begins(text: str, match: re.Match[str]) -> bool:
    head = text[max(0, match.start() - _LONGEST_WORD) : match.start()].rstrip()
    return not head or (head.endswith(":") and _value(match) == 1)


def _is_referred_to(text: str, match: re.Match[str]) -> bool:
    last = _LAST_WORD.search(text, max(0, match.start() - _LONGEST_WORD), match.start())
    return last is not None and last[1].lower() in NEVER_LAST


def _bullets(text: str) -> list[Span]:
    first = text.lstrip()[:1]
    if not first or first not in _BULLETS:
        return []
    return [match.span() for match in _BULLET.finditer(text) if match.group() == first]
