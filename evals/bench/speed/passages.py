"""What is indexed and asked: SQuAD's passages with their questions, and paragraphs of whole articles."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from evals.bench.peers.protocol import Passage
from evals.public.squad import read
from index.errors import CorpusError

ARTICLES = Path("../shared/data/wikipedia_articles")
SQUAD = Path("../shared/data/squad")
SHORTEST = 200
"""Characters of a line of an article that counts as a paragraph; shorter ones are headings and list items."""
_SEED = 20240816
_TOGETHER = 50
"""Copies that are in one document."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the title of the article that it is about, and the passage that answers it."""

    question: str
    title: str
    passage: str


@dataclass(frozen=True, slots=True)
class Set:
    """Passages, and questions that they answer."""

    passages: tuple[Passage, ...]
    asked: tuple[Asked, ...]


def questions_and_passages(squad: Path, passages: int, questions: int | None = None) -> Set:
    """The first passages of SQuAD's articles in a seeded order, and questions about them in another.

    Raises:
        CorpusError: there are fewer passages.
        RunError: the folder is not in SQuAD's layout.
    """
    chance = random.Random(_SEED)
    source = read(squad)
    articles = list(source.articles)
    chance.shuffle(articles)
    kept: dict[str, Passage] = {}
    ids: dict[tuple[str, int], str] = {}
    for article in articles:
        for place, passage in enumerate(article.passages):
            text = " ".join(passage.text.split())
            if text not in kept and len(kept) < passages:
                kept[text] = Passage(f"p{len(kept)}", article.title, text)
            if text in kept:
                ids[article.id, place] = kept[text].id
    if len(kept) < passages:
        raise CorpusError(f"'{squad}' has {len(kept)} passages, not {passages}. Ask for at most that many.")
    asked = [
        Asked(" ".join(each.question.split()), each.cluster, ids[place])
        for each in source.asked
        for place in each.passages
        if place in ids
    ]
    chance.shuffle(asked)
    different = list({each.question: each for each in asked}.values())
    return Set(tuple(kept.values()), tuple(different[:questions]))


def questions_about(squad: Path, titles: Collection[str], count: int) -> list[str]:
    """Questions of SQuAD about articles of these titles, the rest of the `count` about any."""
    chance = random.Random(_SEED)
    asked = [(each.cluster in titles, " ".join(each.question.split())) for each in read(squad).asked]
    chance.shuffle(asked)
    asked.sort(key=lambda each: not each[0])
    return list(dict.fromkeys(question for _, question in asked))[:count]


def paragraphs(folder: Path) -> Iterator[Passage]:
    """The lines of a folder's .txt files, an article each, that are paragraphs."""
    number = 0
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if len(line) >= SHORTEST:
                yield Passage(f"p{number}", path.stem.replace("_", " "), line.strip())
                number += 1


def some_paragraphs(articles: Path, count: int) -> list[Passage]:
    """The first `count` paragraphs of the articles.

    Raises:
        CorpusError: the folder has fewer.
    """
    found = [each for each, _ in zip(paragraphs(articles), range(count), strict=False)]
    if len(found) < count:
        raise CorpusError(
            f"'{articles}' has {len(found)} paragraphs, not {count}. Ask for at most that many."
        )
    return found


def copies(articles: Path, of: int, count: int) -> Iterator[Passage]:
    """`count` paragraphs: the shortest ones of the articles, then each of them again and again, slightly changed.

    Raises:
        CorpusError: the folder has none.
    """
    short = sorted(paragraphs(articles), key=lambda each: len(each.text))[:of]
    if not short:
        raise CorpusError(f"'{articles}' has no paragraphs. Name a folder of .txt files with --articles.")
    for number in range(count):
        copy, place = divmod(number, len(short))
        text = changed(short[place].text, copy) if copy else short[place].text
        yield Passage(f"p{number}", f"Collection {number // _TOGETHER + 1}", text)


def changed(text: str, copy: int) -> str:
    """The text with two neighbouring words swapped, others for each copy."""
    words = text.split()
    place = 7 * copy % max(1, len(words) - 1)
    words[place : place + 2] = reversed(words[place : place + 2])
    return " ".join(words)
