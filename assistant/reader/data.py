"""Public question sets -> training examples of one form.

An example is a question, a paragraph and a target: the span of the answer, the sentence that holds it, or
nothing. Unanswerable pairs are the labelled ones, questions put to the nearest wrong paragraph of their
article, and questions in which one word was changed: a name or a number for another one of the same article, a
word for its opposite, a negation put in.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np

from assistant.reader.span import SpanFound
from index.encoder import Encoder
from index.sentences import Span, sentence_spans

HELD_OUT = frozenset(
    {
        "Amazon_rainforest", "Black_Death", "Geology", "Immune_system", "Civil_disobedience", "Private_school",
        "Jacksonville,_Florida", "Economic_inequality",
    }
)  # fmt: skip
"""Articles that no training run sees: what is reported is measured on them."""

WRITTEN = Path(__file__).with_name("questions.jsonl")
"""Questions that were written for this reader about paragraphs of SQuAD, which it names by their hashes."""
BRIEFS = Path(__file__).with_name("briefs.jsonl")
"""Paragraphs in the manner of policy briefs, all of it invented, with questions, written for this reader."""
BRIEFS_HELD_OUT = 5
"""Every fifth of `BRIEFS` is kept for measuring."""

T = TypeVar("T")
Target = Literal["span", "sentence", "none"]


@dataclass(frozen=True, slots=True)
class Example:
    """`start` and `end` are the target's span in `context`; both are 0 where the target is "none"."""

    source: str
    question: str
    context: str
    target: Target
    start: int = 0
    end: int = 0


def training_examples(
    folder: Path, encoder: Encoder, seed: int, reader: Locates | None = None
) -> list[Example]:
    """Everything of `folder` (the data sets' parent) that training uses, in order of source.

    Args:
        folder: the data sets' parent.
        encoder: finds the nearest wrong paragraphs.
        seed: of what is drawn.
        reader: an earlier model; it looks for the short answers of those questions that come with an answer
            sentence only, within that sentence.
    """
    rng = random.Random(seed)
    articles = list(_squad_articles(folder / "squad"))
    squad = [example for article in articles for example in _squad(article)]
    examples = squad + list(_small(folder)) + list(_adversarial(folder)) + list(_natural_questions(folder))
    examples += _wrong_paragraphs(articles, encoder, rng, 8000)
    examples += _altered(articles, rng, {"swapped": 7000, "opposite": 3000, "negated": 1000})
    examples += _sampled(list(_qamr(folder)), rng, 12_000)
    examples += [*written(articles), *briefs()]
    sentences = list(_answer_sentences(folder))
    examples += narrowed(sentences, reader) if reader else _sampled(sentences, rng, 5000)
    return examples


class Locates(Protocol):
    """A span model that can be told where to look."""

    def within(
        self, questions: Sequence[str], texts: Sequence[str], places: Sequence[Span]
    ) -> list[SpanFound]:
        """The best span in one place of each text for the question beside it."""


SURE = -1.2
"""The least log-probability, among all spans of the paragraph, of a span that stands for its answer sentence."""


def narrowed(examples: Sequence[Example], reader: Locates) -> Iterator[Example]:
    """Examples with an answer sentence, the target narrowed to the span that the reader finds in it, if it is sure."""
    ordered = sorted(examples, key=lambda one: len(one.context))
    for at in range(0, len(ordered), 16):
        batch = ordered[at : at + 16]
        spans = reader.within(
            [one.question for one in batch],
            [one.context for one in batch],
            [(one.start, one.end) for one in batch],
        )
        for one, span in zip(batch, spans, strict=True):
            if span.peak >= SURE:
                yield Example("reqa-span", one.question, one.context, "span", span.start, span.end)
            else:
                yield one


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _squad_articles(folder: Path) -> Iterator[dict[str, Any]]:
    for name in ("train44.json", "train10.v2.json", "dev32.part1.json", "dev32.part2.json"):
        for i, article in enumerate(_json(folder / name)["data"]):
            title = article.get("title") or f"{name}-{i}"
            if title not in HELD_OUT:
                yield {"title": title, "paragraphs": article["paragraphs"]}


