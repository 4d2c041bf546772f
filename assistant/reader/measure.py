"""Measure the span model on articles that it never saw: python -m assistant.reader.measure --data FOLDER

HasAns EM and F1 are SQuAD's own (Rajpurkar et al. 2016): the best span of the paragraph against the nearest of the
given answers, over answerable questions. AUC is how well the margin over "no answer" tells answerable questions from
unanswerable ones. SQuAD 2.0 F1 (Rajpurkar et al. 2018) is that of the answers given at a threshold, which one half of
the articles chooses for the other. With --clapnq, sentences are the answer: see `measure_clapnq`.
"""

from __future__ import annotations

import argparse
import json
import re
import string
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.asking import what_is_asked
from assistant.facts import find_facts
from assistant.reader.data import HELD_OUT, briefs, written
from assistant.reader.evidence import SPAN_WEIGHTS
from assistant.reader.lacks import lacking
from assistant.reader.span import SpanReader
from assistant.reader.told import Told
from index.sentences import sentence_spans

_BATCH = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a paragraph of an article, and the answers that count; none where it is unanswerable."""

    article: str
    question: str
    context: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What the model said to a question: its margin, and how good its best span is."""

    article: str
    margin: float
    answerable: bool
    exact: float
    overlap: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print JSON. Exit codes: 0 done, 1 a file is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m assistant.reader.measure", description=__doc__.splitlines()[0]
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--data",
        type=Path,
        help="folder with squad/dev32.part1.json and part2; its held-out articles are read, else all",
    )
    where.add_argument("--squad", type=Path, nargs="+", help="SQuAD files, every article of which is read")
    where.add_argument(
        "--written",
        type=Path,
        help="folder as for --data: our own questions about its held-out articles and about held-out briefs",
    )
    where.add_argument(
        "--clapnq", type=Path, help="folder with clapnq_dev_answerable.jsonl and its other half"
    )
    parser.add_argument("--weights", type=Path, default=SPAN_WEIGHTS)
    options = parser.parse_args(arguments)
    reader = SpanReader(options.weights)
    try:
        if options.clapnq:
            scores = measure_clapnq(options.clapnq, reader)
        elif options.written:
            scores = measure_squad(list(_written(options.written)), reader)
        elif options.squad:
            scores = measure_squad(list(_asked(options.squad, lambda _: True)), reader)
        else:
            files = [options.data / "squad" / f"dev32.part{n}.json" for n in (1, 2)]
            asked = list(_asked(files, HELD_OUT.__contains__)) or list(_asked(files, lambda _: True))
            scores = measure_squad(asked, reader)
    except FileNotFoundError as error:
        print(f"measure: there is no '{error.filename}'. Name a folder that has it.", file=sys.stderr)
        return 1
    print(json.dumps(scores, indent=1))
    return 0


def measure_squad(asked: Sequence[Asked], reader: SpanReader) -> dict[str, float]:
    """The scores of SQuAD's questions."""
    given = []
    order = sorted(asked, key=lambda one: len(one.context))
    for at in range(0, len(order), _BATCH):
        batch = order[at : at + _BATCH]
        spans = reader.answers([one.question for one in batch], [one.context for one in batch])
        for one, span in zip(batch, spans, strict=True):
            said = one.context[span.start : span.end]
            exact = max((float(_normal(said) == _normal(answer)) for answer in one.answers), default=0.0)
            overlap = max((f1(said, answer) for answer in one.answers), default=0.0)
            given.append(Given(one.article, span.margin, bool(one.answers), exact, overlap))
    with_answer = [one for one in given if one.answerable]
    return {
        "articles": len({one.article for one in given}),
        "questions": len(given),
        "has_answer_exact": _percent([one.exact for one in with_answer]),
        "has_answer_f1": _percent([one.overlap for one in with_answer]),
        "answerable_auc": auc([one.answerable for one in given], [one.margin for one in given]),
        "squad2_f1": _percent(_crossed(given, lambda one: one.overlap)),
        "squad2_exact": _percent(_crossed(given, lambda one: one.exact)),
        "threshold": round(_threshold(given, lambda one: one.overlap), 2),
        **excluded(asked),
    }


def excluded(asked: Sequence[Asked]) -> dict[str, int]:
    """How many answer sentences the rules of `lacks` exclude, of how many; each of these is a mistake.

    The answer sentence is the first that has one of the given answers.
    """
    wrong = seen = 0
    for one in asked:
        title = find_facts(one.article.replace("_", " "))
        stated = find_facts(one.context) + title
        for a, b in sentence_spans(one.context):
            sentence = one.context[a:b]
            said = next((answer for answer in one.answers if answer in sentence), None)
            if said is not None:
                told = Told(sentence, find_facts(sentence), stated, said)
                wrong += lacking(one.question, what_is_asked(one.question), told) is not None
                seen += 1
                break
    return {"answer_sentences": seen, "excluded_by_rule": wrong}


