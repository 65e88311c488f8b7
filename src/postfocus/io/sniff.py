"""What a file holds, told by its first bytes and never by its name alone.

Cards and folders carry JPEGs named ``.png``, text named ``.mp4`` and camera raw
that looks like TIFF; each goes to the reader that can decode it, and what no
reader can decode gets a sentence that says which format it is.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name

STILLS = ("jpeg", "png", "tiff", "webp", "avif", "raw")
"""Kinds of file that hold an exposure each (a TIFF may hold many)."""

RAW_SUFFIXES = frozenset(
    {
        ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".k25", ".kdc",
        ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2",
        ".srf", ".srw", ".x3f",
    }
)  # fmt: skip
STILL_SUFFIXES = RAW_SUFFIXES | {".jpg", ".jpeg", ".jpe", ".png", ".tif", ".tiff", ".webp", ".avif"}
VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mts", ".m2ts", ".mpg", ".mpeg", ".3gp"}
)

UNSUPPORTED = {
    "heic": "an HEIC picture",
    "gif": "a GIF picture",
    "bmp": "a BMP picture",
    "jxl": "a JPEG XL picture",
    "jp2": "a JPEG 2000 picture",
    "psd": "a Photoshop document",
    "exr": "an OpenEXR picture",
    "lfp": "a Lytro light field",
}
"""Formats that are known by sight and not read."""

HEAD_BYTES = 64
_START = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"FUJIFILMCCD-RAW", "raw"),
    (b"FOVb", "raw"),
    (b"\0MRM", "raw"),
    (b"II\x1a\0\0\0HEAPCCDR", "raw"),
    (b"IIU\0", "raw"),
    (b"IIRO", "raw"),
    (b"IIRS", "raw"),
    (b"MMOR", "raw"),
    (b"II*\0\x10\0\0\0CR", "raw"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"\0\0\1\xba", "video"),
    (b"\0\0\1\xb3", "video"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"8BPS", "psd"),
    (b"\x76\x2f\x31\x01", "exr"),
    (b"\x89LFP\r\n\x1a\n", "lfp"),
    (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cJXL ", "jxl"),
    (b"\0\0\0\x0cjP  ", "jp2"),
)
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}


def kind_of(head: bytes, suffix: str = "") -> str | None:
    """Name what a file holds from its first `HEAD_BYTES` bytes.

    Parameters
    ----------
    head
        First bytes of the file.
    suffix
        The name's extension, only used to tell camera raw from TIFF where both begin alike.

    Returns
    -------
    str or None
        One of `STILLS`, ``"video"``, a key of `UNSUPPORTED`, or ``None`` for anything else.
    """
    for start, kind in _START:
        if head.startswith(start):
            return "raw" if kind == "tiff" and suffix.lower() in RAW_SUFFIXES else kind
    if head.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"AVI ": "video"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _kind_of_brands(head)
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "video"
    if suffix.lower() in VIDEO_SUFFIXES and 0x47 in (head[:1] + b"\0")[:1] + (head[4:5] + b"\0")[:1]:
        return "video"
    return None


def _kind_of_brands(head: bytes) -> str:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    if brands[0] == b"crx ":
        return "raw"
    if b"avif" in brands or b"avis" in brands:
        return "avif"
    return "heic" if _HEIF_BRANDS.intersection(brands) else "video"


def sniff(path: Path) -> str | None:
    """Name what the file at `path` holds; see `kind_of`.

    Raises
    ------
    postfocus.errors.CannotRead
        The file is missing, not a file, empty, or may not be read.
    """
    with open_input(path) as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        raise CannotRead(f"{display_name(path)} is empty; copy it from the card again.")
    return kind_of(head, path.suffix)


@contextmanager
def open_input(path: Path) -> Generator[BinaryIO]:
    """Open an input for reading, and never wait on a pipe or a device.

    Raises
    ------
    postfocus.errors.CannotRead
        With one sentence that says why.
    """
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise CannotRead(
                f"{display_name(path)} is a folder where a file is needed; give the files in it."
            )
        if not stat.S_ISREG(mode):
            raise CannotRead(f"{display_name(path)} is not a file; give a picture or a video.")
        stream = open(path, "rb")  # noqa: SIM115
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    with stream:
        try:
            yield stream
        except OSError as error:
            raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError | ValueError) -> CannotRead:
    """The plain sentence for what the system refused."""
    name = display_name(path)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return CannotRead(f"{name} is not there; check the name.")
    if isinstance(error, PermissionError):
        return CannotRead(f"{name} may not be read; check its permissions.")
    if isinstance(error, ValueError):
        return CannotRead(f"{name} is not a file name; check the name.")
    why = (error.strerror or "unknown reason").lower()
    return CannotRead(f"{name} cannot be read ({why}); check the disk or copy the file again.")