def _squad(article: dict[str, Any]) -> Iterator[Example]:
    for paragraph in article["paragraphs"]:
        for qa in paragraph["qas"]:
            question, context = qa["question"].strip(), paragraph["context"]
            if qa.get("is_impossible"):
                yield Example("squad-none", question, context, "none")
            elif qa["answers"]:
                answer = qa["answers"][0]
                start = answer["answer_start"]
                yield Example("squad", question, context, "span", start, start + len(answer["text"]))


def written(articles: Iterable[dict[str, Any]]) -> Iterator[Example]:
    """Our own questions about the articles' paragraphs: in quite other words than the paragraph's, and near misses."""
    contexts = {
        paragraph_hash(paragraph["context"]): paragraph["context"]
        for article in articles
        for paragraph in article["paragraphs"]
    }
    for item in _lines(WRITTEN):
        context = contexts.get(item["paragraph"])
        if context is not None:
            yield _ours(item, context)


def briefs(*, held_out: bool = False) -> Iterator[Example]:
    """Our own questions about our own paragraphs; with `held_out` those of the paragraphs that no run trains on."""
    for i, item in enumerate(_lines(BRIEFS)):
        if held_out == (i % BRIEFS_HELD_OUT == 0):
            for question in item["questions"]:
                yield _ours(question, item["text"])


def _lines(path: Path) -> Iterator[Any]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _ours(item: dict[str, Any], context: str) -> Example:
    if "start" in item:
        return Example("written", item["question"], context, "span", item["start"], item["end"])
    return Example("written-none", item["question"], context, "none")


