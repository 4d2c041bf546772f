"""python -m assistant keys create | list | revoke: who may use the API."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

from assistant.errors import StorageError
from assistant.settings import read_settings

if TYPE_CHECKING:
    from assistant.storage.access import Key

SCOPES = ("ask", "manage", "admin")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its three parts."""
    keys = commands.add_parser("keys", help="make, list and revoke the keys of the API")
    parts = keys.add_subparsers(required=True, metavar="COMMAND")
    create = parts.add_parser("create", help="make a key; its secret is shown once")
    create.add_argument("name", help="whose key it is, or what for")
    create.add_argument(
        "--scope",
        action="append",
        choices=SCOPES,
        default=[],
        help="what it may do; repeatable; by default: ask",
    )
    create.add_argument("--per-minute", type=_number, metavar="N", help="requests in a minute, at most")
    create.add_argument("--per-day", type=_number, metavar="N", help="requests on a day (UTC), at most")
    create.set_defaults(run=_create)
    listed = parts.add_parser("list", help="list the keys, when each was used last, and its limits")
    listed.set_defaults(run=_list)
    revoke = parts.add_parser("revoke", help="let a key open nothing any more")
    revoke.add_argument("id", help="the key's id, as listed")
    revoke.set_defaults(run=_revoke)
    for part in (create, listed, revoke):
        part.add_argument("--json", action="store_true", help="print JSON")


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


def _create(options: argparse.Namespace) -> int:
    from assistant.wiring import open_storage

    with closing(open_storage(read_settings())) as storage:
        key, secret = storage.access.make_key(
            options.name, options.scope or ["ask"], per_minute=options.per_minute, per_day=options.per_day
        )
        storage.access.note("command line", "key.create", key.id, "")
    if options.json:
        print(json.dumps({**asdict(key), "secret": secret}, ensure_ascii=False, indent=2))
    else:
        print(secret)
        print(_line(key))
        print("Keep the first line: it is not shown again.")
    return 0


def _list(options: argparse.Namespace) -> int:
    from assistant.wiring import open_storage

    with closing(open_storage(read_settings())) as storage:
        keys = storage.access.keys()
    if options.json:
        print(json.dumps([asdict(key) for key in keys], ensure_ascii=False, indent=2))
    else:
        print("\n".join(map(_line, keys)) or "No keys. The server listens on this machine alone.")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    from assistant.wiring import open_storage

    with closing(open_storage(read_settings())) as storage:
        if not storage.access.revoke(options.id):
            raise StorageError(
                f"There is no key '{options.id}' that is in use. List them with: python -m assistant keys list"
            )
        storage.access.note("command line", "key.revoke", options.id, "")
    print(json.dumps({"revoked": options.id}) if options.json else f"{options.id} is revoked.")
    return 0


def _line(key: Key) -> str:
    limits = [f"{key.per_minute} a minute"] if key.per_minute else []
    limits += [f"{key.per_day} a day"] if key.per_day else []
    state = (
        f"revoked {key.revoked_at[:10]}"
        if key.revoked_at
        else f"last used {key.last_used_at[:16].replace('T', ' ')}"
        if key.last_used_at
        else "never used"
    )
    return "  ".join([key.id, key.name, "+".join(key.scopes), ", ".join(limits) or "no limits", state])
