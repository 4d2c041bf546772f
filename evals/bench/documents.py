"""python -m evals.bench.documents: what is read from files whose text is known, beside two other readers.

Word F1 compares the words of a whole file, each as often as it occurs. Paragraph F1 counts a paragraph as found where
its words and those of one paragraph of the gold text agree with an F1 of at least 0.8. Case, width, punctuation and
markup do not count; Chinese, Japanese and Korean characters are words by themselves, so that where a reader puts
blanks between them does not count either. Seconds are those of one pass over a file, libraries loaded before.
"""

from __future__ import annotations

import argparse
import html
import importlib.util
import json
import logging
import re
import sys
import time
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from evals.report import table
from index.documents import Block
from index.errors import UnreadableFile

_ENOUGH = 0.8
_WORD = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
_MARKUP = re.compile(
    r"<!--.*?-->|^\s*(?:#{1,6}\s|[-*+]\s|>\s)|[*`|]|\\(?=[_*#])|^[\s|:-]+$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Case:
    """A file and its gold paragraphs, headings and cells included."""

    name: str
    path: Path
    gold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What one reader made of one file; an error in words where it made nothing of it."""

    case: str
    reader: str
    word_f1: float
    paragraph_f1: float
    seconds: float
    error: str | None = None


Read = Callable[[Path], list[str]]
"""Takes a file, gives the texts of its paragraphs."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader to compare: its name, the module that has to be installed, and how it reads."""

    name: str
    module: str
    read: Read


def pdf_cases(data: Path) -> list[Case]:
    """The PDFs that have a gold text in Markdown beside them."""
    return [
        Case(path.name, path, markdown_paragraphs(gold.read_text(encoding="utf-8")))
        for path in sorted((data / "docs" / "pdf").glob("*.pdf"))
        if (gold := path.with_suffix(".md")).is_file()
    ]


# A format is a line here: its name, and where its cases are found in the folder of data.
FORMATS: Mapping[str, Callable[[Path], list[Case]]] = {"pdf": pdf_cases}


def markdown_paragraphs(text: str) -> tuple[str, ...]:
    """The blocks of a Markdown text without its markup; items of a list and rows of a table one by one."""
    paragraphs: list[str] = []
    for block in re.split(r"\n\s*\n", html.unescape(text)):
        lines = block.strip().split("\n")
        alone = any(re.match(r"\s*(?:[-*+]\s|\d+[.)]\s|\|)", line) for line in lines)
        paragraphs += lines if alone else [" ".join(lines)]
    plain = (_MARKUP.sub(" ", paragraph) for paragraph in paragraphs)
    return tuple(paragraph for paragraph in plain if words(paragraph))


def words(text: str) -> Counter[str]:
    """The normalised words of a text, each with how often it occurs."""
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def word_f1(found: Counter[str], gold: Counter[str]) -> float:
    """The harmonic mean of precision and recall of words; 1 where both are empty."""
    total = found.total() + gold.total()
    return 2 * (found & gold).total() / total if total else 1.0


def paragraph_f1(found: Sequence[str], gold: Sequence[str]) -> float:
    """The harmonic mean of precision and recall of paragraphs, each matched once, the most alike first."""
    ours, theirs = [words(text) for text in found], [words(text) for text in gold]
    pairs = sorted(
        (
            (f1, i, j)
            for i, a in enumerate(ours)
            for j, b in enumerate(theirs)
            if (f1 := word_f1(a, b)) >= _ENOUGH
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    left, right = set(range(len(ours))), set(range(len(theirs)))
    for _, i, j in pairs:
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
    total = len(ours) + len(theirs)
    return 2 * (len(ours) - len(left)) / total if total else 1.0


def score(case: Case, reader: Reader) -> Score:
    """One reader on one file."""
    started = time.perf_counter()
    try:
        found = reader.read(case.path)
    except (UnreadableFile, ValueError, OSError, RuntimeError) as error:
        return Score(case.name, reader.name, 0.0, 0.0, 0.0, f"{type(error).__name__}: {error}")
    seconds = time.perf_counter() - started
    whole = word_f1(words("\n".join(found)), words("\n".join(case.gold)))
    return Score(case.name, reader.name, whole, paragraph_f1(found, case.gold), seconds)


def bench(data: Path, formats: Sequence[str], readers: Sequence[Reader]) -> Iterator[Score]:
    """Every reader on every case of these formats."""
    for name in formats:
        cases = FORMATS[name](data)
        if not cases:
            print(f"{name}: no file with a gold text under {data}.", file=sys.stderr)
            continue
        for reader in readers:
            score(cases[0], reader)  # loads what is loaded on first use
        for case in cases:
            yield from (score(case, reader) for reader in readers)


def read_ours(path: Path) -> list[str]:
    """The texts of all blocks that the project's reader gives, labels and markers of notes where they stood."""
    from index.readers import read_file

    return [as_printed(block) for block in read_file(path, path.read_bytes()).blocks]


def as_printed(block: Block) -> str:
    """A block's text with the label and the markers that its reader took out of it."""
    text = block.text
    for mark in reversed(block.marks):
        text = f"{text[: mark.at]} {mark.label.partition(',')[0]} {text[mark.at :]}"
    return f"{block.label.partition(',')[0]} {text}" if block.label else text


def read_with_llama_index(path: Path) -> list[str]:
    """What llama-index's SimpleDirectoryReader gives, cut at blank lines."""
    from llama_index.core import SimpleDirectoryReader

    documents = SimpleDirectoryReader(input_files=[str(path)]).load_data()
    return _blocks("\n\n".join(str(document.text) for document in documents))


def read_with_markitdown(path: Path) -> list[str]:
    """What markitdown gives, as the paragraphs of its Markdown."""
    from markitdown import MarkItDown

    return list(markdown_paragraphs(str(MarkItDown(enable_plugins=False).convert(str(path)).text_content)))


READERS = (
    Reader("footnote", "index", read_ours),
    Reader("llama-index", "llama_index.readers.file", read_with_llama_index),
    Reader("markitdown", "markitdown", read_with_markitdown),
)


def installed(readers: Sequence[Reader]) -> list[Reader]:
    """The readers whose module is there; the others are named on stderr."""
    there = []
    for reader in readers:
        if _is_installed(reader.module):
            there.append(reader)
        else:
            print(
                f"{reader.name} is not installed and left out: pip install 'footnote[bench]'.",
                file=sys.stderr,
            )
    return there


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package that it would be in
        return False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the comparison and print or write the scores."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.documents", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="(default: %(default)s)")
    parser.add_argument("--format", action="append", choices=sorted(FORMATS), help="all, if none is given")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the scores there, too")
    args = parser.parse_args(argv)
    if not args.data.is_dir():
        print(f"error: there is no folder '{args.data}'; name one with --data.", file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")  # the peers'
    logging.disable(logging.WARNING)
    scores = list(bench(args.data, args.format or sorted(FORMATS), installed(READERS)))
    if args.json:
        args.json.write_text(json.dumps([asdict(one) for one in scores], indent=1) + "\n", encoding="utf-8")
    print(_text(scores))
    return 0


def _blocks(text: str) -> list[str]:
    return [block for block in re.split(r"\n\s*\n", text) if block.strip()]


def _text(scores: Sequence[Score]) -> str:
    rows = [
        [
            one.case,
            one.reader,
            one.error or f"{one.word_f1:.3f}",
            "" if one.error else f"{one.paragraph_f1:.3f}",
            "" if one.error else f"{one.seconds:.2f}",
        ]
        for one in scores
    ]
    return table(["file", "reader", "word F1", "paragraph F1", "seconds"], rows)


if __name__ == "__main__":
    sys.exit(main())
