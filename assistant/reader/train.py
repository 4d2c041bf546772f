"""Train the span reader: python -m assistant.reader.train --data FOLDER --out FOLDER

Shuffled, length-sorted batches in bfloat16 autocast, without dropout in the layers; the first epoch on cropped
paragraphs. A checkpoint is written as it goes, and a
run that was cut off resumes from it. Preload tcmalloc (LD_PRELOAD=libtcmalloc_minimal.so.4): with glibc's
allocator most of the time goes into page faults.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from assistant.reader.data import Example, training_examples
from assistant.reader.marks import token_marks
from assistant.reader.model import (
    SpanModel,
    load_models,
    load_tokenizer,
    load_weights,
    save_weights,
    training_attention,
)
from assistant.reader.span import SpanReader
from assistant.words import STOPWORDS
from index.encoder import SentenceEncoder

MAX_TOKENS = 256
PASSES = {"qamr": 1, "reqa": 2, "opposite": 2, "negated": 2}
"""Sources that are read in the first epochs only."""
OFTEN = frozenset({"squad-none", "written", "written-none"})
"""Sources that later epochs read twice: written to be hard."""
OURS = frozenset({"written", "written-none"})
"""Sources of which a run reads all, however few examples it is limited to."""
CROPS = ((250, 800), (400, 1100))
"""Characters of the paragraphs' crops in the first epochs, at least and at most; later ones show whole paragraphs."""
WARMTH = 2.0
"""The temperature at which a teacher's distributions are learnt."""
TAUGHT = 0.5
"""The teacher's share of the loss."""
FAST = 5
"""How much faster than the layers the head and the marks learn, which begin from nothing."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example as tokens: ids, marks, the index of the paragraph's first token, and the targets."""

    ids: list[int]
    marks: list[int]
    context_at: int
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a run goes.

    `past` epochs were read by an earlier run, whose weights this one begins with; `missing` is how often the
    question's words that the paragraph lacks are marked: in use they are not.
    """

    batch: int
    rate: float
    epochs: float
    frozen: int
    seed: int
    past: int = 0
    missing: float = 0.0


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
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--epochs", type=float, default=2.5)
    parser.add_argument(
        "--frozen", type=int, default=0, help="lower layers that stay as they are (default: 0)"
    )
    parser.add_argument(
        "--begin",
        type=Path,
        help="weights of an earlier run: go on from them with whole paragraphs",
    )
    parser.add_argument(
        "--spans",
        type=Path,
        help="weights of an earlier run, which finds the short answers of the questions that have an answer"
        " sentence only (default: those of --begin)",
    )
    parser.add_argument(
        "--teacher",
        type=Path,
        help="weights of one or more models whose averaged logits this one learns from, beside the right answers",
    )
    parser.add_argument(
        "--missing",
        type=float,
        default=0.0,
        help="how often the question's words that the paragraph lacks are marked (default: never, as in use)",
    )
    parser.add_argument(
        "--kept",
        type=float,
        default=0.65,
        help="the share of the earlier run's weights in the average that is stored (default: %(default)s)",
    )
    parser.add_argument(
        "--limit", type=int, default=0, help="only so many examples beside those that were written for this"
    )
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    examples = _gathered(options.data, options.out, options.seed, options.spans or options.begin)
    if options.limit:
        others = [one for one in examples if one.source not in OURS]
        kept = random.Random(options.seed).sample(others, min(options.limit, len(others)))
        examples = [one for one in examples if one.source in OURS] + kept
    schedule = Schedule(
        options.batch,
        options.rate,
        options.epochs,
        options.frozen,
        options.seed,
        len(CROPS) if options.begin else 0,
        options.missing,
    )
    model = train(examples, schedule, options.out, options.begin, options.teacher)
    if options.begin:
        average(model, load_weights(options.begin), options.kept)
    digest = save_weights(model, options.out / "weights.safetensors")
    print(f"weights.safetensors, SHA-256 {digest}", file=sys.stderr)
    return 0


def view(example: Example, rng: random.Random, crop: tuple[int, int] | None) -> Example:
    """The example as one epoch shows it: some questions as people type them (without the question mark, or
    content words alone), and with `crop` a run of the paragraph's sentences around the target."""
    question = example.question
    if rng.random() < 0.15:
        question = question.rstrip("?. ").lower()
        if rng.random() < 0.4:
            kept = [w for w in question.split() if w not in STOPWORDS or w in _ASKING]
            question = " ".join(kept) if len(kept) > 2 else question
    a, b = 0, len(example.context)
    if crop or b > 1100:
        a, b = _cropped(example, rng, rng.randint(*crop) if crop else 1000)
    shift = a if example.target != "none" else 0
    return Example(
        example.source,
        question,
        example.context[a:b],
        example.target,
        example.start - shift,
        example.end - shift,
    )


