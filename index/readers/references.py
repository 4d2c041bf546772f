"""Lists of references: "[3]" and "(Smith 2020)" in the text become markers, the entries that they name become notes.

A list stands under a heading that says so, or is numbered from 1 and named by number in the text. Entries are no
paragraphs, whether or not the text cites them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.documents import Block, Mark
from index.footnotes import REFERENCE

_NUMBERED_HEAD = r"^(?:\d{1,2}\.?\s+|[IVX]+\.\s+)?"
_HEADING = re.compile(
    _NUMBERED_HEAD
    + r"(?:(?:list of |cited |selected )?references|bibliography|(?:works|literature|sources) cited"
    r"|references and notes|notes and references|literaturverzeichnis|quellenverzeichnis|einzelnachweise|références"
    r"|bibliographie|referencias|bibliografía|riferimenti|bibliografia|referências)\s*:?$",
    re.IGNORECASE,
)
# Such a heading can stand above text of its own: what is under it is a list of references where the text cites it.
_WEAK_HEADING = re.compile(
    _NUMBERED_HEAD
    + r"(?:(?:end|foot)?notes|further reading|sources|citations|literature|literatur|quellen|anmerkungen)\s*:?$",
    re.IGNORECASE,
)
_RAISED = re.compile(
    r"(?P<super>[⁰¹²³⁴-⁹]{1,3})|\^\{?(?P<tex>\d{1,3})\}?|(?<=[a-z)][.,;!?\"”’])(?P<plain>\d{1,3})(?=\s|$)"
)
_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_NUMBER = re.compile(r"^\s*(?:\[(?P<square>\d{1,3})\]|\(?(?P<plain>\d{1,3})[.)])\s*(?=\S)")
_YEAR = re.compile(r"(?<![\d/.-])(?P<year>1[5-9]\d\d|20\d\d|n\.d\.)(?P<letter>[a-z])?(?![\d])")
_LINK = re.compile(r"https?://|www\.|\bdoi\b", re.IGNORECASE)
_CITED = re.compile(
    r" ?\[(?P<numbers>\d{1,3}(?:\s*[,;–-]\s*\d{1,3}){0,20})(?:,?\s*pp?\.\s*\d{1,5}(?:\s*[–-]\s*\d{1,5})?)?\]"
)
_BRACKETS = re.compile(r"\((?P<inner>[^()]{1,300})\)")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SMALL = frozenset("al and cf compare de der di e eds ed et g i in la le pp see the und van von y".split())
_PERSON = re.compile(
    r"(?:[A-Z][\w'’-]*\.?\s+){1,3}(?:(?:de|der|di|du|la|van|von)\s+)*(?P<surname>[^\W\d_a-z][\w'’-]+)"
    r"(?=\s*(?:,|;|\band\b|&|\.?\s*\(?$))"
)
_BEFORE = 80
_NEAR = 3  # words before a year
_LONGEST = 3000
_MIN_RUN = 3


@dataclass(frozen=True, slots=True)
class _Entry:
    """A reference: its place among the blocks, its number where it has one, its first author's names and its year.

    `surname` is the last of the names where they are a person's in the order "Jane Smith, …", else None.
    """

    place: int
    number: int | None
    text: str
    names: frozenset[str]
    surname: str | None
    year: str | None


@dataclass(frozen=True, slots=True)
class _List:
    """The entries of one list; a `weak` one is taken for a list only where the text cites it."""

    entries: tuple[_Entry, ...]
    weak: bool


def opens_references(heading: str) -> bool:
    """Whether what stands under a heading can only be a list of references."""
    return bool(_HEADING.match(heading))


def is_dated(text: str) -> bool:
    """Whether a text names a year, as every entry of a list by authors does."""
    return bool(_YEAR.search(text))


def cite(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with the entries of their lists of references as notes, and marks where the text cites them."""
    lists = list(_lists(blocks))
    if not lists:
        return tuple(blocks)
    cited = _with_entries(blocks, [entry for found in lists for entry in found.entries])
    kept = [found for found in lists if not found.weak or _is_cited(found, cited)]
    if len(kept) == len(lists):
        return cited
    return _with_entries(blocks, [entry for found in kept for entry in found.entries])


