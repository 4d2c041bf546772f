"""The assistant's errors, under the index's `FootnoteError`: each message is one line that says what to do."""

from __future__ import annotations

from index.errors import FootnoteError


class QuestionError(FootnoteError):
    """A question that cannot be asked: empty, too long, or within documents that are not there."""


class ReaderError(FootnoteError):
    """The reader's weights are missing, damaged or do not fit this version."""


class StorageError(FootnoteError):
    """The database of conversations does not answer, is locked or damaged, or lacks what was asked for."""