_ASKING = frozenset("who what when where which why how many much".split())
_BREAK = re.compile(r"(?<=[.!?]) (?=[A-Z\"“(])")


def _cropped(example: Example, rng: random.Random, size: int) -> tuple[int, int]:
    """A run of whole sentences of about `size` characters that holds the target."""
    cuts = [0, *(m.end() for m in _BREAK.finditer(example.context)), len(example.context)]
    pieces = list(pairwise(cuts))
    if example.target == "none":
        first = last = rng.randrange(len(pieces))
    else:
        first = max(i for i, (a, _) in enumerate(pieces) if a <= example.start)
        last = min(i for i, (_, b) in enumerate(pieces) if b >= example.end)
    while (first > 0 or last < len(pieces) - 1) and pieces[last][1] - pieces[first][0] < size:
        if last == len(pieces) - 1 or (first > 0 and rng.random() < 0.5):
            first -= 1
        else:
            last += 1
    return pieces[first][0], pieces[last][1]


def encode(example: Example, tokenizer: Any, missing: bool = True) -> Encoded | None:
    """Tokens and targets; None where the target does not fit into the window. `missing`: see `token_marks`."""
    tokens = tokenizer(
        example.question,
        example.context,
        truncation="only_second",
        max_length=MAX_TOKENS,
        return_offsets_mapping=True,
    )
    kinds, offsets = tokens.sequence_ids(0), tokens["offset_mapping"]
    context_at = kinds.index(1)
    inside = [
        i for i, (a, b) in enumerate(offsets) if kinds[i] == 1 and a < example.end and b > example.start
    ]
    if example.target == "none":
        starts, ends = [0], [0]
    elif not inside or offsets[inside[-1]][1] < example.end:
        return None
    elif example.target == "span":
        starts, ends = [inside[0]], [inside[-1]]
    else:
        starts = ends = inside
    marks = token_marks(example.question, example.context, offsets, kinds, missing=missing)
    return Encoded(tokens["input_ids"], marks, context_at, starts, ends)


def train(
    examples: Sequence[Example],
    schedule: Schedule,
    out: Path,
    begin: Path | None = None,
    teacher: Path | None = None,
) -> SpanModel:
    """Train a model from the package's weights or those of `begin`, resuming from the checkpoint in `out` where
    there is one; with `teacher`, half of the loss is what its models say (Hinton et al. 2015)."""
    torch.manual_seed(schedule.seed)
    model = SpanModel(frozen=schedule.frozen, attention=training_attention())
    if begin is not None:
        model.load_state_dict(load_weights(begin).state_dict())
    model.undropped()
    model.train()
    teachers = [] if teacher is None else load_models(teacher)
    batches = _batches(examples, schedule)
    tokenizer = load_tokenizer()
    new = [*model.head.parameters(), *model.marks.parameters()]
    old = [p for p in model.bert.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": old, "lr": schedule.rate}, {"params": new, "lr": schedule.rate * FAST}],
        weight_decay=0.01,
        fused=True,
    )
    parameters = old + new
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
            rng = random.Random(f"{schedule.seed}-{step}")
            encoded = (
                encode(example, tokenizer, rng.random() < schedule.missing) for example in batches[step]
            )
            batch = [one for one in encoded if one is not None]
            loss = _step(model, batch, parameters, optimizer, teachers)
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


def average(model: SpanModel, other: SpanModel, share: float) -> None:
    """Put the average of two models of one descent into `model`, `share` of it from the other.

    See Wortsman et al. 2022, "Model soups".
    """
    theirs = other.state_dict()
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                value.lerp_(theirs[name], share)


