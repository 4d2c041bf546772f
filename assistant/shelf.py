"""The corpus folder as people change it from outside: files put in, taken out, put back, and read.

Chat and API both go through it; what may be called a document, and what may be taken out, is decided here alone.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ShelfError
from index.corpus import CORPUS_FILE, CorpusFile, look_through, path_within
from index.documents import Document
from index.errors import FootnoteError
from index.progress import Progress, unseen
from index.readers import MAX_BYTES, READERS
from index.receipts import NothingRead, Receipt

FORMATS = tuple(sorted(READERS))
MAX_NAME = 150
"""Bytes of a file's name."""
_PASSING = ".upload-"
_STALE_SECONDS = 3600.0
_passing: set[Path] = set()
"""The files that this process is moving in."""

Sync = Callable[[Progress], Receipt]
"""Brings the index up to date with the folder."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that was taken out; `token` puts it back."""

    token: str
    title: str


class Shelf:
    """The corpus folder. Safe to use from several threads; syncs follow one another by the index's lock."""

    def __init__(self, folder: Path, aside: Path, sync: Sync) -> None:
        """`aside` is the folder for what is removed and may be put back, outside `folder`."""
        self._folder = folder
        self._aside = aside
        self._sync = sync
        self.changed: Callable[[str, str], None] = _untold
        """Told of an action and its file when `add`, `remove` or `restore` has changed the folder."""

    def checked_name(self, name: str) -> str:
        """A file name as it may be put into the folder; of a path, what is behind its last slash.

        Raises:
            ShelfError: it is no plain name, or no reader is for its type.
        """
        bare = name.replace("\\", "/").rpartition("/")[2].strip()
        if not bare or bare.startswith(".") or bare == CORPUS_FILE or not bare.isprintable():
            raise ShelfError(f"'{bare[:40]}' cannot be a file's name here. Give the file a plain name.")
        if len(bare.encode(errors="replace")) > MAX_NAME:
            raise ShelfError(
                f"'{bare[:40]}…' cannot be a file's name here. Give the file one of at most {MAX_NAME} bytes."
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
            ShelfError: the name cannot be used, the file is empty or too large, or the folder may not be written to.
        """
        checked = self.checked_name(name)
        self._move_in([(checked, file)])
        self.changed("document.add", checked)

    def put(self, files: Sequence[tuple[str, bytes]]) -> tuple[str, ...]:
        """Put files (name, bytes) into the folder as `add` does, all or none of them; gives their names there.

        Raises:
            ShelfError: as `add`, for any of them.
        """
        names = [self.checked_name(name) for name, _ in files]
        with tempfile.TemporaryDirectory(prefix="footnote-") as folder:
            passing = []
            for number, (name, (_, data)) in enumerate(zip(names, files, strict=True)):
                path = Path(folder) / str(number)
                path.write_bytes(data)
                passing.append((name, path))
            self._move_in(passing)
        return tuple(names)

    def read(self, progress: Progress = unseen) -> Receipt:
        """Bring the index up to date with the folder.

        Raises:
            FootnoteError: as `index.sync.sync`, but where nothing could be read the receipt says so.
        """
        try:
            return self._sync(progress)
        except NothingRead as error:
            return error.receipt

    def content(self, document: Document) -> Path | None:
        """The file behind a document, if it is still there."""
        found = self._found(document, look_through(self._folder).files)
        return found.path if found else None

    def delete(self, document: Document) -> None:
        """Delete a document's file for good, where it is still there; `read` takes the document out of the index.

        Raises:
            ShelfError: as `remove`.
        """
        found = self._removable(document)
        try:
            if found is not None:
                found.path.unlink(missing_ok=True)
        except OSError as error:
            raise ShelfError(f"'{document.source_path}' cannot be deleted: {error.strerror}.") from error

    def remove(self, document: Document, progress: Progress = unseen) -> Removed:
        """Take a document's file out of the folder and the document out of the index; `restore` puts it back.

        Raises:
            ShelfError: corpus.toml describes the file, it is the last one, or the folder may not be written to.
        """
        found = self._removable(document)
        if found is None:
            raise ShelfError(
                f"The file of “{document.display_title}” is not in the folder any more. Read the folder."
            )
        token = uuid.uuid4().hex
        kept = self._aside / token / document.source_path
        _move(found.path, kept)
        try:
            self.read(progress)
        except BaseException:
            _move(kept, found.path)
            raise
        self.changed("document.remove", document.source_path)
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
        self.changed("document.restore", str(target.relative_to(self._folder)))
        self.read(progress)
        return target.name

    def _move_in(self, files: Sequence[tuple[str, Path]]) -> None:
        for name, file in files:
            size = file.stat().st_size
            if not size:
                raise ShelfError(f"{name}: the file is empty.")
            if size > MAX_BYTES:
                raise ShelfError(
                    f"{name}: at most {MAX_BYTES // 10**6} MB are read. Split the file.", "too-large"
                )
        for name, file in files:
            _move(file, self._folder / name)

    def _removable(self, document: Document) -> CorpusFile | None:
        files = look_through(self._folder).files
        found = self._found(document, files)
        if found is not None and found.described:
            raise ShelfError(
                f"“{document.display_title}” is described in corpus.toml. "
                "Take its table out there, then remove the file.",
                "described",
            )
        if found is not None and len(files) == 1:
            raise ShelfError("This is the last document. Add another one before you remove it.", "last")
        return found

    def _found(self, document: Document, files: Sequence[CorpusFile]) -> CorpusFile | None:
        return next((f for f in files if path_within(self._folder, f.path) == document.source_path), None)


def sweep(folder: Path) -> int:
    """Delete what processes that were killed while they moved files in have left in the folder; how many files."""
    left = []
    for path in folder.rglob(f"{_PASSING}*"):
        named = re.fullmatch(rf"{re.escape(_PASSING)}(\d+)-[0-9a-f]{{32}}", path.name)
        if named is not None and not _is_being_written(path, int(named[1])):
            left.append(path)
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _is_being_written(path: Path, writer: int) -> bool:
    """Whether the process that began a file may still be at it; another that has its number by now is not for long."""
    if writer == os.getpid():
        return path in _passing
    try:
        if time.time() - path.stat().st_mtime > _STALE_SECONDS:
            return False
        if os.name == "posix":
            os.kill(writer, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _untold(action: str, file: str) -> None:
    """Tells nobody."""


def _move(file: Path, target: Path) -> None:
    """Move a file so that it is never seen half written; hidden files are not read."""
    passing = target.with_name(f"{_PASSING}{os.getpid()}-{uuid.uuid4().hex}")
    _passing.add(passing)
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
    finally:
        _passing.discard(passing)