def paragraph_hash(text: str) -> str:
    """What names a paragraph in `WRITTEN`: the first 12 digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _small(folder: Path) -> Iterator[Example]:
    for item in _json(folder / "squad" / "train_contexts_small_train.json"):
        for qa in item.get("qas", []):
            answers = qa.get("answers") or [qa.get("answer", "")]
            first = answers[0] if isinstance(answers, list) else answers
            text = first.get("text", "") if isinstance(first, dict) else str(first)
            yield from _located("squad-small", qa["question"], item["context"], [text])


def _adversarial(folder: Path) -> Iterator[Example]:
    for line in (folder / "adversarialqa" / "valid32.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if item["title"] not in HELD_OUT:
            texts = (
                item["answers"]["text"]
                if isinstance(item["answers"], dict)
                else [a["text"] for a in item["answers"]]
            )
            yield from _located("adversarial", item["question"], item["context"], texts)


def _natural_questions(folder: Path) -> Iterator[Example]:
    with gzip.open(folder / "nq_oracle" / "nq-open-oracle.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            yield from _located("nq", item["question"], item["ctxs"][0]["text"], item["answers"])


def _qamr(folder: Path) -> Iterator[Example]:
    sentences = {}
    for line in (folder / "qamr" / "wiki-sentences.tsv").read_text(encoding="utf-8").splitlines():
        key, text = line.split("\t", 1)
        sentences[key] = text.split()
    for name in ("dev.tsv", "test.tsv"):
        for line in (folder / "qamr" / name).read_text(encoding="utf-8").splitlines():
            fields = line.split("\t")
            tokens, indexes = sentences.get(fields[0]), [int(i) for i in fields[6].split()]
            if not tokens or not indexes or indexes != list(range(indexes[0], indexes[-1] + 1)):
                continue
            before = " ".join(tokens[: indexes[0]])
            start = len(before) + bool(before)
            answer = " ".join(tokens[indexes[0] : indexes[-1] + 1])
            yield Example("qamr", fields[5], " ".join(tokens), "span", start, start + len(answer))


def _answer_sentences(folder: Path) -> Iterator[Example]:
    """Questions with their answer sentence, the paragraph looked up among the articles."""
    homes: dict[str, str] = {}
    for path in sorted((folder / "wikipedia_articles").glob("*.txt")):
        if path.stem in HELD_OUT:
            continue
        for paragraph in path.read_text(encoding="utf-8").splitlines():
            for start, end in sentence_spans(paragraph):
                homes.setdefault(_squeezed(paragraph[start:end]), paragraph)
    data = _json(folder / "squad" / "reqa_train.json")
    for question, answer in zip(data["questions"], data["answers"], strict=True):
        text = answer if isinstance(answer, str) else str(answer[0])
        context = homes.get(_squeezed(text))
        at = context.find(text.strip()) if context else -1
        if context and at >= 0:
            yield Example("reqa", question, context, "sentence", at, at + len(text.strip()))


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


def _located(source: str, question: str, context: str, answers: Sequence[str]) -> Iterator[Example]:
    for answer in answers:
        found = (
            re.search(rf"(?<!\w){re.escape(answer.strip())}(?!\w)", context, re.IGNORECASE)
            if answer.strip()
            else None
        )
        if found:
            yield Example(source, question.strip(), context, "span", found.start(), found.end())
            return


def _wrong_paragraphs(
    articles: Iterable[dict[str, Any]], encoder: Encoder, rng: random.Random, count: int
) -> list[Example]:
    """Questions with the nearest paragraph of their article that does not hold the answer."""
    found = []
    for article in articles:
        contexts = [p["context"] for p in article["paragraphs"]]
        asked = [
            (qa["question"].strip(), i, qa["answers"][0]["text"].lower())
            for i, p in enumerate(article["paragraphs"])
            for qa in p["qas"]
            if qa["answers"] and not qa.get("is_impossible")
        ]
        asked = _sampled(asked, rng, 150)
        if len(contexts) < 3 or not asked:
            continue
        similar = encoder.queries([question for question, _, _ in asked]) @ encoder.passages(contexts).T
        for (question, gold, answer), row in zip(asked, similar, strict=True):
            near = [
                int(i) for i in np.argsort(-row)[:4] if i != gold and answer not in contexts[int(i)].lower()
            ]
            if near:
                found.append(Example("wrong-paragraph", question, contexts[rng.choice(near[:2])], "none"))
    return _sampled(found, rng, count)


_NAME = re.compile(r"\b(?:[A-Z][a-z]+(?: [A-Z][a-z]+)+|[A-Z][a-z]{3,})\b")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,]\d+)*(?![\d.,]*\d)")
_KINDS = (("year", _YEAR), ("number", _NUMBER), ("name", _NAME))
_AUXILIARY = re.compile(r"\b(?:did|does|do|was|were|is|are|can|could|will|would|has|have|should)\b")
_PAIRS = """
    most least; more less; more fewer; highest lowest; higher lower; largest smallest; larger smaller; first last;
    best worst; better worse; before after; earliest latest; early late; oldest youngest; older newer; old new;
    increase decrease; increased decreased; increases decreases; increasing decreasing; north south; east west;
    northern southern; eastern western; northeast southwest; northwest southeast; northernmost southernmost;
    above below; over under; begin end; began ended; begins ends; beginning end; start stop; started stopped;
    gain lose; gained lost; win lose; won lost; winner loser; rise fall; rose fell; common rare; rich poor;
    wealthy poor; strong weak; stronger weaker; positive negative; public private; allowed forbidden; legal illegal;
    support oppose; supported opposed; accepted rejected; agree disagree; agreed disagreed; male female; men women;
    man woman; king queen; father mother; son daughter; brother sister; husband wife; internal external;
    inside outside; inner outer; upper lower; top bottom; long short; longest shortest; longer shorter; fast slow;
    faster slower; fastest slowest; open closed; opened closed; import export; imported exported; imports exports;
    buy sell; bought sold; friend enemy; allies enemies; victory defeat; success failure; succeeded failed;
    advantage disadvantage; advantages disadvantages; cause prevent; caused prevented; include exclude;
    included excluded; created destroyed; built demolished; entered left; arrived departed; arrive depart;
    maximum minimum; major minor; majority minority; simple complex; easy difficult; easier harder; hot cold; wet dry;
    light dark; heavy light; thick thin; deep shallow; wide narrow; young old; alive dead; born died; married divorced;
    love hate; liked disliked; expand contract; expanded contracted; similar different; same different; single multiple;
    modern ancient; domestic foreign; urban rural; always never; all none; many few; present absent; visible invisible;
    possible impossible; able unable; approve reject; approved rejected; appointed dismissed; joined left
