"""SQuAD 1.1 and 2.0: as retrieval (question -> paragraph among all) and as reading (the paragraph is given).

Reading has the published measures: exact match and F1 of the short answer, best over the accepted ones; for an
unanswerable question both are 1 where nothing is answered (Rajpurkar et al. 2016, 2018).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.answers import Answer
from evals.cases import Case
from evals.errors import RunError
from evals.public.sets import Article, Asked, Passage, Places, Source, no_answer
from evals.runner import Published
from evals.scores import Ranked


def read(folder: Path, *, reading: bool = False) -> Source:
    """The articles and questions of the JSON files in a folder, those named dev* where there are such, or of one file.

    Raises:
        RunError: no file has the layout {"data": [{"title", "paragraphs": [{"context", "qas"}]}]}.
    """
    articles: list[Article] = []
    asked: list[Asked] = []
    for number, entry in enumerate(_entries(folder)):
        title = str(entry.get("title", f"article {number}")).replace("_", " ")
        contexts = [str(each["context"]) for each in entry["paragraphs"]]
        id = f"{number}-{title}"
        if reading:
            articles += [Article(f"{id}-{at}", title, (Passage(text),)) for at, text in enumerate(contexts)]
        else:
            articles.append(Article(id, title, tuple(Passage(text) for text in contexts)))
        for at, paragraph in enumerate(entry["paragraphs"]):
            place = (f"{id}-{at}", 0) if reading else (id, at)
            asked += [
                one for qa in paragraph["qas"] if (one := _asked(qa, title, place, reading)) is not None
            ]
    return Source(tuple(articles), tuple(asked), _publish, within=reading)


def _entries(folder: Path) -> Iterator[dict[str, Any]]:
    files = (
        [folder] if folder.is_file() else sorted(folder.glob("dev*.json")) or sorted(folder.glob("*.json"))
    )
    found = False
    for path in files:
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise RunError(f"{path}: this is no JSON: {error}. Correct the file.") from error
        data = values.get("data") if isinstance(values, dict) else None
        if isinstance(data, list) and data and isinstance(data[0], dict) and "paragraphs" in data[0]:
            found = True
            yield from data
    if not found:
        raise RunError(
            f'\'{folder}\' has no file in SQuAD\'s layout, {{"data": [{{"title": …, "paragraphs": […]}}]}}. '
            "Name the folder or file that has it."
        )


def _asked(qa: dict[str, Any], title: str, place: tuple[str, int], reading: bool) -> Asked | None:
    """A question; as retrieval only an answerable one has a paragraph to be found."""
    answerable = not qa.get("is_impossible", False)
    if not answerable and not reading:
        return None
    answers = tuple(dict.fromkeys(str(each["text"]) for each in qa.get("answers", ()))) if answerable else ()
    return Asked(
        id=str(qa["id"]),
        question=str(qa["question"]),
        cluster=title,
        passages=(place,),
        answers=answers,
        answerable=answerable,
    )


def _publish(places: Places) -> Published:
    def published(case: Case, answer: Answer, ranked: Sequence[Ranked]) -> dict[str, float]:
        return no_answer(case, answer.verdict == "not_in_corpus")

    return published
