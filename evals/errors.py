"""The evals' own errors, under the project's tree.

FootnoteError
├── SuiteError    a suite file has lines that cannot be used
├── UsageError    the command asks for something that does not exist
└── RunError      a result file, baseline or marked block cannot be used
"""

from __future__ import annotations

from index.errors import FootnoteError


class SuiteError(FootnoteError):
    """A suite cannot be used; one line of the message per wrong line of the file."""


class UsageError(FootnoteError):
    """The command was given something that does not exist; the exit code is 2."""


class RunError(FootnoteError):
    """What a command reads besides suites cannot be used."""
