"""What a sync did, file by file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from index.documents import Paragraph


@dataclass(frozen=True, slots=True)
class FileReceipt:
    """What became of one file. Paragraphs are counted without the front matter."""

    file: str
    document_id: str
    state: str
    paragraphs: int = 0
    notes: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sync did. `embedded` counts vectors, the rest paragraphs."""

    files: tuple[FileReceipt, ...]
    embedded: int
    added: int = field(init=False)
    changed: int = field(init=False)
    unchanged: int = field(init=False)
    removed: int = field(init=False)

    def __post_init__(self) -> None:
        for name in ("added", "changed", "unchanged", "removed"):
            object.__setattr__(self, name, sum(getattr(file, name) for file in self.files))

    @property
    def failed(self) -> tuple[FileReceipt, ...]:
        """The files that could not be read."""
        return tuple(file for file in self.files if file.state == "failed")

    def to_dict(self) -> dict[str, Any]:
        """The receipt as plain values, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        line = f"{self.added} added, {self.changed} changed, {self.unchanged} unchanged"
        return line + (f", {self.removed} removed" if self.removed else "")


def counted(paragraphs: tuple[Paragraph, ...]) -> list[Paragraph]:
    """The paragraphs that are counted: all but the front matter."""
    return [paragraph for paragraph in paragraphs if paragraph.number > 0]


def compared(
    name: str, document_id: str, state: str, former: tuple[Paragraph, ...], now: tuple[Paragraph, ...]
) -> FileReceipt:
    """Compare two versions: a text that stands in both is unchanged, wherever it stands."""
    before, after = counted(former), counted(now)
    old_hashes = {p.content_hash for p in before}
    new_hashes = {p.content_hash for p in after}
    new_numbers = {p.number for p in after if p.content_hash not in old_hashes}
    gone_numbers = {p.number for p in before if p.content_hash not in new_hashes}
    changed = len(new_numbers & gone_numbers)
    return FileReceipt(
        file=name,
        document_id=document_id,
        state=state,
        paragraphs=len(after),
        notes=len({note.number for p in after for note in p.notes}),
        added=len(new_numbers) - changed,
        changed=changed,
        unchanged=sum(p.content_hash in old_hashes for p in after),
        removed=len(gone_numbers) - changed,
    )
