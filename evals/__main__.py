"""python -m evals: run the suites, compare runs, keep the gate and the published scores."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from assistant.facts import contains
from evals import commands
from evals.cases import HALVES, KINDS
from evals.commands import FAILED, USAGE, OpenSystem, Tools
from evals.errors import UsageError
from evals.gate import BASELINE
from evals.scores import Contains
from evals.systems import SYSTEMS, open_system
from index.errors import FootnoteError

_EPILOG = """\
examples:
  python -m evals run corpus --half dev --json before.json
  python -m evals run corpus --half dev --system starter-256 --kind date --kind count
  python -m evals compare before.json after.json
  python -m evals report after.json --out report.md
  python -m evals check

exit codes: 0 done, 1 failed, 2 wrong usage
"""


def main(
    argv: Sequence[str] | None = None,
    *,
    open_system: OpenSystem = open_system,
    contains: Contains = contains,
) -> int:
    """Run one command and give its exit code; `open_system` and `contains` are seams for tests."""
    args = parser().parse_args(argv)
    try:
        if args.command in ("run", "check"):
            command = commands.run if args.command == "run" else commands.check
            return command(args, Tools(open_system, contains))
        other = {
            "compare": commands.compare,
            "report": commands.write_report,
            "docs": commands.docs,
            "calibrate": commands.calibrate,
        }
        return other[args.command](args)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    except FootnoteError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}.", file=sys.stderr)
        return FAILED


def parser() -> argparse.ArgumentParser:
    """The command line with its help texts."""
    top = argparse.ArgumentParser(
        prog="python -m evals",
        description="Questions with known answers: run them, compare runs, and keep the gate.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_check(commands)
    calibrate = commands.add_parser(
        "calibrate", help="fit the reader's judge and abstention threshold on a suite's development half"
    )
    calibrate.add_argument(
        "suite", metavar="SUITE", nargs="?", default="corpus", help="(default: %(default)s)"
    )
    calibrate.add_argument(
        "--refuse",
        type=float,
        default=0.65,
        help="the share of unanswerable cases to refuse (default: %(default)s)",
    )
    calibrate.add_argument("--data", type=Path, help="keep the indexes there (default: a temporary folder)")
    compare = commands.add_parser(
        "compare", help="what got better and what got worse between two results, paired by case"
    )
    compare.add_argument("before", type=Path, metavar="A.json", help="the earlier result of run --json")
    compare.add_argument("after", type=Path, metavar="B.json", help="the later one")
    report = commands.add_parser("report", help="a result as Markdown: tables by kind, and the misses")
    report.add_argument("result", type=Path, metavar="A.json", help="a result of run --json")
    report.add_argument("--out", type=Path, metavar="FILE.md", help="write there (default: print)")
    docs = commands.add_parser("docs", help="write the scores into README.md, and suites/schema.json")
    docs.add_argument("--check", action="store_true", help="write nothing, fail if something is out of date")
    docs.add_argument("--readme", type=Path, default=Path("README.md"), help="(default: %(default)s)")
    docs.add_argument("--baseline", type=Path, default=BASELINE, help="(default: the one beside the suites)")
    return top


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run",
        help="run a suite and print its metrics",
        description="Run a suite. Of the test half only aggregates are printed and kept, so that nobody "
        "tunes on it by accident.",
    )
    run.add_argument("suite", metavar="SUITE", help="a name in evals/suites (corpus), or a YAML file")
    run.add_argument(
        "--corpus", type=Path, default=Path("corpus"), help="the folder of documents (default: %(default)s)"
    )
    run.add_argument("--half", choices=HALVES, help="(default: both, each for itself)")
    run.add_argument("--kind", choices=KINDS, action="append", default=[], metavar="KIND",
                     help=f"only cases of this kind; may be repeated. One of {', '.join(KINDS)}")  # fmt: skip
    run.add_argument("--system", choices=SYSTEMS, default="footnote", help="(default: %(default)s)")
    run.add_argument("--json", type=Path, metavar="OUT", help="keep the result, for compare and report")
    run.add_argument("--junit", type=Path, metavar="OUT", help="write JUnit XML, for CI")
    run.add_argument("--data", type=Path, help="keep the index there (default: a temporary folder)")
    run.add_argument("--show-test", action="store_true", help="show the test half's questions and answers")


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser(
        "check",
        help="the gate: fail when an invariant breaks or a metric falls below the baseline",
        description="Run a suite on corpus/ and, where it is present, on ../shared/seeds (the originals that "
        "corpus/ restates), and compare with the baseline. Fails when an invariant breaks or a metric falls by "
        "more than its allowed drop.",
    )
    check.add_argument("suite", metavar="SUITE", nargs="?", default="corpus", help="(default: %(default)s)")
    check.add_argument(
        "--update", action="store_true", help="write the baseline, with the starters beside ours"
    )
    check.add_argument(
        "--corpus", type=Path, action="append", help="a folder to run on instead; may be repeated"
    )
    check.add_argument("--baseline", type=Path, default=BASELINE, help="(default: the one beside the suites)")
    check.add_argument("--data", type=Path, help="keep the indexes there (default: a temporary folder)")


if __name__ == "__main__":
    sys.exit(main())
