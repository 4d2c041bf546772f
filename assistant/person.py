"""Who is asking in the chat: the key that they logged in with, else a browser, known by a random word in its cookie."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

COOKIE = "footnote_person"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a request is from, and what they may do beside asking.

    `person` is whose the conversations and answers are: the key's id, as in the API, else the browser's word, hashed;
    None without a cookie of ours. `name` is the key's, and empty where no key is needed. `manages` lets them change
    documents, `administers` see what others thought of answers.
    """

    person: str | None = None
    name: str = ""
    manages: bool = False
    administers: bool = False


def new_token() -> str:
    """A word for a new browser's cookie, of 256 random bits."""
    return secrets.token_urlsafe(32)


def person_of(cookies: Mapping[str, str]) -> str | None:
    """Whose request this is where no key is needed, or None without a cookie of ours.

    A hash: who reads the database cannot pass for the person.
    """
    token = cookies.get(COOKIE, "")
    if not _TOKEN.fullmatch(token):
        return None
    return f"browser-{hashlib.sha256(token.encode()).hexdigest()[:40]}"
