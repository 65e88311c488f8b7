"""What a request is about."""

from __future__ import annotations

from starlette.requests import Request

from postfocus.app.studio import Studio
from postfocus.app.sweeps import Sweep


def studio_of(request: Request) -> Studio:
    """What the server knows."""
    studio = request.app.state.studio
    assert isinstance(studio, Studio)
    return studio


def sweep_of(request: Request) -> Sweep:
    """The sweep that an address names; raises `Problem` 404 if there is none."""
    return studio_of(request).sweeps.get(request.path_params["sweep"])
