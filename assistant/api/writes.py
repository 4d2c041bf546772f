"""Writes that may come twice are done once, and every write is noted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse

from .deps import OpenService, Owner
from .kinds import KEY_IN_USE, KEY_REUSED
from .problems import ProblemError
from .service import Service

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A value of your own for this write. Sent again with it within a day, the write is not done "
        "again, and the answer is the first one's.",
    ),
]


@dataclass(frozen=True, slots=True)
class Once:
    """Does a request's write, unless the same one was done before."""

    service: Service
    owner: str
    key: str | None
    request: Request

    def do(
        self, sent: object, action: str, work: Callable[[], tuple[int, dict[str, Any], str]]
    ) -> JSONResponse:
        """Do `work` and answer with its status and body; its third value is what the audit log names.

        `sent` is what was sent, as plain values: with a key that came before, it must be the same.
        """
        access = self.service.storage.access if self.service.storage is not None else None
        place = f"{self.request.method} {self.request.url.path}"
        digest = hashlib.sha256(json.dumps([place, sent], sort_keys=True).encode()).hexdigest()
        if access is not None and self.key is not None:
            known = access.begin_write(self.owner, self.key, digest)
            if known is not None and known.request != digest:
                raise ProblemError(
                    KEY_REUSED, "This Idempotency-Key came with another request. Choose a new one."
                )
            if known is not None and (known.status is None or known.body is None):
                raise ProblemError(
                    KEY_IN_USE,
                    "The first request with this Idempotency-Key is under way. Try again.",
                    retry_after=1,
                )
            if known is not None:
                assert known.status is not None
                assert known.body is not None
                return _response(known.status, json.loads(known.body), repeated=True)
        done: tuple[int, dict[str, Any], str] | None = None
        try:
            done = work()
        finally:
            if access is not None and self.key is not None:
                body = json.dumps(done[1]) if done else ""
                access.end_write(self.owner, self.key, done[0] if done else None, body)
        if access is not None:
            access.note(self.owner, action, done[2], getattr(self.request.state, "request_id", ""))
        return _response(done[0], done[1])


def _response(status: int, body: dict[str, Any], *, repeated: bool = False) -> JSONResponse:
    headers = {"Idempotent-Replayed": "true"} if repeated else {}
    if status == 202:
        headers["Location"] = f"/v1/jobs/{body['id']}"
    return JSONResponse(body, status, headers)


def get_once(
    service: OpenService, owner: Owner, request: Request, idempotency_key: IdempotencyKey = None
) -> Once:
    """What a route that writes does its work with."""
    return Once(service, owner, idempotency_key, request)


WriteOnce = Annotated[Once, Depends(get_once)]