def _with_entries(blocks: Sequence[Block], entries: Sequence[_Entry]) -> tuple[Block, ...]:
    places = {entry.place: entry for entry in entries}
    numbered = {entry.number: entry for entry in reversed(entries) if entry.number is not None}
    named: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        if entry.year is not None and entry.names:
            named[entry.year].append(entry)
    cited = []
    for i, block in enumerate(blocks):
        if i in places:
            cited.append(replace(block, kind="note", text=places[i].text, label=_label(places[i]), marks=()))
        elif block.kind in ("prose", "item"):
            cited.append(_by_name(_by_number(block, numbered), named))
        else:
            cited.append(block)
    return tuple(cited)


def _is_cited(found: _List, blocks: Sequence[Block]) -> bool:
    """Whether a marker leads to the list, or raised figures in the text are its numbers."""
    labels = {_label(entry) for entry in found.entries}
    if any(mark.label in labels for block in blocks for mark in block.marks):
        return True
    numbers = {entry.number for entry in found.entries if entry.number is not None}
    raised = {
        int(next(group for group in match.groups() if group).translate(_SUPER))
        for block in blocks
        if block.kind in ("prose", "item")
        for match in _RAISED.finditer(block.text)
    }
    return bool(numbers) and 2 * len(numbers & raised) >= len(numbers)


def _lists(blocks: Sequence[Block]) -> Iterator[_List]:
    """The lists of references in order."""
    taken = -1
    for i, block in enumerate(blocks):
        if i <= taken:
            continue
        strong, weak = bool(_HEADING.match(block.text)), bool(_WEAK_HEADING.match(block.text))
        if block.kind in ("heading", "prose") and (strong or weak):
            places = _section(blocks, i + 1)
        elif block.kind in ("prose", "item", "note", "heading") and _number(block) == 1:
            places, weak = _run(blocks, i), False
        else:
            continue
        if places:
            taken = places[-1]
            yield _List(tuple(_read(blocks, places)), weak)


def _section(blocks: Sequence[Block], start: int) -> list[int]:
    """The entries under a heading: up to the next heading that is no entry itself."""
    places = []
    for i in range(start, len(blocks)):
        block = blocks[i]
        if block.kind == "heading" and not _is_entry(block):
            break
        if block.kind in ("heading", "prose", "item") or (block.kind == "note" and not block.label):
            places.append(i)
    fitting = sum(_is_entry(blocks[i]) for i in places)
    return places if 2 * fitting > len(places) else []


def _run(blocks: Sequence[Block], start: int) -> list[int]:
    """Entries numbered from 1 that the text names by number in brackets."""
    places = [start]
    for i in range(start + 1, len(blocks)):
        if blocks[i].kind in ("prose", "item", "note", "heading"):
            if _number(blocks[i]) == len(places) + 1:
                places.append(i)
            elif blocks[i].kind == "prose" and i - places[-1] > 3:
                break
    if len(places) < _MIN_RUN or 2 * sum(_is_entry(blocks[i]) for i in places) < len(places):
        return []
    named = {
        n
        for block in blocks[:start]
        for found in _CITED.finditer(block.text)
        for n in _listed(found["numbers"])
    }
    return places if 2 * len(named & set(range(1, len(places) + 1))) >= len(places) else []


def _number(block: Block) -> int | None:
    if block.label is not None:
        return int(block.label) if block.label.isdecimal() and len(block.label) < 4 else None
    found = _NUMBER.match(block.text)
    return int(found["square"] or found["plain"]) if found else None


def _is_entry(block: Block) -> bool:
    if len(block.text) > _LONGEST:
        return False
    return bool(_number(block) is not None or _YEAR.search(block.text) or _LINK.search(block.text))


def _read(blocks: Sequence[Block], places: Sequence[int]) -> Iterator[_Entry]:
    """Entries of one list; those of a list without figures of its own are counted."""
    numbers = [_number(blocks[i]) for i in places]
    counted = all(blocks[i].kind == "item" for i in places) and not any(numbers)
    for count, (place, number) in enumerate(zip(places, numbers, strict=True), 1):
        block = blocks[place]
        text = _NUMBER.sub("", block.text, count=1) if block.label is None else block.text
        years = list(_YEAR.finditer(text[:_LONGEST]))
        year = next((y for y in years if text[y.start() - 1 : y.start()] == "("), years[0] if years else None)
        head = text[: year.start()] if year else text
        yield _Entry(
            place=place,
            number=count if counted else number,
            text=text.strip(),
            names=_names(head),
            surname=_surname(head),
            year=year["year"] + (year["letter"] or "") if year else None,
        )


