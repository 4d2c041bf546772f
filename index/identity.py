"""Which file is which document: ids that stay, renamed files, and copies.

A document is known by its content first and by its path second, so that a renamed or moved file goes on as the
document that it was. A file that corpus.toml gives an id has that one, whatever its content.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.corpus import CorpusFile, free_id, slug
from index.records import Kept


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the folder. `path` is the one within it; `sha256` is None where there is none to go by."""

    file: CorpusFile
    path: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Planned:
    """A file that is to be a document: under its final id, with the document that it goes on from, if any."""

    found: Found
    known: Kept | None

    @property
    def file(self) -> CorpusFile:
        """The file, with the id and the name that it goes by."""
        return self.found.file

    @property
    def renamed_from(self) -> str | None:
        """The path that the document's file had before, where it had another."""
        before = self.known.document.source_path if self.known else self.found.path
        return before if before != self.found.path else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a folder comes to.

    `copies` are the files with the content of another one, by the path of that one, best first; `gone` are the ids
    of the documents that no file is left for.
    """

    documents: tuple[Planned, ...]
    copies: Mapping[str, tuple[Found, ...]]
    gone: tuple[str, ...]


def plan(files: Sequence[Found], known: Mapping[str, Kept], reserved: Collection[str] = ()) -> Plan:
    """Match the files of a folder with the documents of the index, by id; no file gets a reserved id.

    Of several files with one content one is indexed: one that corpus.toml describes before others, then one that is
    in the index already, then the shortest path, then the first in the alphabet.
    """
    before = {kept.document.source_path: kept for kept in known.values()}
    copies = _copies(files, before)
    copied = {copy.path for group in copies.values() for copy in group}
    chosen = [found for found in files if found.path not in copied]
    documents = _identified(chosen, known, before, reserved)
    kept_ids = {planned.file.id for planned in documents}
    return Plan(tuple(documents), copies, tuple(sorted(set(known) - kept_ids)))


def _copies(files: Iterable[Found], before: Mapping[str, Kept]) -> dict[str, tuple[Found, ...]]:
    groups: dict[str, list[Found]] = {}
    for found in files:
        if found.sha256 is not None:
            groups.setdefault(found.sha256, []).append(found)

    def rank(found: Found) -> tuple[bool, bool, int, str]:
        kept = before.get(found.path)
        indexed = kept is not None and kept.document.sha256 == found.sha256
        return not found.file.described, not indexed, len(found.path), found.path

    ranked = [sorted(group, key=rank) for group in groups.values()]
    return {group[0].path: tuple(group[1:]) for group in ranked if len(group) > 1}


def _identified(
    files: Sequence[Found], known: Mapping[str, Kept], before: Mapping[str, Kept], reserved: Collection[str]
) -> list[Planned]:
    ids = {found.path: found.file.id for found in files if "id" in found.file.described}
    unnamed = [found for found in files if found.path not in ids]
    for match in (_same_file, _same_content, _same_path):
        free = {id: kept for id, kept in known.items() if id not in set(ids.values())}
        for found in unnamed:
            if found.path not in ids and (kept := match(found, free, before)) is not None:
                ids[found.path] = kept.document.id
                del free[kept.document.id]
    for found in unnamed:
        if found.path not in ids:
            ids[found.path] = free_id(slug(found.file.path.stem), {*ids.values(), *reserved})
    return [_planned(found, ids[found.path], known.get(ids[found.path])) for found in files]


def _same_file(found: Found, free: Mapping[str, Kept], before: Mapping[str, Kept]) -> Kept | None:
    kept = _same_path(found, free, before)
    return kept if kept is not None and kept.document.sha256 == found.sha256 else None


def _same_content(found: Found, free: Mapping[str, Kept], before: Mapping[str, Kept]) -> Kept | None:
    return next((kept for kept in free.values() if kept.document.sha256 == found.sha256), None)


def _same_path(found: Found, free: Mapping[str, Kept], before: Mapping[str, Kept]) -> Kept | None:
    kept = before.get(found.path)
    return free.get(kept.document.id) if kept is not None else None


def _planned(found: Found, id: str, kept: Kept | None) -> Planned:
    """`found` under its id; with the same content or path it also goes on under the name that it had at first."""
    name = found.file.name
    if kept is not None and (found.sha256 == kept.document.sha256 or found.path == kept.document.source_path):
        name = kept.facts.name or name
    return Planned(replace(found, file=replace(found.file, id=id, name=name)), kept)
