"""python -m assistant ask, replay, backup, doctor, erase, feedback, keys, mcp, restore, tidy: on the command line."""

from __future__ import annotations

import argparse
import gc
import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict

from assistant import keys, safekeeping
from assistant.answers import Answer, Citation, Question, Turn
from assistant.errors import StorageError
from assistant.settings import read_settings
from index.documents import NO_DATE
from index.errors import FootnoteError
from index.paragraphs import readable_date
from index.progress import shown

VERDICTS = {
    "supported": "Supported by the documents",
    "partly_supported": "Partly supported: the documents answer only a part",
    "conflicting": "The documents disagree",
    "not_in_corpus": "Not in the documents",
}
_WIDTH = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Exit codes: 0 done, 1 failed with one line on stderr, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except FootnoteError as error:
        print(f"assistant: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m assistant", description="Ask the documents; every sentence comes with its paragraph."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    ask = commands.add_parser("ask", help="answer a question")
    ask.add_argument("question")
    ask.add_argument(
        "--history", action="append", default=[], metavar="QUESTION", help="an earlier question; repeatable"
    )
    ask.add_argument(
        "--document", action="append", default=[], metavar="ID", help="only within this document; repeatable"
    )
    ask.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    ask.set_defaults(run=_ask)
    replay = commands.add_parser(
        "replay", help="ask a kept answer's question again, on the corpus as it was then"
    )
    replay.add_argument("answer", metavar="ID", help="the answer's id")
    replay.add_argument(
        "--on",
        metavar="VERSION",
        help="another corpus version, or 'now'; by default the one that the answer was given on",
    )
    replay.add_argument("--json", action="store_true", help="print both answers as JSON")
    replay.set_defaults(run=_replay)
    doctor = commands.add_parser(
        "doctor", help="what is installed, loaded and reachable, and that nothing phones home"
    )
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(run=_doctor)
    keys.add_parser(commands)
    safekeeping.add_parsers(commands)
    mcp = commands.add_parser("mcp", help="serve the Model Context Protocol over stdin and stdout")
    mcp.set_defaults(run=_mcp)
    feedback = commands.add_parser(
        "feedback", help="what people said of answers, as JSON lines for: python -m evals add"
    )
    feedback.add_argument("--all", action="store_true", help="thumbs up, too")
    feedback.set_defaults(run=_feedback)
    return parser


@contextmanager
def _uncollected() -> Iterator[None]:
    """Looks for no garbage: all that is imported would be looked through, an eighth of the time to an answer."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@_uncollected()
def _ask(options: argparse.Namespace) -> int:
    from assistant.wiring import build

    settings = read_settings()
    with shown() as progress, closing(build(settings, progress)) as assistant:
        history = tuple(Turn("user", earlier) for earlier in options.history)
        answer = assistant.ask(Question(options.question, history, tuple(options.document)))
    print(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2) if options.json else _readable(answer))
    return 0


def _replay(options: argparse.Namespace) -> int:
    from assistant.replay import compared, question_of, version_meant
    from assistant.wiring import build, open_storage

    settings = read_settings()
    with closing(open_storage(settings)) as storage:
        kept = storage.answer(options.answer)
    if kept is None:
        raise StorageError(
            f"No answer '{options.answer}' is kept. Take the id of one from the chat or the API."
        )
    with shown() as progress, closing(build(settings, progress)) as assistant:
        version = version_meant(kept, options.on)
        asked = assistant if version is None else assistant.at(version)
        found = compared(kept.answer, asked.ask(question_of(kept)))
    if options.json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=2))
        return 0
    same = "the same answer" if found.same_answer else f"another answer than on {found.then.corpus_version}"
    print(f"Asked again on corpus version {found.again.corpus_version}: {same}.\n\n{_readable(found.again)}")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from assistant.doctor import examine

    findings = examine(read_settings())
    if options.json:
        print(json.dumps([finding.to_dict() for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            print(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what}: {finding.found}")
    return 0 if all(finding.ok for finding in findings) else 1


def _mcp(options: argparse.Namespace) -> int:
    from assistant.stdio import serve_stdio

    return serve_stdio()


def _feedback(options: argparse.Namespace) -> int:
    from assistant.exports.feedback import to_lines
    from assistant.wiring import open_storage

    with closing(open_storage(read_settings())) as storage:
        print(to_lines(storage.feedback(None if options.all else "down")), end="")
    return 0


def _readable(answer: Answer) -> str:
    lines = [f"{VERDICTS[answer.verdict]} ({answer.confidence:.0%} likely to be answered by them)", ""]
    if answer.standalone_question != answer.question.strip():
        lines[:0] = [f"Understood as: {answer.standalone_question}"]
    if answer.short_answer:
        lines += [answer.short_answer, ""]
    lines += [_wrapped(paragraph) for paragraph in answer.answer.split("\n\n")]
    lines.append("")
    for citation in answer.citations:
        lines.append(_wrapped(_source(citation), indent="    ", first=f"[{citation.number}] "))
        for note in citation.notes:
            link = f" {note.url}" if note.url else ""
            lines.append(_wrapped(f"note {note.number}: {note.text}{link}", indent="      ", first="    "))
    if not answer.citations and answer.looked_at:
        lines.append("Nearest paragraphs:")
        lines += [f"  {seen.document_id} ¶{seen.paragraph}: {seen.why_not}" for seen in answer.looked_at]
    lines += ["", answer.degraded] if answer.degraded else []
    written = f"written by {answer.model}" if answer.mode == "generative" else answer.mode
    lines += ["", f"{written}, corpus version {answer.corpus_version}"]
    return "\n".join(lines)


def _source(citation: Citation) -> str:
    date = readable_date(citation.date) if citation.date else NO_DATE
    parts = [citation.title, citation.publisher, date, f"¶{citation.paragraph}"]
    unsure = "" if citation.check == "verified" else f" (not verified: {', '.join(citation.missing_facts)})"
    return ", ".join(part for part in parts if part) + f" {citation.permalink}{unsure}"


def _wrapped(text: str, indent: str = "", first: str = "") -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=first or indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


if __name__ == "__main__":
    sys.exit(main())
