"""Coverage-guided fuzzing of one target, by atheris (libFuzzer): a process of its own, which libFuzzer ends.

Its arguments: the target's name, then libFuzzer's own.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run until libFuzzer stops, or until an input breaks the target."""
    import atheris

    with atheris.instrument_imports(include=["index", "assistant"]):
        from evals.fuzz.targets import TARGETS
    name, *arguments = sys.argv[1:]
    atheris.Setup([sys.argv[0], *arguments], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