def _step(
    model: SpanModel,
    batch: Sequence[Encoded],
    parameters: list[Any],
    optimizer: Any,
    teachers: Sequence[SpanModel],
) -> float:
    inputs, starts, ends = _tensors(batch)
    allowed = inputs["token_type_ids"].bool()
    allowed[:, 0] = True
    allowed &= inputs["attention_mask"].bool()
    spans, verdicts = _allowed_logits([model], inputs, allowed)
    nothing = functional.binary_cross_entropy_with_logits(verdicts, starts[:, 0].float())
    loss = (_marginal(spans[..., 0], starts) + _marginal(spans[..., 1], ends) + nothing) / 2
    if teachers:
        with torch.no_grad():
            taught, doubts = _allowed_logits(teachers, inputs, allowed)
        theirs = _divergence(spans, taught) + functional.binary_cross_entropy_with_logits(
            verdicts, doubts.sigmoid()
        )
        loss = (1 - TAUGHT) * loss + TAUGHT * theirs / 2
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return float(loss.detach())


def _allowed_logits(
    models: Sequence[SpanModel], inputs: dict[str, Tensor], allowed: Tensor
) -> tuple[Tensor, Tensor]:
    """The models' averaged logits: (batch, tokens, 2) of beginning and end where they are allowed, (batch) of no
    answer."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = torch.stack([model(inputs).float() for model in models]).mean(dim=0)
    return logits[..., :2].masked_fill(~allowed.unsqueeze(-1), -1e4), logits[:, 0, 2]


def _divergence(ours: Tensor, theirs: Tensor) -> Tensor:
    """Of two distributions over tokens, (batch, tokens, 2) logits both: Kullback-Leibler, both ends, at `WARMTH`."""
    ours, theirs = (torch.log_softmax(logits / WARMTH, dim=1) for logits in (ours, theirs))
    return (
        functional.kl_div(ours, theirs, reduction="none", log_target=True).sum(dim=(1, 2)).mean() * WARMTH**2
    )


def _marginal(logits: Tensor, targets: Tensor) -> Tensor:
    """Minus the log of the probability that falls on any of the targets, (batch, tokens) both, averaged."""
    log = torch.log_softmax(logits, dim=-1).masked_fill(~targets, float("-inf"))
    return -torch.logsumexp(log, dim=-1).mean()


def _tensors(batch: Sequence[Encoded]) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    length = max(len(one.ids) for one in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    mask, kinds, marks = torch.zeros_like(ids), torch.zeros_like(ids), torch.zeros_like(ids)
    starts, ends = torch.zeros_like(ids, dtype=torch.bool), torch.zeros_like(ids, dtype=torch.bool)
    for i, one in enumerate(batch):
        ids[i, : len(one.ids)] = torch.tensor(one.ids)
        marks[i, : len(one.ids)] = torch.tensor(one.marks)
        mask[i, : len(one.ids)] = 1
        kinds[i, one.context_at : len(one.ids)] = 1
        starts[i, one.starts] = True
        ends[i, one.ends] = True
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds, "marks": marks}
    return inputs, starts, ends


def _batches(examples: Sequence[Example], schedule: Schedule) -> list[list[Example]]:
    """What each step reads, over all epochs: shuffled, sorted by length within pools, the batches shuffled
    again."""
    rng = random.Random(schedule.seed)
    batches: list[list[Example]] = []
    for round_ in range(math.ceil(schedule.epochs)):
        epoch = round_ + schedule.past
        shown = [one for one in examples if epoch < PASSES.get(one.source, math.inf)]
        if epoch:
            shown += [one for one in examples if one.source in OFTEN]
        crop = CROPS[epoch] if epoch < len(CROPS) else None
        rng.shuffle(shown)
        shown = shown[: int(len(shown) * min(1.0, schedule.epochs - round_))]
        views = [view(one, rng, crop) for one in shown]
        found = []
        pool = schedule.batch * 50
        for at in range(0, len(views), pool):
            nearby = sorted(views[at : at + pool], key=lambda one: len(one.question) + len(one.context))
            found += [nearby[i : i + schedule.batch] for i in range(0, len(nearby), schedule.batch)]
        rng.shuffle(found)
        batches += found
    return batches


def _gathered(data: Path, out: Path, seed: int, spans: Path | None) -> list[Example]:
    """The training examples; gathering them takes minutes, so they are kept for a run that resumes."""
    kept = out / "examples.jsonl"
    if kept.is_file():
        examples = [Example(**json.loads(line)) for line in kept.read_text(encoding="utf-8").splitlines()]
    else:
        examples = training_examples(data, SentenceEncoder(), seed, SpanReader(spans) if spans else None)
        kept.write_text("".join(json.dumps(asdict(e)) + "\n" for e in examples), encoding="utf-8")
    counts = Counter(example.source for example in examples)
    (out / "sources.json").write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
    return examples


if __name__ == "__main__":
    sys.exit(main())
