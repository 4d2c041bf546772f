"""The seam to a chat model: what is sent, what comes back, and what can go wrong.

ModelError             the model gave nothing that can be used
  ModelUnreachable     no connection, or the server does not know the model
  ModelSlow            a time budget ran out
  ModelBusy            the server is overloaded (429, 5xx): worth another try
  ModelRefused         the server or the model declines: a wrong key, a wrong request, a content filter
  ModelGarbled         what came back is not what an OpenAI-compatible server sends
  ModelBrokeOff        the stream ended in the middle
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from index.errors import FootnoteError


class ModelError(FootnoteError):
    """The chat model gave nothing that can be used; the message says why, in words for the reader of an answer."""


class ModelUnreachable(ModelError):
    """There is no connection to the server, or it has no such model."""


class ModelSlow(ModelError):
    """A time budget ran out."""


class ModelBusy(ModelError):
    """The server is overloaded or failed for a moment."""


class ModelRefused(ModelError):
    """The server declines this request, or the model does."""


class ModelGarbled(ModelError):
    """The server sent something that is no answer of an OpenAI-compatible server."""


class ModelBrokeOff(ModelError):
    """The stream ended before the answer did."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation with the model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Budgets:
    """How long a request may take, in seconds: to connect, to the first word, and in all."""

    connect: float = 3.0
    first: float = 20.0
    total: float = 60.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What was asked of a model: requests, and tokens as the server counted them (else estimated)."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )

    def cost(self, read: float, written: float) -> float:
        """What it cost, where a million tokens read and written cost so much."""
        return (self.prompt_tokens * read + self.completion_tokens * written) / 1e6


class ChatModel(Protocol):
    """A chat model. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """The name that answers carry."""

    @property
    def window(self) -> int:
        """Tokens of prompt and answer together."""

    @property
    def usage(self) -> Usage:
        """What was asked of it so far."""

    def stream(self, messages: Sequence[Message], *, most_tokens: int) -> Iterator[str]:
        """The answer as it is written, in pieces of any size.

        Raises:
            ModelError: before the first piece or after some.
        """

    def close(self) -> None:
        """Let go of its connections."""


def count_tokens(text: str) -> int:
    """How many tokens `text` may have, rather too many than too few, since the model's tokenizer is not known.

    Four characters of English are about one token (OpenAI's rule of thumb), three are counted here; a character
    beyond Latin counts as one.
    """
    plain = sum(character < "\u0250" for character in text)
    return (plain + 2) // 3 + len(text) - plain
