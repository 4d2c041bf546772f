"""python -m index build | status | search | remove: the index on the command line.

The settings' environment variables say where corpus and index are; options go before them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, cast, get_args

from index.allocator import preload
from index.builds import following
from index.chroma import server_named
from index.cluster import Cluster
from index.corpus import look_through
from index.encoder import DEFAULT_ENCODER, Encoder, Precision, SentenceEncoder
from index.errors import CorpusError, FootnoteError, IndexMissing, StoreError
from index.library import Library
from index.progress import shown
from index.receipts import NothingRead, Receipt
from index.sync import Place, remove, sync
from index.watch import follow
from index.workers import Limits

EXIT_CODES = """exit codes:
  0  done; of build: every file that a reader is for was read
  1  failed, with one line on stderr
  2  wrong usage
  3  build: the index is up to date, but some file could not be read; the receipt names it"""
SOME_UNREAD = 3

_BUILD = """Bring the index up to date with the folder, and print a receipt: a line for each file.

  added, changed, renamed, unchanged, removed   documents, with their paragraphs, notes, tables and pages
  duplicate    the same bytes as another file, which is indexed
  failed       could not be read, with the reason; a version that was read before stays citable
  skipped      no reader is for files of its type

A renamed file goes on as the document that it was. Of several files with the same content one is indexed: the one that
corpus.toml describes, else the one that is in the index, else the one with the shortest path."""
_SETTINGS = """settings (environment variables):
  ASSISTANT_CORPUS        the folder of documents (default: corpus)
  ASSISTANT_DATA          where the index is kept (default: .data)
  ASSISTANT_ENCODER       the encoder's name or path
  ASSISTANT_PRECISION     auto (the default), float32 or bfloat16: what the packaged encoder computes in
  ASSISTANT_CHROMA_URL    a Chroma server, as http://host:port; ASSISTANT_CHROMA_TENANT and ASSISTANT_CHROMA_DATABASE
                          name what is used of it, ASSISTANT_CHROMA_AUTH a header, as Authorization: Bearer KEY
  ASSISTANT_READ_SECONDS  the longest that reading one file may take (default: 120)"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Exit codes: 0 done, 1 failed with one line on stderr, 2 wrong usage, 3 some file was not read."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except FootnoteError as error:
        print(f"index: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"index: {error.filename or 'The disk'}: {error.strerror or error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("index: stopped; the next run completes what is missing.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m index",
        description="Build and look at the index of a folder of documents.",
        epilog=f"{EXIT_CODES}\n\n{_SETTINGS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser(
        "build",
        help="bring the index up to date with the folder",
        description=_BUILD,
        epilog=f"{EXIT_CODES}\n\n{_SETTINGS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    build.add_argument("folder", nargs="?", type=Path, help="the documents (default: the corpus folder)")
    how = build.add_mutually_exclusive_group()
    how.add_argument(
        "--watch", action="store_true",
        help="follow the folder: a receipt of every change (with --json one a line) until Ctrl-C",
    )  # fmt: skip
    how.add_argument(
        "--ray", nargs="?", const="", metavar="ADDRESS",
        help="read and embed on a Ray cluster, by default one on this machine; the folder goes before it",
    )  # fmt: skip
    build.set_defaults(run=_build)
    status = commands.add_parser("status", help="what is in the index")
    status.set_defaults(run=_status)
    search = commands.add_parser("search", help="the paragraphs nearest to a query")
    search.add_argument("query")
    search.add_argument("-k", type=int, default=8, help="how many (default: 8)")
    search.add_argument(
        "--document", action="append", default=[], help="only within this document; repeatable"
    )
    search.set_defaults(run=_search)
    take_out = commands.add_parser("remove", help="take a document out of the index; its file stays")
    take_out.add_argument("document", help="the document's id, as status shows it")
    take_out.set_defaults(run=_remove)
    for command in (build, status, search, take_out):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _place(folder: Path | None = None) -> Place:
    corpus = folder or Path(os.environ.get("ASSISTANT_CORPUS") or "corpus")
    data = Path(os.environ.get("ASSISTANT_DATA") or ".data")
    return Place(corpus, data, server_named(os.environ))


def _encoder() -> SentenceEncoder:
    precision = os.environ.get("ASSISTANT_PRECISION") or "auto"
    if precision not in get_args(Precision):
        raise FootnoteError(
            f"ASSISTANT_PRECISION is '{precision}'; it must be one of {', '.join(get_args(Precision))}."
        )
    name = os.environ.get("ASSISTANT_ENCODER") or DEFAULT_ENCODER
    return SentenceEncoder(name, cast("Precision", precision))


def _limits() -> Limits:
    value = os.environ.get("ASSISTANT_READ_SECONDS")
    if not value:
        return Limits()
    with suppress(ValueError):
        if 0 < (seconds := float(value)) <= 86_400:
            return Limits(seconds=seconds)
    raise FootnoteError(
        f"ASSISTANT_READ_SECONDS is '{value}'; it must be a number of seconds, above 0 and at most 86400."
    )


def _build(options: argparse.Namespace) -> int:
    place, encoder, limits = _place(options.folder), _encoder(), _limits()
    if options.watch:
        return _watch(options, place, encoder, limits)
    cluster = None
    if options.ray is not None:
        cluster = Cluster(partial(SentenceEncoder, encoder.name, encoder.precision), options.ray)
    try:
        with shown() as progress:
            receipt = sync(
                place, encoder, rebuild=True, retry=True, limits=limits, progress=progress, cluster=cluster
            )
    except NothingRead as error:
        if error.receipt.files:
            _print(options, error.receipt.to_dict(), error.receipt.lines())
        raise
    _print(options, receipt.to_dict(), receipt.lines())
    return SOME_UNREAD if receipt.failed else 0


def _watch(options: argparse.Namespace, place: Place, encoder: Encoder, limits: Limits) -> int:
    """Bring the index up to date at once and after every change, until Ctrl-C."""
    if not place.corpus.is_dir():
        look_through(place.corpus)  # raises: a folder that never was is a mistake
    before: Receipt | None = None

    def changed() -> None:
        nonlocal before
        try:
            with shown() as progress:
                receipt = sync(
                    place, encoder, rebuild=True, retry=before is None, limits=limits, progress=progress
                )
        except (CorpusError, StoreError, OSError) as error:
            print(f"index: {error} Still watching.", file=sys.stderr, flush=True)
            if not isinstance(error, NothingRead):
                return
            receipt = error.receipt
        _print_receipt(options, receipt, before)
        before = receipt

    print(f"index: watching '{place.corpus}'; Ctrl-C ends it.", file=sys.stderr, flush=True)
    with suppress(KeyboardInterrupt), following(place.folder):
        follow(place.corpus, changed, ignored=place.data)
    print("index: watching ended; the next run completes what is missing.", file=sys.stderr)
    return 0


def _print_receipt(options: argparse.Namespace, receipt: Receipt, before: Receipt | None) -> None:
    """One of many receipts: the news since the one before, or as JSON the whole in one line."""
    if options.json:
        print(json.dumps(receipt.to_dict(), ensure_ascii=False), flush=True)
    else:
        now = time.strftime("%H:%M:%S")
        print("\n".join(f"{now}  {line}" for line in receipt.lines(receipt.news(before))), flush=True)


def _status(options: argparse.Namespace) -> int:
    place = _place()
    with closing(place.catalogue()) as catalogue, catalogue.snapshot():
        documents = catalogue.documents()
        if not documents:
            raise IndexMissing(f"There is no index in '{place.folder}'. Build it with: python -m index build")
        rows: list[dict[str, Any]] = [
            asdict(document) | {"paragraphs": sum(p.number > 0 for p in catalogue.paragraphs(document.id))}
            for document in documents
        ]
        encoder = catalogue.meta("encoder")
        vectors = len(catalogue.vectors())
    summary = {
        "corpus": str(place.corpus), "data": str(place.folder), "encoder": encoder, "vectors": vectors,
        "documents": rows,
    }  # fmt: skip
    lines = [f"{row['id']:24} {row['paragraphs']:5} paragraphs  {row['title']}" for row in rows]
    lines.append(f"{len(rows)} documents, {vectors} vectors of {encoder}, in {place.folder}")
    _print(options, summary, lines)
    return 0


def _search(options: argparse.Namespace) -> int:
    library = Library(_place(), _encoder())
    try:
        known = [document.id for document in library.documents()]
        for unknown in sorted(set(options.document) - set(known)):
            raise IndexMissing(
                f"There is no document '{unknown}' in the index. There are: {', '.join(known)}."
            )
        hits = library.search(options.query, max(1, options.k), options.document)
        lines = []
        for hit in hits:
            legs = ", ".join(f"{found.leg} {found.score:.2f} (#{found.rank})" for found in hit.found_by)
            lines.append(f"{hit.score:6.2f}  {hit.paragraph.document_id} ¶{hit.paragraph.number}  [{legs}]")
            lines.append(f"        {hit.paragraph.text[:150]}")
        _print(options, [asdict(hit) for hit in hits], lines)
    finally:
        library.close()
    return 0


def _remove(options: argparse.Namespace) -> int:
    receipt = remove(_place(), options.document)
    _print(options, receipt.to_dict(), [f"{options.document}: {receipt.removed} paragraphs removed"])
    return 0


def _print(options: argparse.Namespace, value: object, lines: list[str]) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2) if options.json else "\n".join(lines))


if __name__ == "__main__":
    if sys.argv[1:2] == ["build"]:
        preload()
    sys.exit(main())
