"""What the models compute in: bfloat16 where this processor is faster in it, else float32.

Processors with AMX or AVX512-BF16 multiply bfloat16 matrices about twice as fast; others emulate them, and are slower.
Vectors of the two differ by less than 0.0002 of their cosine, so an index may be built in one and asked in the other.
Importing this takes torch's seconds, so it is imported where it is used.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from index.encoder import Precision

WORTHWHILE = 1.2
"""How many times as fast bfloat16 has to be."""
_ROUNDS = 5
_SHAPE = (512, 384, 1536)
"""Tokens, size and inner size of one layer's widest product."""


def working_type(precision: Precision) -> torch.dtype:
    """The type that is asked for; with "auto" the faster one, measured once in a process."""
    if precision == "auto":
        return _fastest()
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


@lru_cache(maxsize=1)
def _fastest() -> torch.dtype:
    if not (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return torch.float32
    tokens, size, inner = _SHAPE
    state, weight = torch.ones(tokens, size), torch.ones(inner, size)
    half = state.bfloat16(), weight.bfloat16()
    plain = _quickest(lambda: functional.linear(state, weight))
    return (
        torch.bfloat16 if plain > WORTHWHILE * _quickest(lambda: functional.linear(*half)) else torch.float32
    )


def _quickest(call: Callable[[], Tensor]) -> float:
    """Seconds of the fastest of a few calls, the first of which warms up."""
    times = []
    with torch.inference_mode():
        for _ in range(_ROUNDS + 1):
            begun = time.perf_counter()
            call()
            times.append(time.perf_counter() - begun)
    return min(times[1:])
