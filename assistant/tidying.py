"""What is no longer to be kept goes: old conversations, removed files, and either in backups."""

from __future__ import annotations

import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant import backups
from assistant.errors import BackupError, EraseError
from assistant.shelf import sweep
from assistant.storage.repository import Storage
from index.corpus import look_through, path_within
from index.sync import Place, remove

UNDO_SECONDS = 86_400
"""How long a file that was removed in the chat is kept aside, so that the removal can be undone."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """What went: conversations and single answers, files kept aside or left by uploads that were killed, backups; and
    backups that were written anew."""

    conversations: int = 0
    files: int = 0
    backups: int = 0
    rewritten: int = 0
    failed: tuple[str, ...] = ()


def tidy(
    place: Place, storage: Storage, keep_days: int | None, *, undo_seconds: float = UNDO_SECONDS
) -> Tidied:
    """Delete what is kept for longer than the settings say, and let every deletion reach the backups.

    Raises:
        StorageError: the database does not answer.
    """
    conversations = 0
    oldest = ""
    if keep_days is not None:
        limit = datetime.now(UTC) - timedelta(days=keep_days)
        conversations, oldest = storage.retention.forget_before(limit), limit.isoformat()
    files = _forget_removed(place.folder / "removed", undo_seconds) + sweep(place.corpus)
    gone, rewritten, failed = 0, 0, []
    for backup in storage.retention.backups():
        path = Path(backup.path)
        if not path.exists() or backup.made_at < oldest:
            path.unlink(missing_ok=True)
            storage.retention.forget_backup(backup.path)
            gone += 1
            continue
        deletions = storage.retention.deletions(since=backup.cleaned_at)
        if deletions:
            try:
                backups.free_of(path, deletions)
            except BackupError as error:
                failed.append(str(error))
                continue
            storage.retention.cleaned(backup.path, max(each.at for each in deletions))
            rewritten += 1
    storage.retention.forget_deletions()
    return Tidied(conversations, files, gone, rewritten, tuple(failed))


def erase(place: Place, storage: Storage, document_id: str) -> int:
    """Delete a document for good, with its versions and the answers that cite it; how many answers.

    The next `tidy` takes it out of backups.

    Raises:
        EraseError: there is no such document, or corpus.toml describes its file.
        FootnoteError: index or database do not answer.
    """
    with closing(place.catalogue()) as catalogue:
        kept = catalogue.kept().get(document_id)
    if kept is None:
        raise EraseError(f"There is no document '{document_id}'. List them with: python -m index status")
    path = kept.document.source_path
    for file in look_through(place.corpus).files:
        if path_within(place.corpus, file.path) != path:
            continue
        if file.described:
            raise EraseError(
                f"corpus.toml describes '{path}'. Take its table out there, then erase the document."
            )
        try:
            file.path.unlink()
        except OSError as error:
            raise EraseError(
                f"'{path}' cannot be deleted: {error.strerror}. Check that its folder may be written to."
            ) from error
    for aside in (place.folder / "removed").glob(f"*/{path}"):
        aside.unlink()
    remove(place, document_id, for_good=True)
    return storage.retention.forget_document(document_id)


def _forget_removed(aside: Path, seconds: float) -> int:
    """Delete the files that were taken out longer ago than they are kept."""
    found = [folder for folder in (aside.iterdir() if aside.is_dir() else ()) if folder.is_dir()]
    old = [folder for folder in found if time.time() - folder.stat().st_mtime > seconds]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)
