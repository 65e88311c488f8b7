"""The addresses of work on the pictures: original pixels, merging, saving, downloads, and the kept look."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from postfocus.app.answers import as_bytes, as_json
from postfocus.app.asked import Number, soon, studio_of, sweep_of
from postfocus.app.bodies import frames_of, json_object, look_from, number_of, text_of, truth_of
from postfocus.app.look_file import Chosen
from postfocus.app.looks import change_choice
from postfocus.app.names import USUAL
from postfocus.app.originals import NoTiles
from postfocus.app.problems import Problem, problem_from
from postfocus.app.qr import as_svg
from postfocus.app.saving import Saving
from postfocus.io.atomic import display_name
from postfocus.model.look import Frames, Look

MERGE = re.compile(r"merge-[0-9a-f]{1,64}")
"""What the tiles of a merge are called."""

_NUMBER = re.compile(Number.regex)

PATIENCE = 20.0
"""Seconds that a page waits for original pixels; as long, a touch may wait behind it for a connection."""


async def tile(request: Request) -> Response:
    """Original pixels, 512 x 512: of a frame, or of a merge that is ready."""
    studio, sweep = studio_of(request), sweep_of(request)
    slot, col, row = (request.path_params[name] for name in ("slot", "col", "row"))
    opened = await studio.opened(sweep)
    assert sweep.result is not None
    picture: int | str = slot
    if _NUMBER.fullmatch(slot) and int(slot) < len(opened.scene.index.frames):
        picture = int(opened.scene.index.frames[int(slot)])
        try:
            await asyncio.wait_for(
                asyncio.wrap_future(studio.originals.frame(sweep.result, sweep.words, picture)), PATIENCE
            )
        except NoTiles as error:
            raise problem_from(error.failure) from error
        except TimeoutError:
            raise Problem(503, "Not ready", "The original pixels take long; try again.") from None
    elif not MERGE.fullmatch(slot):
        raise Problem(404, "No such frame", "The sweep has fewer frames; load the page again.")
    try:
        data = await studio.filing.run(studio.originals.tile, sweep.result, picture, col, row)
    except LookupError:
        raise Problem(404, "No such part", "The picture is smaller; load the page again.") from None
    if data is None:
        raise Problem(404, "Not ready", "These pixels are not there any more; try again.")
    return as_bytes(data, "image/jpeg", forever=request.query_params.get("v") == opened.version)


async def merge(request: Request) -> Response:
    """Merge at full size, to be looked at."""
    studio, sweep = studio_of(request), sweep_of(request)
    wanted = await json_object(request)
    await studio.opened(sweep)
    record = studio.jobs.submit_merge(sweep.id, sweep.words, look_from(wanted.get("look")))
    return as_json(studio.values(record), 202)


async def save(request: Request) -> Response:
    """Save a frame, the kept frames or a merge, beside the input or for download."""
    studio, sweep = studio_of(request), sweep_of(request)
    wanted = await json_object(request)
    opened = await studio.opened(sweep)
    frames = [int(n) for n in opened.scene.index.frames]
    slots = wanted.get("slots") or []
    if not isinstance(slots, list) or not all(type(s) is int and 0 <= s < len(frames) for s in slots):
        raise Problem(400, "No such frame", "The sweep has fewer frames; load the page again.")
    beside = text_of(wanted, "where", "download") == "beside"
    if beside and sweep.home is None:
        raise Problem(409, "This folder is read-only", "Pictures cannot be saved beside the clip.")
    saving = Saving(
        what=text_of(wanted, "what", "frame"),
        look=_look_of_saving(wanted, [frames[slot] for slot in slots]),
        folder=sweep.home if beside and sweep.home is not None else studio.scratch.folder(),
        format=text_of(wanted, "format", "jpg"),
        quality=number_of(wanted, "quality", 95),
        name=text_of(wanted, "name", USUAL),
        frames=tuple(frames[slot] for slot in slots),
        replace=truth_of(wanted, "replace", usual=False),
        location=truth_of(wanted, "location", usual=True),
    )
    record = studio.jobs.submit_save(sweep.id, sweep.words, saving)
    if not beside:
        studio.downloading(record)
    return as_json(studio.values(record), 202)


def _look_of_saving(wanted: dict[str, Any], frames: list[int]) -> Look:
    """The look; for one frame that is named by its slot, that frame, with the place touched beside it."""
    look = look_from(wanted.get("look"))
    if wanted.get("what") == "frame" and len(frames) == 1:
        return replace(look, near=None, far=None, frames=Frames(frames[0], frames[0]))
    return look


async def job(request: Request) -> Response:
    """How far a job has come."""
    studio = studio_of(request)
    record = studio.jobs.get(request.path_params["job"])
    if record is None or record.kind == "read":
        raise Problem(404, "No such job", "It has ended long ago.")
    return as_json(studio.values(record))


async def cancel(request: Request) -> Response:
    """Stop a job."""
    studio_of(request).jobs.cancel(request.path_params["job"])
    return Response(status_code=204)


async def download(request: Request) -> Response:
    """A file that was saved for download."""
    file = studio_of(request).files.get(request.path_params["file"])
    if file is None or not file.path.is_file():
        raise Problem(404, "No such file", "Save it again.")
    named = f"attachment; filename*=UTF-8''{quote(display_name(file.path.name), safe='')}"
    return FileResponse(
        file.path, media_type="application/octet-stream", headers={"Content-Disposition": named}
    )


async def look(request: Request) -> Response:
    """Keep the look, the frames kept for saving, or both; what is not named stays as it was kept.

    With `before`, the frames that the page knew of, only what it changed is changed: another tab may have
    kept others.
    """
    sweep = sweep_of(request)
    wanted = await json_object(request)
    look = look_from(wanted["look"]) if "look" in wanted else None
    frames, known = frames_of(wanted, "kept"), frames_of(wanted, "before")

    def changed(was: Chosen) -> Chosen:
        kept = was.kept if frames is None else frames
        if frames is not None and known is not None:
            added, dropped = set(frames) - set(known), set(known) - set(frames)
            kept = tuple(sorted((set(was.kept) | added) - dropped))
        return Chosen(was.look if look is None else look, kept)

    chosen = await studio_of(request).filing.run(change_choice, sweep, changed)
    return as_json({"kept": chosen.kept})


async def phone(request: Request) -> Response:
    """The address for a phone, and its code."""
    address = request.app.state.phone
    if address is None:
        raise Problem(404, "Only on this computer", "Start postfocus at host 0.0.0.0 to let a phone in.")
    return as_json({"url": address, "svg": as_svg(address)})


def work_routes() -> list[Route]:
    """All of them."""
    one = "/api/sweeps/{sweep}"
    return [
        Route(
            f"{one}/tile/{{slot}}/{{level:number}}/{{col:number}}/{{row:number}}", soon(tile), methods=["GET"]
        ),
        Route(f"{one}/merge", soon(merge), methods=["POST"]),
        Route(f"{one}/save", soon(save), methods=["POST"]),
        Route(f"{one}/look", soon(look), methods=["PUT"]),
        Route("/api/jobs/{job}", soon(job), methods=["GET"]),
        Route("/api/jobs/{job}", soon(cancel), methods=["DELETE"]),
        Route("/api/files/{file}", soon(download), methods=["GET"]),
        Route("/api/phone", soon(phone), methods=["GET"]),
    ]
