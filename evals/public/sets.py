"""What the public sets have in common: articles of passages, questions about them, and how both become a suite."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assistant.answers import Verdict
from evals.cases import Case, Label, Suite, label
from evals.errors import RunError
from evals.reading import best, exact_match
from evals.runner import DEPTH, Published
from evals.variants import as_markdown
from index.corpus import CORPUS_FILE, ReadDocument, list_files, read_document, slug

ANSWERED: tuple[Verdict, ...] = ("supported", "partly_supported", "conflicting")
REFUSED: tuple[Verdict, ...] = ("not_in_corpus",)
_SEED = 20240816


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of an article, perhaps under a heading of its own."""

    text: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """A document of the corpus: written of passages, or a `file` that is taken over as it is."""

    id: str
    title: str
    passages: tuple[Passage, ...] = ()
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the passages that answer it, as (article, place from 0), or (article, start, end) in a file.

    `answers` are the accepted ones; without `answerable` the right answer is that the documents do not say.
    """

    id: str
    question: str
    cluster: str
    passages: tuple[tuple[str, int], ...] = ()
    spans: tuple[tuple[str, int, int], ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class Places:
    """Where things stand after the corpus was written: passages and files as our paragraphs."""

    asked: Mapping[str, Asked]
    labels: Mapping[tuple[str, int], Label] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A set as its files say it: `published` makes its measures where it knows the paragraphs of each question.

    With `within`, a question is asked of the documents of its own passages alone.
    """

    articles: tuple[Article, ...]
    asked: tuple[Asked, ...]
    publish: Callable[[Places], Published]
    depth: int = DEPTH
    within: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A set that can be run."""

    suite: Suite
    corpus: Path
    depth: int
    published: Published


def prepare(
    kind: str, source: Source, corpus: Path, *, limit: int | None = None, clusters: int | None = None
) -> Prepared:
    """Write the corpus, and make a suite of the questions whose passages are in it.

    Raises:
        RunError: no question is left.
    """
    chance = random.Random(_SEED)
    asked = list(source.asked)
    chance.shuffle(asked)
    articles = source.articles
    if clusters is not None:
        names = sorted({each.cluster for each in asked})
        kept = set(chance.sample(names, min(clusters, len(names))))
        asked = [each for each in asked if each.cluster in kept]
        needed = {article for each in asked for article, *_ in (*each.passages, *each.spans)}
        articles = tuple(each for each in articles if each.id in needed)
    asked = asked[:limit]
    if source.within:
        needed = {article for each in asked for article, _ in each.passages}
        articles = tuple(each for each in articles if each.id in needed)
    labels, read = _write(articles, corpus)
    places = Places({each.id: each for each in asked}, labels)
    cases = [case for each in asked if (case := _case(each, labels, read, source.within)) is not None]
    if not cases:
        raise RunError(
            f"No question of the set '{kind}' has its passages in the corpus. Check the folder's files."
        )
    suite = Suite(kind, "dev", tuple(cases))
    return Prepared(suite, corpus, source.depth, source.publish(places))


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file, perhaps gzipped.

    Raises:
        RunError: a line is no object.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    value = json.loads(line)
                except ValueError as error:
                    raise RunError(f"{path}:{number}: this is no JSON: {error}. Correct the file.") from error
                if not isinstance(value, dict):
                    raise RunError(f"{path}:{number}: this is no JSON object. Correct the file.")
                yield value


def no_answer(case: Case, refused: bool) -> dict[str, float]:
    """SQuAD 2.0's measures of an unanswerable question: right is to say nothing."""
    return (
        {"em": float(refused), "f1": float(refused), "no_answer": float(refused)} if case.must_abstain else {}
    )


def accepts(given: str, answers: Sequence[str]) -> bool:
    """Whether one of the answers is given, word by word."""
    return bool(best(exact_match, given, answers))


def _write(
    articles: Sequence[Article], corpus: Path
) -> tuple[dict[tuple[str, int], Label], dict[str, ReadDocument]]:
    """Write the articles; gives (article, passage) -> paragraph, and each article that is a file as it is read."""
    tables, names = [], dict[str, str]()
    for number, article in enumerate(articles):
        id = f"{slug(article.id)[:40]}-{number}"
        names[article.id] = id
        if article.file:
            (corpus / f"{id}{article.file.suffix}").write_bytes(article.file.read_bytes())
        else:
            (corpus / f"{id}.md").write_text(_markdown(article), encoding="utf-8")
        suffix = article.file.suffix if article.file else ".md"
        tables.append(
            f'[[document]]\nid = "{id}"\nfile = "{id}{suffix}"\ntitle = {json.dumps(article.title)}\n'
        )
    (corpus / CORPUS_FILE).write_text("\n".join(tables), encoding="utf-8")
    read = {file.id: read_document(file, corpus) for file in list_files(corpus)}
    labels: dict[tuple[str, int], Label] = {}
    for article in articles:
        document = read[names[article.id]]
        numbers = {" ".join(each.text.split()): each.number for each in document.paragraphs[1:]}
        for place, passage in enumerate(article.passages):
            found = numbers.get(" ".join(passage.text.split()))
            if found is not None:
                labels[article.id, place] = label(document.document.id, found)
    return labels, {article.id: read[names[article.id]] for article in articles}


def _markdown(article: Article) -> str:
    parts, last = [f"# {as_markdown(article.title)}"], ""
    for passage in article.passages:
        if passage.heading and passage.heading != last:
            parts.append(f"## {as_markdown(passage.heading)}")
        last = passage.heading
        parts.append(as_markdown(passage.text))
    return "\n\n".join(parts) + "\n"


def _case(
    asked: Asked, labels: Mapping[tuple[str, int], Label], read: Mapping[str, ReadDocument], within: bool
) -> Case | None:
    gold = [labels[place] for place in asked.passages if place in labels]
    for article, start, end in asked.spans:
        if article in read:
            paragraphs = read[article].paragraphs[1:]
            gold += [label(p.document_id, p.number) for p in paragraphs if p.start < end and start < p.end]
    if not gold:
        return None
    case = Case(
        id=asked.id,
        kind="statement" if asked.answerable else "unanswerable",
        question=asked.question,
        verdict=ANSWERED if asked.answerable else REFUSED,
        cluster=asked.cluster,
        documents=tuple(dict.fromkeys(each.partition("#")[0] for each in gold)) if within else (),
    )
    if not asked.answerable:
        return case
    return replace(
        case, answer=(asked.answers,) if asked.answers else (), cite_any=tuple(dict.fromkeys(gold))
    )
