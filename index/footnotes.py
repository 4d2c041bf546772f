"""Note markers and notes -> the notes behind each paragraph.

Notes are numbered in order of appearance, whatever digit the extraction printed. Markers are found in
the text, taken out of it, and matched to the notes: Markdown's by their labels, those of a plain text by
the longest run of rising numbers, so that a figure at a sentence's end is not taken for a marker.
A note whose marker the file lost is given to the paragraph in which the marker must have stood.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.documents import Block, Mark, Note

REFERENCE = "reference "
"""How the label of a note begins that is an entry of a list of references: one whose marker is never guessed at."""

_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")
_CANDIDATE = re.compile(
    r"\^\{?(?P<tex>\d{1,3})\}?"
    r"|(?<=[\w.,;:!?\"”’)\]])(?<!\d [km]m)(?<!\d m)(?<!\dkm)(?<!\dm)(?P<raised>[⁰¹²³⁴-⁹]{1,3})"
    r"|(?<=[.,;:!?\"”’)])(?P<lowered>[₀-₉]{1,3})"
    r"|(?<=[\w.,;:!?\"”’)]) ?\[(?P<square>\d{1,3})\]"
    r"|(?<=[a-z\d)\"”’][.!?])(?P<plain>\d{1,2})(?=\s+[A-Z“\"(]|\s*$)"
    r"|(?<=[a-z][,;:])(?P<inner>\d{1,2})(?=\s+[a-z(“\"])"
    r"|(?<=[.!?,][\"”’)])(?P<quoted>\d{1,2})(?=\s|$)"
    r"|(?<=[a-z][.!?]) (?P<spaced>\d{1,2})(?=\s*$)"
)
_URL = re.compile(r"<?(?P<url>(?:https?://|www\.)[^\s<>]+?)>?[.,;]?(?=\s|$)", re.IGNORECASE)
# What goes on after a blank has a sign that links have and words have not.
_BROKEN_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>]*[^\s<>.,;:)](?: (?=\S*[-/_=&?%#.]\S)[\w.~%&=?#/+:-]*[\w/])+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph to be: text, span in the file, heading, page and the markers its reader found.

    `notes_before` counts the notes that stand before its end in the file.
    """

    text: str
    start: int
    end: int
    heading: str | None
    page: int | None
    marks: tuple[Mark, ...] = ()
    notes_before: int = 0


@dataclass(frozen=True, slots=True)
class _Candidate:
    paragraph: int
    label: int
    start: int
    end: int


def attach(proses: Sequence[Prose], notes: Sequence[Block]) -> list[tuple[str, tuple[Note, ...]]]:
    """Each paragraph's text without markers, and its notes in order.

    Args:
        proses: the paragraphs in reading order, markers still in their text unless in `marks`.
        notes: the note blocks in order of appearance.
    """
    labelled = {mark.label for prose in proses for mark in prose.marks}
    if any(not label.startswith(REFERENCE) for label in labelled):
        return _by_label(proses, notes)
    printed = _printed(notes, labelled)
    chosen = _rising([c for c in _candidates(proses, max(printed, default=0)) if c.label in printed])
    lost = _lost(proses, chosen, sum(not _is_reference(note) for note in notes))
    attached = []
    for i, (prose, (_, by_label)) in enumerate(zip(proses, _by_label(proses, notes), strict=True)):
        markers = [candidate for candidate in chosen if candidate.paragraph == i]
        text, ends = _without(prose.text, markers)
        found: list[tuple[int, int | None]] = [*ends, *[(label, None) for label, where in lost if where == i]]
        behind = [_note(printed[label], notes[printed[label] - 1].text, at) for label, at in found]
        behind += [replace(note, at=_moved(note.at, markers)) for note in by_label]
        attached.append((text, tuple(sorted(behind, key=lambda note: note.number))))
    return attached


def _is_reference(note: Block) -> bool:
    return (note.label or "").startswith(REFERENCE)


