"""From feedback to a test: what a person said was wrong with an answer becomes a candidate case for a person to accept.

A record is a JSON object: `question`, `history`, the `verdict` that was given, the `kind` of fault, the `right_answer`,
a `comment` and the `answer_id`. Only `question` and `kind` are needed; other keys are left alone. Of a `thumb` that is
down without more the kind is `other`; one that is up asks for no case. What GET /v1/feedback gives is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from assistant.answers import Verdict
from assistant.facts import FactKind, contains, find_facts
from evals.cases import Case, Kind, label
from evals.errors import RunError
from index.corpus import list_files, read_document, slug

Fault = Literal["wrong-number", "wrong-source", "should-have-said-no", "should-have-known", "other"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
CANDIDATES = Path(".data") / "evals" / "candidates.dev.yaml"
_KINDS: dict[FactKind, Kind] = {
    "date": "date",
    "percentage": "percentage",
    "money": "amount",
    "quantity": "amount",
    "multiple": "count",
    "number": "count",
    "name": "person",
}
_HEAD = """\
# Candidates from feedback. Look each over, correct it, and move it into a suite.
suite: candidates
half: dev
cases:
"""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person said of an answer; `verdict` is the one that the answer had."""

    question: str
    kind: Fault
    history: tuple[str, ...] = ()
    verdict: Verdict | None = None
    right_answer: str = ""
    comment: str = ""
    answer_id: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case to be looked over, with what a person should know of it."""

    case: Case
    remarks: tuple[str, ...]

    @property
    def id(self) -> str:
        """The case's id."""
        return self.case.id


def read_feedback(path: Path) -> list[Feedback]:
    """The records of a file, "-" for stdin: a JSON object, a list of them, one on each line, or a page of the API.

    Those with a thumb up are left out.

    Raises:
        RunError: it is none of these, or a record lacks what is needed.
    """
    text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    try:
        values = json.loads(text)
    except ValueError:
        try:
            values = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise RunError(
                f"{path} is no JSON: {error}. Give a feedback record, or one on each line."
            ) from error
    if isinstance(values, dict) and isinstance(values.get("feedback"), list):
        values = [_of_page(each) for each in values["feedback"]]
    records = values if isinstance(values, list) else [values]
    return [
        _feedback(path, number, record)
        for number, record in enumerate(records, 1)
        if not (isinstance(record, dict) and record.get("thumb") == "up")
    ]


def candidate(feedback: Feedback, corpus: Path) -> Candidate:
    """A case in which the right answer is expected, citing the paragraphs that state it.

    Raises:
        CorpusError: there is no corpus folder.
    """
    remarks = [f"{feedback.kind}: {feedback.comment or 'no comment'}"]
    if feedback.answer_id or feedback.verdict:
        given = f" ({feedback.verdict})" if feedback.verdict else ""
        remarks.append(f"answer {feedback.answer_id or 'without an id'}{given}")
    if feedback.kind == "should-have-said-no":
        return Candidate(_case(feedback, "unanswerable", "not_in_corpus", "both"), tuple(remarks))
    stating = _stating(feedback.right_answer, corpus) if feedback.right_answer else []
    if not feedback.right_answer:
        remarks.append("No right answer was given: fill answer and cite_any.")
    elif not stating:
        remarks.append("No paragraph states this answer: correct it, or fill cite_any.")
    documents = {each.partition("#")[0] for each in stating}
    cluster = documents.pop() if len(documents) == 1 else "both"
    kind: Kind = "follow-up" if feedback.history else _kind_of(feedback.right_answer)
    return Candidate(_case(feedback, kind, "supported", cluster, stating), tuple(remarks))


def append_candidate(path: Path, found: Candidate) -> bool:
    """Add a candidate to a suite file, which is begun where there is none; False where it has its question."""
    if path.is_file() and f"- id: {found.id}\n" in path.read_text(encoding="utf-8"):
        return False
    plain = {key: value for key, value in json.loads(json.dumps(asdict(found.case))).items() if value}
    text = yaml.safe_dump([plain], sort_keys=False, allow_unicode=True, width=1000)
    remarks = "".join(f"\n  # {' '.join(remark.split())}" for remark in found.remarks)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "" if path.is_file() else _HEAD
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{head}{remarks}\n" + "".join(f"  {line}\n" for line in text.splitlines()))
    return True


def _of_page(given: Any) -> Any:
    """A feedback as the API gives it, with the answer that it is about, as a record."""
    try:
        feedback, kept = given["feedback"], given["kept"]
        about = {"answer_id": kept["id"], "question": kept["question"], "history": kept["history"]}
        return {**about, "verdict": kept["record"].get("verdict"), **feedback, "kind": feedback["wrong"]}
    except (KeyError, TypeError, AttributeError):
        return given  # and refused for what it lacks


def _feedback(path: Path, number: int, record: Any) -> Feedback:
    if not isinstance(record, dict):
        raise RunError(
            f"{path}, record {number}: this is no JSON object. Give question, kind, right_answer, …."
        )
    question, kind = str(record.get("question") or "").strip(), record.get("kind")
    if kind is None and record.get("thumb") == "down":
        kind = "other"
    if not question:
        raise RunError(f"{path}, record {number}: there is no question. Give the one that was asked.")
    if kind not in FAULTS:
        raise RunError(f"{path}, record {number}: kind is {kind!r}. Use one of {', '.join(FAULTS)}.")
    turns = record.get("history") or []
    asked = [each if isinstance(each, str) else each.get("content", "") for each in turns if _by_user(each)]
    verdict = record.get("verdict")
    return Feedback(
        question=question,
        kind=FAULTS[FAULTS.index(kind)],
        history=tuple(asked),
        verdict=verdict if verdict in get_args(Verdict) else None,
        right_answer=str(record.get("right_answer") or "").strip(),
        comment=str(record.get("comment") or "").strip(),
        answer_id=str(record.get("answer_id") or ""),
    )


def _by_user(turn: Any) -> bool:
    return isinstance(turn, str) or (isinstance(turn, dict) and turn.get("role") == "user")


def _case(
    feedback: Feedback, kind: Kind, verdict: Verdict, cluster: str, stating: Sequence[str] = ()
) -> Case:
    state = hashlib.sha256(repr((feedback.question, feedback.history)).encode()).hexdigest()
    answer = feedback.right_answer if verdict != "not_in_corpus" else ""
    return Case(
        id=f"{slug(feedback.question)[:40].strip('-')}-{state[:4]}",
        kind=kind,
        question=feedback.question,
        verdict=(verdict,),
        cluster=cluster,
        history=feedback.history,
        answer=((answer,),) if answer else (),
        cite_any=tuple(stating),
        tags=("feedback", feedback.kind),
    )


def _stating(answer: str, corpus: Path) -> list[str]:
    """The paragraphs that say the answer, fact by fact and word by word."""
    return [
        label(paragraph.document_id, paragraph.number)
        for file in list_files(corpus)
        for paragraph in read_document(file, corpus).paragraphs
        if contains(paragraph.text, answer)
    ]


def _kind_of(answer: str) -> Kind:
    facts = find_facts(answer)
    return _KINDS[facts[0].kind] if facts else "statement"
