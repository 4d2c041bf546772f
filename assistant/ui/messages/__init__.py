"""The words of the page. Another language is another file like `en.toml` beside it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
LANGUAGE = "en"


@cache
def table(language: str = LANGUAGE) -> dict[str, str]:
    """The messages of a language by key."""
    return {
        key: str(text)
        for key, text in tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8")).items()
    }


def say(key: str, /, **values: object) -> str:
    """A message with its values put in; not escaped."""
    return table()[key].format(**values)


def for_scripts() -> dict[str, str]:
    """The messages that scripts of the page use, those whose key begins with `js_`."""
    return {key.removeprefix("js_"): text for key, text in table().items() if key.startswith("js_")}