"""
_OPPOSITE = {
    word: other
    for pair in _PAIRS.split(";")
    for one, two in [pair.split()]
    for word, other in ((one, two), (two, one))
}


def _altered(articles: Iterable[dict[str, Any]], rng: random.Random, counts: dict[str, int]) -> list[Example]:
    """Questions changed in one word so that their paragraph no longer answers them, after the ways in which
    SQuAD 2.0's writers did it: a name, year or number exchanged for another of the article, a word turned
    into its opposite, a negation."""
    found: dict[str, list[Example]] = defaultdict(list)
    for article in articles:
        pools: dict[str, set[str]] = defaultdict(set)
        for p in article["paragraphs"]:
            for kind, pattern in _KINDS:
                pools[kind].update(m for qa in p["qas"] for m in pattern.findall(qa["question"][1:]))
        ordered = {kind: sorted(pool) for kind, pool in pools.items()}
        for p in article["paragraphs"]:
            for qa in p["qas"]:
                if not qa["answers"] or qa.get("is_impossible"):
                    continue
                question, answer = qa["question"].strip(), qa["answers"][0]["text"]
                for name, changed in (
                    ("swapped", _swap(question, p["context"], answer, ordered, rng)),
                    ("opposite", _opposite(question, p["context"])),
                    ("negated", _negate(question, p["context"], rng)),
                ):
                    if changed:
                        found[name].append(Example(name, changed, p["context"], "none"))
    return [one for name, count in counts.items() for one in _sampled(found[name], rng, count)]


def _swap(
    question: str, context: str, answer: str, pools: dict[str, list[str]], rng: random.Random
) -> str | None:
    for kind, pattern in _KINDS:
        for match in pattern.finditer(question, 1):
            old = match.group()
            fitting = [
                new
                for new in pools.get(kind, ())
                if new not in context
                and new not in question
                and new not in answer
                and len(new.split()) == len(old.split())
            ]
            if old in context and fitting:
                return question[: match.start()] + rng.choice(fitting) + question[match.end() :]
    return None


def _opposite(question: str, context: str) -> str | None:
    words = set(re.findall(r"[a-z]+", context.lower()))
    for match in re.finditer(r"[a-z]+", question):
        other = _OPPOSITE.get(match.group())
        if other and match.group() in words and other not in words:
            return question[: match.start()] + other + question[match.end() :]
    return None


def _negate(question: str, context: str, rng: random.Random) -> str | None:
    match = _AUXILIARY.search(question, 3)
    if match is None or re.search(r"\b(?:not|never|no)\b|n't\b", question + context):
        return None
    if rng.random() < 0.5 and match.group() not in ("will", "can"):
        return question[: match.end()] + "n't" + question[match.end() :]
    subject = re.match(r"(?: (?:the|a|an))?(?: [\w’'-]+)", question[match.end() :])
    at = match.end() + (subject.end() if subject else 0)
    return f"{question[:at]} {rng.choice(('not', 'never'))}{question[at:]}"


def _sampled(items: list[T], rng: random.Random, count: int) -> list[T]:
    return items if len(items) <= count else rng.sample(items, count)
