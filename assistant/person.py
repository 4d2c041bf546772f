"""Who is asking in the chat: a browser, known by a random word in its cookie."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping

COOKIE = "footnote_person"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """A word for a new browser's cookie, of 256 random bits."""
    return secrets.token_urlsafe(32)


def person_of(cookies: Mapping[str, str]) -> str | None:
    """Whose request this is, or None without a cookie of ours.

    A hash: who reads the database cannot pass for the person.
    """
    token = cookies.get(COOKIE, "")
    if not _TOKEN.fullmatch(token):
        return None
    return f"browser-{hashlib.sha256(token.encode()).hexdigest()[:40]}"
