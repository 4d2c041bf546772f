"""The packaged models run by our own layers give what transformers and sentence-transformers give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from assistant.errors import ReaderError
from assistant.reader.evidence import SPAN_WEIGHTS
from assistant.reader.span import SpanReader
from index import encoder as encoding
from index.encoder import Precision, SentenceEncoder, TransformersEncoder, packaged_model

pytestmark = pytest.mark.slow

TEXTS = [
    "The harbour has a long quay of granite, and salt is carried over it on two days of the week.",
    "A pier.",
    "Breweries buy barley – 30.8 tonnes (naïve, isn’t it?).",
    "quay " * 400,
    "The ferry crosses the bay at night, whatever the bell says. " * 9,
    "",
]
QUESTION = "How many tonnes of barley do breweries buy?"


@pytest.fixture(scope="module")
def ours() -> SentenceEncoder:
    return SentenceEncoder()


@pytest.fixture(scope="module")
def theirs() -> TransformersEncoder:
    folder = str(packaged_model())
    return TransformersEncoder("sentence-transformers", encoding._load(folder))


def test_vectors_are_those_of_sentence_transformers(
    ours: SentenceEncoder, theirs: TransformersEncoder
) -> None:
    assert np.abs(ours.passages(TEXTS) - theirs.passages(TEXTS)).max() < 1e-6
    assert np.abs(ours.queries([QUESTION]) - theirs.queries([QUESTION])).max() < 1e-6
    assert ours.queries([]).shape == theirs.queries([]).shape


def test_tokens_are_those_of_sentence_transformers(
    ours: SentenceEncoder, theirs: TransformersEncoder
) -> None:
    for own, other in zip(ours.tokens(TEXTS), theirs.tokens(TEXTS), strict=True):
        assert own.spans == other.spans
        assert own.vectors == pytest.approx(other.vectors, abs=1e-5)
    assert [ours.count_tokens(text) for text in TEXTS] == [theirs.count_tokens(text) for text in TEXTS]
    assert (ours.words(), ours.window) == (theirs.words(), theirs.window)


def test_precisions_differ_little(ours: SentenceEncoder) -> None:
    for precision in get_args(Precision):
        vectors = SentenceEncoder(precision=precision).passages(TEXTS)
        assert (vectors * ours.passages(TEXTS)).sum(axis=1) == pytest.approx(1, abs=1e-3)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)


def test_bfloat16_is_taken_where_it_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from index import precision

    def found(amx: bool, seconds: list[float]) -> torch.dtype:
        precision._fastest.cache_clear()
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
        monkeypatch.setattr(precision, "_quickest", lambda call: seconds.pop(0))
        return precision.working_type("auto")

    try:
        assert found(True, [2.0, 1.0]) is torch.bfloat16
        assert found(True, [1.1, 1.0]) is torch.float32
        assert found(False, [2.0, 1.0]) is torch.float32
        assert precision.working_type("bfloat16") is torch.bfloat16
    finally:
        precision._fastest.cache_clear()


def test_one_pass_gives_vectors_and_tokens(ours: SentenceEncoder) -> None:
    vectors, tokens = ours.sentences(TEXTS)
    assert (vectors == ours.passages(TEXTS)).all()
    assert [each.spans for each in tokens] == [each.spans for each in ours.tokens(TEXTS)]
    vector, words = ours.question(QUESTION)
    assert (ours.queries([QUESTION])[0] == vector).all()
    assert words.spans == ours.tokens([QUESTION])[0].spans


def test_a_question_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = SentenceEncoder()
    first = encoder.question(QUESTION)
    model = encoder._loaded
    assert model is not None
    monkeypatch.setattr(model, "question", lambda text: pytest.fail("encoded again"))
    assert encoder.question(QUESTION) is first
    assert (encoder.queries([QUESTION])[0] == first[0]).all()


def test_the_span_network_is_the_trained_model() -> None:
    import torch

    from assistant.reader.model import load_models, load_tokenizer
    from assistant.reader.network import STRIDE, WINDOW, SpanNetwork

    texts = TEXTS[:5]
    network = SpanNetwork(SPAN_WEIGHTS)
    models = load_models(SPAN_WEIGHTS)
    inputs = load_tokenizer()(
        [QUESTION] * len(texts), texts, truncation="only_second", max_length=WINDOW, stride=STRIDE,
        return_overflowing_tokens=True, padding=True, return_tensors="pt",
    )  # fmt: skip
    owners = inputs.pop("overflow_to_sample_mapping").tolist()
    inputs["marks"] = torch.arange(inputs["input_ids"].numel()).reshape(inputs["input_ids"].shape) % 11
    with torch.inference_mode():
        expected = np.mean([model(inputs).numpy() for model in models], axis=0)
    there = inputs["attention_mask"].numpy().astype(bool)
    windows = [
        replace(window, marks=marks[: len(window.marks)])
        for window, marks in zip(
            network.windows([QUESTION] * len(texts), texts), inputs["marks"].tolist(), strict=True
        )
    ]
    found = network.logits(windows)
    assert np.concatenate(found) == pytest.approx(expected[there], abs=1e-4)
    for window, logits in zip(windows, found, strict=True):  # whatever it is read beside
        assert network.logits([window])[0] == pytest.approx(logits, abs=1e-4)
    read = list(network.read([QUESTION] * len(texts), texts))
    assert [one.text for one in read] == owners
    assert [len(one.logits) for one in read] == there.sum(axis=1).tolist()


def test_models_are_stored_together_in_eight_bits(tmp_path: Path) -> None:
    import torch

    from assistant.reader.stored import main, store_together, stored_models

    generator = torch.Generator().manual_seed(3)
    models = [
        {
            "bert.wide": torch.randn(70, 128, generator=generator) * size,
            "head.weight": torch.tensor([[0.5, 3000.0]]),
            "head.bias": torch.tensor([0.5, -2.0]),
        }
        for size in (0.1, 3.0)
    ]
    paths = [tmp_path / f"{n}.safetensors" for n in (1, 2)]
    for model, path in zip(models, paths, strict=True):
        store_together([model], path)
    both = tmp_path / "both.safetensors"
    assert main([*map(str, paths), "--out", str(both)]) == 0
    for model, found in zip(models, stored_models(both), strict=True):
        assert found.keys() == model.keys()
        assert found["head.bias"].tolist() == [0.5, -2.0]
        assert found["head.weight"].tolist() == [[0.5, 3000.0]]
        wide = model["bert.wide"].reshape(-1, 64)
        off = (found["bert.wide"].reshape(-1, 64) - wide).abs() / wide.abs().amax(1, keepdim=True)
        assert off.nan_to_num().max() <= 1 / 254 + 1 / 1024  # half a step, and the scale's own rounding
    assert both.stat().st_size < 2 * 70 * 128 * 1.2 + 2000
    assert main([str(tmp_path / "none"), "--out", str(both)]) == 1


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match=r"are missing\. Reinstall the program\.$"):
        SpanReader(tmp_path / "none.safetensors").answers([QUESTION], ["text"])
    with pytest.raises(ReaderError, match=r"are damaged\. Reinstall the program\.$"):
        SpanReader(SPAN_WEIGHTS, "0" * 64).answers([QUESTION], ["text"])
