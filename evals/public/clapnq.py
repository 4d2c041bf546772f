"""CLAPnq: real questions with long answers grounded in one passage, or with none there (Rosenthal et al. 2025).

Published measures: ROUGE-L and recall of the answer against the annotators' ones, best over these; ROUGE-L against the
passage, which says how extractive an answer is; nDCG and recall of the passage; and the share of unanswerable questions
that are left unanswered. An answerable question that is left unanswered has 0 in the first three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from assistant.answers import Answer
from evals.cases import Case
from evals.errors import RunError
from evals.public.sets import Article, Asked, Passage, Places, Source, json_lines, no_answer
from evals.reading import best, rouge_l, word_recall
from evals.runner import Published
from evals.scores import Ranked, without_markers


def read(folder: Path, *, reading: bool = False) -> Source:
    """The questions of the files *answerable.jsonl of a folder, or of one file.

    Raises:
        RunError: there is no such file, or a line lacks `id`, `input`, `passages` or `output`.
    """
    files = [folder] if folder.is_file() else sorted(folder.glob("*answerable.jsonl"))
    if not files:
        raise RunError(f"'{folder}' has no file *answerable.jsonl. Name the folder that has them.")
    articles: dict[tuple[str, str], Article] = {}
    asked: list[Asked] = []
    texts: dict[str, str] = {}
    for path in files:
        for number, line in enumerate(json_lines(path), 1):
            if not line.get("passages") or not {"id", "input", "output"} <= line.keys():
                raise RunError(f"{path}, question {number}: it needs id, input, passages and output.")
            passage = line["passages"][0]
            key = (str(passage["title"]), str(passage["text"]))
            article = articles.setdefault(
                key, Article(f"passage-{len(articles)}", key[0], (Passage(key[1]),))
            )
            texts[str(line["id"])] = key[1]
            answers = tuple(str(one["answer"]) for one in line["output"] if one.get("answer"))
            asked.append(
                Asked(
                    id=str(line["id"]),
                    question=str(line["input"]),
                    cluster=key[0],
                    passages=((article.id, 0),),
                    answerable=bool(answers),
                    answers=answers,
                )
            )
    return Source(tuple(articles.values()), tuple(asked), partial(_publish, texts), within=reading)


def _publish(texts: Mapping[str, str], places: Places) -> Published:
    def published(case: Case, answer: Answer, ranked: Sequence[Ranked]) -> dict[str, float]:
        refused = answer.verdict == "not_in_corpus"
        if case.must_abstain:
            return {"no_answer": no_answer(case, refused)["no_answer"]}
        said = "" if refused else without_markers(answer.answer)
        expected = places.asked[case.id].answers
        return {
            "rouge_l": best(rouge_l, said, expected),
            "word_recall": best(word_recall, said, expected),
            "rouge_passage": rouge_l(said, texts[case.id]),
        }

    return published