def _printed(notes: Sequence[Block], labelled: set[str]) -> dict[int, int]:
    """The number that a marker in the text has -> the number of its note, for the notes whose markers are to be found.

    These are the notes that are no references or, where there are none, the numbered references that nothing cites yet.
    """
    plain = [i for i, note in enumerate(notes, 1) if not _is_reference(note)]
    if plain:
        return dict(enumerate(plain, 1))
    numbers = {i: (note.label or "").removeprefix(REFERENCE) for i, note in enumerate(notes, 1)}
    return {
        int(number): i
        for i, number in numbers.items()
        if number.isdecimal() and notes[i - 1].label not in labelled
    }


def _moved(at: int | None, markers: Sequence[_Candidate]) -> int | None:
    """An offset in a text as it is once markers are taken out before it."""
    return (
        at if at is None else at - sum(marker.end - marker.start for marker in markers if marker.start < at)
    )


def _by_label(proses: Sequence[Prose], notes: Sequence[Block]) -> list[tuple[str, tuple[Note, ...]]]:
    numbers = {note.label: i for i, note in enumerate(notes, 1)}
    return [
        (
            prose.text,
            tuple(
                _note(numbers[mark.label], notes[numbers[mark.label] - 1].text, mark.at)
                for mark in prose.marks
                if mark.label in numbers
            ),
        )
        for prose in proses
    ]


def _candidates(proses: Sequence[Prose], count: int) -> list[_Candidate]:
    found = []
    for i, prose in enumerate(proses):
        for match in _CANDIDATE.finditer(prose.text):
            label = int(next(g for g in match.groups() if g).translate(_SUPER))
            if 1 <= label <= count:
                found.append(_Candidate(i, label, match.start(), match.end()))
    return found


def _rising(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The longest strictly rising run of labels (patience sorting)."""
    tails: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for i, candidate in enumerate(candidates):
        place = bisect_left(tails, candidate.label)
        before.append(last[place - 1] if place else None)
        if place == len(tails):
            tails.append(candidate.label)
            last.append(i)
        else:
            tails[place] = candidate.label
            last[place] = i
    run = []
    at = last[-1] if last else None
    while at is not None:
        run.append(candidates[at])
        at = before[at]
    return run[::-1]


def _lost(proses: Sequence[Prose], chosen: Sequence[_Candidate], count: int) -> list[tuple[int, int]]:
    """(note, paragraph) for the notes without a marker.

    The marker stood after the marker before it and before the next one. Where the one before ends its
    paragraph, nothing is left of that paragraph; where nothing is before it, the note stands at the foot
    of its page, so the last paragraph above the note has it.
    """
    places = {candidate.label: candidate for candidate in chosen}
    lost = []
    for number in range(1, count + 1):
        if number in places or not proses:
            continue
        above = max((i for i, prose in enumerate(proses) if prose.notes_before < number), default=0)
        earlier = [places[n] for n in range(1, number) if n in places]
        later = [places[n] for n in range(number + 1, count + 1) if n in places]
        low = _after(proses, earlier[-1]) if earlier else 0
        high = later[0].paragraph if later else above
        lost.append((number, min(max(low, min(above, high)), high) if low <= high else high))
    return lost


def _after(proses: Sequence[Prose], candidate: _Candidate) -> int:
    rest = proses[candidate.paragraph].text[candidate.end :].strip()
    return candidate.paragraph if rest else candidate.paragraph + 1


def _without(text: str, markers: Sequence[_Candidate]) -> tuple[str, list[tuple[int, int]]]:
    """The text without `markers`, and (label, offset in the new text) for each."""
    kept = ""
    at = 0
    ends = []
    for marker in markers:
        kept += text[at : marker.start]
        kept = kept.rstrip() if not text[marker.end :].strip() else kept
        ends.append((marker.label, len(kept)))
        at = marker.end
    rest = text[at:]
    return (kept + rest).rstrip(), ends


def _note(number: int, text: str, at: int | None) -> Note:
    """A note with the link at its end taken out; a link that extraction cut is put together again."""
    text = _BROKEN_URL.sub(lambda broken: broken.group().replace(" ", ""), text)
    links = list(_URL.finditer(text))
    if not links:
        return Note(number, text, None, at)
    url = links[-1]["url"]
    url = url.rstrip(")") if "(" not in url else url
    if text[links[-1].end() :].strip():
        return Note(number, text, url, at)
    return Note(number, text[: links[-1].start()].rstrip(" <,;("), url, at)
