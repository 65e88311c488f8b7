"""The addresses of the page and of the sweeps on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from postfocus.app import pictures
from postfocus.app.answers import as_bytes, as_json
from postfocus.app.problems import Problem
from postfocus.app.static import index_page, viewer_file
from postfocus.app.studio import Studio
from postfocus.app.sweeps import Sweep
from postfocus.app.touch import touched, unread
from postfocus.version import __version__


def studio_of(request: Request) -> Studio:
    """What the server knows."""
    studio = request.app.state.studio
    assert isinstance(studio, Studio)
    return studio


def sweep_of(request: Request) -> Sweep:
    """The sweep that an address names."""
    return studio_of(request).sweeps.get(request.path_params["sweep"])


async def state(request: Request) -> Response:
    """All that a page must know to begin."""
    studio = studio_of(request)
    return as_json(
        {"version": __version__, "folder": studio.folder, "sweeps": studio.sweeps.briefs(), "sample": True}
    )


async def events(request: Request) -> Response:
    """What happens from now on; begins with all sweeps as they are."""
    studio = studio_of(request)

    async def stream() -> AsyncIterator[str]:
        async for text in studio.hub.stream():
            yield text

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def facts(request: Request) -> Response:
    """All that is known of one sweep; it is read before the others from now on."""
    studio, sweep = studio_of(request), sweep_of(request)
    brief = sweep.brief()
    if sweep.folder is None:
        studio.jobs.prefer(sweep.id)
        done = len(sweep.growing.ends) if sweep.growing else 0
        early = pictures.early_facts(brief["width"], brief["height"], done)
        return as_json({**brief, **early, "look": None, "version": "reading"})
    opened = await studio.opened(sweep)
    known = await to_thread.run_sync(pictures.facts, opened.scene.index)
    return as_json({**brief, **known, "look": None, "version": opened.version})


async def preview(request: Request) -> Response:
    """A small JPEG of one frame."""
    studio, sweep = studio_of(request), sweep_of(request)
    slot: int = request.path_params["slot"]
    if sweep.folder is None and sweep.growing is not None:
        with suppress(LookupError, FileNotFoundError):
            early = await to_thread.run_sync(sweep.growing.preview, slot)
            return as_bytes(early, "image/jpeg", forever=False)
    opened = await studio.opened(sweep)
    if slot >= len(opened.scene.index.frames):
        raise Problem(404, "No such frame", "The sweep has fewer frames.")
    data = await to_thread.run_sync(opened.scene.previews.jpeg, slot)
    return as_bytes(data, "image/jpeg", forever=request.query_params.get("v") == opened.version)


async def depth(request: Request) -> Response:
    """Where each place is sharpest, see `pictures.depth_bytes`."""
    opened = await studio_of(request).opened(sweep_of(request))
    data = await to_thread.run_sync(pictures.depth_bytes, opened.scene.index)
    forever = request.query_params.get("v") == opened.version
    return as_bytes(data, "application/octet-stream", forever=forever)


async def pick(request: Request) -> Response:
    """The answer to a touch."""
    studio, sweep = studio_of(request), sweep_of(request)
    x, y = (fraction(request, name) for name in ("x", "y"))
    if sweep.folder is None:
        return as_json(unread(x, y, 0))
    opened = await studio.opened(sweep)
    return as_json(await to_thread.run_sync(touched, opened.scene, x, y))


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
        (f"{one}/preview/{{slot:int}}", preview),
        (f"{one}/depth", depth),
        (f"{one}/pick", pick),
    ]
    return [
        *(Route(path, endpoint, methods=["GET"]) for path, endpoint in get),
        Route(f"{one}/read", read, methods=["POST"]),
        Route(f"{one}/stop", stop, methods=["POST"]),
        Route(one, remove, methods=["DELETE"]),
    ]
