"""Chroma's chunking evaluation: questions and the spans that answer them in five texts (Smith and Troynikov 2024).

Published measures, over the characters of the first five pieces: recall, precision and intersection over union with the
spans, where what two pieces share counts twice as retrieved.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from assistant.answers import Answer
from evals.cases import Case
from evals.errors import RunError
from evals.public.sets import Article, Asked, Places, Source
from evals.runner import Published
from evals.scores import Ranked

_PIECES = 5
_QUESTIONS = "questions_df.csv"

Range = tuple[int, int]


def read(folder: Path) -> Source:
    """The questions of `questions_df.csv` and the texts *.md beside it or in `corpora/`.

    Raises:
        RunError: the questions, or a text that one is about, are not there.
    """
    questions = folder / _QUESTIONS
    if not questions.is_file():
        raise RunError(
            f"'{folder}' has no {_QUESTIONS}. Name the folder that has it, with the texts as *.md."
        )
    texts = {path.stem: path for path in [*folder.glob("*.md"), *folder.glob("corpora/*.md")]}
    csv.field_size_limit(sys.maxsize)
    asked = []
    with questions.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            name = row["corpus_id"]
            if name not in texts:
                raise RunError(
                    f"{questions}, question {number} is about '{name}', and there is no {name}.md."
                )
            spans = [(name, each["start_index"], each["end_index"]) for each in json.loads(row["references"])]
            asked.append(
                Asked(id=f"{name}-{number}", question=row["question"], cluster=name, spans=tuple(spans))
            )
    articles = tuple(Article(name, name.replace("_", " "), file=path) for name, path in sorted(texts.items()))
    return Source(articles, tuple(asked), _publish)


def overlap_measures(wanted: Sequence[Range], given: Sequence[Range]) -> dict[str, float]:
    """Recall, precision and intersection over union of character ranges."""
    wanted = _union(wanted)
    shared = [(max(a, c), min(b, d)) for a, b in wanted for c, d in given if max(a, c) < min(b, d)]
    both, asked, found = _size(_union(shared)), _size(wanted), _size(given)
    return {
        "token_recall": both / asked if asked else 0.0,
        "token_precision": both / found if found else 0.0,
        "token_iou": both / (asked + found - both) if asked + found else 0.0,
    }


def _publish(places: Places) -> Published:
    def published(case: Case, answer: Answer, ranked: Sequence[Ranked]) -> dict[str, float]:
        asked = places.asked[case.id]
        documents = {label.partition("#")[0] for label in case.gold}
        wanted = [(start, end) for _, start, end in asked.spans]
        spans = [each.span for each in ranked[:_PIECES] if each.span is not None]
        inside = [(span.start, span.end) for span in spans if span.document_id in documents]
        elsewhere = [(-span.end - 1, -span.start - 1) for span in spans if span.document_id not in documents]
        return overlap_measures(wanted, [*inside, *elsewhere])

    return published


def _union(ranges: Sequence[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _size(ranges: Sequence[Range]) -> int:
    return sum(end - start for start, end in ranges)