def measure_clapnq(folder: Path, reader: SpanReader) -> dict[str, float]:
    """Sentences as evidence and abstention on ClapNQ's passages (Rosenthal et al. 2024).

    The passage's sentences are ranked by margin. `first_is_gold`: the best one is among those that annotators selected.
    `gold_f1`: the best n against the n selected ones (R-precision). `abstention_auc`: the best margin for answerable
    against unanswerable passages.
    """
    first, precision, margins, labels = [], [], [], []
    for name in ("clapnq_dev_answerable.jsonl", "clapnq_dev_unanswerable.jsonl"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            sentences = item["passages"][0]["sentences"]
            text = " ".join(sentences)
            ends = np.cumsum([len(sentence) + 1 for sentence in sentences]) - 1
            spans = [(int(b) - len(one), int(b)) for one, b in zip(sentences, ends, strict=True)]
            found = [one.margin for one in reader.find(item["input"], [text], [spans])[0]]
            if not found:
                continue
            margins.append(max(found))
            selected = {one.strip() for given in item["output"] for one in given["selected_sentences"]}
            gold = {i for i, one in enumerate(sentences) if one.strip() in selected}
            labels.append(bool(gold))
            if gold:
                order = sorted(range(len(found)), key=lambda i: -found[i])
                first.append(float(order[0] in gold))
                precision.append(len(gold & set(order[: len(gold)])) / len(gold))
    return {
        "answerable": sum(labels),
        "unanswerable": len(labels) - sum(labels),
        "first_is_gold": _percent(first),
        "gold_f1": _percent(precision),
        "abstention_auc": auc(labels, margins),
    }


def auc(positive: Sequence[bool], scores: Sequence[float]) -> float:
    """The area under the ROC curve; 0.5 where there is only one class."""
    from sklearn.metrics import roc_auc_score

    if len(set(positive)) < 2:
        return 0.5
    return round(float(roc_auc_score(positive, scores)), 3)


def f1(said: str, answer: str) -> float:
    """SQuAD's token F1 between two short texts."""
    mine, theirs = _normal(said).split(), _normal(answer).split()
    shared = sum((Counter(mine) & Counter(theirs)).values())
    if not shared:
        return float(mine == theirs)
    precision, recall = shared / len(mine), shared / len(theirs)
    return 2 * precision * recall / (precision + recall)


def _threshold(given: Sequence[Given], score: Callable[[Given], float]) -> float:
    """The margin under which to say nothing so that the mean score is greatest."""
    order = sorted(given, key=lambda one: one.margin)
    # Refusing the first n: their unanswerable ones count 1, the rest keep what they have.
    refused = np.cumsum([0.0, *(0.0 if one.answerable else 1.0 for one in order)])
    kept = np.cumsum([0.0, *(score(one) if one.answerable else 0.0 for one in reversed(order))])[::-1]
    n = int((refused + kept).argmax())
    return order[n].margin if n < len(order) else order[-1].margin + 1.0


def _crossed(given: Sequence[Given], score: Callable[[Given], float]) -> list[float]:
    """Each question's SQuAD 2.0 score at the threshold that the other half of the articles chose."""
    articles = sorted({one.article for one in given})
    halves = [[one for one in given if articles.index(one.article) % 2 == side] for side in (0, 1)]
    found = []
    for mine, other in (halves, halves[::-1]):
        threshold = _threshold(other or mine, score)
        for one in mine:
            refused = one.margin < threshold
            found.append(float(refused) if not one.answerable else 0.0 if refused else score(one))
    return found


def _percent(values: Iterable[float]) -> float:
    held: npt.NDArray[np.float64] = np.array(list(values))
    return round(100 * float(held.mean()), 1) if held.size else 0.0


def _normal(text: str) -> str:
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def _written(folder: Path) -> Iterator[Asked]:
    """Our own questions about paragraphs that no run trains on."""
    articles = [
        article
        for n in (1, 2)
        for article in json.loads((folder / "squad" / f"dev32.part{n}.json").read_text(encoding="utf-8"))[
            "data"
        ]
        if article["title"] in HELD_OUT
    ]
    for home, examples in (("articles", written(articles)), ("briefs", briefs(held_out=True))):
        for i, one in enumerate(examples):
            answers = (one.context[one.start : one.end],) if one.target == "span" else ()
            yield Asked(f"{home} {i % 2}", one.question, one.context, answers)


def _asked(files: Sequence[Path], wanted: Callable[[str], bool]) -> Iterator[Asked]:
    for path in files:
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            if not wanted(article["title"]):
                continue
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    texts = () if qa.get("is_impossible") else tuple(a["text"] for a in qa["answers"])
                    yield Asked(article["title"], qa["question"].strip(), paragraph["context"], texts)


if __name__ == "__main__":
    sys.exit(main())
