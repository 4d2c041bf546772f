"""The same passages and questions given to every system, ours among them, in turn, so that all meet the same noise.

Measured are building an index, the time and the recall of a search, the time of a fresh process to its first result,
memory and disk. No system writes an answer: ours searches only, too, but for the start of `ask`, a whole answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from evals.bench import seconds
from evals.bench.peers.footnote import CORPUS, DATA
from evals.bench.speed.encoders import precision
from evals.bench.speed.environments import OURS, PEERS, VENVS, environment, python_of
from evals.bench.speed.figures import Figures, megabytes, summary
from evals.bench.speed.passages import SQUAD, Asked, Set, questions_and_passages
from evals.bench.speed.process import Process
from evals.bootstrap import interval

K = 10
_FEW = 5
_TOGETHER = 10
"""Questions that one system is asked before it is another's turn."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured: how many passages, how often they are indexed, and how many questions and starts."""

    passages: int = 1000
    rounds: int = 3
    questions: int = 300
    starts: int = 3
    systems: tuple[str, ...] = (OURS, *PEERS)
    squad: Path = SQUAD
    venvs: Path = VENVS


def measure(
    job: Job, pythons: dict[str, Path] | None = None, modules: dict[str, str] | None = None
) -> Figures:
    """Every system's figures, by its name.

    `pythons` are interpreters in place of the environments', `modules` what is run in place of the system's script.

    Raises:
        RunError: an environment cannot be installed, or a system ended while it was measured.
    """
    from index.encoder import packaged_model

    data = questions_and_passages(job.squad, job.passages, job.questions)
    pythons = pythons or {name: python_of(name, job.venvs) for name in job.systems}
    model = str(packaged_model())
    with TemporaryDirectory(prefix="footnote-speed-") as folder, ExitStack() as stack:
        file = Path(folder, "passages.json")
        file.write_text(json.dumps(data.passages), encoding="utf-8")

        def started(name: str) -> Process:
            return Process(name, pythons[name], (modules or {}).get(name))

        running = {name: stack.enter_context(started(name)) for name in job.systems}
        figures: Figures = {name: running[name].tell("load", model=model) for name in job.systems}
        builds = _builds(running, job.rounds, Path(folder), file)
        last = {name: Path(folder, name, str(job.rounds - 1)) for name in job.systems}
        asked = _asked(running, data)
        for name, process in running.items():
            figures[name] |= {"build_s": [round(each, 3) for each in builds[name]], **asked[name]}
            figures[name]["memory_mb"] = round(process.tell("memory")["mb"], 1)
            figures[name]["disk_mb"] = round(megabytes(last[name]), 1)
        stack.close()  # what is started next has the processor for itself

        for name in job.systems:
            figures[name]["cold_s"] = []
        for start in range(job.starts):
            question = data.asked[start].question
            for name in job.systems:
                begun = perf_counter()
                with started(name) as process:
                    process.tell("load", model=model)
                    process.tell("open", folder=str(last[name]))
                    process.tell("ask", questions=[question], k=K)
                    figures[name]["cold_s"].append(round(perf_counter() - begun, 3))
            if OURS in job.systems:
                taken = ask_once(last[OURS] / CORPUS, last[OURS] / DATA, question)
                figures[OURS].setdefault("ask_s", []).append(round(taken, 3))
    return {
        "passages": job.passages,
        "questions": len(data.asked),
        "precision": precision(),
        "systems": figures,
    }


def ask_once(corpus: Path, data: Path, question: str) -> float:
    """The seconds that `python -m assistant ask` takes, from nothing to its whole answer."""
    variables = {**environment(), "ASSISTANT_CORPUS": str(corpus), "ASSISTANT_DATA": str(data)}
    command = [sys.executable, "-m", "assistant", "ask", question]
    return seconds(lambda: subprocess.run(command, env=variables, check=True, capture_output=True))


def _builds(running: dict[str, Process], rounds: int, folder: Path, passages: Path) -> dict[str, list[float]]:
    """The seconds of each build, systems in turn and each round beginning with another one.

    A build of a few passages goes before, since the first one of a process also loads what is loaded on first use.
    """
    found: dict[str, list[float]] = {name: [] for name in running}
    few = folder / "few.json"
    few.write_text(json.dumps(json.loads(passages.read_text(encoding="utf-8"))[:_FEW]), encoding="utf-8")
    for name, process in running.items():
        (folder / name / "few").mkdir(parents=True)
        process.tell("build", folder=str(folder / name / "few"), passages=str(few))
    names = list(running)
    for turn in range(rounds):
        for name in (*names[turn % len(names) :], *names[: turn % len(names)]):
            into = folder / name / str(turn)
            into.mkdir(parents=True)
            done = running[name].tell("build", folder=str(into), passages=str(passages))
            found[name].append(done["seconds"])
    return found


def _asked(running: dict[str, Process], data: Set) -> dict[str, Figures]:
    """Each system's milliseconds, and where the right passage stood; 0 where it was not among the ten."""
    times: dict[str, list[float]] = {name: [] for name in running}
    ranks: dict[str, list[int]] = {name: [] for name in running}
    for process in running.values():
        process.tell("ask", questions=["What is loaded on first use?"], k=K)
    for at in range(0, len(data.asked), _TOGETHER):
        block = data.asked[at : at + _TOGETHER]
        for name, process in running.items():
            done = process.tell("ask", questions=[each.question for each in block], k=K)
            times[name] += done["ms"]
            ranks[name] += [_rank(ids, each) for ids, each in zip(done["ids"], block, strict=True)]
    titles = [each.title for each in data.asked]
    return {
        name: {
            "query_ms": summary(times[name]),
            "first": share(titles, [rank == 1 for rank in ranks[name]]),
            "in_ten": share(titles, [rank > 0 for rank in ranks[name]]),
            "ranks": ranks[name],
        }
        for name in running
    }


def _rank(ids: Sequence[str], asked: Asked) -> int:
    return ids.index(asked.passage) + 1 if asked.passage in ids else 0


def share(units: Sequence[str], hits: Sequence[bool]) -> tuple[float, float, float]:
    """A share with its 95 % interval over resampled articles, whose questions resemble each other."""
    values = np.array([[float(hit), 1.0] for hit in hits])
    found = interval(units, values, lambda sums: sums[..., 0] / np.maximum(sums[..., 1], 1))
    low, high = found or (0.0, 1.0)
    return round(float(np.mean(hits)), 4), round(low, 4), round(high, 4)
