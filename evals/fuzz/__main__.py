"""Fuzz what reads files and models: python -m evals.fuzz TARGET --seconds 60

Inputs are guided by coverage (atheris, which has wheels for Python 3.11: pip install 'footnote[fuzz]'), beginning from
those in tests/cases/fuzz/TARGET. One that breaks the target is kept in the folder of --out; put it into
tests/cases/fuzz/TARGET once it is mended: the tests replay what is there. With FILE it is run on these inputs alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

CASES = Path("tests") / "cases" / "fuzz"
NAMES = (
    "text", "markdown", "html", "email", "pdf", "docx", "blocks", "sentences", "facts", "written", "stream"
)  # fmt: skip
SLOWEST = 20
"""Seconds that one input may take."""
LARGEST = 20_000
"""Bytes of an input."""


def main(argv: Sequence[str] | None = None) -> int:
    """Fuzz one target. Exit codes: 0 nothing broke, 1 an input did, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m evals.fuzz", description=__doc__)
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("file", type=Path, nargs="*", metavar="FILE", help="run the target on these alone")
    parser.add_argument("--seconds", type=int, default=60, help="how long (%(default)s)")
    parser.add_argument(
        "--out", type=Path, default=Path(".data") / "fuzz", help="what broke it (%(default)s)"
    )
    options = parser.parse_args(argv)
    if options.file:
        return _replay(options.target, options.file)
    if importlib.util.find_spec("atheris") is None:
        parser.error("atheris is not installed. With Python 3.11: pip install 'footnote[fuzz]'")
    return _fuzz(options.target, options.seconds, options.out)


def _replay(name: str, files: Sequence[Path]) -> int:
    from evals.fuzz.targets import TARGETS

    for file in files:
        began = time.monotonic()
        TARGETS[name](file.read_bytes())
        print(f"{file}: {time.monotonic() - began:.2f} s")
    return 0


def _fuzz(name: str, seconds: int, out: Path) -> int:
    out.mkdir(parents=True, exist_ok=True)
    seeds = [str(CASES / name)] if (CASES / name).is_dir() else []
    before = set(out.iterdir())
    with tempfile.TemporaryDirectory(prefix="footnote-fuzz-") as found:
        arguments = [
            f"-max_total_time={seconds}",
            f"-timeout={SLOWEST}",
            f"-max_len={LARGEST}",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
            f"-artifact_prefix={out}/{name}-",
        ]
        code = subprocess.run(
            [sys.executable, "-m", "evals.fuzz.drive", name, *arguments, found, *seeds], check=False
        ).returncode
    for path in sorted(set(out.iterdir()) - before):
        print(f"{path} breaks it. Again: python -m evals.fuzz {name} {path}", file=sys.stderr)
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
