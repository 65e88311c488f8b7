"""What a request is about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from postfocus.app.problems import Problem
from postfocus.app.studio import Studio
from postfocus.app.sweeps import Sweep

PATIENCE = 30.0
"""Seconds after which a request that has not been answered is answered with an error."""


class Number(Convertor[int]):
    """A number in an address, of so few digits that it can be reckoned with; others name nothing."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """As it stands in an address."""
        return str(value)


register_url_convertor("number", Number())


def soon(
    endpoint: Callable[[Request], Awaitable[Response]], seconds: float | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """The same endpoint, but that it ends: a browser has few connections, and who waits blocks the next.

    Parameters
    ----------
    endpoint
        Makes the answer; how long the browser takes to receive it does not count.
    seconds
        It may take; `PATIENCE` if not given.
    """

    @wraps(endpoint)
    async def ends(request: Request) -> Response:
        try:
            async with asyncio.timeout(PATIENCE if seconds is None else seconds):
                return await endpoint(request)
        except TimeoutError:
            text = "The disk or the computer takes too long; try again in a while."
            raise Problem(503, "No answer yet", text) from None

    return ends


def studio_of(request: Request) -> Studio:
    """What the server knows."""
    studio = request.app.state.studio
    assert isinstance(studio, Studio)
    return studio


def sweep_of(request: Request) -> Sweep:
    """The sweep that an address names; raises `Problem` 404 if there is none."""
    return studio_of(request).sweeps.get(request.path_params["sweep"])
