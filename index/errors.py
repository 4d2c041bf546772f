"""The index's error tree. Each message says what was asked, what was found and what to do.

FootnoteError
├── IndexMissing     no index, or one that was never completed
├── IndexMismatch    built with another encoder or by another version of the program
├── CorpusError      the corpus folder or its corpus.toml cannot be used
│   └── NothingRead  no file of it could be read (in receipts.py, since it carries the receipt)
├── UnreadableFile   one file that no reader could turn into paragraphs
├── EncoderError     the encoder cannot be loaded or is not the published one
└── StoreError       the vector store does not answer
"""

from __future__ import annotations


class FootnoteError(Exception):
    """Something a person can put right; its message is one line and says how."""


class IndexMissing(FootnoteError):
    """There is no complete index where one was looked for."""


class IndexMismatch(FootnoteError):
    """The index on disk does not fit the settings."""


class VersionGone(FootnoteError):
    """A corpus version that cannot be asked any more, or never could."""


class CorpusError(FootnoteError):
    """The corpus folder or its description cannot be used."""


class UnreadableFile(FootnoteError):
    """One file could not be read; the others are not affected."""


class EncoderError(FootnoteError):
    """The encoder cannot be loaded."""


class StoreError(FootnoteError):
    """The vector store does not answer."""
