"""The page itself: the files of the viewer, as they are shipped."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from postfocus.app.answers import as_bytes, unchanged
from postfocus.app.problems import Problem

VIEWER = Path(__file__).parent.parent / "viewer"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}
_NAME = re.compile(r"(?:[A-Za-z0-9_-]+/){0,4}[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(\.[a-z]+)")


async def index_page(request: Request) -> Response:
    """The one document."""
    return await _file(request, "index.html")


async def viewer_file(request: Request) -> Response:
    """A script, style or picture that the document names."""
    return await _file(request, request.path_params["path"])


async def _file(request: Request, name: str) -> Response:
    match = _NAME.fullmatch(name)  # has no way to say "..", so no path leads out
    path = VIEWER / name
    if match is None or match[1] not in TYPES or not path.is_file() or path.is_symlink():
        raise Problem(404, "No such page", "Open the address that postfocus printed.")
    data = await to_thread.run_sync(path.read_bytes)
    tag = f'"{sha256(data).hexdigest()[:20]}"'
    return unchanged(request, tag) or as_bytes(data, TYPES[match[1]], forever=False, tag=tag)
