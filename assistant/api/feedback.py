"""GET /feedback: what people said of answers, for who looks after the assistant."""

from __future__ import annotations

import secrets
from html import escape
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from limits import RateLimitItemPerMinute
from starlette.exceptions import HTTPException

from assistant.exports.feedback import to_lines
from assistant.exports.footnotes import VERDICTS, given
from assistant.storage.records import GivenFeedback
from assistant.ui.below import message_key
from assistant.ui.html import asset
from assistant.ui.messages import say

from . import kinds
from .deps import OpenService, OpenStorage
from .problems import ProblemError

router = APIRouter(tags=["pages"])
_basic = HTTPBasic(auto_error=False)
GUESSES = RateLimitItemPerMinute(10)
"""Wrong passwords that are looked at, from everybody together: a password that people choose can be guessed."""


def admit(service: OpenService, given: Annotated[HTTPBasicCredentials | None, Depends(_basic)]) -> None:
    """Let in who knows the password of the settings; any user name will do.

    Raises:
        ProblemError: no password is set, so that nobody is let in.
        HTTPException: 401 without the right one.
    """
    if service.admin_password is None:
        raise ProblemError(kinds.UNKNOWN_ROUTE, "This page is shut. Set ASSISTANT_ADMIN_PASSWORD to open it.")
    password = given.password if given else ""
    if not service.guesses.test(GUESSES):
        raise ProblemError(
            kinds.OVER_LIMIT,
            f"More than {GUESSES.amount} wrong passwords in a minute. Wait a minute, then try again.",
            retry_after=60,
        )
    if not secrets.compare_digest(password.encode(), service.admin_password.encode()):
        if given:
            service.guesses.hit(GUESSES)
        raise HTTPException(401, "The password is not right.", {"WWW-Authenticate": 'Basic realm="Footnote"'})


@router.get("/feedback", include_in_schema=False, dependencies=[Depends(admit)])
def listed(storage: OpenStorage, thumb: Literal["up", "down"] | None = None) -> HTMLResponse:
    """The list, the latest first."""
    found = storage.feedback(thumb)
    items = "".join(_item(each) for each in found) or "<p>There is no feedback yet.</p>"
    return HTMLResponse(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Feedback</title>'
        f"<style>{asset('palette.css')}{asset('document.css')}</style></head><body><header>"
        '<nav><a href="/">Footnote</a></nav><h1>Feedback</h1><p><a href="/feedback?thumb=down">What is wrong</a> · '
        '<a href="/feedback">All</a> · <a href="/feedback.jsonl">Export for evals</a></p></header>'
        f"<main>{items}</main></body></html>",
        headers={"Cache-Control": "no-store"},
    )


@router.get("/feedback.jsonl", include_in_schema=False, dependencies=[Depends(admit)])
def exported(storage: OpenStorage) -> Response:
    """What was wrong, one record on each line, as `python -m evals add` takes it."""
    headers = {"Content-Disposition": 'attachment; filename="feedback.jsonl"', "Cache-Control": "no-store"}
    return Response(to_lines(storage.feedback("down")), media_type="application/x-ndjson", headers=headers)


def _item(each: GivenFeedback) -> str:
    feedback, kept = each.feedback, each.kept
    thought = say(message_key(feedback.wrong)) if feedback.wrong else say("good_answer")
    lines = [
        VERDICTS.get(str(kept.record.get("verdict")), ""),
        str(kept.record.get("answer", "")),
        f"{say('right_answer')}: {feedback.right_answer}" if feedback.right_answer else "",
        f"{say('comment')}: {feedback.comment}" if feedback.comment else "",
        given(kept),
    ]
    body = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    return f'<article><h2>{escape(kept.question)}</h2><p class="byline">{escape(thought)}</p>{body}</article>'
