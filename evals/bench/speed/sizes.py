"""The whole product at one number of paragraphs, in a process of its own, so that its memory is known.

Where there are more paragraphs than can be embedded in reasonable time, they are copies of real ones, slightly changed,
and a build takes moved vectors of real texts in place of embedding; all else is the product itself, and everything
after the build embeds for real.
"""

from __future__ import annotations

import resource
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from assistant.settings import Settings
from assistant.wiring import build, open_encoder
from evals.bench import seconds
from evals.bench.peers.footnote import write_files
from evals.bench.peers.protocol import Passage
from evals.bench.speed.bars import FEW
from evals.bench.speed.encoders import Perturbed, Recording, precision
from evals.bench.speed.figures import Figures, megabytes, ratio
from evals.bench.speed.limits import answers_and_limits, raw_encoder
from evals.bench.speed.passages import ARTICLES, SQUAD, copies, questions_about, some_paragraphs
from evals.bench.speed.peers import ask_once
from index.encoder import Encoder
from index.sentences import sentence_spans
from index.sync import Place, sync

_BASE = 3000
"""Real paragraphs that copies are made of, the shortest, so that a build takes minutes."""
_REAL = 300
"""Paragraphs whose vectors, and those of their sentences, stand for others'."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured: `copies` says that paragraphs and vectors are changed ones of others."""

    paragraphs: int
    copies: bool = False
    builds: int = 1
    questions: int = 100
    starts: int = 1
    changes: int = 3
    articles: Path = ARTICLES
    squad: Path = SQUAD


def measure(job: Job) -> Figures:
    """Build an index, search it, ask it, change a paragraph of it."""
    with TemporaryDirectory(prefix="footnote-speed-") as folder:
        corpus, data = Path(folder, "corpus"), Path(folder, "data")
        if job.copies:
            base = list(copies(job.articles, _BASE, job.paragraphs))
        else:
            base = some_paragraphs(job.articles, job.paragraphs)
        write_files(base, corpus)
        asked = questions_about(job.squad, {each.title for each in base}, job.questions)
        places = [Place(corpus, data / str(number)) for number in range(job.builds)]
        settings = Settings(corpus=corpus, data=places[-1].data)
        encoder = open_encoder(settings)
        few = _few(Path(folder, "few"), base, encoder, job.changes)
        figures: Figures = {"paragraphs": job.paragraphs, "copies": job.copies, "precision": precision()}
        figures |= _built(job, places, base, encoder)
        figures["disk_mb"] = round(megabytes(places[-1].data), 1)
        changes = [_one_change(places[-1], encoder) for _ in range(job.changes)]
        figures |= {"one_change_s": _rounded(changes), "few_s": _rounded(few)}
        figures["one_change_to_few"] = ratio(changes, few)
        opened = perf_counter()
        with closing(build(settings)) as assistant:
            figures["open_s"] = round(perf_counter() - opened, 3)
            assistant.warm_up()
            figures |= answers_and_limits(assistant, settings, asked, figures["vectors"])
        starts = [ask_once(corpus, places[-1].data, question) for question in asked[: job.starts]]
        figures["cold_start_s"] = _rounded(starts)
        figures["ask_memory_mb"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000, 1)
    return figures


def _built(job: Job, places: Sequence[Place], base: Sequence[Passage], encoder: Encoder) -> Figures:
    """The builds, and the encoder alone on the same texts where it embedded them."""
    stand_in = (
        Perturbed(encoder, [text for each in base[:_REAL] for text in _chunks(each)])
        if job.copies
        else encoder
    )
    recording = Recording(stand_in)
    builds = [seconds(partial(sync, place, recording)) for place in places]
    texts = recording.texts[: len(recording.texts) // len(places)]
    figures: Figures = {"build_s": _rounded(builds), "vectors": len(texts)}
    figures["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, 1)
    if not job.copies:
        raw = raw_encoder(encoder, texts)
        figures["raw_texts_per_s"] = _rounded(raw)
        figures["build_to_raw"] = ratio([len(texts) / each for each in builds], raw)
    return figures


def _few(folder: Path, base: Sequence[Passage], encoder: Encoder, times: int) -> list[float]:
    """The seconds that indexes of a few paragraphs take; one before also loads what is loaded on first use."""
    taken = []
    for number in range(times + 1):
        corpus = folder / str(number)
        write_files(base[number : number + FEW], corpus)
        taken.append(seconds(partial(sync, Place(corpus, folder / "data"), encoder)))
    return taken[1:]


def _one_change(place: Place, encoder: Encoder) -> float:
    """The seconds that a sync takes after one word was put into one paragraph."""
    file = min(place.corpus.glob("*.md"))
    title, _, paragraphs = file.read_text(encoding="utf-8").partition("\n\n")
    file.write_text(f"{title}\n\nIndeed, {paragraphs}", encoding="utf-8")
    return seconds(partial(sync, place, encoder))


def _chunks(passage: Passage) -> list[str]:
    """What is embedded of a paragraph: itself and its sentences."""
    return [passage.text, *(passage.text[start:end] for start, end in sentence_spans(passage.text))]


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 3) for value in values]
