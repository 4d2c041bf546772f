"""Labelled pairs of a sentence and a paragraph: true ones, and ones with a planted error."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from assistant.facts import find_facts
from evals.corruptions import CORRUPTIONS
from evals.errors import RunError
from evals.restated import restated
from index.corpus import list_files, read_document
from index.documents import Paragraph
from index.sentences import sentence_spans

TRUE, ELSEWHERE = "true", "elsewhere"
ArticleHalf = Literal["dev", "test"]
HALVES: tuple[ArticleHalf, ...] = get_args(ArticleHalf)
_SEED = 8
_SENTENCE = range(40, 300)
_PARAGRAPH = range(200, 1500)
_EACH_MANNER = 2
"""Sentences restated in each manner are at most one for so many that stand as they are."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence beside a paragraph; `kind` is "true", how it was restated, the planted error, or "elsewhere"."""

    kind: str
    sentence: str
    paragraph: str


def pairs(corpus: Path, originals: Path | None, rounds: int = 1, seed: int = _SEED) -> list[Pair]:
    """The labelled pairs of a corpus, the same on every run; up to `rounds` errors of each kind a sentence."""
    rng = random.Random(seed)
    sources = _paragraphs(originals) if originals else {}
    theirs = _paragraphs(corpus)
    found = []
    for place, paragraph in theirs.items():
        evidence = sources.get(place, paragraph).text
        elsewhere = [p.text for at, p in theirs.items() if at[0] == place[0] and at != place]
        for start, end in sentence_spans(paragraph.text):
            sentence = paragraph.text[start:end]
            found.append(Pair(TRUE, sentence, evidence))
            found.append(Pair(ELSEWHERE, sentence, rng.choice(elsewhere)))
            found += _planted(sentence, evidence, rng, rounds)
    return found


def article_pairs(folder: Path, half: ArticleHalf, sentences: int, seed: int = _SEED) -> list[Pair]:
    """The same of articles, each a text file with a paragraph a line; every second article is of one half.

    Of `sentences` drawn sentences with two names each. Restated ones are true under the name of their manner.

    Raises:
        RunError: there are no articles.
    """
    files = [path for path in sorted(folder.glob("*.txt")) if path.name != "SOURCE.txt"]
    files = files[HALVES.index(half) :: len(HALVES)]
    if not files:
        raise RunError(f"There are no articles in '{folder}'. Name a folder of .txt files with --articles.")
    rng = random.Random(seed)
    told = [one for path in files for one in _told(path.read_text(encoding="utf-8").splitlines())]
    rng.shuffle(told)
    drawn = told[:sentences]
    manners: dict[str, list[Pair]] = {}
    for sentence, paragraph in told:
        for manner, text in restated(sentence):
            manners.setdefault(manner, []).append(Pair(manner, text, paragraph))
    found = []
    for number, (sentence, paragraph) in enumerate(drawn):
        found.append(Pair(TRUE, sentence, paragraph))
        found.append(Pair(ELSEWHERE, sentence, drawn[number - 1][1]))
        found += _planted(sentence, paragraph, rng, 1)
    for each in manners.values():
        for pair in each[: sentences // _EACH_MANNER]:
            found += [pair, *_planted(pair.sentence, pair.paragraph, rng, 1)]
    return found


def _told(paragraphs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The sentences that name two, each with its paragraph."""
    for paragraph in paragraphs:
        if len(paragraph) in _PARAGRAPH:
            for start, end in sentence_spans(paragraph):
                sentence = paragraph[start:end]
                if len(sentence) in _SENTENCE and sum(f.kind == "name" for f in find_facts(sentence)) > 1:
                    yield sentence, paragraph


def _planted(sentence: str, evidence: str, rng: random.Random, rounds: int) -> Iterator[Pair]:
    others = [fact for fact in find_facts(evidence) if fact.kind == "name"]
    for kind, corrupt in CORRUPTIONS.items():
        wrong = {corrupt(sentence, others, rng) for _ in range(rounds)} - {None, sentence}
        yield from (Pair(kind, one, evidence) for one in sorted(one for one in wrong if one))


def _paragraphs(folder: Path) -> dict[tuple[str, int], Paragraph]:
    documents = [read_document(file, folder) for file in list_files(folder)]
    return {(d.document.id, p.number): p for d in documents for p in d.paragraphs if p.number}
