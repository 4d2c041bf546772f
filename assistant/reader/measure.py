"""Measure the span model on articles that it never saw: python -m assistant.reader.measure --data FOLDER

HasAns EM and F1 are SQuAD's own (Rajpurkar et al. 2016): the best span of the paragraph against the nearest of the
given answers, over answerable questions. AUC is how well the margin over "no answer" tells answerable questions from
unanswerable ones.
"""

from __future__ import annotations

import argparse
import json
import re
import string
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.reader.data import HELD_OUT
from assistant.reader.evidence import SPAN_WEIGHTS
from assistant.reader.span import SpanReader


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a paragraph and the answers that count; none where it is unanswerable."""

    question: str
    answers: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m assistant.reader.measure", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with squad/dev32.part1.json and part2"
    )
    parser.add_argument("--weights", type=Path, default=SPAN_WEIGHTS)
    options = parser.parse_args(arguments)
    reader = SpanReader(options.weights)
    exact, overlap, margins, answerable = [], [], [], []
    for context, asked in _paragraphs(options.data / "squad"):
        for one in asked:
            found = reader.find(one.question, [context], [[(0, len(context))]])[0][0]
            margins.append(found.margin)
            answerable.append(bool(one.answers))
            if one.answers:
                said = context[found.start : found.end]
                exact.append(max(float(_normal(said) == _normal(answer)) for answer in one.answers))
                overlap.append(max(f1(said, answer) for answer in one.answers))
    from sklearn.metrics import roc_auc_score

    scores = {
        "articles": len(HELD_OUT),
        "questions": len(margins),
        "has_answer_exact": round(100 * sum(exact) / len(exact), 1),
        "has_answer_f1": round(100 * sum(overlap) / len(overlap), 1),
        "answerable_auc": round(float(roc_auc_score(answerable, margins)), 3),
    }
    print(json.dumps(scores, indent=1))
    return 0


def f1(said: str, answer: str) -> float:
    """SQuAD's token F1 between two short texts."""
    mine, theirs = _normal(said).split(), _normal(answer).split()
    shared = sum((Counter(mine) & Counter(theirs)).values())
    if not shared:
        return float(mine == theirs)
    precision, recall = shared / len(mine), shared / len(theirs)
    return 2 * precision * recall / (precision + recall)


def _normal(text: str) -> str:
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def _paragraphs(folder: Path) -> Iterator[tuple[str, list[Asked]]]:
    by_context: dict[str, list[Asked]] = defaultdict(list)
    for name in ("dev32.part1.json", "dev32.part2.json"):
        for article in json.loads((folder / name).read_text(encoding="utf-8"))["data"]:
            if article["title"] not in HELD_OUT:
                continue
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    texts = () if qa.get("is_impossible") else tuple(a["text"] for a in qa["answers"])
                    by_context[paragraph["context"]].append(Asked(qa["question"].strip(), texts))
    yield from by_context.items()


if __name__ == "__main__":
    sys.exit(main())
