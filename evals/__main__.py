"""python -m evals: run the suites, compare runs, keep the gate and the published scores."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from assistant.facts import contains
from evals import commands, tuning
from evals.arguments import parser
from evals.commands import FAILED, USAGE
from evals.errors import UsageError
from evals.scores import Contains
from evals.session import OpenSystem, Tools
from evals.systems import open_system
from index.errors import FootnoteError


def main(
    argv: Sequence[str] | None = None,
    *,
    open_system: OpenSystem = open_system,
    contains: Contains = contains,
) -> int:
    """Run one command and give its exit code; `open_system` and `contains` are seams for tests."""
    args = parser().parse_args(argv)
    tools = Tools(open_system, contains)
    try:
        return _command(args, tools)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    except FootnoteError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}.", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where this one stopped", file=sys.stderr)
        return FAILED


def _command(args: argparse.Namespace, tools: Tools) -> int:
    match args.command:
        case "run":
            return commands.run(args, tools)
        case "check":
            return commands.check(args, tools)
        case "compare":
            return commands.compare(args, tools)
        case "report":
            return commands.write_report(args)
        case "add":
            return commands.add(args)
        case "docs":
            return commands.docs(args)
        case _:
            return tuning.calibrate(args)


if __name__ == "__main__":
    sys.exit(main())
