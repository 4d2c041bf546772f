"""Bringing the tables to the present layout, in one transaction, however many processes start at once."""

from __future__ import annotations

from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, text

from assistant.errors import StorageError

_HERE = Path(__file__).parent
# Any number that no other program is likely to lock by.
_MIGRATION_LOCK = 7_406_218


def migrate(connection: Connection) -> None:
    """Run the migrations that the database lacks, within the transaction that `connection` is in.

    Raises:
        StorageError: a later version of the program has been there.
    """
    if connection.dialect.name == "postgresql":  # SQLite's transaction has the whole file already
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
    scripts = ScriptDirectory(_HERE, version_locations=[_HERE / "versions"])
    context = MigrationContext.configure(connection)
    present = context.get_current_revision()
    try:
        missing = [*scripts.iterate_revisions("head", present or "base")]
    except (CommandError, RevisionError) as error:
        raise StorageError(
            f"The database has layout {present}, which this version of Footnote does not know. "
            "Start the version that wrote it, or name another database with ASSISTANT_DATABASE_URL."
        ) from error
    for script in reversed(missing):
        with Operations.context(context):
            script.module.upgrade()
        context.stamp(scripts, script.revision)
