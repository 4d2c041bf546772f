"""Train the span reader: python -m assistant.reader.train --data FOLDER --out FOLDER

One pass over shuffled, length-sorted batches in bfloat16 autocast. A checkpoint is written as it goes, and a
run that was cut off resumes from it. Preload tcmalloc (LD_PRELOAD=libtcmalloc_minimal.so.4): with glibc's
allocator most of the time goes into page faults.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from assistant.reader.data import Example, training_examples
from assistant.reader.model import SpanModel, load_tokenizer, save_weights
from index.encoder import SentenceEncoder

MAX_TOKENS = 224


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example as tokens: ids, the index of the paragraph's first token, and which tokens are targets."""

    ids: list[int]
    context_at: int
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a run goes."""

    batch: int
    rate: float
    epochs: float
    frozen: int
    seed: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and store the weights."""
    parser = argparse.ArgumentParser(
        prog="python -m assistant.reader.train", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="the folder with squad/, qamr/, nq_oracle/ …"
    )
    parser.add_argument("--out", type=Path, required=True, help="where checkpoint, log and weights go")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument(
        "--frozen", type=int, default=2, help="lower layers that stay as they are (default: 2)"
    )
    parser.add_argument("--limit", type=int, default=0, help="only so many examples, for a trial")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    encoded = _prepared(options.data, options.out, options.seed, options.limit)
    schedule = Schedule(options.batch, options.rate, options.epochs, options.frozen, options.seed)
    model = train(encoded, schedule, options.out)
    digest = save_weights(model, options.out / "weights.safetensors")
    print(f"weights.safetensors, SHA-256 {digest}", file=sys.stderr)
    return 0


def encode(example: Example, tokenizer: Any) -> Encoded | None:
    """Tokens and targets; None where the target does not fit into the window."""
    tokens = tokenizer(
        example.question,
        example.context,
        truncation="only_second",
        max_length=MAX_TOKENS,
        return_offsets_mapping=True,
    )
    kinds = tokens.sequence_ids(0)
    context_at = kinds.index(1)
    inside = [
        i
        for i, (a, b) in enumerate(tokens["offset_mapping"])
        if kinds[i] == 1 and a < example.end and b > example.start
    ]
    if example.target == "none":
        starts, ends = [0], [0]
    elif not inside or tokens["offset_mapping"][inside[-1]][1] < example.end:
        return None
    elif example.target == "span":
        starts, ends = [inside[0]], [inside[-1]]
    else:
        starts = ends = inside
    return Encoded(tokens["input_ids"], context_at, starts, ends)


def train(examples: Sequence[Encoded], schedule: Schedule, out: Path) -> SpanModel:
    """Train a model, resuming from the checkpoint in `out` where there is one."""
    torch.manual_seed(schedule.seed)
    model = SpanModel(frozen=schedule.frozen)
    model.train()
    batches = _batches(examples, schedule)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=schedule.rate, weight_decay=0.01)
    warm = max(1, len(batches) // 20)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm, max(0.0, (len(batches) - step) / (len(batches) - warm + 1))),
    )
    checkpoint = out / "checkpoint.pt"
    first = 0
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        first = state["step"]
        print(f"resuming at step {first}", file=sys.stderr)
    begun, seen, total = time.monotonic(), 0, 0.0
    with (out / "log.jsonl").open("a", encoding="utf-8") as log:
        for step in range(first, len(batches)):
            batch = [examples[i] for i in batches[step]]
            loss = _step(model, batch, parameters, optimizer)
            scheduler.step()
            seen += len(batch)
            total += loss
            if (step + 1) % 50 == 0:
                row = {"step": step + 1, "of": len(batches), "loss": round(total / 50, 4)}
                row["examples_per_second"] = round(seen / (time.monotonic() - begun), 1)
                log.write(json.dumps(row) + "\n")
                log.flush()
                total = 0.0
            if (step + 1) % 100 == 0:
                state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}
                partial = checkpoint.with_suffix(".tmp")
                torch.save(state | {"scheduler": scheduler.state_dict()}, partial)
                partial.replace(checkpoint)  # a cut-off run finds the last whole one
    model.eval()
    return model


def _step(model: SpanModel, batch: Sequence[Encoded], parameters: list[Any], optimizer: Any) -> float:
    inputs, starts, ends = _tensors(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(inputs).float()
    allowed = inputs["token_type_ids"].bool()
    allowed[:, 0] = True
    logits = logits.masked_fill(~(allowed & inputs["attention_mask"].bool()).unsqueeze(-1), -1e4)
    loss = (_marginal(logits[..., 0], starts) + _marginal(logits[..., 1], ends)) / 2
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return float(loss.detach())


def _marginal(logits: Tensor, targets: Tensor) -> Tensor:
    """Minus the log of the probability that falls on any of the targets, (batch, tokens) both, averaged."""
    log = torch.log_softmax(logits, dim=-1).masked_fill(~targets, float("-inf"))
    return -torch.logsumexp(log, dim=-1).mean()


def _tensors(batch: Sequence[Encoded]) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    length = max(len(one.ids) for one in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    mask, kinds = torch.zeros_like(ids), torch.zeros_like(ids)
    starts, ends = torch.zeros_like(ids, dtype=torch.bool), torch.zeros_like(ids, dtype=torch.bool)
    for i, one in enumerate(batch):
        ids[i, : len(one.ids)] = torch.tensor(one.ids)
        mask[i, : len(one.ids)] = 1
        kinds[i, one.context_at : len(one.ids)] = 1
        starts[i, one.starts] = True
        ends[i, one.ends] = True
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds}, starts, ends


def _batches(examples: Sequence[Encoded], schedule: Schedule) -> list[list[int]]:
    """Index batches over all epochs: shuffled, sorted by length within pools, the batches shuffled again."""
    rng = random.Random(schedule.seed)
    whole, part = divmod(schedule.epochs, 1.0)
    batches: list[list[int]] = []
    for share in [1.0] * int(whole) + ([part] if part > 0 else []):
        order = list(range(len(examples)))
        rng.shuffle(order)
        order = order[: int(len(order) * share)]
        found = []
        pool = schedule.batch * 50
        for at in range(0, len(order), pool):
            nearby = sorted(order[at : at + pool], key=lambda i: len(examples[i].ids))
            found += [nearby[i : i + schedule.batch] for i in range(0, len(nearby), schedule.batch)]
        rng.shuffle(found)
        batches += found
    return batches


def _prepared(data: Path, out: Path, seed: int, limit: int) -> list[Encoded]:
    examples = _gathered(data, out / "examples.jsonl", seed)
    counts: dict[str, int] = {}
    for example in examples:
        counts[example.source] = counts.get(example.source, 0) + 1
    print(json.dumps(counts), file=sys.stderr)
    (out / "sources.json").write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
    if limit:
        examples = random.Random(seed).sample(examples, min(limit, len(examples)))
    tokenizer = load_tokenizer()
    found = (encode(example, tokenizer) for example in examples)
    return [one for one in found if one is not None]


def _gathered(data: Path, kept: Path, seed: int) -> list[Example]:
    """The training examples; gathering them takes minutes, so they are kept for a run that resumes."""
    if kept.is_file():
        return [Example(**json.loads(line)) for line in kept.read_text(encoding="utf-8").splitlines()]
    examples = training_examples(data, SentenceEncoder(), seed)
    kept.write_text("".join(json.dumps(asdict(e)) + "\n" for e in examples), encoding="utf-8")
    return examples


if __name__ == "__main__":
    sys.exit(main())
