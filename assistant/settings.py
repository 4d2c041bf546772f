"""The settings, read once from `ASSISTANT_*` environment variables or a `.env` file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.ui.messages import LANGUAGES
from index.addresses import without_password
from index.chroma import DATABASE, TENANT
from index.encoder import DEFAULT_ENCODER, Precision
from index.errors import FootnoteError


class Settings(BaseSettings):
    """One field per setting; the variable's name is the field's in capitals, after `ASSISTANT_`."""

    model_config = SettingsConfigDict(
        env_prefix="ASSISTANT_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    corpus: Path = Field(Path("corpus"), description="The folder of documents, with its corpus.toml.")
    data: Path = Field(Path(".data"), description="Where the index and the conversations are kept.")
    database_url: str | None = Field(
        None,
        repr=False,
        description="The database of conversations, as postgresql://user:password@host/name; "
        "without it an SQLite file in ASSISTANT_DATA.",
    )
    host: str = Field("127.0.0.1", description="The address that the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port that the server listens on.")
    workers: int = Field(
        1, ge=1, le=256, description="How many processes answer; more than one need a Chroma server."
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="Where readers reach the server, for links in answers; without it, as a request reached it.",
    )
    parallel: int = Field(4, ge=1, le=256, description="How many questions each worker answers at a time.")
    waiting: int = Field(
        64, ge=0, le=100_000, description="How many more may wait for their turn before others get a 503."
    )
    connections: int = Field(
        2000,
        ge=16,
        le=100_000,
        description="How many connections may be open at a time; "
        "a quarter may be the chat's pages, a quarter streams of answers.",
    )
    stop_seconds: int = Field(
        30, ge=0, le=3600, description="How long a server that is stopped finishes its answers."
    )
    log: Literal["text", "json"] = Field(
        "text", description="How the server logs: lines for people, or JSON with a line for each request."
    )
    log_questions: bool = Field(False, description="Whether the log holds the text of questions.")
    otlp_url: str | None = Field(
        None,
        repr=False,
        pattern=r"^https?://\S+$",
        description="An OpenTelemetry collector (OTLP over gRPC) that traces are sent to; without it there are none.",
    )
    encoder: str = Field(
        DEFAULT_ENCODER,
        description="The packaged encoder, or any sentence-transformers model by name or path.",
    )
    precision: Precision = Field(
        "auto",
        description="What encoder and reader compute in: float32, bfloat16, or the faster one of this processor.",
    )
    chroma_url: str | None = Field(
        None, repr=False, description="A Chroma server, as http://host:port; without it Chroma is embedded."
    )
    chroma_tenant: str = Field(TENANT, description="The tenant on that server; made where there is none.")
    chroma_database: str = Field(DATABASE, description="The tenant's database; made where there is none.")
    chroma_auth: SecretStr | None = Field(
        None, description="A header for that server, as Authorization: Bearer KEY or X-Chroma-Token: KEY."
    )
    keep_days: int | None = Field(
        None,
        ge=1,
        le=36_500,
        description="How many days conversations, answers and feedback are kept; without it until they are deleted.",
    )
    language: str | None = Field(
        None,
        description="The language of the chat's page, such as de; without it the first that a browser asks for.",
    )
    read_seconds: float = Field(
        120, gt=0, le=86_400, description="The longest that reading one file may take, in seconds."
    )
    abstain_below: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Say that the documents do not answer below this probability; "
        "without it the calibrated one.",
    )
    llm_url: str | None = Field(
        None,
        repr=False,
        description="A chat model's OpenAI-compatible server, as http://host:port/v1; without it answers are quotes.",
    )
    llm_model: str | None = Field(None, description="The name of the chat model on that server.")
    llm_key: SecretStr | None = Field(None, description="The key of that server, where it asks for one.")
    llm_window: int = Field(
        8192, ge=2048, description="Tokens that the chat model reads and writes at once (its context window)."
    )
    llm_connect_seconds: float = Field(3, gt=0, description="The longest wait for a connection to the model.")
    llm_first_seconds: float = Field(20, gt=0, description="The longest wait for the model's first word.")
    llm_total_seconds: float = Field(60, gt=0, description="The longest that the model may write an answer.")
    llm_price_read: float = Field(
        0,
        ge=0,
        description="What a million tokens that the model reads cost, in any currency; evals print the sum.",
    )
    llm_price_written: float = Field(0, ge=0, description="What a million tokens that the model writes cost.")
    llm_unsupported: Literal["quote", "mark"] = Field(
        "quote",
        description="What becomes of a sentence that its paragraph does not carry: "
        "a quote in its place, or a mark.",
    )

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str | None) -> str | None:
        if value is not None and value not in LANGUAGES:
            raise ValueError(f"there is no table of messages for it; there are: {', '.join(LANGUAGES)}")
        return value


class SettingsError(FootnoteError):
    """A setting has a value that cannot be used."""


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: naming the variable, its value and what is expected.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "ASSISTANT_" + "_".join(str(part) for part in first["loc"]).upper()
        told = without_password(repr(first["input"]))
        raise SettingsError(f"{name} is {told}: {first['msg']}.") from error
