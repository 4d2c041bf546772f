"""The command line of `python -m evals`, with its help texts."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from evals.baseline import BASELINE
from evals.candidates import CANDIDATES
from evals.cases import HALVES, KINDS, suite_names
from evals.public import SETS
from evals.systems import SYSTEMS, is_system

FITTED_ON = ("corpus", "delta", "strait", "harbour", "rail")
"""The suites whose development halves the judge that is shipped was fitted on."""
_EPILOG = """\
examples:
  python -m evals run corpus --half dev --json before.json
  python -m evals run robustness --tag misspelling
  python -m evals run squad:../shared/data/squad --clusters 4 --limit 200
  python -m evals compare before.json after.json
  python -m evals compare starter hybrid+reader corpus nq:../shared/data/nq_oracle --limit 300
  python -m evals report after.json --out report.html
  python -m evals check smoke
  python -m evals add feedback.json

exit codes: 0 done, 1 failed, 2 wrong usage
"""


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
    _add_compare(commands)
    report = commands.add_parser("report", help="results as one HTML page, or as Markdown")
    report.add_argument("result", type=Path, nargs="+", metavar="A.json", help="results of --json")
    report.add_argument(
        "--out", type=Path, metavar="FILE", help="FILE.html or FILE.md (default: print Markdown)"
    )
    add = commands.add_parser("add", help="make a candidate case from feedback, for a person to accept")
    add.add_argument(
        "feedback", type=Path, metavar="FEEDBACK.json", help="a record or several; - reads stdin"
    )
    add.add_argument(
        "--corpus", type=Path, default=Path("corpus"), help="the folder of documents (default: %(default)s)"
    )
    add.add_argument(
        "--out", type=Path, default=CANDIDATES, metavar="FILE.yaml", help="(default: %(default)s)"
    )
    docs = commands.add_parser("docs", help="write the scores into README.md, and suites/schema.json")
    docs.add_argument("--check", action="store_true", help="write nothing, fail if something is out of date")
    docs.add_argument("--readme", type=Path, default=Path("README.md"), help="(default: %(default)s)")
    docs.add_argument("--baseline", type=Path, default=BASELINE, help="(default: the one beside the suites)")
    _add_calibrate(commands)
    return top


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run",
        help="run a suite and print its metrics",
        description="Run a suite or a public set. Of a test half only aggregates are printed and kept, so that nobody "
        "tunes on it by accident.",
    )
    run.add_argument("suite", metavar="SUITE", help=_suites_help())
    run.add_argument("--kind", choices=KINDS, action="append", default=[], metavar="KIND",
                     help=f"only cases of this kind; may be repeated. One of {', '.join(KINDS)}")  # fmt: skip
    run.add_argument("--system", type=_system, default="footnote", metavar="SYSTEM",
                     help=f"one of {', '.join(SYSTEMS)}, or generative:MODEL (default: %(default)s)")  # fmt: skip
    _add_selection(run)
    _add_outputs(run)


def _add_compare(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    compare = commands.add_parser(
        "compare",
        help="what got better and what got worse between two results or systems, paired by case",
        description="Compare two results of --json, or run two systems on suites and public sets. Differences come "
        "with a paired 95% bootstrap interval over clusters of cases.",
    )
    compare.add_argument(
        "before", metavar="A", help=f"A.json, or one of {', '.join(SYSTEMS)}, or generative:MODEL"
    )
    compare.add_argument("after", metavar="B", help="B.json, or another system")
    compare.add_argument(
        "suite", metavar="SUITE", nargs="*", help=f"for systems: {_suites_help()} (default: corpus)"
    )
    _add_selection(compare)
    _add_outputs(compare)


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser(
        "check",
        help="the gate: fail when an invariant breaks or a metric got worse than the baseline",
        description="Run the suites on corpus/ and, where it is present, on ../shared/seeds (the originals that "
        "corpus/ restates), and compare with the baseline, case by case. Fails when an invariant breaks, when a metric "
        "got worse by more than chance (paired bootstrap, 99%), or when one is under its floor.",
    )
    check.add_argument("suite", metavar="SUITE", nargs="*", default=["all"],
                       help="suites, or smoke for a minute's worth of cases (default: all)")  # fmt: skip
    check.add_argument("--tag", action="append", default=[], help="only cases with this tag; may be repeated")
    check.add_argument("--update", "--update-baseline", action="store_true",
                       help="write the baseline, with other systems beside ours, and the README's scores; needs "
                       "--reason")  # fmt: skip
    check.add_argument("--reason", metavar="TEXT", help="why the baseline is changed; it is kept there")
    check.add_argument(
        "--corpus", type=Path, action="append", help="a folder to run on instead; may be repeated"
    )
    check.add_argument("--baseline", type=Path, default=BASELINE, help="(default: the one beside the suites)")
    check.add_argument("--jobs", type=_count, default=os.cpu_count() or 1, metavar="N",
                       help="run at most so many corpora side by side (default: as many as processors)")  # fmt: skip
    check.add_argument("--data", type=Path, help="keep the indexes there (default: a temporary folder)")
    _add_outputs(check)


def _add_calibrate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    calibrate = commands.add_parser(
        "calibrate", help="fit the reader's judge and abstention threshold on suites' development halves"
    )
    calibrate.add_argument(
        "suite", metavar="SUITE", nargs="*", default=list(FITTED_ON), help=f"(default: {' '.join(FITTED_ON)})"
    )
    calibrate.add_argument(
        "--refuse",
        type=float,
        default=0.65,
        help="the share of unanswerable cases to refuse (default: %(default)s)",
    )
    calibrate.add_argument("--data", type=Path, help="keep the indexes there (default: a temporary folder)")


def _add_selection(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--corpus", type=Path, default=Path("corpus"), help="the folder of documents (default: %(default)s)"
    )
    command.add_argument("--half", choices=HALVES, help="(default: both, each for itself)")
    command.add_argument(
        "--tag", action="append", default=[], help="only cases with this tag; may be repeated"
    )
    command.add_argument(
        "--limit", type=int, metavar="N", help="of a public set, so many questions, drawn by a seed"
    )
    command.add_argument(
        "--clusters", type=int, metavar="N", help="of a public set, so many articles, drawn by a seed"
    )
    command.add_argument("--data", type=Path, help="keep the index there (default: a temporary folder)")
    command.add_argument(
        "--judge",
        action="store_true",
        help="have the language model of the settings judge faithfulness and relevance: advisory, in no gate",
    )
    command.add_argument(
        "--show-test", action="store_true", help="show the test half's questions and answers"
    )


def _add_outputs(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", type=Path, metavar="OUT", help="keep the result, for compare and report")
    command.add_argument("--junit", type=Path, metavar="OUT", help="write JUnit XML, for CI")
    command.add_argument("--html", type=Path, metavar="OUT", help="write the report as one HTML page")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _system(name: str) -> str:
    if not is_system(name):
        raise argparse.ArgumentTypeError(f"there is no system {name!r}; use one of {', '.join(SYSTEMS)}")
    return name


def _suites_help() -> str:
    return (
        f"one of {', '.join(suite_names())}, or all of them (all), or a YAML file, or a public set as KIND:FOLDER, "
        f"KIND one of {', '.join(SETS)}"
    )
