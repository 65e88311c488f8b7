"""What happens to the sweeps is told to every open page, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

PING_SECONDS = 15.0


@dataclass(eq=False, slots=True)
class Listener:
    """One open page: the latest word on each thing that it has not been told yet."""

    waiting: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    news: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Hub:
    """Tells all pages. A page that reads slowly misses steps in between, never the last word."""

    listeners: set[Listener] = field(default_factory=set[Listener])
    closed: bool = False

    def tell(self, event: str, about: str, values: dict[str, Any]) -> None:
        """Tell every page what is true of `about` now. Only from the event loop's own thread."""
        text = f"event: {event}\ndata: {json.dumps(values)}\n\n"
        for listener in self.listeners:
            # Put last, so that what is told goes out in the order in which it became true.
            listener.waiting.pop((event, about), None)
            listener.waiting[event, about] = text
            listener.news.set()

    def close(self) -> None:
        """Say that the server ends, and let every page go."""
        self.tell("closing", "", {})
        self.closed = True
        for listener in self.listeners:
            listener.news.set()

    async def stream(self) -> AsyncIterator[str]:
        """What one page is told, for as long as it listens."""
        listener = Listener()
        self.listeners.add(listener)
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
