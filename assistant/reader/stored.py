"""The span models' weights as files: python -m assistant.reader.stored ONE TWO --out FILE

A run of training stores one model, in half precision. What is shipped is one file of several models whose readings are
averaged: their matrices as whole numbers of eight bits, each 64 of a row with the scale that their greatest value sets,
and everything else in half precision. That is half the size, and a value is off by at most one part in 254 of the
greatest of its 64.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from assistant.errors import ReaderError

_LEVELS = 127
_GROUP = 64
_FEW_ROWS = 64
"""Matrices with fewer rows, the head's and the marks', weigh little and decide much: they stay in half precision."""
_SCALE = ".scale"
_LEAST = 1e-7


def main(arguments: Sequence[str] | None = None) -> int:
    """Put the models of several files into one. Exit codes: 0 done, 1 a file is missing or damaged."""
    parser = argparse.ArgumentParser(
        prog="python -m assistant.reader.stored", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("weights", type=Path, nargs="+", help="files that training or this command wrote")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        models = [model for path in options.weights for model in stored_models(path)]
    except ReaderError as error:
        print(f"stored: {error}", file=sys.stderr)
        return 1
    print(f"{len(models)} models, SHA-256 {store_together(models, options.out)}")
    return 0


def store_together(models: Sequence[Mapping[str, Tensor]], path: Path) -> str:
    """Write the models into one file, matrices in eight bits; returns the file's SHA-256."""
    tensors: dict[str, Tensor] = {}
    for n, model in enumerate(models):
        for name, value in model.items():
            key = f"{n}.{name}"
            if value.ndim < 2 or len(value) < _FEW_ROWS or value.shape[1] % _GROUP:
                tensors[key] = value.half().contiguous()
                continue
            groups = value.float().unflatten(1, (-1, _GROUP))
            scale = (groups.abs().amax(dim=2) / _LEVELS).half().clamp(min=_LEAST)
            whole = (groups / scale.float().unsqueeze(2)).round().clamp(-_LEVELS, _LEVELS)
            tensors[key] = whole.to(torch.int8).flatten(1).contiguous()
            tensors[key + _SCALE] = scale.contiguous()
    save_file(tensors, str(path))
    return weights_hash(path)


def stored_models(path: Path, sha256: str | None = None) -> list[dict[str, Tensor]]:
    """The models of a file, each name -> value in float32; a file that training wrote has one.

    Raises:
        ReaderError: the file is missing or is not the one that `sha256` names.
    """
    if not path.is_file():
        raise ReaderError(f"The reader's weights '{path}' are missing. Reinstall the program.")
    if sha256 is not None and weights_hash(path) != sha256:
        raise ReaderError(f"The reader's weights '{path}' are damaged. Reinstall the program.")
    tensors = load_file(str(path))
    models: dict[str, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        first, _, rest = name.partition(".")
        number, key = (first, rest) if first.isdigit() else ("0", name)
        if key.endswith(_SCALE):
            continue
        scale = tensors.get(name + _SCALE)
        whole = value.float()
        if scale is not None:
            whole = (whole.unflatten(1, (-1, _GROUP)) * scale.float().unsqueeze(2)).flatten(1)
        models.setdefault(number, {})[key] = whole
    return [models[number] for number in sorted(models, key=int)]


def weights_hash(path: Path) -> str:
    """The SHA-256 of a weights file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
