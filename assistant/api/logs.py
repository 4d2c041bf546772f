"""The server's log: one JSON object a line, or lines for people. What people ask is not in it unless asked for."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

from .request_ids import request_id
from .run import Run

FIELDS = (
    "method", "route", "status", "ms", "owner", "answer_id", "verdict", "corpus_version", "question"
)  # fmt: skip

log = logging.getLogger("footnote.answers")


class JsonLines(logging.Formatter):
    """A record as JSON: time, level, logger, message, the request's id, and the fields that it carries."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "") or request_id.get(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(form: Literal["text", "json"]) -> None:
    """Send what the server logs to stderr, in this form; only the program that serves calls it."""
    handler = logging.StreamHandler(sys.stderr)
    if form == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("footnote").setLevel(logging.INFO if form == "json" else logging.WARNING)


def observe_run(run: Run, *, with_questions: bool) -> None:
    """Log an answer; the question's text only where a setting asks for it."""
    answer = run.answer
    extra = {"owner": run.owner, "ms": round(run.seconds * 1000, 1), "request_id": run.request_id}
    if with_questions:
        extra["question"] = run.question.text
    if answer is None:
        log.warning("No answer: %s", type(run.failure).__name__, extra=extra)
        return
    extra |= {"answer_id": answer.id, "verdict": answer.verdict, "corpus_version": answer.corpus_version}
    log.info("Answered: %s", answer.verdict, extra=extra)
