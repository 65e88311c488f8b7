"""What happens to the sweeps is told to every open page, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

PING_SECONDS = 15.0


@dataclass(eq=False, slots=True)
class Listener:
    """One open page: the latest word on each thing that it has not been told yet."""

    waiting: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: str, about: str, values: dict[str, Any]) -> None:
        """Have the page told what is true of `about` now, after all that became true before."""
        self.waiting.pop((event, about), None)
        self.waiting[event, about] = f"event: {event}\ndata: {json.dumps(values)}\n\n"
        self.news.set()


@dataclass(slots=True)
class Hub:
    """Tells all pages. A page that reads slowly misses steps in between, never the last word."""

    listeners: set[Listener] = field(default_factory=set[Listener])
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
            listener.news.set()

    async def stream(self, briefs: Iterable[dict[str, Any]] = ()) -> AsyncIterator[str]:
        """What one page is told, for as long as it listens; begins with the sweeps as they are."""
        listener = Listener()
        self.listeners.add(listener)
        for brief in briefs:
            listener.hear("sweep", brief["id"], brief)
        try:
            yield ": postfocus\n\n"
            while True:
                text = "".join(listener.waiting.values())
                listener.waiting.clear()
                listener.news.clear()
                if text:
                    yield text
                if self.closed and not listener.waiting:
                    return
                try:
                    await asyncio.wait_for(listener.news.wait(), PING_SECONDS)
                except TimeoutError:
                    yield ": ping\n\n"
        finally:
            self.listeners.discard(listener)
