"""What happens to the sweeps is told to every open page, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

PING_SECONDS = 15.0

MOST = 100
"""Pages that are told; beyond, the one that has listened for longest is told to rest.

It listens again when a person looks at it: did it come back at once, it would push out the next.
"""


@dataclass(eq=False, slots=True)
class Listener:
    """One open page: the latest word on each thing that it has not been told yet."""

    waiting: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False

    def leave(self) -> None:
        """Have the page told what is left, and no more."""
        self.over = True
        self.news.set()

    def hear(self, event: str, about: str, values: dict[str, Any]) -> None:
        """Have the page told what is true of `about` now, after all that became true before."""
        self.waiting.pop((event, about), None)
        self.waiting[event, about] = f"event: {event}\ndata: {json.dumps(values)}\n\n"
        self.news.set()


@dataclass(slots=True)
class Hub:
    """Tells all pages. A page that reads slowly misses steps in between, never the last word."""

    listeners: dict[Listener, None] = field(default_factory=dict[Listener, None])
    closed: bool = False

    def tell(self, event: str, about: str, values: dict[str, Any]) -> None:
        """Tell every page what is true of `about` now. Only from the event loop's own thread."""
        for listener in self.listeners:
            listener.hear(event, about, values)

    def close(self) -> None:
        """Say that the server ends, and let every page go."""
        self.tell("closing", "", {})
        self.closed = True
        for listener in self.listeners:
            listener.leave()

    async def stream(self, briefs: Callable[[], Iterable[dict[str, Any]]] = tuple) -> AsyncIterator[str]:
        """What one page is told, for as long as it listens; begins with the sweeps as they are.

        `briefs` is asked once the page is listening: what becomes true before that would be lost.
        """
        listener = Listener()
        self.listeners[listener] = None
        listener.over = self.closed
        for old in list(self.listeners)[:-MOST]:
            old.hear("rest", "", {})
            old.leave()
        for brief in briefs():
            listener.hear("sweep", brief["id"], brief)
        try:
            yield ": postfocus\n\n"
            while True:
                text = "".join(listener.waiting.values())
                listener.waiting.clear()
                listener.news.clear()
                if text:
                    yield text
                if listener.over and not listener.waiting:
                    return
                try:
                    await asyncio.wait_for(listener.news.wait(), PING_SECONDS)
                except TimeoutError:
                    yield ": ping\n\n"
        finally:
            self.listeners.pop(listener, None)
