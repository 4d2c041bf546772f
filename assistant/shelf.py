"""The corpus folder as people change it from outside: files put in, taken out, put back, and read."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ShelfError
from index.corpus import look_through, path_within
from index.documents import Document
from index.errors import FootnoteError
from index.progress import Progress, unseen
from index.readers import MAX_BYTES, READERS
from index.receipts import NothingRead, Receipt

FORMATS = tuple(sorted(READERS))
_MOST_NAME = 120
"""Bytes of a file's name."""

Sync = Callable[[Progress], Receipt]
"""Brings the index up to date with the folder."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that was taken out; `token` puts it back."""

    token: str
    title: str


class Shelf:
    """The corpus folder. Removed files are kept aside, so that a removal can be undone."""

    def __init__(self, folder: Path, aside: Path, sync: Sync) -> None:
        """`aside` is the folder for what is removed, outside `folder`."""
        self._folder = folder
        self._aside = aside
        self._sync = sync

    def checked_name(self, name: str) -> str:
        """A file name as it may be put into the folder.

        Raises:
            ShelfError: it is no plain name, or no reader is for its type.
        """
        bare = name.replace("\\", "/").rpartition("/")[2].strip()
        if not bare or bare.startswith(".") or not bare.isprintable() or len(bare.encode()) > _MOST_NAME:
            raise ShelfError(
                f"'{bare[:40]}' cannot be a file's name here. Give the file a plain, shorter name."
            )
        if Path(bare).suffix.lower() not in READERS:
            raise ShelfError(
                f"{bare}: files of this type are not read; save it as one of {', '.join(FORMATS)}."
            )
        return bare

    def described(self) -> frozenset[str]:
        """The files, by path in the folder, that corpus.toml describes: they are not removed from here."""
        try:
            files = look_through(self._folder).files
        except FootnoteError:
            return frozenset()  # whoever changes the folder is told
        return frozenset(path_within(self._folder, file.path) for file in files if file.described)

    def add(self, name: str, file: Path) -> None:
        """Move a file into the folder under this name, in place of one of that name; `read` makes it a document.

        Raises:
            ShelfError: the name cannot be used, the file is too large, or the folder may not be written to.
        """
        target = self._folder / self.checked_name(name)
        if file.stat().st_size > MAX_BYTES:
            raise ShelfError(f"{name}: at most {MAX_BYTES // 10**6} MB are read. Split the file.")
        _move(file, target)

    def read(self, progress: Progress = unseen) -> Receipt:
        """Bring the index up to date with the folder.

        Raises:
            FootnoteError: as `index.sync.sync`, but where nothing could be read the receipt says so.
        """
        try:
            return self._sync(progress)
        except NothingRead as error:
            return error.receipt

    def remove(self, document: Document, progress: Progress = unseen) -> Removed:
        """Take a document's file out of the folder and the document out of the index.

        Raises:
            ShelfError: corpus.toml describes the file, it is the last one, or the folder may not be written to.
        """
        folder = look_through(self._folder)
        found = next(
            (f for f in folder.files if path_within(self._folder, f.path) == document.source_path), None
        )
        if found is None:
            raise ShelfError(
                f"The file of “{document.display_title}” is not in the folder any more. Read the folder."
            )
        if found.described:
            raise ShelfError(
                f"“{document.display_title}” is described in corpus.toml. "
                "Take its table out there, then remove the file."
            )
        if len(folder.files) == 1:
            raise ShelfError("This is the last document. Add another one before you remove it.")
        token = uuid.uuid4().hex
        kept = self._aside / token / document.source_path
        _move(found.path, kept)
        try:
            self.read(progress)
        except BaseException:
            _move(kept, found.path)
            raise
        return Removed(token, document.display_title)

    def restore(self, token: str, progress: Progress = unseen) -> str:
        """Put a removed file back and read it again; gives its name.

        Raises:
            ShelfError: it is not kept any more, or another file has its name by now.
        """
        aside = self._aside / token if re.fullmatch("[0-9a-f]{32}", token) else None
        kept = next((path for path in aside.rglob("*") if path.is_file()), None) if aside else None
        if aside is None or kept is None:
            raise ShelfError("The removed file is not kept any more. Upload it again.")
        target = self._folder / kept.relative_to(aside)
        if target.exists():
            raise ShelfError(f"There is another file '{target.name}' by now. Rename it, then undo.")
        _move(kept, target)
        shutil.rmtree(aside, ignore_errors=True)
        self.read(progress)
        return target.name


def _move(file: Path, target: Path) -> None:
    """Move a file so that it is never seen half written; hidden files are not read."""
    passing = target.with_name(f".{uuid.uuid4().hex}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, passing)
        passing.replace(target)
        file.unlink(missing_ok=True)
    except OSError as error:
        passing.unlink(missing_ok=True)
        raise ShelfError(
            f"'{target.name}' cannot be moved into '{target.parent}': {error.strerror or error}. "
            "Check that the folder may be written to."
        ) from error
