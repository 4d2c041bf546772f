"""The words of a run of paragraphs, kept as one file that is mapped into memory.

Only what no other paragraph changes is kept: which stem stands how often in which paragraph, and how many words each
has. The file is one array of NumPy's format:

    version, paragraphs, stems, postings, CRC-32 of what follows, 0, 0, 0
    stems     uint64, sorted: the first 8 bytes of the BLAKE2b of each
    lengths   words of each paragraph
    starts    where each stem's postings begin, and after them where the last ones end
    rows      the paragraphs in which a stem stands, in order
    counts    how often it stands there
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from index.shards import whole

LAYOUT = 1
_HEAD = 8
_WORD = np.dtype("<u4")
_STEM = np.dtype("<u8")
Words: TypeAlias = npt.NDArray[np.uint32]


class Postings:
    """Stem -> (paragraph, count) within a run of paragraphs. Read-only, safe to use from several threads."""

    def __init__(self, array: Words) -> None:
        """`array` is a whole file's, (words,); see `opened` for one that may be damaged."""
        self._array = array = np.asarray(array)  # still mapped: a memmap's own views take ten times as long
        paragraphs, stems, postings = (int(value) for value in array[1:4])
        ends = np.cumsum([_HEAD, 2 * stems, paragraphs, stems + 1, postings, postings])
        self.stems = array[_HEAD : ends[1]].view(_STEM)
        self.lengths, self._starts, self._rows, self._counts = (
            array[start:end] for start, end in pairwise(ends[1:])
        )

    @classmethod
    def of(cls, tokens: Sequence[Sequence[int]], vocabulary: Mapping[str, int]) -> Postings:
        """Of the tokens of each paragraph, as numbers in a vocabulary."""
        lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
        flat = np.fromiter(chain.from_iterable(tokens), dtype=np.int64, count=int(lengths.sum()))
        hashes = np.zeros(max(vocabulary.values(), default=-1) + 1, dtype=_STEM)
        for stem, number in vocabulary.items():
            hashes[number] = hashed(stem)
        stems, ranks = np.unique(hashes, return_inverse=True)
        placed = ranks[flat] * len(tokens) + np.repeat(np.arange(len(tokens)), lengths)
        places, counts = np.unique(placed, return_counts=True)
        numbers, rows = np.divmod(places, max(1, len(tokens)))
        starts = np.searchsorted(numbers, np.arange(len(stems) + 1))
        body = np.concatenate(
            [stems.view(_WORD), *(part.astype(_WORD) for part in (lengths, starts, rows, counts))]
        )
        head = [LAYOUT, len(tokens), len(stems), len(rows), zlib.crc32(body.data), 0, 0, 0]
        return cls(np.concatenate([np.array(head, dtype=_WORD), body]))

    @classmethod
    def opened(cls, file: Path) -> Postings | None:
        """Those of a file, mapped; None where it is not there or not as it was written."""
        try:
            array = np.load(file, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        if array.ndim != 1 or array.dtype != _WORD or len(array) < _HEAD or array[0] != LAYOUT:
            return None
        paragraphs, stems, postings = (int(value) for value in array[1:4])
        if len(array) != _HEAD + 2 * stems + paragraphs + stems + 1 + 2 * postings:
            return None
        return cls(array) if zlib.crc32(array[_HEAD:].data) == int(array[4]) else None

    def save(self, file: Path) -> None:
        """Write the file, which is seen whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        with whole(file) as passing, passing.open("wb") as stream:
            np.save(stream, self._array)

    def find(self, stems: npt.NDArray[np.uint64]) -> list[slice | None]:
        """For each stem's hash where its postings are; None where it does not stand here."""
        places = np.searchsorted(self.stems, stems)
        found: list[slice | None] = []
        for stem, place in zip(stems, places, strict=True):
            here = place < len(self.stems) and self.stems[place] == stem
            found.append(slice(int(self._starts[place]), int(self._starts[place + 1])) if here else None)
        return found

    def rows(self, where: slice) -> Words:
        """The paragraphs of some postings, each once."""
        return self._rows[where]

    def counts(self, where: slice) -> Words:
        """How often the stem stands in each of them."""
        return self._counts[where]


def hashed(stem: str) -> int:
    """A stem's number in the files. Two of a million stems have the same one with a probability of 3e-8."""
    return int.from_bytes(
        hashlib.blake2b(stem.encode(errors="surrogatepass"), digest_size=8).digest(), "little"
    )


def hashes_of(stems: Iterable[str]) -> npt.NDArray[np.uint64]:
    """The numbers of stems."""
    return np.array([hashed(stem) for stem in stems], dtype=_STEM)
