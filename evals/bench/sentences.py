"""python -m evals.bench.sentences: sentence boundaries by published rules, beside two other splitters.

The rules are the golden rules of pragmatic_segmenter and pySBD: a text, and the sentences that it has. One is passed
where a splitter gives just these, white space at their ends aside.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from evals.report import table
from index.sentences import sentence_spans

_RULES = Path("sbd_golden")
# A file of rules begins with its language's name -> what pySBD and nltk call it; nltk has nothing for Chinese.
_LANGUAGES: dict[str, tuple[str, str | None]] = {
    "english": ("en", "english"),
    "deutsch": ("de", "german"),
    "russian": ("ru", "russian"),
    "chinese": ("zh", None),
}

Split = Callable[[str], Sequence[str]]
"""Takes a text, gives its sentences."""


def ours(_: str) -> Split:
    """The project's own, which asks for no language."""
    return lambda text: [text[start:end] for start, end in sentence_spans(text)]


def pysbd_for(language: str) -> Split | None:
    """PySBD with the rules of a language; None where it is not installed."""
    if importlib.util.find_spec("pysbd") is None:
        return None
    import pysbd

    split: Split = pysbd.Segmenter(language=_LANGUAGES[language][0], clean=False).segment
    return split


def nltk_for(language: str) -> Split | None:
    """Punkt with its model of a language, which llama-index brings along; None where there is none."""
    name = _LANGUAGES[language][1]
    frame = importlib.util.find_spec("llama_index.core")
    if name is None or frame is None or frame.origin is None:
        return None
    import nltk

    nltk.data.path.append(str(Path(frame.origin).parent / "_static" / "nltk_cache"))
    try:
        split: Split = nltk.tokenize.punkt.PunktTokenizer(name).tokenize
    except LookupError:
        return None
    return split


SPLITTERS: dict[str, Callable[[str], Split | None]] = {"footnote": ours, "pySBD": pysbd_for, "nltk": nltk_for}


def passed(split: Split, rules: Sequence[tuple[str, Sequence[str]]]) -> int:
    """How many rules a splitter passes."""
    return sum([sentence.strip() for sentence in split(text)] == list(wanted) for text, wanted in rules)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0, or 2 with a line on stderr where the rules are missing."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.sentences", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="(default: %(default)s)")
    args = parser.parse_args(argv)
    files = sorted((args.data / _RULES).glob("*.json"))
    if not files:
        print(
            f"error: there are no rules in '{args.data / _RULES}'; name the folder with --data.",
            file=sys.stderr,
        )
        return 2
    rows = []
    for path in files:
        language = next((name for name in _LANGUAGES if path.name.startswith(name)), None)
        if language is None:
            continue
        rules = json.loads(path.read_text(encoding="utf-8"))
        splitters = {name: make(language) for name, make in SPLITTERS.items()}
        shares = [
            f"{passed(split, rules) / len(rules):.2f}" if split else "–" for split in splitters.values()
        ]
        rows.append([language, str(len(rules)), *shares])
    print(table(["language", "rules", *SPLITTERS], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
