"""HTTP connections, of which no slow or broken one may keep the others waiting."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 15.0
"""Seconds within which a request that has begun to arrive must have arrived far enough to be answered."""

MOST = 400
"""Connections at a time; beyond, the one that has asked for nothing for longest is closed for the new one."""


class Protocol(H11Protocol):
    """One connection. A request that trickles in is cut off; too many connections push out idle ones."""

    since: float = 0.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(transport)
        self.since = self.loop.time()
        if len(self.connections) > MOST:
            idle = [
                (one.since, id(one), one)
                for one in self.connections
                if isinstance(one, Protocol) and one.idle
            ]
            min(idle)[2].transport.abort()  # there is always one: this very connection
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Something has come."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    @property
    def idle(self) -> bool:
        """Whether nothing is being answered.

        What still comes of a request that was answered does not count: else whoever has no key could hold
        connections for ever, by bodies that never end.
        """
        none_yet = self.cycle is None  # pyright: ignore[reportUnnecessaryComparison]  # before the first request
        return none_yet or self.cycle.response_complete

    def _watch(self) -> None:
        """Let time run while a request is awaited that has begun; what trickles in gains no time."""
        if not self.idle:
            self.since = self.loop.time()
        if self.idle and self._deadline is None:
            self._deadline = self.loop.call_later(PATIENCE, self.transport.abort)
        elif not self.idle and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
