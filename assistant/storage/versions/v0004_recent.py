"""The requests of the last minute, of keys with a limit: counted for all processes of a server together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "recent",
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key_id", sa.String(16), sa.ForeignKey("keys.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_index("recent_by_key", "recent", ["key_id", "at"])
