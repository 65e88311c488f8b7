"""How values and pictures travel to the page."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

FOREVER = "private, max-age=31536000, immutable"
"""For what never changes under its address, which names its version."""

AGAIN = "private, no-cache"
"""For what may be kept, but must be asked for again each time."""


def as_json(values: Any, status: int = 200) -> Response:
    """Values as JSON; in plain ASCII, so that no file's name can break it."""
    return Response(json.dumps(values, allow_nan=False), status, media_type="application/json")


def as_bytes(data: bytes, media_type: str, *, forever: bool, tag: str = "") -> Response:
    """A picture or a map; kept by the browser if it can never change, or as long as its `tag` stays."""
    headers = {"Cache-Control": FOREVER if forever else AGAIN if tag else "no-store"}
    if tag:
        headers["ETag"] = tag
    return Response(data, media_type=media_type, headers=headers)


def unchanged(request: Request, tag: str) -> Response | None:
    """The answer to a browser that still holds what has this `tag`; ``None`` if it does not."""
    if tag not in request.headers.get("if-none-match", ""):
        return None
    return Response(status_code=304, headers={"ETag": tag, "Cache-Control": AGAIN})
