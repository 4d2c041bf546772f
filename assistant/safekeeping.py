"""python -m assistant backup | restore | erase | tidy: what is kept, and what is no longer."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import BackupError
from assistant.settings import Settings, read_settings

if TYPE_CHECKING:
    from assistant.tidying import Tidied


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the four commands."""
    backup = commands.add_parser("backup", help="write documents and conversations into one file")
    backup.add_argument("file", type=Path, help="the zip file to write")
    backup.set_defaults(run=_backup)
    restore = commands.add_parser("restore", help="put a backup back, where there is nothing yet")
    restore.add_argument("file", type=Path, help="the file that 'backup' wrote")
    restore.set_defaults(run=_restore)
    erase = commands.add_parser(
        "erase", help="delete a document for good, with the answers that cite it, in backups, too"
    )
    erase.add_argument("document", help="the document's id")
    erase.set_defaults(run=_erase)
    tidy = commands.add_parser(
        "tidy", help="delete what is kept for longer than ASSISTANT_KEEP_DAYS; a server does so every hour"
    )
    tidy.set_defaults(run=_tidy)
    for part in (backup, restore, erase, tidy):
        part.add_argument("--json", action="store_true", help="print JSON")


def _backup(options: argparse.Namespace) -> int:
    from assistant import backups
    from assistant.wiring import open_storage, place

    settings = read_settings()
    file = options.file.resolve()
    with closing(open_storage(settings)) as storage:
        made_at = backups.make(place(settings), storage, file)
        storage.retention.know_backup(str(file), made_at)
    told = {"file": str(file), "made_at": made_at, "bytes": file.stat().st_size}
    _tell(options, told, f"{file} is written, {file.stat().st_size / 1e6:.1f} MB.")
    return 0


def _restore(options: argparse.Namespace) -> int:
    from assistant import backups
    from assistant.wiring import place

    settings = read_settings()
    made_at = backups.restore(options.file, place(settings), _database(settings))
    _tell(
        options,
        {"made_at": made_at},
        f"The state of {made_at[:16].replace('T', ' ')} UTC is back. Make its vectors with: python -m index build",
    )
    return 0


def _database(settings: Settings) -> Path:
    from assistant.storage.engine import FILE_NAME

    if settings.database_url is not None:
        raise BackupError(
            "ASSISTANT_DATABASE_URL names another database. Unset it, or put that database back by its own means."
        )
    return settings.data / FILE_NAME


def _erase(options: argparse.Namespace) -> int:
    from assistant.tidying import erase, tidy
    from assistant.wiring import open_storage, place

    settings = read_settings()
    with closing(open_storage(settings)) as storage:
        answers = erase(place(settings), storage, options.document)
        tidied = tidy(place(settings), storage, settings.keep_days)
        storage.access.note("command line", "document.erase", options.document, "")
    told = {"erased": options.document, "answers": answers, **asdict(tidied)}
    _tell(options, told, f"{options.document} is erased, with {answers} answers. {_line(tidied)}")
    return _code(tidied)


def _tidy(options: argparse.Namespace) -> int:
    from assistant.tidying import tidy
    from assistant.wiring import open_storage, place

    settings = read_settings()
    with closing(open_storage(settings)) as storage:
        tidied = tidy(place(settings), storage, settings.keep_days)
    _tell(options, asdict(tidied), _line(tidied))
    return _code(tidied)


def _line(tidied: Tidied) -> str:
    return (
        f"Gone: {tidied.conversations} conversations and single answers, {tidied.files} removed files, "
        f"{tidied.backups} backups. Written anew: {tidied.rewritten} backups."
    )


def _code(tidied: Tidied) -> int:
    if tidied.failed:
        raise BackupError(tidied.failed[0])
    return 0


def _tell(options: argparse.Namespace, told: dict[str, object], line: str) -> None:
    print(json.dumps(told, ensure_ascii=False, indent=2) if options.json else line)
