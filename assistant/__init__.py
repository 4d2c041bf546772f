"""Question -> checked, cited answer. Imports `index`, and nothing above itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.answers import Answer, Citation, Cited, Delta, Final, Retrieved, Turn
    from assistant.embedded import Assistant

__all__ = ["Answer", "Assistant", "Citation", "Cited", "Delta", "Final", "Retrieved", "Turn"]


def __getattr__(name: str) -> Any:
    # Looked up when they are asked for, so that importing a module of the package stays light.
    if name not in __all__:
        raise AttributeError(f"module 'assistant' has no attribute {name!r}")
    from assistant import answers, embedded

    return getattr(embedded if name == "Assistant" else answers, name)
