"""The encoder's layers, on a model of a few numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from index.bert import Bert

SIZE, INNER, LAYERS, WORDS = 8, 16, 2, 400
CONFIG = {"num_attention_heads": 2, "hidden_size": SIZE, "layer_norm_eps": 1e-12, "num_hidden_layers": LAYERS}


def model(kind: torch.dtype) -> Bert:
    """A model with weights drawn at random, always the same."""
    drawn = torch.Generator().manual_seed(1)

    def matrix(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=drawn) / 4

    def dense(name: str, out: int, into: int) -> dict[str, Tensor]:
        return {f"{name}.weight": matrix(out, into), f"{name}.bias": matrix(out)}

    def normal(name: str) -> dict[str, Tensor]:
        return {f"{name}.weight": torch.ones(SIZE), f"{name}.bias": torch.zeros(SIZE)}

    weights = {
        f"embeddings.{name}_embeddings.weight": matrix(count, SIZE)
        for name, count in (("word", 10), ("position", WORDS), ("token_type", 2))
    }
    weights |= normal("embeddings.LayerNorm")
    for n in range(LAYERS):
        layer = f"encoder.layer.{n}"
        for name in ("query", "key", "value"):
            weights |= dense(f"{layer}.attention.self.{name}", SIZE, SIZE)
        weights |= dense(f"{layer}.attention.output.dense", SIZE, SIZE)
        weights |= dense(f"{layer}.intermediate.dense", INNER, SIZE)
        weights |= dense(f"{layer}.output.dense", SIZE, INNER)
        weights |= normal(f"{layer}.attention.output.LayerNorm") | normal(f"{layer}.output.LayerNorm")
    return Bert(weights, CONFIG, kind)


def hidden(read: Bert, lengths: Sequence[int]) -> Tensor:
    words = torch.randn(sum(lengths), SIZE, generator=torch.Generator().manual_seed(2))
    return read.hidden(words, lengths)


@pytest.mark.parametrize("lengths", [(1,), (7, 7, 12), (64,), (65, 3), (200, 200, 31)])
def test_filling_changes_nothing(lengths: Sequence[int]) -> None:
    plain, half = (hidden(model(kind), lengths) for kind in (torch.float32, torch.bfloat16))
    assert plain.shape == half.shape == (sum(lengths), SIZE)
    assert half.dtype is torch.float32
    assert (half - plain).abs().max() < 0.1
    assert torch.nn.functional.cosine_similarity(half, plain).min() > 0.999


def test_few_numbers_of_rows_occur_in_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = set()
    multiply = torch.nn.functional.linear

    def linear(state: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        rows.add(len(state))
        return multiply(state, weight, bias)

    monkeypatch.setattr(torch.nn.functional, "linear", linear)
    read = model(torch.bfloat16)
    for tokens in range(1, WORDS + 1):
        hidden(read, (tokens,))
    # By eights up to 64, then by 64s: oneDNN keeps a program for each, in each thread.
    assert rows == {*range(8, 65, 8), *range(128, 449, 64)}
