"""Facts of a text: its dates, percentages, amounts of money, numbers and names, and how they compare.

The rules for what counts as stated, and why:

- A coarser date is stated by a finer one ("June 19" by "19 June 2024"), never the other way round.
- A bound that a sentence leaves out is forgiven, since the number is there ("11,000" by "over
  11,000"); a bound that it adds is not ("over 11,000" by "11,000").
- A number in a unit needs that unit. A bare number is stated by any amount of its size, unless it
  counts something else; it is never stated by a date.
- Signs and words such as "about" are not read: they do not change which number it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, NamedTuple

from assistant import amounts, dates, names
from assistant.amounts import Amount
from assistant.codes import read_code
from assistant.dates import When
from assistant.name_runs import introduces, read_name
from assistant.names import Name
from assistant.tokens import CITATION_MARK, Token, fold, plain, tokenise

FactKind = Literal["date", "percentage", "money", "multiple", "quantity", "number", "name"]

_ARTICLES = frozenset({"a", "an", "the"})
_LEADING = frozenset({"in", "on", "at", "during", "about", "around", "of"})


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact and where it stands: `text == source[start:end]`.

    `value` is what is compared: a `When` for a date, a `Name` for a name, else an `Amount`.
    """

    kind: FactKind
    value: Amount | When | Name
    text: str
    start: int
    end: int

    @property
    def token(self) -> str:
        """The fact as one word for normalised text, equal for equal facts: "⟨quantity 300000 t⟩"."""
        return f"⟨{self.kind} {self.value}⟩"


class _Piece(NamedTuple):
    """Tokens `at` to `end`: a fact, or one token outside of facts, which has no kind."""

    at: int
    end: int
    kind: FactKind | None = None
    value: Amount | When | Name | None = None


def find_facts(text: str) -> tuple[Fact, ...]:
    """The facts of `text` in order; their spans do not overlap.

    No facts are links, citation marks such as "[1]", a bare "one", and dates that only the reader's
    own day could complete ("last year").
    """
    tokens = tokenise(text)
    facts = [fact for piece in _scan(tokens) if (fact := _fact(text, tokens, piece)) is not None]
    return _with_short_forms(text, facts)


def supports(available: Sequence[Fact], wanted: Fact) -> bool:
    """Whether a paragraph with the facts `available` states `wanted`. Either end of a span is stated."""
    return _stated(available, wanted, ends=True)


def missing_facts(sentence: str, paragraph: str) -> tuple[Fact, ...]:
    """The facts of `sentence` that `paragraph` does not state.

    A name is also stated by its words in a row, since a paragraph may write them without capitals.
    """
    available = find_facts(paragraph)
    stated = {(fact.kind, fact.value) for fact in available}
    wanted = [fact for fact in find_facts(sentence) if (fact.kind, fact.value) not in stated]
    words = _spaced(_items(paragraph)) if any(fact.kind == "name" for fact in wanted) else ""
    return tuple(
        fact for fact in wanted if not supports(available, fact) and not _written_out(words, fact.value)
    )


def same(a: Fact, b: Fact) -> bool:
    """Whether two facts are one: equal values of one kind, or two names of one thing."""
    if isinstance(a.value, Name) and isinstance(b.value, Name):
        return names.same(a.value, b.value)
    return a.kind == b.kind and a.value == b.value


def disagree(a: Fact, b: Fact) -> bool:
    """Whether two facts of one kind exclude each other: dates of one event, or amounts of one thing.

    Amounts in different units or counts of different things are not comparable; names never are.
    """
    if a.kind != b.kind:
        return False
    if isinstance(a.value, When) and isinstance(b.value, When):
        return dates.disagree(a.value, b.value)
    if isinstance(a.value, Amount) and isinstance(b.value, Amount):
        return amounts.disagree(a.value, b.value)
    return False


def normalise(text: str) -> str:
    """`text` for comparison: lower case, plain quotes, dashes and spaces, no accents, no citation marks.

    Each fact becomes its `token`, with a bound in front of it as a sign ("> ⟨number 24⟩" for "over
    two dozen"); a name becomes its canonical words. "June 19" and "June 19, 2024" stay different
    here: `contains` knows that one holds the other.
    """
    parts: list[str] = []
    end = 0
    for fact in find_facts(text):  # what stands between two facts, then the fact
        parts += [_plainly(text[end : fact.start]), _canonical(fact)]
        end = fact.end
    return " ".join("".join([*parts, _plainly(text[end:])]).split())


def contains(haystack: str, needle: str) -> bool:
    """Whether `haystack` says `needle`, fact by fact and word by word.

    A needle of facts alone needs each of them somewhere: "June 19" is in "19 June 2024", "11,000"
    in "over 11,000 containers" but not in "111,000", "19" not in "June 19", and "June 19" not in
    "June 18-19", which is another answer. Any other needle must stand there as a run of words and
    facts, without regard to case, punctuation and articles. An empty needle is in nothing.
    """
    wanted, items = _items(needle), _items(haystack)
    while wanted and wanted[0] in _LEADING:
        wanted = wanted[1:]
    facts = [item for item in wanted if isinstance(item, Fact)]
    if not wanted:
        return False
    if len(facts) == len(wanted):
        available = [item for item in items if isinstance(item, Fact)]
        if all(_stated(available, fact, ends=False) for fact in facts):
            return True
    wanted, items = _with_names_spelled(wanted), _with_names_spelled(items)
    size = len(wanted)
    return any(all(map(_matches, items[at : at + size], wanted)) for at in range(len(items) - size + 1))


