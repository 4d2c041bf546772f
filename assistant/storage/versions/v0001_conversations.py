"""Conversations, answers as they were given, and feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
    )
    op.create_index("conversations_by_owner", "conversations", ["owner", "updated_at"])
    op.create_table(
        "answers",
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column(
            "conversation_id",
            sa.String(32),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=True,
        ),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("history", sa.JSON, nullable=False),
        sa.Column("documents", sa.JSON, nullable=False),
        sa.Column("corpus_version", sa.String(64), nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.Column("searched", sa.Text, nullable=False),
    )
    op.create_index("answers_by_conversation", "answers", ["conversation_id", "place"])
    op.create_table(
        "feedback",
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "answer_id", sa.String(64), sa.ForeignKey("answers.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("thumb", sa.String(8), nullable=False),
        sa.Column("wrong", sa.String(32), nullable=True),
        sa.Column("right_answer", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("given_at", sa.String(32), nullable=False),
        sa.UniqueConstraint("answer_id", "owner", name="one_feedback_each"),
    )
