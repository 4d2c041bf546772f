"""The words of the page. Another language is another file like `en.toml` beside it, with the same keys."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
DEFAULT = "en"
LANGUAGES = tuple(sorted(path.stem for path in _HERE.glob("*.toml")))
_spoken: ContextVar[str] = ContextVar("language", default=DEFAULT)


@cache
def table(language: str = DEFAULT) -> dict[str, str]:
    """The messages of a language by key."""
    return {
        key: str(text)
        for key, text in tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8")).items()
    }


def language() -> str:
    """The language that is spoken here."""
    return _spoken.get()


def say(key: str, /, **values: object) -> str:
    """A message in the language that is spoken here, with its values put in; not escaped."""
    return table(_spoken.get())[key].format(**values)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within it, `language` is spoken."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def in_language(language: str, step: Callable[..., Any]) -> Callable[..., Any]:
    """`step`, in which `language` is spoken; of a generator, each of its steps wherever it is taken."""
    if not inspect.isgeneratorfunction(step):

        @wraps(step)
        def once(*values: Any, **named: Any) -> Any:
            with speaking(language):
                return step(*values, **named)

        return once

    @wraps(step)
    def each(*values: Any, **named: Any) -> Iterator[Any]:
        with closing(step(*values, **named)) as steps:
            while True:
                with speaking(language):
                    try:
                        given = next(steps)
                    except StopIteration:
                        return
                yield given

    return each


def preferred(accepted: str) -> str:
    """The language, of those that there is a table of, that an Accept-Language header puts first."""
    weighted: list[tuple[float, str]] = []
    for part in accepted.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((float(weight or 1), tag.partition("-")[0].lower()))
        except ValueError:
            continue
    found = (tag for weight, tag in sorted(weighted, key=lambda each: -each[0]) if weight > 0)
    return next((tag for tag in found if tag in LANGUAGES), DEFAULT)


def for_scripts() -> dict[str, str]:
    """The messages that scripts of the page use, those whose key begins with `js_`."""
    spoken = table(_spoken.get())
    return {key.removeprefix("js_"): text for key, text in spoken.items() if key.startswith("js_")}
