"""Which pictures can be written: known at once, without loading anything that writes them."""

from __future__ import annotations

from pathlib import Path

from postfocus.errors import BadUse
from postfocus.io.atomic import display_name

MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
    ".avif": "image/avif",
}
"""Extensions of the pictures that can be written, and their media types."""

FORMATS = ("jpg", "png", "tif", "webp", "avif")
"""One name for each, as a person chooses them."""


def media_type(path: Path) -> str:
    """Media type that a name's extension stands for; `BadUse` lists the extensions there are."""
    mime = MEDIA_TYPES.get(path.suffix.lower())
    if mime is None:
        known = ", ".join(MEDIA_TYPES)
        raise BadUse(f"{display_name(path.name)} does not end in a known extension; use one of {known}.")
    return mime
