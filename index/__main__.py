"""python -m index build | status | search | remove: the index on the command line.

The settings' environment variables say where corpus and index are; options go before them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.encoder import DEFAULT_ENCODER, SentenceEncoder
from index.errors import FootnoteError, IndexMissing
from index.library import Library
from index.progress import shown
from index.receipts import Receipt
from index.sync import Place, remove, sync


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Exit codes: 0 done, 1 failed with one line on stderr, 2 wrong usage."""
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
        epilog="Settings: ASSISTANT_CORPUS, ASSISTANT_DATA, ASSISTANT_ENCODER, ASSISTANT_CHROMA_URL.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="bring the index up to date with the folder")
    build.add_argument("folder", nargs="?", type=Path, help="the documents (default: the corpus folder)")
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
    return Place(corpus, data, os.environ.get("ASSISTANT_CHROMA_URL") or None)


def _encoder() -> SentenceEncoder:
    return SentenceEncoder(os.environ.get("ASSISTANT_ENCODER") or DEFAULT_ENCODER)


def _build(options: argparse.Namespace) -> int:
    with shown("embedding") as progress:
        receipt = sync(_place(options.folder), _encoder(), rebuild=True, progress=progress)
    _print(options, receipt.to_dict(), _receipt_lines(receipt))
    return 1 if receipt.failed else 0


def _receipt_lines(receipt: Receipt) -> list[str]:
    lines = []
    for file in receipt.files:
        name = file.file or file.document_id
        if file.state in ("failed", "skipped"):
            lines.append(f"{file.state:9} {name}: {file.reason}")
        else:
            lines.append(f"{file.state:9} {name}: {file.paragraphs} paragraphs, {file.notes} notes")
    return [*lines, f"{receipt} ({receipt.embedded} vectors embedded)"]


def _status(options: argparse.Namespace) -> int:
    place = _place()
    catalogue = place.catalogue()
    try:
        documents = catalogue.documents()
        if not documents:
            raise IndexMissing(f"There is no index in '{place.folder}'. Build it with: python -m index build")
        rows: list[dict[str, Any]] = [
            asdict(document) | {"paragraphs": sum(p.number > 0 for p in catalogue.paragraphs(document.id))}
            for document in documents
        ]
        encoder = catalogue.meta("encoder")
        vectors = len(catalogue.vectors())
    finally:
        catalogue.close()
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
    sys.exit(main())
