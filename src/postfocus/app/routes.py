"""The addresses of the page and of the sweeps on it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from postfocus.app import pictures
from postfocus.app.answers import as_bytes, as_json, unchanged
from postfocus.app.asked import soon, studio_of, sweep_of
from postfocus.app.looks import NOTHING, kept_choice
from postfocus.app.problems import NotRead, Problem, not_read
from postfocus.app.routes_uploads import upload_routes
from postfocus.app.routes_work import work_routes
from postfocus.app.static import index_page, viewer_file
from postfocus.app.studio import Studio
from postfocus.app.sweeps import Sweep
from postfocus.app.touch import so_far, touched, unread
from postfocus.version import __version__

PUBLISHED = 5.0
"""Seconds within which a finished index is in its place."""


async def state(request: Request) -> Response:
    """All that a page must know to begin."""
    studio = studio_of(request)
    await studio.notice(*studio.sweeps.all())
    limits = studio.uploads.limits
    values = {
        "version": __version__,
        "folder": studio.folder,
        "sweeps": studio.sweeps.briefs(),
        "upload": {"max_bytes": limits.max_bytes, "max_files": limits.max_files},
        "sample": True,
        "phone": request.app.state.phone is not None,
    }
    return as_json(values)


async def events(request: Request) -> Response:
    """What happens from now on; begins with all sweeps as they are."""
    studio = studio_of(request)
    stream = studio.hub.stream(studio.sweeps.briefs)
    return StreamingResponse(stream, media_type="text/event-stream")


async def facts(request: Request) -> Response:
    """All that is known of one sweep; it is read before the others from now on."""
    studio, sweep = studio_of(request), sweep_of(request)
    if sweep.state == "failed":  # the brief says so, and has the error where every error is
        return as_json(sweep.brief(), 422)
    studio.looked_at(sweep)
    if sweep.result is not None:
        with suppress(NotRead):  # its index has gone: it is being made again
            await studio.notice(sweep)
            opened, known = await studio.ask(sweep, lambda one: (one, pictures.facts(one.scene.index)))
            chosen = await studio.filing.run(kept_choice, sweep)
            look = None if chosen.look == NOTHING.look else chosen.look.to_json()
            mine = {"look": look, "kept": chosen.kept, "version": opened.version}
            return as_json({**sweep.brief(), **known, **mine})
    brief = sweep.brief()
    done = len(sweep.growing.ends) if sweep.growing else 0
    early = pictures.early_facts(brief["width"], brief["height"], done)
    return as_json({**brief, **early, "look": None, "kept": [], "version": "reading"})


async def preview(request: Request) -> Response:
    """A small JPEG of one frame."""
    studio, sweep = studio_of(request), sweep_of(request)
    slot: int = request.path_params["slot"]
    early = await _early_preview(studio, sweep, slot)
    if early is not None:
        return as_bytes(early, "image/jpeg", forever=False)
    opened = await studio.opened(sweep)
    if slot >= len(opened.scene.index.frames):
        raise Problem(404, "No such frame", "The sweep has fewer frames; load the page again.")
    tag = f'"{opened.version}-{slot}"'
    held = unchanged(request, tag)
    if held is not None:
        return held
    data = await studio.ask(sweep, lambda one: one.scene.previews.jpeg(slot))
    return as_bytes(data, "image/jpeg", forever=request.query_params.get("v") == opened.version, tag=tag)


async def _early_preview(studio: Studio, sweep: Sweep, slot: int) -> bytes | None:
    """The preview from an index in the making.

    Between the moment when a finished index takes its place and the one when the worker says so, the frame is
    in neither of the places known here: then the end of the reading is awaited.
    """
    for _ in range(int(PUBLISHED / 0.02)):
        growing = sweep.growing
        if sweep.result is not None or growing is None:
            return None
        try:
            return await studio.filing.run(growing.preview, slot)
        except LookupError:
            return None
        except FileNotFoundError:
            await asyncio.sleep(0.02)
    return None


async def depth(request: Request) -> Response:
    """Where each place is sharpest, see `pictures.depth_bytes`."""
    version, data = await studio_of(request).ask(
        sweep_of(request), lambda one: (one.version, pictures.depth_bytes(one.scene.index))
    )
    return as_bytes(data, "application/octet-stream", forever=request.query_params.get("v") == version)


async def pick(request: Request) -> Response:
    """The answer to a touch."""
    studio, sweep = studio_of(request), sweep_of(request)
    x, y = (fraction(request, name) for name in ("x", "y"))
    if sweep.state == "failed":
        raise not_read(sweep.state, sweep.failure)
    if sweep.result is not None:
        with suppress(NotRead):  # as in `facts`
            return as_json(await studio.ask(sweep, lambda one: touched(one.scene, x, y)))
    try:
        early = sweep.growing and await studio.looking.run(sweep.growing.pick, x, y)
    except (LookupError, FileNotFoundError):
        early = None
    count = len(sweep.growing.frames) if sweep.growing else 0
    return as_json(so_far(x, y, early) if early else unread(x, y, count))


def fraction(request: Request, name: str) -> float:
    """A coordinate of the picture from the address; raises `Problem` 400."""
    try:
        value = float(request.query_params.get(name, ""))
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 1:
        raise Problem(400, "No such place", f"{name} must be a fraction of the picture, from 0 to 1.")
    return value


async def read(request: Request) -> Response:
    """Read a sweep, again if it was read before or stopped."""
    studio, sweep = studio_of(request), sweep_of(request)
    studio.read(sweep, first=True)
    return as_json(sweep.brief(), 202)


async def stop(request: Request) -> Response:
    """Stop reading a sweep."""
    studio, sweep = studio_of(request), sweep_of(request)
    if sweep.job is not None:
        studio.jobs.cancel(sweep.job.id)
    return as_json(sweep.brief(), 202)


async def remove(request: Request) -> Response:
    """Take a sweep off the list; its files stay."""
    studio_of(request).remove(request.path_params["sweep"])
    return Response(status_code=204)


def routes() -> list[Route]:
    """All of them."""
    one = "/api/sweeps/{sweep}"
    get: list[tuple[str, Any]] = [
        ("/", index_page),
        ("/viewer/{path:path}", viewer_file),
        ("/api/state", state),
        ("/api/events", events),
        (one, facts),
        (f"{one}/preview/{{slot:number}}", preview),
        (f"{one}/depth", depth),
        (f"{one}/pick", pick),
    ]
    return [
        *(Route(path, soon(endpoint), methods=["GET"]) for path, endpoint in get),
        Route(f"{one}/read", soon(read), methods=["POST"]),
        Route(f"{one}/stop", soon(stop), methods=["POST"]),
        Route(one, soon(remove), methods=["DELETE"]),
        *work_routes(),
        *upload_routes(),
    ]
