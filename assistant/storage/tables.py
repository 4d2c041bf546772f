"""The tables, as this version of the program reads and writes them. A change needs a file in `versions/`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
    Index("conversations_by_owner", "owner", "updated_at"),
)

# `place` orders the answers; `searched` is question and answer, case-folded.
answers = Table(
    "answers",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("owner", String(64), nullable=False),
    Column("conversation_id", String(32), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=True),
    Column("asked_at", String(32), nullable=False),
    Column("question", Text, nullable=False),
    Column("history", JSON, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("corpus_version", String(64), nullable=False),
    Column("record", JSON, nullable=False),
    Column("searched", Text, nullable=False),
    Index("answers_by_conversation", "conversation_id", "place"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", String(64), ForeignKey("answers.id", ondelete="CASCADE"), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("thumb", String(8), nullable=False),
    Column("wrong", String(32), nullable=True),
    Column("right_answer", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("given_at", String(32), nullable=False),
    UniqueConstraint("answer_id", "owner", name="one_feedback_each"),
)

# Of a key, only the hash of its secret is kept. `scopes` are words with a space between.
keys = Table(
    "keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scopes", String(64), nullable=False),
    Column("per_minute", Integer, nullable=True),
    Column("per_day", Integer, nullable=True),
    Column("created_at", String(32), nullable=False),
    Column("last_used_at", String(32), nullable=True),
    Column("revoked_at", String(32), nullable=True),
)

# How many requests a key with a quota has made on a day (UTC).
spent = Table(
    "spent",
    metadata,
    Column("key_id", String(16), ForeignKey("keys.id", ondelete="CASCADE"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("requests", Integer, nullable=False),
)

# When keys with a limit for the minute sent their last requests, in seconds since 1970.
recent = Table(
    "recent",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=True),
    Column("key_id", String(16), ForeignKey("keys.id", ondelete="CASCADE"), nullable=False),
    Column("at", Double, nullable=False),
    Index("recent_by_key", "key_id", "at"),
)

audit = Table(
    "audit",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("request_id", String(64), nullable=False),
)

# The answers to writes that were sent with an Idempotency-Key; `body` is null while the write is under way.
writes = Table(
    "writes",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=True),
    Column("body", Text, nullable=True),
    Column("begun_at", String(32), nullable=False),
)

# What people had deleted, so that backups made before can be freed of it. `kind` is conversation, answer or document.
deleted = Table(
    "deleted",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", String(32), nullable=False),
)

# The backups that the program made of this database; `cleaned_at` is until when deletions have reached the file.
backups = Table(
    "backups",
    metadata,
    Column("path", Text, primary_key=True),
    Column("made_at", String(32), nullable=False),
    Column("cleaned_at", String(32), nullable=False),
)
