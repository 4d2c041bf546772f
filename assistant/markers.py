"""What a model writes, as it comes -> whole sentences, each with the numbers of the paragraphs that it cites.

Markers are "[1]", "[1, 2]", "[1-3]", "[^1]", "[[1]]", "【1】", "［1］", "【1†source】", "[paragraph 1]", "[1](link)",
before or after the full stop, or at the head of a line that has them there. Inside code they are plain text. A marker
whose number no paragraph has is dropped and counted. Markdown is taken off; images, links' addresses, tags, thoughts
and lists of sources are left out. How the text is cut into pieces never changes what comes out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from index.sentences import sentence_spans

_OPEN, _CLOSE = r"[\[【［]", r"[\]】］]"
_INSIDE, _ADDRESS = r"[^\]】］\n]{0,300}", r"[^)\n]{0,600}"
"""How much of a line may stand in brackets. The limits keep a stray one from holding back a whole answer."""
_GAP = r"[^\S\n]*"
_NUMBERS = rf"\^?\d{{1,9}}(?:{_GAP}(?:[,;、，]|[-–—]|and|&){_GAP}\^?\d{{1,9}})*"
_HIDDEN = r"(?:think(?:ing)?|tool_calls?|function_calls?)"
_WORD = (
    r"(?:(?:paragraphs?|paras?\.?|sources?|refs?\.?|citations?|cite|doc(?:ument)?s?|evidence|¶+|§+)"
    rf"{_GAP}:?{_GAP})?"
)
_TOKEN = re.compile(
    rf"""
    (?P<hidden> <{_HIDDEN}>.*?</{_HIDDEN}> )
  | (?P<fence> ```[^\n]*\n(?:.*?\n)??[ ]*```[^\n]* )
  | (?P<code> `[^`\n]{{1,300}}` )
  | (?P<image> !\[{_INSIDE}\](?:\({_ADDRESS}\)|\[{_INSIDE}\])? )
  | (?P<marker> (?={_OPEN}{{1,2}}{_INSIDE}{_CLOSE})
      {_OPEN}{{1,2}}{_GAP}{_WORD}(?P<numbers>{_NUMBERS})(?:[:†][^\]】］\n]*)?{_GAP}{_CLOSE}{{1,2}}(?:\({_ADDRESS}\))? )
  | (?P<link> (?=\[{_INSIDE}\])\[(?P<words>[^\[\]\n]+)\]\({_ADDRESS}\) )
  | (?P<tag> </?[A-Za-z][^<>\n]{{0,290}}>|<!--.*?--> )
  | (?P<bold> \*\*|__|~~ )
  | (?P<heading> (?<=\n)[ ]{{0,3}}\#{{1,6}}[ ][^\n]*(?=\n) )
  | (?P<bullet> (?<=\n)[ ]*(?:[-*+•][ ]+|\d{{1,2}}[.)][ ]+|>[ ]?) )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
# What may still become one of the above, or a longer one, when more text comes.
_PARTIAL = re.compile(
    rf"""
    (?: <{_HIDDEN}>(?:(?!</{_HIDDEN}>).)*
      | ```(?:(?!\n[ ]*```[^\n]*\n).)*
      | (?<=\n)[ ]{{0,3}}\#{{1,6}}(?:[ ][^\n]*)?
      | (?<=\n)[ ]*(?:[-*+•>]|\d{{1,2}}[.)]?)?[ ]*
      | !?{_OPEN}{{1,2}}{_INSIDE}{_CLOSE}{{0,2}}
      | !?{_OPEN}{{1,2}}{_INSIDE}{_CLOSE}{{1,2}}\({_ADDRESS}
      | !\[{_INSIDE}\]\[{_INSIDE}
      | <[^<>\n]{{0,300}}
      | <!--(?:(?!-->).)*
      | ``?(?:[^`\n]{{0,300}})
      | [!*_~]
    )\Z
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_PLAIN = re.compile(r"[^<`!\[【［*_~\n]+")
_SOURCES = re.compile(
    r"^\W*(?:sources?|references?|citations?|works cited|quellen|fuentes|sources cited)\W*$", re.IGNORECASE
)
_NEVER_CLOSED = re.compile(rf"```|<{_HIDDEN}>", re.IGNORECASE)
_MOST_IN_RANGE = 20


