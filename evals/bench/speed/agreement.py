"""The same questions on both stores, embedded and a Chroma server, each with an index of its own build."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant.answers import Answer, Question
from assistant.settings import Settings
from assistant.wiring import build
from evals.bench.peers.footnote import write_files
from evals.bench.served import chroma_server
from evals.bench.speed.figures import Figures
from evals.bench.speed.passages import SQUAD, questions_and_passages


@dataclass(frozen=True, slots=True)
class Job:
    """How much is compared."""

    passages: int = 300
    questions: int = 100
    squad: Path = SQUAD


def measure(job: Job) -> Figures:
    """How many of the questions have the same answer on both stores, and which have not."""
    data = questions_and_passages(job.squad, job.passages, job.questions)
    with TemporaryDirectory(prefix="footnote-speed-") as folder:
        corpus = Path(folder, "corpus")
        write_files(data.passages, corpus)
        asked = [each.question for each in data.asked]
        embedded = _answers(Settings(corpus=corpus, data=Path(folder, "embedded")), asked)
        with chroma_server(Path(folder, "chroma")) as url:
            served = _answers(Settings(corpus=corpus, data=Path(folder, "served"), chroma_url=url), asked)
    pairs = zip(asked, embedded, served, strict=True)
    return {
        "passages": job.passages,
        "questions": len(asked),
        "differing": [question for question, one, other in pairs if one != other],
    }


def _answers(settings: Settings, asked: list[str]) -> list[dict[str, Any]]:
    with closing(build(settings)) as assistant:
        return [_said(assistant.ask(Question(each))) for each in asked]


def _said(answer: Answer) -> dict[str, Any]:
    """What an answer says and rests on; its scores may differ in the last digits."""
    return {
        "verdict": answer.verdict,
        "answer": answer.answer,
        "short_answer": answer.short_answer,
        "citations": [(each.document_id, each.paragraph, each.start, each.end) for each in answer.citations],
        "looked_at": [(each.document_id, each.paragraph) for each in answer.looked_at],
    }
