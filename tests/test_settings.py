"""The settings: each variable, the .env file, and one sentence for each wrong value."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from assistant.settings import Settings, SettingsError, read_settings
from assistant.wiring import writer
from index.encoder import DEFAULT_ENCODER
from index.errors import FootnoteError


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a .env file, and no variable of ours."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith("ASSISTANT_")]:
        monkeypatch.delenv(name)


def test_without_a_variable_the_defaults_hold() -> None:
    settings = read_settings()
    assert (settings.corpus, settings.data) == (Path("corpus"), Path(".data"))
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.encoder, settings.chroma_url, settings.abstain_below) == (DEFAULT_ENCODER, None, None)


VALUES: dict[str, tuple[str, object]] = {
    "corpus": ("/srv/papers", Path("/srv/papers")),
    "data": ("index-data", Path("index-data")),
    "database_url": ("postgresql://db/footnote", "postgresql://db/footnote"),
    "host": ("0.0.0.0", "0.0.0.0"),
    "port": ("8123", 8123),
    "encoder": ("/models/small", "/models/small"),
    "chroma_url": ("http://localhost:8001", "http://localhost:8001"),
    "language": ("de", "de"),
    "chroma_tenant": ("harbour", "harbour"),
    "chroma_database": ("quays", "quays"),
    "chroma_auth": ("X-Chroma-Token: salt", SecretStr("X-Chroma-Token: salt")),
    "read_seconds": ("30", 30.0),
    "abstain_below": ("0.25", 0.25),
    "llm_url": ("http://localhost:11434/v1", "http://localhost:11434/v1"),
    "llm_model": ("small:1b", "small:1b"),
    "llm_window": ("4096", 4096),
    "llm_price_read": ("0.5", 0.5),
    "llm_price_written": ("1.5", 1.5),
    "llm_first_seconds": ("5", 5.0),
    "llm_unsupported": ("mark", "mark"),
}


@pytest.mark.parametrize("name", VALUES)
def test_each_variable_is_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given, value = VALUES[name]
    monkeypatch.setenv(f"ASSISTANT_{name.upper()}", given)
    assert getattr(read_settings(), name) == value


@pytest.mark.parametrize("name", VALUES)
def test_an_empty_variable_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"ASSISTANT_{name.upper()}", "")
    assert read_settings() == Settings()


def test_these_are_tried_among_the_settings_that_there_are() -> None:
    assert set(VALUES) <= set(Settings.model_fields)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("ASSISTANT_PORT", "eighty", "should be a valid integer"),
        ("ASSISTANT_PORT", "65536", "should be less than or equal to 65535"),
        ("ASSISTANT_PORT", "-1", "should be greater than or equal to 0"),
        ("ASSISTANT_ABSTAIN_BELOW", "often", "should be a valid number"),
        ("ASSISTANT_ABSTAIN_BELOW", "1.5", "should be less than or equal to 1"),
        ("ASSISTANT_ABSTAIN_BELOW", "nan", "should be"),
    ],
)
def test_a_wrong_value_gives_one_sentence_that_names_the_variable(
    variable: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    message = str(refused.value)
    assert message.startswith(f"{variable} is '{value}': ")
    assert expected in message
    assert message.endswith(".")
    assert "\n" not in message
    assert isinstance(refused.value, FootnoteError)


def test_the_env_file_is_read_and_a_variable_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(
        "# here\nASSISTANT_PORT=8200\nASSISTANT_CORPUS='my papers'\nOTHER_PROGRAM=1\nASSISTANT_UNKNOWN=1\n",
        encoding="utf-8",
    )
    assert (read_settings().port, read_settings().corpus) == (8200, Path("my papers"))
    monkeypatch.setenv("ASSISTANT_PORT", "8300")
    assert read_settings().port == 8300


def test_a_wrong_value_in_the_env_file_is_named_too() -> None:
    Path(".env").write_text("ASSISTANT_PORT=eighty\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^ASSISTANT_PORT is 'eighty': "):
        read_settings()


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"llm_url": "http://localhost:1/v1"}, "ASSISTANT_LLM_MODEL"),
        ({"llm_model": "small"}, "ASSISTANT_LLM_URL"),
    ],
)
def test_a_chat_model_needs_both_a_server_and_a_name(given: dict[str, str], missing: str) -> None:
    with pytest.raises(SettingsError, match=f"and {missing} is not set"):
        writer(Settings(**given))  # type: ignore[arg-type]


def test_a_server_is_named_by_its_url() -> None:
    with pytest.raises(SettingsError, match="ASSISTANT_LLM_URL is 'localhost:11434': name it as http"):
        writer(Settings(llm_url="localhost:11434", llm_model="small"))


def test_without_a_chat_model_nothing_writes() -> None:
    assert writer(Settings()) is None


def test_a_key_is_not_shown() -> None:
    assert "hidden-key" not in repr(Settings(llm_key="hidden-key"))  # type: ignore[arg-type]
