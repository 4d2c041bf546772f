"""A BERT encoder for reading only: the packaged model's layers as plain matrix products.

Importing transformers and sentence_transformers takes several times as long as answering a question, so the packaged
model is run without them; tests hold it to their results (Devlin et al. 2019 for the model; pooling as in Reimers and
Gurevych 2019). Importing this takes torch's seconds, so it is imported where it is used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor
from torch.nn import functional

_STEP, _SMALL_STEP = 64, 8


@dataclass(frozen=True, slots=True)
class Layer:
    """The weights of one layer, (out, in) matrices and their biases; query, key and value are one matrix."""

    looking: tuple[Tensor, Tensor]
    joined: tuple[Tensor, Tensor]
    after_attention: tuple[Tensor, Tensor]
    wide: tuple[Tensor, Tensor]
    narrow: tuple[Tensor, Tensor]
    after_layer: tuple[Tensor, Tensor]


class Bert:
    """Embeddings and layers of a BERT model, ready to read.

    Texts are laid end to end, and only attention looks at them one by one: nothing is computed for filling, and what
    comes of a text does not depend on the texts beside it.
    """

    def __init__(
        self, weights: Mapping[str, Tensor], config: Mapping[str, Any], kind: torch.dtype = torch.float32
    ) -> None:
        """`weights` are named as transformers' BertModel names them; the layers compute in `kind`."""
        self.words = weights["embeddings.word_embeddings.weight"]
        self._positions = weights["embeddings.position_embeddings.weight"]
        self._types = weights["embeddings.token_type_embeddings.weight"]
        self._first = (weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"])
        self._heads = int(config["num_attention_heads"])
        self._size = int(config["hidden_size"])
        self._epsilon = float(config["layer_norm_eps"])
        self._kind = kind
        self._layers = [_layer(weights, n, kind) for n in range(int(config["num_hidden_layers"]))]

    def hidden(self, words: Tensor, lengths: Sequence[int], types: Tensor | None = None) -> Tensor:
        """(tokens, size) vectors of the last layer, in float32.

        Args:
            words: (tokens, size) vectors of the words of all texts, text after text.
            lengths: the tokens of each text; texts of one length that follow each other are quickest.
            types: (tokens,), which part of its text a token is of; without it all are of the first.
        """
        state = words + (self._types[types] if types is not None else self._types[0])
        state = state + torch.cat([self._positions[:count] for count in lengths])
        state = self._normal(state, self._first).to(self._kind)
        alike = [(count, len(list(texts))) for count, texts in groupby(lengths)]
        filling = self._filling(len(state))
        state = functional.pad(state, (0, 0, 0, filling))
        for layer in self._layers:
            state = self._through(layer, state, alike, filling)
        return state[: len(words)].float()

    def _filling(self, tokens: int) -> int:
        """How many rows of nothing are put behind `tokens` rows, so that few numbers of rows occur.

        oneDNN, which multiplies bfloat16, compiles and keeps a program in each thread for each number of rows.
        """
        if self._kind is torch.float32:
            return 0
        return -tokens % (_STEP if tokens > _STEP else _SMALL_STEP)

    def _through(self, layer: Layer, state: Tensor, alike: Sequence[tuple[int, int]], filling: int) -> Tensor:
        looking = functional.linear(state, *layer.looking)
        *parts, rest = looking.split([*(count * texts for count, texts in alike), filling])
        seen = [self._attended(part, count) for part, (count, _) in zip(parts, alike, strict=True)]
        seen.append(rest[:, : self._size])
        state = self._normal(functional.linear(torch.cat(seen), *layer.joined) + state, layer.after_attention)
        wide = functional.gelu(functional.linear(state, *layer.wide))
        return self._normal(functional.linear(wide, *layer.narrow) + state, layer.after_layer)

    def _attended(self, looking: Tensor, count: int) -> Tensor:
        """(tokens, size) of texts that have `count` tokens each, each of which looks at its own."""
        query, key, value = looking.view(-1, count, 3, self._heads, self._size // self._heads).permute(
            2, 0, 3, 1, 4
        )
        attended = functional.scaled_dot_product_attention(query, key, value)
        return attended.transpose(1, 2).reshape(-1, self._size)

    def _normal(self, state: Tensor, weights: tuple[Tensor, Tensor]) -> Tensor:
        first, second = weights
        return functional.layer_norm(state, (self._size,), first, second, self._epsilon)


def _layer(weights: Mapping[str, Tensor], n: int, kind: torch.dtype) -> Layer:
    def both(*names: str) -> tuple[Tensor, Tensor]:
        weight, bias = (
            torch.cat([weights[f"encoder.layer.{n}.{name}.{part}"] for name in names])
            for part in ("weight", "bias")
        )
        return weight.to(kind), bias.to(kind)

    return Layer(
        looking=both("attention.self.query", "attention.self.key", "attention.self.value"),
        joined=both("attention.output.dense"),
        after_attention=both("attention.output.LayerNorm"),
        wide=both("intermediate.dense"),
        narrow=both("output.dense"),
        after_layer=both("output.LayerNorm"),
    )


@lru_cache(maxsize=1)
def load_weights(folder: Path) -> dict[str, Tensor]:
    """The weights of a model's folder, by name; encoder and reader share those that both have."""
    weights: dict[str, Tensor] = load_file(str(folder / "model.safetensors"))
    return weights


def load_config(folder: Path) -> dict[str, Any]:
    """The sizes of the model in a folder."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return config


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model's folder; it neither cuts nor fills up."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def end_to_end(encoded: Sequence[Encoding]) -> Tensor:
    """(tokens,) ids of all texts, text after text."""
    return torch.tensor([token for each in encoded for token in each.ids], dtype=torch.long)
