"""Kill -9 at random moments, and what is found afterwards: python -m evals.bench.kills --points 200

Each point is a process that does one deed (a build, an upload, a removal, answers, feedback) on an index and a
database, killed at a random moment of the time that the deed takes. Then it is looked at what is there: every document
whole and of one edition, no paragraph lost or doubled, every answer and judgement there that was acknowledged. Then a
sync repairs, and the index must equal one that was built straight.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answers import Answer, Question
from assistant.shelf import Shelf
from assistant.storage.records import Feedback
from assistant.storage.repository import Storage
from index.documents import Document
from index.encoder import TokenVectors, Vectors
from index.errors import FootnoteError
from index.sync import Place, sync

DOCUMENTS = 6
PARAGRAPHS = 8
OWNER = "somebody"


class Hashes:
    """An encoder that takes no time: one axis for each of 31 remainders of the words' sums."""

    name, window = "hashes", 64

    def passages(self, texts: Sequence[str]) -> Vectors:
        """As `Encoder`."""
        rows = np.full((len(texts), 31), 0.01, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[sum(word.encode()) % 31] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    queries = passages

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """None are needed here."""
        return []

    def sentences(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """As `Encoder`."""
        return self.passages(texts), self.tokens(texts)

    def question(self, text: str) -> tuple[Vectors, TokenVectors]:
        """As `Encoder`."""
        return self.queries([text])[0], TokenVectors(np.zeros((0, 31), dtype=np.float32), ())

    def count_tokens(self, text: str) -> int:
        """Words."""
        return len(text.split())

    def words(self) -> frozenset[str]:
        """None."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Ground:
    """Where one point is worked on."""

    place: Place
    database: Path

    def storage(self) -> Storage:
        """The database, opened."""
        return Storage(f"sqlite:///{self.database}")

    def shelf(self) -> Shelf:
        """The corpus folder, to be changed as the chat changes it."""
        return Shelf(self.place.corpus, self.place.folder / "removed", lambda _: sync(self.place, Hashes()))


@dataclass
class Outcome:
    """What became of the points of one deed. `unfinished` were killed before they were done."""

    points: int = 0
    unfinished: int = 0
    repaired: int = 0
    faults: list[str] = field(default_factory=list)


def write(folder: Path, edition: int, numbers: Sequence[int] = range(DOCUMENTS)) -> None:
    """Documents whose paragraphs all name their edition."""
    for n in numbers:
        lines = [f"In edition {edition} the river of mill {n} has {k} boats." for k in range(PARAGRAPHS)]
        (folder / f"m{n}.md").write_text("\n\n".join([f"# Mill {n}", *lines]), encoding="utf-8")


def answer(id: str) -> Answer:
    """An answer without citations."""
    return Answer(
        id=id, question="How many?", standalone_question="How many?", verdict="not_in_corpus", answer="None.",
        short_answer=None, mode="extractive", degraded=None, model=None, confidence=0.1, citations=(), looked_at=(),
        corpus_version="0", timings_ms={},
    )  # fmt: skip


Tell = Callable[[str], object]


def build(ground: Ground, edition: int, tell: Tell) -> None:
    """A folder that has changed is read."""
    write(ground.place.corpus, edition)
    sync(ground.place, Hashes())


def upload(ground: Ground, edition: int, tell: Tell) -> None:
    """A file comes in and is read."""
    passing = ground.database.parent / f"upload-{edition}"
    lines = [f"In edition {edition} the river of mill 0 has {k} boats." for k in range(20 * PARAGRAPHS)]
    passing.write_text("\n\n".join(["# Mill 0", *lines]), encoding="utf-8")
    ground.shelf().add("m0.md", passing)
    tell("m0.md")
    ground.shelf().read()


def delete(ground: Ground, edition: int, tell: Tell) -> None:
    """A document is taken out."""
    document = Document(
        "m1", "Mill 1", None, None, None, None, None, "document", None, "en", "m1.md", "0" * 64
    )
    ground.shelf().remove(document)
    tell("m1")


def answers(ground: Ground, edition: int, tell: Tell) -> None:
    """Answers are kept, in a conversation each."""
    with closing(ground.storage()) as storage:
        for n in range(20):
            id = f"a{edition}-{n}"
            made = storage.start(OWNER, id)
            storage.keep(answer(id), Question("How many?"), OWNER, made.id)
            tell(f"{id} {made.id}")


def feedback(ground: Ground, edition: int, tell: Tell) -> None:
    """Answers are judged, again and again."""
    with closing(ground.storage()) as storage:
        id = f"f{edition}"
        storage.keep(answer(id), Question("How many?"), OWNER)
        for n in range(40):
            storage.give_feedback(OWNER, id, Feedback("down" if n % 2 else "up", comment=f"{n}"))
            tell(f"{id} {n}")


Deed = Callable[[Ground, int, Tell], None]
DEEDS: dict[str, Deed] = {
    "build": build, "upload": upload, "delete": delete, "answer": answers, "feedback": feedback
}  # fmt: skip


def look(ground: Ground, deed: str, told: Sequence[str]) -> list[str]:
    """What is wrong after a kill, before and after the repair."""
    faults = [] if deed in ("answer", "feedback") else _documents(ground)
    with closing(ground.storage()) as storage:
        if deed == "answer":
            kept = {each.id for each in storage.conversations(OWNER, limit=100_000)}
            for id, talk in (line.split() for line in told):
                found = storage.answers(OWNER, talk)
                if talk not in kept or [each.answer.id for each in found] != [id]:
                    faults.append(f"answer {id} was acknowledged and is not there once")
        if deed == "feedback" and told:
            id, last = told[-1].split()
            judged = [each for each in storage.feedback() if each.kept.id == id]
            if len(judged) != 1 or not int(last) <= int(judged[0].feedback.comment) <= int(last) + 1:
                faults.append(f"feedback {last} on {id} was acknowledged and is not there once")
    if deed == "upload" and told and "edition" not in (ground.place.corpus / "m0.md").read_text("utf-8"):
        faults.append("an upload that was acknowledged is not in the folder")
    return faults


def _documents(ground: Ground) -> list[str]:
    faults = []
    with closing(ground.place.catalogue()) as catalogue:
        for id in catalogue.ids():
            numbers = [each.number for each in catalogue.paragraphs(id)]
            editions = {each.text.split()[2] for each in catalogue.paragraphs(id) if each.number}
            if numbers != list(range(len(numbers))) or len(editions) != 1:
                faults.append(
                    f"document {id} is half visible: {len(numbers)} paragraphs of {sorted(editions)}"
                )
    try:
        sync(ground.place, Hashes())
        again = sync(ground.place, Hashes())
    except FootnoteError as error:
        return [*faults, f"not repaired: {error}"]
    if again.embedded or any(each.state != "unchanged" for each in again.files):
        faults.append(f"not repaired by one sync: {again}")
    with tempfile.TemporaryDirectory(prefix="footnote-straight-") as folder:
        straight = Place(ground.place.corpus, Path(folder))
        sync(straight, Hashes())
        if state(straight) != state(ground.place):
            faults.append("the repaired index is not what a straight build makes")
    return faults


def state(place: Place) -> tuple[str, set[str], set[str], dict[str, bytes]]:
    """The version of an index, the keys that it names, those of its vectors, and the files of its words."""
    words = {file.name: file.read_bytes() for file in place.shards.iterdir() if file.suffix != ".part"}
    with closing(place.catalogue()) as catalogue, closing(place.store("hashes")) as store:
        return catalogue.version(), set(catalogue.vectors()), store.keys(), words


def forked(work: Callable[[Tell], object], kill_after: float | None = None) -> tuple[int, list[str]]:
    """Run `work` in a process of its own, killed after so many seconds; its wait status, and what it told."""
    read, write_end = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        code = 1
        try:
            work(lambda line: os.write(write_end, f"{line}\n".encode()))
            code = 0
        finally:
            os._exit(code)
    os.close(write_end)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(read, encoding="utf-8") as pipe:
        told = pipe.read().splitlines()
    return os.waitpid(child, 0)[1], told


def _do(deed: Deed, ground: Ground, edition: int, tell: Tell) -> None:
    deed(ground, edition, tell)


def _look(ground: Ground, name: str, told: Sequence[str], tell: Tell) -> None:
    for fault in look(ground, name, told):
        tell(fault)


def run(points: int, seed: int, folder: Path) -> dict[str, Outcome]:
    """Kill `points` processes, spread over the deeds."""
    import llama_index.core.ingestion  # noqa: F401 - what takes long is imported before the forks

    chance = random.Random(seed)
    ground = Ground(Place(folder / "corpus", folder / "data"), folder / "footnote.sqlite3")
    ground.place.corpus.mkdir(parents=True)
    outcomes = {name: Outcome() for name in DEEDS}
    takes: dict[str, float] = {}
    for edition in range(1, points + len(DEEDS) + 1):
        name = list(DEEDS)[edition % len(DEEDS)]
        measuring = name not in takes
        if name == "delete" or not any(ground.place.corpus.iterdir()):
            write(ground.place.corpus, edition, range(DOCUMENTS))
            forked(lambda tell: sync(ground.place, Hashes()))
        deed, number = DEEDS[name], edition
        started = time.monotonic()
        moment = None if measuring else chance.uniform(0.0, takes[name])
        status, told = forked(partial(_do, deed, ground, number), moment)
        if measuring:
            takes[name] = time.monotonic() - started
        outcome = outcomes[name]
        outcome.points += not measuring
        outcome.unfinished += status == signal.SIGKILL
        looked, faults = forked(partial(_look, ground, name, told))
        if looked:
            faults = [*faults, f"what was left could not be opened (exit status {looked})"]
        outcome.repaired += not faults and not measuring
        outcome.faults += [f"point {edition}: {fault}" for fault in faults]
    return outcomes


def main(argv: Sequence[str] | None = None) -> int:
    """Run the points and print a table; exit code 1 where anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench.kills", description=__doc__)
    parser.add_argument("--points", type=int, default=200, help="how many kills (200)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments (1)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="footnote-kills-") as folder:
        outcomes = run(options.points, options.seed, Path(folder))
    if options.json:
        print(json.dumps({name: asdict(each) for name, each in outcomes.items()}, indent=2))
    else:
        print("| deed | kills | before it was done | whole and repaired |\n| --- | --- | --- | --- |")
        for name, each in outcomes.items():
            print(f"| {name} | {each.points} | {each.unfinished} | {each.repaired} |")
    faults: list[Any] = [fault for each in outcomes.values() for fault in each.faults]
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
