"""Backups: conversations, documents and the catalogue of the index in one zip file, and what is made of it again.

Vectors are not in it: the next build computes them from the documents. A backup is written beside its name and moved
there when it is whole; every member has its SHA-256 in the manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from assistant.errors import BackupError
from assistant.storage.repository import Storage
from assistant.storage.retention import Deleted
from assistant.version import VERSION
from index.catalogue import Catalogue
from index.corpus import look_through
from index.sync import Place, locked

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "footnote.sqlite3"
CATALOGUE = "catalogue.sqlite3"
CORPUS = "corpus"
"""The members: two databases, and the files of the corpus folder under `corpus/`."""


def make(place: Place, storage: Storage, target: Path) -> str:
    """Write a backup to `target`, which must not be there yet; when it was made, UTC in ISO 8601.

    Raises:
        BackupError: the file is there already or cannot be written.
        FootnoteError: a database cannot be copied; the message says why.
    """
    if target.exists():
        raise BackupError(f"'{target}' is there already. Name another file.")
    with _scratch(target) as folder:
        look_through(place.corpus)
        with locked(place), closing(place.catalogue()) as catalogue:
            made_at = _now()  # what is deleted while it is copied is deleted again later
            catalogue.copy_to(folder / CATALOGUE)
            storage.copy_to(folder / DATABASE)
            shutil.copytree(place.corpus, folder / CORPUS, ignore=_hidden, ignore_dangling_symlinks=True)
        _pack(folder, target, made_at)
    return made_at


def restore(file: Path, place: Place, database: Path) -> str:
    """Put a backup back, where there is nothing yet; when it was made. A build makes the vectors anew.

    Raises:
        BackupError: it is no whole backup, or there is something already where it goes.
    """
    for there in (place.corpus, place.folder, database):
        if there.exists() and (there.is_file() or any(there.iterdir())):
            raise BackupError(
                f"'{there}' is not empty, and a backup is put back only where there is nothing. Move it away, "
                "or set ASSISTANT_DATA and ASSISTANT_CORPUS to other folders."
            )
    place.data.mkdir(parents=True, exist_ok=True)
    with _scratch(place.data / "restored") as folder:
        made_at = _unpack(file, folder)
        try:
            place.corpus.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder / CORPUS, place.corpus, dirs_exist_ok=True)
            place.folder.mkdir(parents=True, exist_ok=True)
            (folder / CATALOGUE).replace(place.folder / CATALOGUE)
            _private(folder / DATABASE)
            (folder / DATABASE).replace(database)
        except OSError as error:
            raise BackupError(
                f"The backup cannot be put back: {error.strerror or error} ({error.filename}). Make room and check "
                f"that '{place.corpus}' and '{place.data}' may be written to, empty both, then try again."
            ) from error
    return made_at


def free_of(file: Path, gone: Sequence[Deleted]) -> None:
    """Write a backup anew without what was deleted since.

    Raises:
        BackupError: it is no whole backup, or it cannot be written.
    """
    with _scratch(file) as folder:
        made_at = _unpack(file, folder)
        documents = [each.id for each in gone if each.kind == "document"]
        with (
            closing(Storage(f"sqlite:///{folder / DATABASE}")) as storage,
            closing(Catalogue(folder / CATALOGUE)) as catalogue,
        ):
            storage.retention.apply(gone)
            for kept in [each for id, each in catalogue.kept().items() if id in documents]:
                (folder / CORPUS / PurePosixPath(kept.document.source_path)).unlink(missing_ok=True)
                catalogue.remove(kept.document.id, for_good=True)
            storage.copy_to(folder / f"{DATABASE}.new")
            catalogue.copy_to(folder / f"{CATALOGUE}.new")
        for name in (DATABASE, CATALOGUE):
            (folder / f"{name}.new").replace(folder / name)
            for beside in folder.glob(f"{name}-*"):  # what SQLite keeps beside its file
                beside.unlink()
        _pack(folder, file, made_at)


def _pack(folder: Path, target: Path, made_at: str) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    names = {path.relative_to(folder).as_posix(): path for path in files}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": made_at,
        "sha256": {name: _sha256(path) for name, path in names.items()},
    }
    passing = target.with_name(f".{target.name}.passing")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(passing, "w", zipfile.ZIP_DEFLATED) as archive:
            _private(passing)
            archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2))
            for name, path in names.items():
                archive.write(path, name)
        with passing.open("rb+") as written:
            os.fsync(written.fileno())
        passing.replace(target)
    except OSError as error:
        passing.unlink(missing_ok=True)
        raise BackupError(
            f"The backup '{target}' cannot be written: {error.strerror or error}. "
            "Make room, or name a file in another folder."
        ) from error


def _unpack(file: Path, folder: Path) -> str:
    """Unpack a backup into a folder, every member checked; when it was made."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            known = manifest["sha256"]
            if manifest["format"] != FORMAT:
                raise BackupError(
                    f"'{file}' has format {manifest['format']}, and this version of Footnote reads {FORMAT}. "
                    f"Use version {manifest['version']}, which made it."
                )
            if {*archive.namelist()} - {MANIFEST} != {*known} or not {DATABASE, CATALOGUE} <= {*known}:
                raise ValueError("its members are not those of its manifest")
            for name, digest in known.items():
                if not _is_within(name):
                    raise ValueError(f"'{name}' leads out of it")
                path = folder / PurePosixPath(name)
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as member, path.open("wb") as written:
                    shutil.copyfileobj(member, written)
                if _sha256(path) != digest:
                    raise ValueError(f"'{name}' is not what it was")
            (folder / CORPUS).mkdir(exist_ok=True)
            return str(manifest["made_at"])
    except FileNotFoundError as error:
        raise BackupError(f"There is no file '{file}'. Name the backup that is to be put back.") from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, NotImplementedError) as error:
        raise BackupError(f"'{file}' is no whole backup: {error}. Use another one.") from error
    except OSError as error:
        raise BackupError(
            f"The backup '{file}' cannot be unpacked: {error.strerror or error}. Make room and try again."
        ) from error


def _is_within(name: str) -> bool:
    path = PurePosixPath(name)
    plain = not path.is_absolute() and ".." not in path.parts and "\\" not in name
    return plain and (name in (DATABASE, CATALOGUE) or path.parts[:1] == (CORPUS,))


def _hidden(folder: str, names: list[str]) -> list[str]:
    """What a sync passes over, such as a file that is still being uploaded."""
    return [name for name in names if name.startswith(".")]


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """A folder for nobody else to read, on the same disk as `beside`, gone when the block ends."""
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".footnote-", dir=beside.parent))
    except OSError as error:
        raise BackupError(
            f"Nothing can be written in '{beside.parent}': {error.strerror or error}. Name a file elsewhere."
        ) from error
    try:
        yield folder
    except shutil.Error as error:
        first = error.args[0][0] if error.args and error.args[0] else ("", "", error)
        raise BackupError(
            f"'{first[0]}' cannot be copied: {first[2]}. Put it right and try again."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _private(path: Path) -> None:
    path.chmod(0o600)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
