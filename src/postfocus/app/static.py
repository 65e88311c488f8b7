"""The page itself: the files of the viewer, as they are shipped.

The document names its scripts and styles under an address that changes with them, so that a
browser asks for each of them once and not at every start.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from postfocus.app.answers import as_bytes, unchanged
from postfocus.app.asked import studio_of
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
EDITION = "v-"
_NAME = re.compile(r"(?:[A-Za-z0-9_-]+/){0,4}[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(\.[a-z]+)")
_EDITION = re.compile(rf"{EDITION}[0-9a-f]{{16}}/")
_OURS = re.compile(r'(?<=")/viewer/(?=[^"]+\.(?:js|css)")')


async def index_page(request: Request) -> Response:
    """The one document."""
    return await studio_of(request).filing.run(_document, request)


async def viewer_file(request: Request) -> Response:
    """A script, style or picture that the document names."""
    return await studio_of(request).filing.run(_file, request, request.path_params["path"])


def edition() -> str:
    """A word that changes with any of the viewer's files."""
    states = ((path, path.stat()) for path in sorted(VIEWER.rglob("*")) if path.suffix in TYPES)
    known = [(str(path), state.st_mtime_ns, state.st_size) for path, state in states]
    return EDITION + sha256(repr(known).encode()).hexdigest()[:16]


def _document(request: Request) -> Response:
    text = (VIEWER / "index.html").read_text("utf-8")
    return _answer(request, _OURS.sub(f"/viewer/{edition()}/", text).encode(), ".html")


def _file(request: Request, name: str) -> Response:
    plain = _EDITION.sub("", name, count=1) if _EDITION.match(name) else name
    match = _NAME.fullmatch(plain)  # has no way to say "..", so no path leads out
    path = VIEWER / plain
    if match is None or match[1] not in TYPES or not path.is_file() or path.is_symlink():
        raise Problem(404, "No such page", "Open the address that postfocus printed.")
    data = path.read_bytes()
    if plain != name:
        return as_bytes(data, TYPES[match[1]], forever=True)
    return _answer(request, data, match[1])


def _answer(request: Request, data: bytes, kind: str) -> Response:
    """A file that the browser asks for again each time, or that it still holds the same."""
    tag = f'"{sha256(data).hexdigest()[:20]}"'
    return unchanged(request, tag) or as_bytes(data, TYPES[kind], forever=False, tag=tag)
