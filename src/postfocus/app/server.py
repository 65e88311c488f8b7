"""The server of the screen: it listens, answers, and ends without leaving anything."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import cv2
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from postfocus.app.guard import HEADER_BYTES, Guard, Keys
from postfocus.app.memory import keep_little
from postfocus.app.problems import Problem, problem_of
from postfocus.app.protocol import Protocol
from postfocus.app.reach import Reach
from postfocus.app.routes import routes
from postfocus.app.studio import Studio
from postfocus.errors import BadUse, PostfocusError
from postfocus.io.atomic import display_name

PATIENCE = 2
"""Seconds that answers under way get when the server ends."""

KEEP_ALIVE = 30
"""Seconds that a connection may rest between two requests."""


@dataclass(slots=True)
class Screen:
    """The page, ready to be served.

    Attributes
    ----------
    studio
        What it shows and does.
    listening
        Where it is listened for.
    keys
        What opens it.
    """

    studio: Studio
    listening: socket.socket
    keys: Keys = field(default_factory=Keys)

    @property
    def port(self) -> int:
        """Where it is listened for."""
        return int(self.listening.getsockname()[1])

    @property
    def reach(self) -> Reach:
        """At which addresses it answers."""
        return Reach.of(str(self.listening.getsockname()[0]), self.port)

    def address(self, key: str | None = None) -> str:
        """What is opened on this computer; with its own key or the one given."""
        return f"{self.reach.here}/?token={key or self.keys.token}"

    def phone(self) -> str | None:
        """What is opened on another device of the same network; ``None`` if it is not listened for there."""
        there = self.reach.there
        return None if there is None else f"{there}/?token={self.keys.token}"

    def server(self, ready: Callable[[], None]) -> uvicorn.Server:
        """What answers at `listening`; `ready` is called once it does. It ends when `should_exit` is set."""
        config = uvicorn.Config(
            create_app(self.studio, self.keys, self.port, self.phone()),
            http=Protocol, ws="none", lifespan="on", log_config=None, access_log=False,
            server_header=False, date_header=False, proxy_headers=False, timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=PATIENCE, h11_max_incomplete_event_size=HEADER_BYTES, loop="asyncio",
        )  # fmt: skip
        return _Server(config, self.studio, ready)

    def serve(self, ready: Callable[[], None], *, stay: bool = True, verbose: bool = False) -> None:
        """Answer until a person stops it; then let go of everything and return.

        Parameters
        ----------
        ready
            Called once requests are answered.
        stay
            Go on after that; otherwise it has only been shown that it works.
        verbose
            Say on stderr where an unexpected error arose.
        """
        _log(verbose)
        keep_little()
        cv2.setNumThreads(1)  # a touch looks at little: threads would only wait for one another

        def answer() -> None:
            ready()
            if not stay:  # a wish to end that came meanwhile is kept
                server.should_exit = True

        server = self.server(answer)
        try:
            server.run(sockets=[self.listening])
        finally:
            self.listening.close()
            self.studio.close()


def create_app(studio: Studio, keys: Keys, port: int, phone: str | None = None) -> Guard:
    """The application, behind its guard.

    Parameters
    ----------
    studio
        What it shows and does.
    keys
        What opens the page.
    port
        Where it will be listened for.
    phone
        What a phone on the same network opens, if it can.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        app.state.studio, app.state.phone = studio, phone
        studio.begin()
        yield
        studio.hub.close()
        await asyncio.to_thread(studio.close)  # no work may outlive the loop it reports to

    app = Starlette(
        routes=routes(),
        lifespan=lifespan,
        exception_handlers={
            Problem: _problem,
            PostfocusError: _problem,
            HTTPException: _plain,
            Exception: _problem,
        },
    )
    app.router.redirect_slashes = False
    return Guard(app, keys, port)


def listen(host: str, port: int | None, usual: int) -> socket.socket:
    """A listening socket.

    Parameters
    ----------
    host
        Address or name of this computer.
    port
        The port; ``None``: the usual one or, if it is taken, any; 0: any.

    Raises
    ------
    BadUse
        The port is taken, or the address is not this computer's.
    """
    try:
        found = socket.getaddrinfo(host, port or 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        for tried in (usual, 0) if port is None else (port,):
            with suppress(OSError) if port is None and tried else nullcontext():
                return _bound(found[0], (found[4][0], tried, *found[4][2:]))
    except (OSError, UnicodeError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = f"Port {port} is taken; choose another port." if taken else (
            f"Nothing can be listened for at {display_name(host)}, port {port or usual}; "
            "choose another host or port."
        )  # fmt: skip
        raise BadUse(why) from error
    raise AssertionError("one of the ports is 0")


def _bound(family: int, address: tuple[Any, ...]) -> socket.socket:
    # The protocol is named because asyncio sends small answers at once only where it is: else they wait
    # 40 ms for the other side (Nagle's algorithm against delayed acknowledgement).
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # Elsewhere than on Windows this reopens the port of a server that has just ended, and no other.
        made.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR), 1)
        made.bind(address)
        made.listen(128)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


class _Server(uvicorn.Server):
    """One that ends when told to, says goodbye to its pages, and leaves the caller's signals alone."""

    def __init__(self, config: uvicorn.Config, studio: Studio, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._studio, self._ready = studio, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._studio.hub.close()  # otherwise every page would hold its connection until patience ends
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take Ctrl-C, a polite kill and a closed terminal as the wish to end; a second one as impatience."""

        def end(number: int, frame: FrameType | None) -> None:
            del number, frame
            self.force_exit = self.should_exit
            self.should_exit = True

        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        try:
            before = {number: signal.signal(number, end) for number in numbers}
        except ValueError:  # not the main thread: whoever started us ends us by `should_exit`
            yield
            return
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _problem(request: Request, error: Exception) -> Response:
    del request
    return problem_of(error).answer()


def _plain(request: Request, error: Exception) -> Response:
    """What the router itself refuses: an address or a method that there is not."""
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Problem(status, "No such address", "postfocus has nothing there.").answer()


def _log(verbose: bool) -> None:
    """Keep the server's own remarks from the terminal, but for where an unexpected error arose."""
    logger = logging.getLogger("uvicorn")
    logger.propagate = False
    logger.handlers = [logging.StreamHandler() if verbose else logging.NullHandler()]
