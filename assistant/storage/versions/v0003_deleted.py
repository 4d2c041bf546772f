"""What was deleted, and the backups that may still hold it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "deleted",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "backups",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("cleaned_at", sa.String(32), nullable=False),
    )
