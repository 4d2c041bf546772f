"""Natural Questions, its open form with the annotated passage: real questions in lower case.

As retrieval the passage is to be found among those of all questions. Published measures: exact match with any accepted
answer (Lee et al. 2019), and whether one stands in the answer's text (Liu et al. 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.answers import Answer
from evals.cases import Case
from evals.errors import RunError
from evals.public.sets import Article, Asked, Passage, Places, Source, json_lines
from evals.reading import best, subspan_match
from evals.runner import Published
from evals.scores import Ranked, without_markers


def read(folder: Path, *, reading: bool = False) -> Source:
    """The questions of the files *.jsonl and *.jsonl.gz of a folder, or of one file.

    Raises:
        RunError: there is no such file, or a line lacks `question`, `answers` or a gold entry in `ctxs`.
    """
    files = (
        [folder]
        if folder.is_file()
        else [*sorted(folder.glob("*.jsonl")), *sorted(folder.glob("*.jsonl.gz"))]
    )
    if not files:
        raise RunError(f"'{folder}' has no file *.jsonl or *.jsonl.gz. Name the folder that has them.")
    texts: dict[tuple[str, str], int] = {}
    asked: list[Asked] = []
    for path in files:
        for number, line in enumerate(json_lines(path), 1):
            gold = [each for each in line.get("ctxs", ()) if each.get("isgold")]
            if not gold or "question" not in line or not line.get("answers"):
                raise RunError(
                    f"{path}, question {number}: it needs question, answers and a gold passage in ctxs."
                )
            key = (str(gold[0]["title"]), str(gold[0]["text"]))
            at = texts.setdefault(key, len(texts))
            asked.append(
                Asked(
                    id=f"{path.name.partition('.')[0]}-{number}",
                    question=str(line["question"]),
                    cluster=key[0],
                    passages=((f"passage-{at}", 0),),
                    answers=tuple(map(str, line["answers"])),
                )
            )
    articles = tuple(Article(f"passage-{at}", title, (Passage(text),)) for (title, text), at in texts.items())
    return Source(articles, tuple(asked), _publish, within=reading)


def _publish(places: Places) -> Published:
    def published(case: Case, answer: Answer, ranked: Sequence[Ranked]) -> dict[str, float]:
        said = "" if answer.verdict == "not_in_corpus" else without_markers(answer.answer)
        return {"subspan_em": best(subspan_match, said, places.asked[case.id].answers)}

    return published
