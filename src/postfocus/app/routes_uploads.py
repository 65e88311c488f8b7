"""The addresses to which pictures are dropped: streamed to disk, a slow one keeping nobody waiting."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from postfocus.app.answers import as_json
from postfocus.app.asked import soon, studio_of
from postfocus.app.bodies import json_object
from postfocus.app.problems import Problem
from postfocus.app.sample import sample_clip
from postfocus.app.threads import Threads
from postfocus.app.uploads import Incoming

PATIENCE = 60.0
"""Seconds without a byte after which an upload is given up."""

LOOKED_THROUGH, RENDERED = 120.0, 300.0
"""Seconds in which what was dropped is sorted, and the sample picture is rendered."""

CHUNK = 1 << 20
"""Bytes that are written at once."""


async def begin(request: Request) -> Response:
    """Announce a drop."""
    studio = studio_of(request)
    listed = (await json_object(request, most=CHUNK)).get("files")
    if not isinstance(listed, list):
        raise Problem(400, "Not understood", "files must be a list of names and sizes.")
    files = [_announced(one) for one in listed]
    return as_json({"id": await studio.filing.run(studio.uploads.begin, files)}, 201)


def _announced(one: Any) -> tuple[str, int]:
    """Name and size of one file; raises `Problem` 400 if they are none."""
    name, size = (one.get("name"), one.get("size")) if isinstance(one, dict) else (None, None)
    if not isinstance(name, str) or len(name) > 4096 or type(size) is not int:
        raise Problem(400, "Not understood", "files must be a list of names and sizes.")
    return name, size


async def receive(request: Request) -> Response:
    """Take one file of a drop."""
    studio = studio_of(request)
    upload, index = request.path_params["upload"], request.path_params["index"]
    with ExitStack() as stack:
        incoming = stack.enter_context(studio.uploads.receive(upload, index))
        try:
            await _written(request, studio.filing, incoming)
        except TimeoutError:
            raise Problem(408, "Too slow", "Nothing came for a minute; drop the files again.") from None
        except ClientDisconnect:
            raise Problem(400, "Broken off", "The page went away.") from None
    return Response(status_code=204)


async def _written(request: Request, filing: Threads, incoming: Incoming) -> None:
    """Write what comes, a megabyte at a time, in a thread: disks may be slow."""
    parts = request.stream()
    held = bytearray()
    while True:
        part = await asyncio.wait_for(anext(parts, None), PATIENCE)
        held += part or b""
        if part is None or len(held) >= CHUNK:
            await filing.run(incoming.write, bytes(held))
            held.clear()
        if part is None:
            return


async def done(request: Request) -> Response:
    """All has come: put what was understood on the list, and read it."""
    studio = studio_of(request)
    understood = await studio.filing.run(studio.uploads.finish, request.path_params["upload"])
    made = [studio.open((path,), uploaded=True) for path in understood.sweeps]
    return as_json(
        {"sweeps": [sweep.id for sweep in made], "words": understood.words, "left_out": understood.left_out}
    )


async def give_up(request: Request) -> Response:
    """Forget a drop and what came of it."""
    studio = studio_of(request)
    await studio.filing.run(studio.uploads.drop, request.path_params["upload"])
    return Response(status_code=204)


async def sample(request: Request) -> Response:
    """Open the sample picture; the first time, it is rendered."""
    studio = studio_of(request)
    async with studio.rendering:
        clip = await sample_clip()
    return as_json({"sweeps": [studio.open((clip,), uploaded=True).id]}, 201)


def upload_routes() -> list[Route]:
    """All of them."""
    one = "/api/uploads/{upload}"
    return [
        Route("/api/uploads", soon(begin), methods=["POST"]),
        Route(f"{one}/{{index:number}}", receive, methods=["PUT"]),
        Route(f"{one}/done", soon(done, LOOKED_THROUGH), methods=["POST"]),
        Route(one, soon(give_up), methods=["DELETE"]),
        Route("/api/sample", soon(sample, RENDERED), methods=["POST"]),
    ]
