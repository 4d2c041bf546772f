"""Any set in BEIR's layout: corpus.jsonl, queries.jsonl and qrels/*.tsv (Thakur et al. 2021).

Published measures: nDCG@10 and recall@100, with graded relevance; a document with the id of its query is left out.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from assistant.answers import Answer
from evals.cases import Case
from evals.errors import RunError
from evals.public.sets import Article, Asked, Passage, Places, Source, json_lines
from evals.rankings import ranking_measures
from evals.runner import Published
from evals.scores import Ranked, distinct

_TOGETHER = 100
"""Documents of the set that are written into one file, each under its title as a heading."""
_DEPTH = 100


def read(folder: Path) -> Source:
    """A set; of several files of judgements test.tsv is taken, else dev.tsv, else train.tsv.

    Raises:
        RunError: one of the three parts is missing or a line of it cannot be read.
    """
    for name in ("corpus.jsonl", "queries.jsonl"):
        if not (folder / name).is_file():
            raise RunError(
                f"'{folder}' has no {name}. BEIR's layout is corpus.jsonl, queries.jsonl, qrels/test.tsv."
            )
    judgements = _judgements(folder)
    places: dict[str, tuple[str, int]] = {}
    articles: list[Article] = []
    bundle: list[Passage] = []
    for line in json_lines(folder / "corpus.jsonl"):
        text, title = str(line.get("text", "")).strip(), str(line.get("title", "")).strip()
        if text or title:
            places[str(line["_id"])] = (f"documents-{len(articles)}", len(bundle))
            bundle.append(Passage(text or title, title))
        if len(bundle) == _TOGETHER:
            articles.append(Article(f"documents-{len(articles)}", "documents", tuple(bundle)))
            bundle = []
    if bundle:
        articles.append(Article(f"documents-{len(articles)}", "documents", tuple(bundle)))
    queries = {str(line["_id"]): str(line["text"]) for line in json_lines(folder / "queries.jsonl")}
    asked = []
    for query, judged in judgements.items():
        gold = tuple(places[each] for each, grade in judged.items() if grade > 0 and each in places)
        if query in queries and gold:
            asked.append(Asked(id=query, question=queries[query], cluster=query, passages=gold))
    graded = {
        query: {places[each]: grade for each, grade in judged.items() if each in places}
        for query, judged in judgements.items()
    }
    return Source(
        tuple(articles), tuple(asked), lambda found: _published(found, graded, places), depth=_DEPTH + 1
    )


def _judgements(folder: Path) -> dict[str, dict[str, int]]:
    found = next(
        (path for name in ("test", "dev", "train") if (path := folder / "qrels" / f"{name}.tsv").is_file()),
        None,
    )
    if found is None:
        raise RunError(f"'{folder}' has no qrels/test.tsv, dev.tsv or train.tsv. Put the judgements there.")
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    with found.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), 1):
            if number == 1 and row and not row[-1].lstrip("-").isdigit():
                continue  # the header
            if len(row) != 3 or not row[2].lstrip("-").isdigit():
                raise RunError(
                    f"{found}:{number}: a line is query-id, corpus-id and score with tabs. Correct it."
                )
            judged[row[0]][row[1]] = int(row[2])
    return judged


def _published(
    found: Places, graded: dict[str, dict[tuple[str, int], int]], ids: dict[str, tuple[str, int]]
) -> Published:
    def published(case: Case, answer: Answer, ranked: Sequence[Ranked]) -> dict[str, float]:
        own = found.labels.get(ids[case.id]) if case.id in ids else None
        places = [
            place for place in distinct([each.paragraph for each in ranked]) if place is None or place != own
        ]
        gold = {
            found.labels[place]: grade for place, grade in graded[case.id].items() if place in found.labels
        }
        return ranking_measures(gold, places[:_DEPTH], ("ndcg_10", "mrr", "recall_10", "recall_100"))

    return published
