"""What a sync did, file by file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

from index.builds import differing
from index.documents import FileFacts, Paragraph
from index.errors import CorpusError

State = Literal[
    "added",  # a document that was not in the index
    "changed",  # other text, or other things said of the document
    "renamed",  # the same document under another path
    "unchanged",
    "removed",  # its file is gone, and so are its paragraphs and their former versions
    "duplicate",  # the same bytes as `duplicate_of`, which is indexed
    "failed",  # it could not be read; a version that was read before stays
    "skipped",  # no reader is for files of its type
]


@dataclass(frozen=True, slots=True)
class FileReceipt:
    """What became of one file; paragraphs are counted and named without the front matter.

    `added` to `removed` count paragraphs, a text that only moved being unchanged; `added_paragraphs` and
    `changed_paragraphs` are numbers in the present version, `removed_paragraphs` in the former one. `seconds` is what
    was spent on reading and embedding.
    """

    file: str
    document_id: str
    state: State
    paragraphs: int = 0
    notes: int = 0
    tables: int = 0
    pages: int | None = None
    encoding: str | None = None
    remarks: tuple[str, ...] = ()
    version: int | None = None
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    added_paragraphs: tuple[int, ...] = ()
    changed_paragraphs: tuple[int, ...] = ()
    removed_paragraphs: tuple[int, ...] = ()
    renamed_from: str | None = None
    duplicate_of: str | None = None
    reason: str | None = None
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """The receipt for people: a line, and one more for each remark."""
        name = self.file or self.document_id
        head = f"{self.state:9} {name}: "
        if self.reason is not None:
            # Reasons name the file without its folder.
            return [head + self.reason.removeprefix(f"{name.rpartition('/')[2]}: ")]
        if self.duplicate_of is not None:
            return [f"{head}the same as {self.duplicate_of}"]
        parts = [_count(self.paragraphs, "paragraph"), _count(self.notes, "note")]
        parts += [_count(self.tables, "table")] if self.tables else []
        parts += [_count(self.pages, "page")] if self.pages else []
        parts += [self.encoding] if self.encoding not in (None, "utf-8") else []
        text = _count(self.removed, "paragraph") if self.state == "removed" else ", ".join(parts)
        if self.renamed_from is not None:
            text += f"; was {self.renamed_from}, goes on as '{self.document_id}'"
        if self.state == "changed":
            text += _numbers(self)
        return [head + text, *(" " * 10 + remark for remark in self.remarks)]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sync did. `embedded` counts vectors, `added` to `removed` paragraphs."""

    files: tuple[FileReceipt, ...]
    embedded: int
    added: int = field(init=False)
    changed: int = field(init=False)
    unchanged: int = field(init=False)
    removed: int = field(init=False)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        for name in ("added", "changed", "unchanged", "removed"):
            object.__setattr__(self, name, sum(getattr(file, name) for file in self.files))

    @property
    def failed(self) -> tuple[FileReceipt, ...]:
        """The files that could not be read."""
        return tuple(file for file in self.files if file.state == "failed")

    def news(self, before: Receipt | None) -> tuple[FileReceipt, ...]:
        """What to tell after another receipt: what changed, and files that could not be read only once."""
        if before is None:
            return self.files
        told = {_standing(file) for file in before.files}
        return tuple(
            file
            for file in self.files
            if file.state != "unchanged"
            and (file.state in ("added", "changed", "renamed", "removed") or _standing(file) not in told)
        )

    def to_dict(self) -> dict[str, Any]:
        """The receipt as plain values, ready for JSON."""
        return asdict(self)

    def lines(self, files: Sequence[FileReceipt] | None = None) -> list[str]:
        """The receipt for people: these files, by default all, and the sums."""
        shown = self.files if files is None else files
        return [line for file in shown for line in file.lines()] + [
            f"{self} ({self.embedded} vectors embedded)"
        ]

    def __str__(self) -> str:
        line = f"{self.added} added, {self.changed} changed, {self.unchanged} unchanged"
        return line + (f", {self.removed} removed" if self.removed else "")


class NothingRead(CorpusError):
    """No file of the corpus folder could be read; `receipt` says why of each."""

    def __init__(self, message: str, receipt: Receipt) -> None:
        super().__init__(message)
        self.receipt = receipt


def counted(paragraphs: tuple[Paragraph, ...]) -> list[Paragraph]:
    """The paragraphs that are counted: all but the front matter."""
    return [paragraph for paragraph in paragraphs if paragraph.number > 0]


def described(receipt: FileReceipt, facts: FileFacts) -> FileReceipt:
    """The receipt with what the reader said of the file."""
    return replace(
        receipt, tables=facts.tables, pages=facts.pages, encoding=facts.encoding, remarks=facts.remarks
    )


def compared(
    name: str, document_id: str, state: State, former: tuple[Paragraph, ...], now: tuple[Paragraph, ...]
) -> FileReceipt:
    """Compare two versions: a text that stands in both is unchanged, wherever it stands."""
    before, after = counted(former), counted(now)
    old_hashes = {p.content_hash for p in before}
    added, changed, removed = differing(
        {p.number: p.content_hash for p in before}, {p.number: p.content_hash for p in after}
    )
    return FileReceipt(
        file=name,
        document_id=document_id,
        state=state,
        paragraphs=len(after),
        notes=len({note.number for p in after for note in p.notes}),
        added=len(added),
        changed=len(changed),
        unchanged=sum(p.content_hash in old_hashes for p in after),
        removed=len(removed),
        added_paragraphs=added,
        changed_paragraphs=changed,
        removed_paragraphs=removed,
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _standing(file: FileReceipt) -> tuple[str | None, ...]:
    return file.file, file.state, file.reason, file.duplicate_of


def _numbers(receipt: FileReceipt) -> str:
    told = {
        "changed": receipt.changed_paragraphs,
        "added": receipt.added_paragraphs,
        "removed": receipt.removed_paragraphs,
    }
    parts = [f"{word} ¶{runs(numbers)}" for word, numbers in told.items() if numbers]
    return f"; {', '.join(parts)}" if parts else ""


def runs(numbers: Sequence[int]) -> str:
    """Sorted numbers for people: 1, 4–6."""
    starts = [n for i, n in enumerate(numbers) if i == 0 or numbers[i - 1] != n - 1]
    ends = [a for a, b in pairwise(numbers) if b != a + 1] + list(numbers[-1:])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True))
