"""Whose question is next: owners take turns, so that who asks a hundred waits longer than who asks one."""

from __future__ import annotations

from collections import OrderedDict, deque

from .run import Run


class Turns:
    """The runs that wait, in a queue for each owner; of an owner's own the first comes first."""

    def __init__(self) -> None:
        self._queues: OrderedDict[str, deque[Run]] = OrderedDict()

    def add(self, run: Run) -> None:
        """Let a run wait behind those of its owner; an owner who is new comes behind the other owners."""
        self._queues.setdefault(run.owner, deque()).append(run)

    def next(self) -> Run:
        """Take the run whose turn it is; its owner then comes behind the others.

        Raises:
            KeyError: none waits.
        """
        owner, queue = self._queues.popitem(last=False)
        run = queue.popleft()
        if queue:
            self._queues[owner] = queue
        return run

    def of(self, owner: str) -> int:
        """How many runs of an owner wait."""
        return len(self._queues.get(owner, ()))
