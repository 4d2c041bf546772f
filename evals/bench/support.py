"""python -m evals.bench.support: which errors in a written sentence are found, and how many true sentences are doubted.

True pairs: each sentence of the digests with the paragraph of the original that it restates, where the originals are
beside the project (--originals), else with its own paragraph; with --articles sentences of a folder of articles, as
they stand and restated by rule (evals.restated). False pairs: the same with one planted error of each kind
(evals.corruptions), and true sentences beside another paragraph. The lexical score (share of content words), the
encoder's (highest cosine to a sentence) and the reader's (its margin with the sentence as the question) each flag what
is below the threshold that 5 in 100 true pairs fall below; "facts" looks up figures and names alone; "check" is what
answers go through.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from assistant.facts import missing_facts
from assistant.support import support
from assistant.words import word_share
from evals.corruptions import CORRUPTIONS
from evals.pairs import ELSEWHERE, HALVES, TRUE, Pair, article_pairs, pairs
from evals.report import table
from evals.restated import RESTATED
from index.errors import FootnoteError
from index.sentences import sentence_spans

_FALSE_ALARMS = 0.05
_BATCH = 16


Scorer = Callable[[Sequence[Pair]], list[float]]


def lexical(found: Sequence[Pair]) -> list[float]:
    """The highest share of a sentence's content words in one sentence of the paragraph."""
    return [
        max(word_share(pair.sentence, pair.paragraph[a:b]) for a, b in sentence_spans(pair.paragraph))
        for pair in found
    ]


def encoded(found: Sequence[Pair]) -> list[float]:
    """The highest cosine to a sentence of the paragraph."""
    from index.encoder import SentenceEncoder

    beside = [[pair.paragraph[a:b] for a, b in sentence_spans(pair.paragraph)] for pair in found]
    texts = sorted({text for each in beside for text in each} | {pair.sentence for pair in found})
    vectors = dict(zip(texts, SentenceEncoder().passages(texts), strict=True))
    return [
        max(float(vectors[pair.sentence] @ vectors[text]) for text in each)
        for pair, each in zip(found, beside, strict=True)
    ]


def read(found: Sequence[Pair]) -> list[float]:
    """The span reader's margin over "no answer here", asked the sentence itself."""
    from assistant.reader.evidence import SPAN_WEIGHTS, load_weights
    from assistant.reader.span import SpanReader

    reader = SpanReader(SPAN_WEIGHTS, load_weights().span_sha256)
    margins: list[float] = []
    for at in range(0, len(found), _BATCH):
        batch = found[at : at + _BATCH]
        margins += [
            span.margin for span in reader.answers([p.sentence for p in batch], [p.paragraph for p in batch])
        ]
    return margins


SCORERS: Mapping[str, Scorer] = {"lexical": lexical, "encoder": encoded, "reader": read}


def flagged(found: Sequence[Pair], *, models: bool = True) -> dict[str, list[bool]]:
    """Method -> for each pair, whether it is flagged as not supported; without `models` by the rules alone."""
    result = {
        "facts": [bool(missing_facts(pair.sentence, pair.paragraph)) for pair in found],
        "check": [not support(pair.sentence, pair.paragraph).holds for pair in found],
    }
    for name, score in SCORERS.items():
        if models or name == "lexical":
            scores = score(found)
            true = sorted(s for s, pair in zip(scores, found, strict=True) if pair.kind == TRUE)
            threshold = true[int(_FALSE_ALARMS * len(true))]
            result[name] = [s < threshold for s in scores]
    return result


def rates(found: Sequence[Pair], flags: Sequence[bool]) -> dict[str, float]:
    """The share of flagged pairs of each kind: false alarms of "true", detection of the others."""
    return {
        kind: sum(f for f, p in zip(flags, found, strict=True) if p.kind == kind)
        / sum(p.kind == kind for p in found)
        for kind in dict.fromkeys(p.kind for p in found)
    }


def _rows(found: Sequence[Pair], measured: dict[str, dict[str, float]]) -> Iterator[list[str]]:
    kinds = (TRUE, *RESTATED, *CORRUPTIONS, ELSEWHERE)
    for kind in kinds:
        count = sum(pair.kind == kind for pair in found)
        if count:
            true = kind == TRUE or kind in RESTATED
            label = (
                "false alarms on " + (f"those {kind}" if kind in RESTATED else "true ones") if true else kind
            )
            yield [label, str(count), *(f"{each[kind]:.2f}" for each in measured.values())]


def main(argv: Sequence[str] | None = None) -> int:
    """Print or write the table."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench.support", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="(default: %(default)s)")
    parser.add_argument(
        "--originals", type=Path, default=Path("../shared/seeds"), help="(default: %(default)s)"
    )
    parser.add_argument(
        "--articles", type=Path, help="a folder of articles, a paragraph a line, in the corpus's place"
    )
    parser.add_argument(
        "--half",
        choices=HALVES,
        default="test",
        help="of the articles: the rules were written with dev in view (default: %(default)s)",
    )
    parser.add_argument(
        "--sentences", type=int, default=300, metavar="N", help="of the articles (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there, too")
    parser.add_argument("--rules", action="store_true", help="leave the encoder and the reader out")
    parser.add_argument("--missed", action="store_true", help="print the pairs that the check judges wrongly")
    args = parser.parse_args(argv)
    originals = args.originals if args.originals.is_dir() else None
    try:
        found = (
            article_pairs(args.articles, args.half, args.sentences)
            if args.articles
            else pairs(args.corpus, originals)
        )
        flags = flagged(found, models=not args.rules)
        measured = {name: rates(found, each) for name, each in sorted(flags.items())}
        if args.json:
            args.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    except (FootnoteError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    beside = f"beside '{originals}'" if originals and not args.articles else "beside their own paragraphs"
    whose = f"the {args.half} half of '{args.articles}'" if args.articles else f"'{args.corpus}'"
    print(f"sentences of {whose} {beside}; the share that is flagged\n")
    print(table(["", "pairs", *measured], list(_rows(found, measured))))
    for pair, flag in zip(found, flags["check"], strict=True) if args.missed else ():
        if flag == (pair.kind == TRUE or pair.kind in RESTATED):
            print(f"\n{pair.kind}: {pair.sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
