"""The web chat in the app: Gradio's pages, one a language, at the root and on the chat's own paths alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from fastapi import FastAPI
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.ui.messages import language

from .desk import ServiceDesk
from .headers import is_chat

MountPage = Callable[[FastAPI, ServiceDesk, str], object]
"""Mounts the chat's page in one language at the app's root, as its last route."""


class ChatMount(Mount):
    """Gradio's mounts at the root, one a language, kept to the chat's own paths: all others get our answers."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps
        super().__init__("/", app=self._spoken)

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes of one language's page, which are those of all."""
        return list(getattr(next(iter(self._apps.values())), "routes", []))

    async def _spoken(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._apps[language()](scope, receive, send)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As `Mount`, but only for the paths of the chat."""
        if scope["type"] == "http" and is_chat(scope):
            return super().matches(scope)
        return Match.NONE, {}


def mount_chat(app: FastAPI, mount: MountPage, desk: ServiceDesk, languages: Sequence[str]) -> None:
    """Mount the chat in each language; who reads is shown the page of theirs."""
    pages: dict[str, ASGIApp] = {}
    for each in languages:
        _within_a_loop(partial(mount, app, desk, each))
        mounted = app.router.routes.pop()
        assert isinstance(mounted, Mount)
        pages[each] = mounted.app
    app.router.routes.append(ChatMount(pages))


def _within_a_loop(step: Callable[[], object]) -> None:
    """Run `step` under an event loop: where none runs, Gradio opens its own and never closes it."""

    async def run() -> None:
        step()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(run())
    else:
        step()
