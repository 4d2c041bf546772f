"""The assistant's errors, under the index's `FootnoteError`: each message is one line that says what to do."""

from __future__ import annotations

from index.errors import FootnoteError


class QuestionError(FootnoteError):
    """A question that cannot be asked: empty, too long, or within documents that are not there."""


class ReaderError(FootnoteError):
    """The reader's weights are missing, damaged or do not fit this version."""


class StorageError(FootnoteError):
    """The database of conversations does not answer, is locked or damaged, or lacks what was asked for."""


class FileProblem(FootnoteError):
    """A file that cannot be added to the corpus folder, or taken out of it."""

    def __init__(self, message: str, *, too_large: bool = False, described: bool = False) -> None:
        super().__init__(message)
        self.too_large = too_large
        self.described = described


class ShelfError(FootnoteError):
    """A file that cannot be put into the corpus folder or taken out of it."""


class BackupError(FootnoteError):
    """A backup that cannot be written, read or put back."""


class EraseError(FootnoteError):
    """A document that cannot be erased."""
