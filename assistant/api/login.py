"""The page where a person enters their key once, so that the chat and the document pages know them."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.ui.html import asset
from assistant.ui.messages import language, say

from .deps import OpenStorage
from .guard import COOKIE

YEAR_SECONDS = 365 * 86_400

router = APIRouter(include_in_schema=False)


def _page(target: str, sentence: str = "", status: int = 200) -> HTMLResponse:
    told = f'<p role="alert">{escape(sentence)}</p>' if sentence else ""
    html = f"""<!doctype html>
<html lang="{language()}"><head><meta charset="utf-8"><title>Footnote: {escape(say("log_in"))}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{asset("palette.css")}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 15vh auto; padding: 0 1rem }}
input, button {{ font: inherit; width: 100%; padding: .5rem; margin: .3rem 0; box-sizing: border-box }}</style></head>
<body><h1>Footnote</h1>{told}
<form method="post" action="/login">
<input type="hidden" name="target" value="{escape(target, quote=True)}">
<label for="key">{escape(say("your_key"))}</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button>{escape(say("log_in"))}</button></form></body></html>"""
    return HTMLResponse(html, status)


def _within(target: str) -> str:
    """A path of this server, whatever was sent."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


@router.get("/login")
def form(next: Annotated[str, Query()] = "/") -> HTMLResponse:
    """The form."""
    return _page(_within(next))


@router.post("/login")
def log_in(
    request: Request,
    storage: OpenStorage,
    key: Annotated[str, Form()],
    target: Annotated[str, Form()] = "/",
) -> Response:
    """Keep the key in a cookie that no script reads, and go on to where the person wanted to."""
    found = storage.access.find(key.strip())
    if found is None or found.revoked_at is not None:
        return _page(_within(target), say("no_such_key"), 401)
    response = RedirectResponse(_within(target), 303)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, key.strip(), YEAR_SECONDS, httponly=True, samesite="lax", secure=secure)
    return response


@router.post("/logout")
def log_out() -> Response:
    """Forget the key."""
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response
