"""Fit the evidence reader's weights: python -m assistant.reader.fit --data FOLDER

Sentences are labelled by SQuAD 2.0: a sentence that holds an answer answers, every other one does not, and no
sentence of an unanswerable question does. Each question is read against the paragraphs that our own retrieval
finds for it in its article, so that the weights see what they will see in use. Articles are parted: those of
part 1 fit, those of part 2 measure. The threshold is calibrated apart, on the development half of a suite.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.reader.data import HELD_OUT
from assistant.reader.evidence import SPAN_WEIGHTS, WEIGHTS
from assistant.reader.features import FEATURES, Surroundings, measure, prepare_paragraphs, prepare_question
from assistant.reader.span import SpanReader
from assistant.reader.stored import weights_hash
from assistant.words import Rarity
from index.documents import Paragraph, content_hash
from index.encoder import Encoder, SentenceEncoder
from index.lexical import Lexical
from index.search import best_per_paragraph, fuse
from index.sentences import sentence_spans

NAME = "evidence-2"
_HITS = 5
COSINE = FEATURES.index("cosine_sentence")


@dataclass(frozen=True, slots=True)
class Example:
    """A question's sentences: features (sentences, features) and labels (sentences,)."""

    features: npt.NDArray[np.float32]
    labels: npt.NDArray[np.bool_]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, measure, write the weights. Exit codes: 0 done, 1 the data is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m assistant.reader.fit", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with squad/dev32.part1.json and part2"
    )
    parser.add_argument("--questions", type=int, default=150, help="questions of each article (default: 150)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args(arguments)
    paths = [options.data / "squad" / f"dev32.part{n}.json" for n in (1, 2)]
    absent = next((path for path in paths if not path.is_file()), None)
    if absent:
        print(f"fit: there is no '{absent}'. Name the folder that has squad/ with --data.", file=sys.stderr)
        return 1
    articles = [
        article
        for path in paths
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]
        if article["title"] in HELD_OUT
    ]
    tools = SentenceEncoder(), SpanReader(SPAN_WEIGHTS)
    examples = []
    for i, article in enumerate(articles, 1):
        print(f"article {i} of {len(articles)}, {article['title']}", file=sys.stderr)
        rng = random.Random(f"{options.seed}-{article['title']}")
        examples.append(_article(article, *tools, options.questions, rng))
    fitting, measuring = ([e for one in examples[first::2] for e in one] for first in (0, 1))
    stored = _fit(fitting) | {
        "scores": _scores(fitting, measuring),
        "abstain_below": _kept_threshold(options.out),
    }
    stored["span_sha256"] = weights_hash(SPAN_WEIGHTS)
    stored["fitted_on"] = "SQuAD 2.0 (CC BY-SA 4.0), 4 articles; measured on 4 others"
    options.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(stored["scores"], indent=1))
    return 0


def _article(
    article: dict[str, Any], encoder: Encoder, reader: SpanReader, count: int, rng: random.Random
) -> list[Example]:
    texts = [p["context"] for p in article["paragraphs"]]
    paragraphs = [_paragraph(i, text) for i, text in enumerate(texts, 1)]
    prepared = prepare_paragraphs(texts, encoder)
    vectors = encoder.passages([f"{article['title'].replace('_', ' ')}\n{text}" for text in texts])
    sentence_vectors = np.concatenate([one.vectors for one in prepared])
    owners = [p for p, one in zip(paragraphs, prepared, strict=True) for _ in one.spans]
    lexical = Lexical(paragraphs)
    rarity = Rarity(texts)
    asked = [(qa, i) for i, p in enumerate(article["paragraphs"]) for qa in p["qas"]]
    rng.shuffle(asked)
    examples = []
    for qa, gold in asked[:count]:
        question = prepare_question(qa["question"].strip(), encoder)
        legs = {
            "paragraph": _ranked(paragraphs, vectors @ question.vector),
            "sentence": best_per_paragraph(_ranked(owners, sentence_vectors @ question.vector)),
            "bm25": lexical.query(question.text, 64),
        }
        hits = fuse(legs, _HITS)  # type: ignore[arg-type]
        features, labels = [], []
        surroundings = Surroundings(article["title"].replace("_", " "), hits[0].score, rarity)
        read = [(hit, prepared[hit.paragraph.number - 1]) for hit in hits]
        spans = reader.find(
            question.text, [hit.paragraph.text for hit in hits], [one.spans for _, one in read]
        )
        for (hit, one), found in zip(read, spans, strict=True):
            features += [m.values for m in measure(question, hit, one, found, surroundings)]
            labels += _labels(qa, hit.paragraph.text, hit.paragraph.number - 1 == gold)
        examples.append(Example(np.stack(features), np.array(labels)))
    return examples


def _paragraph(number: int, text: str) -> Paragraph:
    return Paragraph("article", number, None, text, None, 0, len(text), content_hash(text))


def _ranked(
    paragraphs: Sequence[Paragraph], scores: npt.NDArray[np.float32]
) -> list[tuple[Paragraph, float]]:
    order = np.argsort(-scores)[:64]
    return [(paragraphs[i], float(scores[i])) for i in order]


def _labels(qa: dict[str, Any], text: str, gold: bool) -> list[bool]:
    starts = [a["answer_start"] for a in qa["answers"]] if gold and not qa.get("is_impossible") else []
    return [any(a <= start < b for start in starts) for a, b in sentence_spans(text)]


def _fit(examples: Sequence[Example]) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    features = np.concatenate([e.features for e in examples])
    labels = np.concatenate([e.labels for e in examples])
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(scaler.transform(features), labels)
    return {
        "name": NAME,
        "features": list(FEATURES),
        "mean": [round(float(x), 6) for x in scaler.mean_],
        "scale": [round(float(x), 6) for x in scaler.scale_],
        "weight": [round(float(x), 6) for x in model.coef_[0]],
        "bias": round(float(model.intercept_[0]), 6),
    }


def _scores(fitting: Sequence[Example], measuring: Sequence[Example]) -> dict[str, float]:
    """Right sentence first among questions that have one, and AUC of the best probability for answerable."""
    from sklearn.metrics import roc_auc_score

    weights = _fit(fitting)

    def scored(example: Example) -> npt.NDArray[np.float64]:
        standard = (example.features - np.array(weights["mean"])) / np.array(weights["scale"])
        return np.asarray(standard @ np.array(weights["weight"]) + weights["bias"])

    best = [float(scored(e).max()) for e in measuring]
    answerable = [bool(e.labels.any()) for e in measuring]
    right = [bool(e.labels[scored(e).argmax()]) for e in measuring if e.labels.any()]
    cosine = [bool(e.labels[e.features[:, COSINE].argmax()]) for e in measuring if e.labels.any()]
    return {
        "questions": len(measuring),
        "sentence_first": round(float(np.mean(right)), 4),
        "sentence_first_by_cosine": round(float(np.mean(cosine)), 4),
        "answerable_auc": round(float(roc_auc_score(answerable, best)), 4),
        "answerable_auc_by_cosine": round(
            float(roc_auc_score(answerable, [float(e.features[:, COSINE].max()) for e in measuring])), 4
        ),
    }


def _kept_threshold(path: Path) -> float:
    """The threshold that is there: it is calibrated by its own command."""
    return float(json.loads(path.read_text(encoding="utf-8"))["abstain_below"]) if path.is_file() else 0.3


if __name__ == "__main__":
    sys.exit(main())
