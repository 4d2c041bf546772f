"""The version of the installed program."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def _version() -> str:
    try:
        return version("footnote")
    except PackageNotFoundError:
        return "0"


VERSION = _version()
