"""Who may ask: keys, what they have spent, the audit log, and writes that may come twice.

A key's secret has 256 random bits, so that a plain SHA-256 of it cannot be turned back; it is shown once, when it is
made.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from .engine import Database
from .tables import audit, keys, recent, spent, writes

Scope = Literal["ask", "manage", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""`ask` reads and asks, `manage` changes documents, `admin` sees what others did; each does not include the others."""
PREFIX = "fn_"
KEPT_WRITES = timedelta(days=1)
"""How long a write that comes again with its Idempotency-Key gets the first one's answer."""
MINUTE_SECONDS = 60.0
_TOUCH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. Times are UTC in ISO 8601; no limit is None."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    per_minute: int | None
    per_day: int | None
    created_at: str
    last_used_at: str | None
    revoked_at: str | None


@dataclass(frozen=True, slots=True)
class Minute:
    """A request of a key in its minute: whether it may pass, how many more may, and after how many seconds one more."""

    passed: bool
    left: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Audited:
    """One write: who did what to what, in which request."""

    at: str
    owner: str
    action: str
    subject: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Written:
    """The answer to a write; `status` and `body` are None while it is under way. `request` is what was sent, hashed."""

    request: str
    status: int | None
    body: str | None


class Access:
    """The tables of access in one database. Every method may raise `StorageError`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._guarded = False

    def make_key(
        self,
        name: str,
        scopes: Sequence[Scope],
        *,
        per_minute: int | None = None,
        per_day: int | None = None,
    ) -> tuple[Key, str]:
        """A new key and its secret, which is not kept."""
        id, secret = secrets.token_hex(4), PREFIX + secrets.token_urlsafe(32)
        chosen = tuple(scope for scope in SCOPES if scope in scopes)
        made = Key(id, name, chosen, per_minute, per_day, _now(), None, None)
        with self._database.writing() as connection:
            connection.execute(
                insert(keys).values(
                    id=id,
                    name=name,
                    hash=_hash(secret),
                    scopes=" ".join(chosen),
                    per_minute=per_minute,
                    per_day=per_day,
                    created_at=made.created_at,
                )
            )
        return made, secret

    def keys(self) -> tuple[Key, ...]:
        """Every key that was made, the oldest first."""
        with self._database.reading() as connection:
            return tuple(_key(row) for row in connection.execute(_KEY.order_by(keys.c.created_at)))

    def guarded(self) -> bool:
        """Whether a key is needed: from the first that was made, also when all are revoked."""
        if not self._guarded:
            with self._database.reading() as connection:
                self._guarded = connection.execute(select(keys.c.id).limit(1)).first() is not None
        return self._guarded

    def find(self, secret: str) -> Key | None:
        """The key with this secret, revoked or not; notes that it was used, to the minute."""
        with self._database.reading() as connection:
            row = connection.execute(_KEY.where(keys.c.hash == _hash(secret))).first()
        if row is None:
            return None
        key = _key(row)
        if key.revoked_at is None and _older(key.last_used_at, timedelta(seconds=_TOUCH_SECONDS)):
            with self._database.writing() as connection:
                connection.execute(update(keys).where(keys.c.id == key.id).values(last_used_at=_now()))
        return key

    def revoke(self, id: str) -> bool:
        """Let a key open nothing any more; whether there was one that did."""
        change = update(keys).where(keys.c.id == id, keys.c.revoked_at.is_(None))
        with self._database.writing() as connection:
            return connection.execute(change.values(revoked_at=_now())).rowcount > 0

    def spend(self, key_id: str) -> int:
        """Count a request on the key's account of today; how many there are with it."""
        day = _now()[:10]
        mine = (spent.c.key_id == key_id) & (spent.c.day == day)
        with self._database.writing() as connection:
            more = update(spent).where(mine).values(requests=spent.c.requests + 1)
            if connection.execute(more).rowcount == 0:
                connection.execute(insert(spent).values(key_id=key_id, day=day, requests=1))
            return int(connection.execute(select(spent.c.requests).where(mine)).scalar_one())

    def spend_minute(self, key_id: str, most: int) -> Minute:
        """Count a request among the `most` that the key may send in any minute, unless there were so many already.

        All processes of a server count together, by the clock of the machine that each runs on.
        """
        now = time.time()
        mine = recent.c.key_id == key_id
        with self._database.writing() as connection:
            # PostgreSQL would let two processes count at once; SQLite's transaction has the file.
            connection.execute(select(keys.c.id).where(keys.c.id == key_id).with_for_update())
            connection.execute(delete(recent).where(mine, recent.c.at <= now - MINUTE_SECONDS))
            sent = connection.execute(select(func.count(), func.min(recent.c.at)).where(mine)).one()
            passed = sent[0] < most
            if passed:
                connection.execute(insert(recent).values(key_id=key_id, at=now))
        oldest = now if sent[1] is None else float(sent[1])
        return Minute(passed, max(0, most - sent[0] - 1), oldest + MINUTE_SECONDS - now)

    def note(self, owner: str, action: str, subject: str, request_id: str) -> None:
        """Add a line to the audit log."""
        line = {"at": _now(), "owner": owner, "action": action, "subject": subject, "request_id": request_id}
        with self._database.writing() as connection:
            connection.execute(insert(audit).values(**line))

    def noted(self, limit: int = 500) -> tuple[Audited, ...]:
        """The audit log, the latest line first."""
        columns = (audit.c.at, audit.c.owner, audit.c.action, audit.c.subject, audit.c.request_id)
        query = select(*columns).order_by(audit.c.place.desc()).limit(limit)
        with self._database.reading() as connection:
            return tuple(Audited(*row) for row in connection.execute(query))

    def begin_write(self, owner: str, key: str, request: str) -> Written | None:
        """Take an Idempotency-Key for a write, or give what is known of the write that has it."""
        mine = (writes.c.owner == owner) & (writes.c.key == key)
        old = (datetime.now(UTC) - KEPT_WRITES).isoformat(timespec="microseconds")
        with self._database.writing() as connection:
            connection.execute(delete(writes).where(writes.c.begun_at < old))
            row = connection.execute(
                select(writes.c.request, writes.c.status, writes.c.body).where(mine)
            ).first()
            if row is not None:
                return Written(*row)
            try:
                connection.execute(
                    insert(writes).values(owner=owner, key=key, request=request, begun_at=_now())
                )
            except IntegrityError:  # another process was faster; PostgreSQL lets both look at once
                return Written(request, None, None)
        return None

    def end_write(self, owner: str, key: str, status: int | None, body: str = "") -> None:
        """Keep the answer to a write; without a status the write failed, and may be tried again."""
        mine = (writes.c.owner == owner) & (writes.c.key == key)
        change = delete(writes) if status is None else update(writes).values(status=status, body=body)
        with self._database.writing() as connection:
            connection.execute(change.where(mine))


_KEY = select(
    keys.c.id, keys.c.name, keys.c.scopes, keys.c.per_minute, keys.c.per_day,
    keys.c.created_at, keys.c.last_used_at, keys.c.revoked_at,
)  # fmt: skip


def _key(row: Sequence[object]) -> Key:
    id, name, scopes, *rest = row
    chosen = tuple(scope for scope in SCOPES if scope in str(scopes).split())
    return Key(str(id), str(name), chosen, *rest)  # type: ignore[arg-type]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _older(at: str | None, age: timedelta) -> bool:
    return at is None or datetime.now(UTC) - datetime.fromisoformat(at) > age


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