@dataclass(frozen=True, slots=True)
class Cut:
    """A place in a sentence where markers stood: what is before it cites `numbers`."""

    at: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence of the model, without its markers. `cuts` are in order; `at` counts characters of `text`.

    `opens` says that a line of its own begins with it; `is_code` that it is a block of code.
    """

    text: str
    cuts: tuple[Cut, ...] = ()
    opens: bool = False
    is_code: bool = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """All numbers that it cites, in order, each once."""
        return tuple(dict.fromkeys(number for cut in self.cuts for number in cut.numbers))


class SentenceStream:
    """Feed it what the model writes; it gives each sentence once it is certain where it ends."""

    def __init__(self, known: int) -> None:
        """`known`: paragraphs are numbered 1 to `known`."""
        self.dropped = 0
        """Numbers in markers that no paragraph has."""
        self._known = known
        self._raw = ""
        self._text = ""
        self._marks: list[tuple[int, tuple[int, ...]]] = []
        self._leads = False
        self._fresh = True
        self._held: Written | None = None
        self._over = False
        self._last = "\n"

    def feed(self, piece: str) -> list[Written]:
        """The sentences that `piece` completed."""
        self._raw += piece.replace("\r", "")
        found = [*self._scan(final=False), *self._sentences(line_ended=False)]
        if self._held and any(c.isalnum() for c in self._text):  # no marker can reach back over words
            found.append(self._held)
            self._held = None
        return found

    def finish(self) -> list[Written]:
        """What is left when the model has ended."""
        self._raw += "\n"
        found = self._scan(final=True)
        held, self._held = self._held, None
        return [*found, held] if held else found

    def _scan(self, *, final: bool) -> list[Written]:
        """Take in what has come from left to right, up to what may still become something else."""
        found: list[Written] = []
        raw, at = self._last + self._raw, 1  # the character before says whether a line begins
        while at < len(raw):
            if _PARTIAL.match(raw, at):
                if not final:
                    break
                if _NEVER_CLOSED.match(raw, at):
                    if raw.startswith("```", at):
                        found += self._block(raw[at:] + "\n")
                    at = len(raw)
                    continue
            match = _TOKEN.match(raw, at)
            if match:
                found += self._token(match)
                at = match.end()
                continue
            plain = _PLAIN.match(raw, at)
            end = plain.end() if plain else at + 1
            found += self._add(raw[at:end])
            at = end
        self._last, self._raw = raw[at - 1], raw[at:]
        return found

    def _token(self, match: re.Match[str]) -> list[Written]:
        if match["marker"]:
            self._mark(match["numbers"])
        elif match["link"]:
            return self._add(match["words"])
        elif match["code"]:
            return self._add(match["code"].strip("`"))
        elif match["fence"]:
            return self._block(match["fence"])
        elif match["heading"] and _SOURCES.match(match["heading"]):
            self._over = True
        return []

    def _block(self, fenced: str) -> list[Written]:
        lines = [line for line in fenced.split("\n")[1:] if not line.strip().startswith("```")]
        block = Written("\n".join(lines).strip("\n"), opens=True, is_code=True)
        return [*self._sentences(line_ended=True), *self._pass(block)]

    def _mark(self, numbers: str) -> None:
        wanted: list[int] = []
        for part in re.split(r"\s*(?:[,;、，]|and|&)\s*", numbers.replace("^", "")):
            ends = [_number(end) for end in re.split(r"\s*[-–—]\s*", part) if end]
            low, high = min(ends), max(ends)
            wanted += range(low, high + 1) if high - low < _MOST_IN_RANGE else [low, high]
        kept = tuple(number for number in dict.fromkeys(wanted) if 1 <= number <= self._known)
        self.dropped += len(set(wanted)) - len(kept)
        if not self._text.strip():
            self._leads = True
        self._text = self._text.rstrip(" \t")
        self._marks.append((len(self._text), kept))

    def _add(self, text: str) -> list[Written]:
        found: list[Written] = []
        head, *rest = text.split("\n")
        self._append(head)
        for line in rest:
            found += self._sentences(line_ended=True)
            self._append(line)
        return found

    def _append(self, text: str) -> None:
        if self._marks and self._marks[-1][0] == len(self._text) and text[:1].isalnum() and self._text:
            text = " " + text
        if not self._text or self._text[-1] == " ":
            text = text.lstrip(" ")
        self._text += re.sub(r" {2,}", " ", text)  # as it would be if the pieces were cut between them

    def _sentences(self, *, line_ended: bool) -> list[Written]:
        """The sentences of the line that are complete; all of them where it has ended."""
        spans = sentence_spans(self._text)
        if not line_ended and len(spans) > 1 and not re.search(r"\w\W", self._text[spans[-1][0] :]):
            spans = spans[:-1]  # the word after an end decides whether it is one: wait until it is whole
        complete = spans if line_ended else spans[:-1]
        found: list[Written] = []
        for start, end in complete:
            found += self._pass(Written(self._text[start:end], self._cuts(start, end, spans), self._fresh))
            self._fresh = False
        if line_ended:
            if not complete and self._marks:
                self._hand_back()
            self._fresh = self._fresh or bool(self._text.strip())
            self._text, self._marks, self._leads = "", [], False
        elif complete:
            cut = spans[len(complete)][0]
            self._marks = [(max(0, at - cut), n) for at, n in self._marks if self._is_open(at, cut)]
            self._text = self._text[cut:]
        return found

    def _is_open(self, at: int, cut: int) -> bool:
        """Whether a marker belongs to what follows `cut`."""
        return at > cut or (self._leads and at + 1 >= cut) or (self._leads and not self._text[at:cut].strip())

    def _cuts(self, start: int, end: int, spans: list[tuple[int, int]]) -> tuple[Cut, ...]:
        """The markers of one sentence: inside it or right after it, or before it where the line leads with them."""
        cuts = []
        following = next((a for a, _ in spans if a >= end), None)
        for at, numbers in self._marks:
            if self._leads:
                before = at <= start and not self._text[at:start].strip()
                last = at >= end and following is None
                mine = before or start < at < end or last
            else:
                mine = start < at <= end
            if mine and numbers:
                inside = start < at < end and not self._leads
                cuts.append(Cut(at - start if inside else end - start, numbers))
        return tuple(cuts)

    def _hand_back(self) -> None:
        """Markers that stand on a line of their own belong to the sentence before."""
        if self._held is not None and not self._over:  # what follows is a list of sources
            size = len(self._held.text)
            more = tuple(Cut(size, numbers) for _, numbers in self._marks if numbers)
            self._held = Written(
                self._held.text, (*self._held.cuts, *more), self._held.opens, self._held.is_code
            )

    def _pass(self, sentence: Written) -> list[Written]:
        """Hold the newest sentence back: markers on the next line may be its own."""
        if _SOURCES.match(sentence.text):
            self._over = True
        if self._over or not any(c.isalnum() for c in sentence.text):
            return []
        released, self._held = self._held, sentence
        return [released] if released else []


def _number(text: str) -> int:
    """A number in any script's digits."""
    return int("".join(str(unicodedata.digit(c)) for c in text))
