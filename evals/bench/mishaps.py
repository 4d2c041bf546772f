"""What else can go wrong with the data of an index, and what is said or repaired: python -m evals.bench.mishaps

Each mishap is done to an index of its own, in processes of their own: a full disk (a limit on the size of files),
folders that may not be written to, damaged or missing files of SQLite and of the vectors' graph, two builds at once.
Each has to end in a repair, or in one sentence that says what to do and that is true: what it says is done, and then
all is well.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from evals.bench.kills import Hashes, Tell, forked, state, write
from index.errors import FootnoteError
from index.library import Library
from index.sync import Place, sync

NOBODY = 65534
LARGE = range(100)
"""So many documents that Chroma writes its graph to the disk, which it does for each thousand of vectors."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a mishap ended: `said` is what was said on the way, `well` whether the index is whole in the end."""

    mishap: str
    said: str
    well: bool


Mishap = Callable[[Place], list[str]]


def build(place: Place, tell: Tell) -> None:
    """A sync; what it says where it fails."""
    try:
        sync(place, Hashes())
    except FootnoteError as error:
        tell(f"said: {error}")
    except BaseException as error:
        tell(f"fault: {type(error).__name__}: {' '.join(str(error).split())[:200]}")
        raise


def ask(place: Place, tell: Tell) -> None:
    """A search; what it says where it fails, or that it found nothing."""
    try:
        with closing(Library(place, Hashes())) as library:
            if not library.search("river boats of mill 3"):
                tell("fault: nothing is found")
    except FootnoteError as error:
        tell(f"said: {error}")
    except BaseException as error:
        tell(f"fault: {type(error).__name__}: {' '.join(str(error).split())[:200]}")
        raise


def full_disk(limit: int) -> Mishap:
    """No file may grow beyond so many bytes while the index is built."""

    def happen(place: Place) -> list[str]:
        def limited(tell: Tell) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            build(place, tell)

        return forked(limited)[1]

    return happen


def not_to_be_written(place: Place) -> list[str]:
    """The folder of the data is of somebody else."""
    forked(lambda tell: build(place, tell))
    folders = [place.data, *(path for path in place.data.rglob("*") if path.is_dir())]
    write(place.corpus, 2)
    for path in (*folders, *(path for path in place.data.rglob("*") if path.is_file())):
        path.chmod(0o555 if path.is_dir() else 0o444)

    def as_nobody(tell: Tell) -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        build(place, tell)

    told = forked(as_nobody)[1]
    for path in folders:
        path.chmod(0o755)
    for path in place.data.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return told


def two_at_once(place: Place) -> list[str]:
    """Two processes build the same index."""

    def both(tell: Tell) -> None:
        other = os.fork()
        build(place, tell)
        if not other:
            os._exit(0)
        os.waitpid(other, 0)

    return forked(both)[1]


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "all noise": lambda data: os.urandom(len(data)),
    "its middle noise": lambda data: (
        data[: len(data) // 3] + os.urandom(len(data) // 3) + data[2 * (len(data) // 3) :]
    ),
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "missing": lambda data: None,
}


def damaged(name: str, damage: str) -> Mishap:
    """A file of the index is not what it was."""

    def happen(place: Place) -> list[str]:
        write(place.corpus, 1, LARGE)
        forked(lambda tell: build(place, tell))
        files = list(place.data.rglob(name))
        for file in files:
            data = DAMAGES[damage](file.read_bytes())
            file.unlink() if data is None else file.write_bytes(data)
        told = [] if files else [f"fault: there is no file {name}"]
        return [*told, *forked(lambda tell: ask(place, tell))[1], *forked(lambda tell: build(place, tell))[1]]

    return happen


FILES = (
    "catalogue.sqlite3",
    "chroma.sqlite3",
    "header.bin",
    "data_level0.bin",
    "length.bin",
    "link_lists.bin",
)
MISHAPS: dict[str, Mishap] = {
    **{
        f"no file larger than {size // 1000} kB": full_disk(size)
        for size in (1_000, 20_000, 120_000, 180_000)
    },
    "a folder that may not be written to": not_to_be_written,
    "two builds at once": two_at_once,
    **{f"{name}: {damage}": damaged(name, damage) for name in FILES for damage in DAMAGES},
}


def ended(name: str, folder: Path) -> Ending:
    """Let one mishap happen in an empty folder."""
    place = Place(folder / "corpus", folder / "data")
    place.corpus.mkdir(parents=True)
    write(place.corpus, 1)
    said = MISHAPS[name](place)
    sentences = [line.removeprefix("said: ") for line in said if line.startswith("said: ")]
    if any("Delete '" in sentence for sentence in sentences):
        at = next(sentence for sentence in sentences if "Delete '" in sentence).partition("Delete '")[2]
        shutil.rmtree(at.partition("'")[0])
    left: list[str] = []
    for step in (build, ask):
        left += forked(lambda tell, step=step: step(place, tell))[1]  # type: ignore[misc]
    well = not left and not any(line.startswith("fault") for line in said) and _equals_straight(place, folder)
    return Ending(
        name, " / ".join(dict.fromkeys([*said, *left])).replace(str(folder), "…") or "repaired", well
    )


def _equals_straight(place: Place, folder: Path) -> bool:
    def compare(tell: Tell) -> None:
        straight = Place(place.corpus, folder / "straight")
        sync(straight, Hashes())
        if state(straight) == state(place):
            tell("same")

    return forked(compare)[1] == ["same"]


def main(argv: Sequence[str] | None = None) -> int:
    """Let all happen and print a table; exit code 1 where one did not end well."""
    import llama_index.core.ingestion  # noqa: F401 - what takes long is imported before the forks

    parser = argparse.ArgumentParser(prog="python -m evals.bench.mishaps", description=__doc__)
    parser.add_argument("--only", action="append", choices=MISHAPS, help="one of them; repeatable")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    endings = []
    for name in options.only or MISHAPS:
        with tempfile.TemporaryDirectory(prefix="footnote-mishap-") as folder:
            Path(folder).chmod(0o755)  # for nobody, too
            endings.append(ended(name, Path(folder)))
    if options.json:
        print(json.dumps([asdict(ending) for ending in endings], indent=2))
    else:
        print("| mishap | ended well | what was said |\n| --- | --- | --- |")
        for each in endings:
            print(f"| {each.mishap} | {'yes' if each.well else 'NO'} | {each.said} |", flush=True)
    return 0 if all(each.well for each in endings) else 1


if __name__ == "__main__":
    sys.exit(main())
