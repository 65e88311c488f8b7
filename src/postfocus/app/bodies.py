"""What a page sends along with a request: small, soon, and of the form that was agreed."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

from starlette.requests import ClientDisconnect, Request

from postfocus.app.look_file import frames_from
from postfocus.app.problems import Problem
from postfocus.model.look import Look

MOST = 512 << 10
"""Bytes of JSON that are read."""

PATIENCE = 15.0
"""Seconds in which they must arrive."""


async def json_object(request: Request, most: int = MOST) -> dict[str, Any]:
    """The object that a request carries.

    Raises
    ------
    Problem
        400 if it is none, 408 if it does not arrive in time, 413 if it is too large.
    """
    try:
        raw = await asyncio.wait_for(_read(request, most), PATIENCE)
        value: Any = json.loads(raw)
        if not isinstance(value, dict):
            raise ValueError("no object")
    except TimeoutError:
        raise Problem(408, "Too slow", "The page did not say in time what it wants; try again.") from None
    except (ValueError, RecursionError, ClientDisconnect):
        raise Problem(
            400, "Not understood", "The page and postfocus do not fit; load the page again."
        ) from None
    return cast(dict[str, Any], value)


async def _read(request: Request, most: int) -> bytes:
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > most:
            raise Problem(413, "Too large", "That is more than postfocus reads at once; send less.")
    return bytes(raw)


def look_from(value: Any) -> Look:
    """A look as the page sends it; raises `Problem` 400 if it is none."""
    try:
        return Look.from_json({} if value is None else value)
    except (ValueError, TypeError) as error:
        raise Problem(400, "That text is not a look", "Copy it again, whole.", str(error)[:200]) from None


def text_of(values: dict[str, Any], name: str, usual: str) -> str:
    """A text of the object, at most 200 characters; raises `Problem` 400 for anything else."""
    value = values.get(name, usual)
    if not isinstance(value, str) or len(value) > 200:
        raise Problem(400, "Not understood", f"{name} must be a short text.")
    return value


def number_of(values: dict[str, Any], name: str, usual: int) -> int:
    """A whole number of the object; raises `Problem` 400 for anything else."""
    value = values.get(name, usual)
    if type(value) is not int:
        raise Problem(400, "Not understood", f"{name} must be a whole number.")
    return value


def frames_of(values: dict[str, Any], name: str) -> tuple[int, ...] | None:
    """Numbers of frames, ``None`` if there are none of this name; raises `Problem` 400 for anything else."""
    try:
        return frames_from(values[name]) if name in values else None
    except ValueError as error:
        raise Problem(400, "Not understood", f"{error}.".capitalize()) from None


def truth_of(values: dict[str, Any], name: str, *, usual: bool) -> bool:
    """Yes or no of the object; raises `Problem` 400 for anything else."""
    value = values.get(name, usual)
    if not isinstance(value, bool):
        raise Problem(400, "Not understood", f"{name} must be true or false.")
    return value