def _scan(tokens: Sequence[Token]) -> Iterator[_Piece]:
    """The tokens in order, as facts where one begins: dates first, since a year is a number too."""
    at = 0
    while tokens[at].kind != "end":
        piece = _read(tokens, at)
        yield piece
        at = piece.end


def _read(tokens: Sequence[Token], at: int) -> _Piece:
    if (date := dates.read_date(tokens, at)) is not None:
        return _Piece(at, date[1], "date", date[0])
    if (code := read_code(tokens, at)) is not None:
        return _Piece(at, code[1], "name", code[0])
    if (amount := amounts.read_amount(tokens, at)) is not None:
        return _Piece(at, amount[2], amount[0], amount[1])
    if (name := read_name(tokens, at)) is not None:
        return _Piece(at, name[1], "name", name[0])
    return _Piece(at, at + 1)


def _fact(text: str, tokens: Sequence[Token], piece: _Piece) -> Fact | None:
    if piece.kind is None or piece.value is None:
        return None
    start, end = tokens[piece.at].start, tokens[piece.end - 1].end
    if tokens[piece.end - 1].possessive and piece.kind == "name":
        end -= len("'s")
    return Fact(piece.kind, piece.value, text[start:end], start, end)


def _with_short_forms(text: str, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts, with names that the text itself equates ("Institute of X (IX)") knowing each other."""
    also: dict[tuple[str, ...], tuple[str, ...]] = {}
    for long, short in pairwise(facts):
        if isinstance(long.value, Name) and isinstance(short.value, Name):
            bracketed = text[long.end : short.start].strip() == "("
            if bracketed and introduces(tokenise(long.text), tokenise(short.text)[0]):
                also |= {long.value.words: short.value.words, short.value.words: long.value.words}
    return tuple(
        replace(fact, value=replace(fact.value, also=also[fact.value.words]))
        if isinstance(fact.value, Name) and fact.value.words in also
        else fact
        for fact in facts
    )


def _stated(available: Sequence[Fact], wanted: Fact, *, ends: bool) -> bool:
    """Whether the facts `available` state `wanted`; with `ends`, by either end of a span too."""
    if isinstance(wanted.value, Name):
        return names.states([fact.value for fact in available if isinstance(fact.value, Name)], wanted.value)
    return any(_states(fact, wanted, ends=ends) for fact in available)


def _states(stated: Fact, wanted: Fact, *, ends: bool) -> bool:
    if isinstance(wanted.value, When):
        return isinstance(stated.value, When) and dates.states(stated.value, wanted.value, ends=ends)
    if isinstance(wanted.value, Amount) and isinstance(stated.value, Amount):
        return amounts.states(stated.kind, stated.value, wanted.kind, wanted.value, ends=ends)
    if isinstance(wanted.value, Amount) and isinstance(stated.value, When):  # "the 19th" by "June 19"
        days = (stated.value.start.day, stated.value.end.day)
        return wanted.value.unit == "th" and wanted.value.low in days
    return False


def _items(text: str) -> list[str | Fact]:
    """The facts of `text` and the words between them, without articles and signs."""
    tokens = tokenise(text)
    items: list[str | Fact] = []
    for piece in _scan(tokens):
        fact = _fact(text, tokens, piece)
        token = tokens[piece.at]
        if fact is not None:
            items.append(fact)
        elif token.kind in ("word", "digits") and token.key not in _ARTICLES:
            items.append(token.key)
    return items


def _with_names_spelled(items: Sequence[str | Fact]) -> list[str | Fact]:
    """The items with each name as its canonical words, known entities as one."""
    return [
        part
        for item in items
        for part in (item.value.words if isinstance(item, Fact) and isinstance(item.value, Name) else (item,))
    ]


def _spaced(items: Sequence[str | Fact]) -> str:
    """The words of the items in a row, entities of several words glued by "_", facts left as gaps."""
    words = (item.replace(" ", "_") if isinstance(item, str) else "|" for item in _with_names_spelled(items))
    return f" {' '.join(words)} "


def _written_out(spaced: str, value: Amount | When | Name) -> bool:
    """Whether the words of a name stand in `spaced`, which `_spaced` made."""
    return isinstance(value, Name) and _spaced(value.words) in spaced


def _matches(stated: str | Fact, wanted: str | Fact) -> bool:
    if isinstance(stated, Fact) and isinstance(wanted, Fact):
        return _states(stated, wanted, ends=False)
    return stated == wanted


def _plainly(text: str) -> str:
    text = fold(CITATION_MARK.sub(" ", plain(text))).replace("⟨", " ").replace("⟩", " ")
    return text[2:] if text.startswith("'s") else text  # the possessive of the fact before


def _canonical(fact: Fact) -> str:
    if isinstance(fact.value, Name):
        return str(fact.value)
    if isinstance(fact.value, Amount) and fact.value.bound:
        exact = replace(fact, value=replace(fact.value, bound=""))
        return f"{fact.value.bound} {exact.token}"
    return fact.token
