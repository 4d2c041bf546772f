"""The prompts, each a YAML file with its version; evidence goes in as data between fences that no text can forge."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

import yaml

from assistant.chat_model import Message
from index.documents import NO_DATE, Document, Paragraph
from index.paragraphs import readable_date

FOLDER = Path(__file__).parent
_MARKER = re.compile(r"[\[【［]\s*(\^?\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*)\s*[\]】］]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt: its name and version, and the two messages with $places to fill."""

    name: str
    version: int
    silent: str
    system: Template
    user: Template

    def messages(self, **values: str) -> list[Message]:
        """The messages with every place filled. What is filled in is not read for places again."""
        filled = {**values, "silent": self.silent, "fence": f"data-{secrets.token_hex(4)}"}
        return [
            Message("system", self.system.substitute(filled).strip()),
            Message("user", self.user.substitute(filled).strip()),
        ]


@cache
def load_prompt(name: str) -> Prompt:
    """The prompt of `name`.yaml in this folder."""
    stored = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return Prompt(
        name=name,
        version=stored["version"],
        silent=stored.get("silent", ""),
        system=Template(stored["system"]),
        user=Template(stored["user"]),
    )


def numbered(paragraphs: Sequence[Paragraph], documents: Mapping[str, Document]) -> str:
    """The paragraphs as the model reads them, numbered from 1: a head with title and date, then the text.

    Each is two lines, whatever its text holds, so that a text cannot pass for another paragraph.
    """
    return "\n\n".join(
        f"[{number}] {_head(documents[one.document_id])}\n{as_data(one.text)}"
        for number, one in enumerate(paragraphs, 1)
    )


def as_data(text: str) -> str:
    """`text` on one line, without control and invisible characters, its own citation marks in round brackets."""
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or _is_visible(c))
    return _SPACE.sub(" ", _MARKER.sub(r"(\1)", kept)).strip()


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs", "Cn")


def _head(document: Document) -> str:
    date = readable_date(document.date) if document.date else NO_DATE
    parts = (f"“{document.title}”", document.publisher, date)
    return as_data(", ".join(part for part in parts if part))
