"""The assistant's errors, under the index's `FootnoteError`: each message is one line that says what to do."""

from __future__ import annotations

from typing import Literal

from index.errors import FootnoteError


class QuestionError(FootnoteError):
    """A question that cannot be asked: empty, too long, or within documents that are not there."""


class ReaderError(FootnoteError):
    """The reader's weights are missing, damaged or do not fit this version."""


class StorageError(FootnoteError):
    """The database of conversations does not answer, is locked or damaged, or lacks what was asked for."""


class ShelfError(FootnoteError):
    """A file that cannot be put into the corpus folder or taken out of it."""

    def __init__(
        self, message: str, why: Literal["unusable", "too-large", "described", "last"] = "unusable"
    ) -> None:
        """`described`: corpus.toml describes the file; `last`: it is the only document."""
        super().__init__(message)
        self.why = why


class BackupError(FootnoteError):
    """A backup that cannot be written, read or put back."""


class EraseError(FootnoteError):
    """A document that cannot be erased."""
