"""A written sentence -> the paragraphs that carry it: the one that it cites, else another, else none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.markers import Written
from assistant.support import Support, support
from index.documents import Paragraph

_JOINT = re.compile(r"(?:;|,?\s+(?:while|whereas|and|but|although|though|as)\b|,\s+)\s*")
_SHORTEST = 12


@dataclass(frozen=True, slots=True)
class Claim:
    """A part of a sentence, `start` to `end`, and the paragraph that carries it, or should."""

    start: int
    end: int
    paragraph: Paragraph
    support: Support


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a sentence. `claims` are empty where it cites nothing and nothing carries it.

    `repaired` says that another paragraph carries it than the one that it cites.
    """

    claims: tuple[Claim, ...]
    repaired: bool = False

    @property
    def holds(self) -> bool:
        """Whether every part of the sentence is carried by its paragraph."""
        return bool(self.claims) and all(claim.support.holds for claim in self.claims)


def judge(written: Written, paragraphs: Sequence[Paragraph]) -> Judged:
    """Look a sentence up in the paragraphs that it cites, then in the others.

    Args:
        written: the sentence; its numbers are those of `paragraphs`, from 1.
        paragraphs: the evidence.
    """
    text = written.text
    cited = [paragraphs[number - 1] for number in written.numbers]
    found = _by_cuts(written, paragraphs)
    if found:
        return Judged(found)
    claims = [_claim(text, 0, len(text), paragraph) for paragraph in cited]
    holding = tuple(claim for claim in claims if claim.support.holds)
    if holding:
        return Judged(holding)
    found = _by_joints(text, cited)
    if found:
        return Judged(found)
    others = [_claim(text, 0, len(text), one) for one in paragraphs if one not in cited]
    carrying = [claim for claim in others if claim.support.holds]
    if carrying:
        return Judged((max(carrying, key=lambda claim: claim.support.score),), repaired=True)
    return Judged(tuple(claims[:1]))


def _by_cuts(written: Written, paragraphs: Sequence[Paragraph]) -> tuple[Claim, ...]:
    """Each part of a sentence with a marker of its own, if each is carried by what it cites."""
    cuts = [cut for cut in written.cuts if cut.at > 0]
    if len({cut.at for cut in cuts}) < 2:
        return ()
    found: list[Claim] = []
    start = 0
    for at in sorted({cut.at for cut in cuts}):
        end = len(written.text) if at == max(cut.at for cut in cuts) else at
        numbers = [number for cut in cuts if cut.at == at for number in cut.numbers]
        begin = _past_space(written.text, start)
        claims = [_claim(written.text, begin, end, paragraphs[number - 1]) for number in numbers]
        holding = [claim for claim in claims if claim.support.holds]
        if not holding:
            return ()
        found += holding
        start = at
    return tuple(found)


def _by_joints(text: str, cited: Sequence[Paragraph]) -> tuple[Claim, ...]:
    """The two halves of a sentence that cites several paragraphs, each carried by one of them."""
    if len(cited) < 2:
        return ()
    for joint in _JOINT.finditer(text):
        halves = ((0, joint.start()), (_past_space(text, joint.start()), len(text)))
        if min(end - start for start, end in halves) < _SHORTEST:
            continue
        found = [
            next((c for one in cited if (c := _claim(text, *half, one)).support.holds), None)
            for half in halves
        ]
        if all(found):
            return tuple(claim for claim in found if claim)
    return ()


def _past_space(text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or text[at] in ",;"):
        at += 1
    return at


def _claim(text: str, start: int, end: int, paragraph: Paragraph) -> Claim:
    return Claim(start, end, paragraph, support(text[start:end], paragraph.text))