def _names(head: str) -> frozenset[str]:
    """The first author of an entry: a surname or, of an organisation, all words of its name."""
    words = _WORD.findall(re.split(r"[,.(;:]", head.strip(), maxsplit=1)[0])[:8]
    return frozenset(word.casefold() for word in words if word.casefold() not in _SMALL)


def _surname(head: str) -> str | None:
    """The surname of a first author who is written "Jane Smith", with others after a comma or an "and", or alone."""
    found = _PERSON.match(head.strip())
    return found["surname"].casefold() if found else None


def _label(entry: _Entry) -> str:
    return f"{REFERENCE}{f'in place {entry.place}' if entry.number is None else entry.number}"


def _listed(numbers: str) -> list[int]:
    """ "3, 5–7" as 3, 5, 6, 7."""
    found: list[int] = []
    for part in re.split(r"\s*[,;]\s*", numbers):
        ends = [int(end) for end in re.split(r"\s*[–-]\s*", part)]
        found += range(ends[0], ends[-1] + 1) if ends[0] <= ends[-1] <= ends[0] + 50 else ends
    return found


def _by_number(block: Block, numbered: dict[int, _Entry]) -> Block:
    """The block without the markers whose every number is in the list."""
    if not numbered or "[" not in block.text:
        return block
    text, at = "", 0
    marks: list[Mark] = []
    cuts: list[tuple[int, int]] = []
    for found in _CITED.finditer(block.text):
        entries = [numbered[n] for n in _listed(found["numbers"]) if n in numbered]
        if len(entries) < len(_listed(found["numbers"])) or not (text or block.text[at : found.start()]):
            continue
        text += block.text[at : found.start()]
        marks += [Mark(_label(entry), len(text)) for entry in entries]
        cuts.append((found.start(), found.end() - found.start()))
        at = found.end()
    if not cuts:
        return block
    kept = [
        Mark(mark.label, mark.at - sum(size for start, size in cuts if start < mark.at))
        for mark in block.marks
    ]
    text = (text + block.text[at:]).rstrip()
    return replace(block, text=text, marks=tuple(sorted([*kept, *marks], key=lambda mark: mark.at)))


def _by_name(block: Block, named: dict[str, list[_Entry]]) -> Block:
    """The block with a mark behind each bracket that names an author and a year; its text stays."""
    if not named:
        return block
    marks = list(block.marks)
    for found in _BRACKETS.finditer(block.text):
        before = block.text[max(0, found.start() - _BEFORE) : found.start()]
        for entry in _cited(found["inner"], before, named):
            marks.append(Mark(_label(entry), found.end()))
    if len(marks) == len(block.marks):
        return block
    return replace(block, marks=tuple(sorted(marks, key=lambda mark: mark.at)))


def _cited(inner: str, before: str, named: dict[str, list[_Entry]]) -> list[_Entry]:
    """The entries that a bracket names, "Smith 2019, 2020; Lee et al. 2018", or with their author before it."""
    cited: list[_Entry] = []
    for part in inner.split(";"):
        words: list[str] = []
        at = 0
        for year in _YEAR.finditer(part):
            words = _folded(part[at : year.start()]) or words or _folded(before)
            at = year.end()
            entries = named.get(year["year"] + (year["letter"] or ""), ())
            fitting = [entry for entry in entries if entry.names <= set(words)]
            # "Smith and Lee", "Smith et al.": right before the year. Two Smiths of one year are not told apart.
            near = [entry for entry in entries if entry.surname in words[-_NEAR:]]
            if fitting or len(near) == 1:
                cited.append((fitting or near)[0])
    return list(dict.fromkeys(cited))


def _folded(text: str) -> list[str]:
    """The words of a name as an entry has them, without the 's of "Smith's"."""
    words = [re.sub(r"['’]s$", "", word.casefold()) for word in _WORD.findall(text)]
    return [word for word in words if word not in _SMALL]
