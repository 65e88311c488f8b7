"""A PNG, chunk by chunk: what it says of the picture, and the picture without the rest.

EXIF may stand behind the pixels and profiles may be broken; neither may cost
the photograph. Checksums tell a damaged picture before it is decoded.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.exif import EXIF_PREFIX
from postfocus.io.still_headers import MOST_PROFILE, StillHeader, refuse_hollow, upright

_PNG_PIXELS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_PNG_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 1, 6: 3}


def png_header(path: Path, stream: BinaryIO, size: int) -> StillHeader:
    """Read a PNG's IHDR, eXIf and iCCP chunks, wherever they stand.

    Raises
    ------
    postfocus.errors.CannotRead
        The chunks do not reach the end of the picture.
    """
    stream.seek(8)
    head: tuple[int, int, int, int] | None = None
    exif: bytes | None = None
    icc: bytes | None = None
    complete = False
    while len(lead := stream.read(8)) == 8:
        length, name = struct.unpack(">I4s", lead)
        if name == b"IEND":
            complete = True
            break
        if name in (b"IHDR", b"eXIf", b"iCCP") and length <= MOST_PROFILE:
            body = stream.read(length)
            stream.seek(4, 1)
            if name == b"IHDR" and len(body) >= 10:
                head = struct.unpack_from(">IIBB", body)
            elif name == b"eXIf":
                exif = body.removeprefix(EXIF_PREFIX)
            elif name == b"iCCP":
                icc = _png_profile(body)
        else:
            stream.seek(length + 4, 1)
    if head is None or not complete:
        raise CannotRead(f"{display_name(path)} is cut short; copy it from the card again.")
    width, height, bits, colour = head
    channels = _PNG_CHANNELS.get(colour, 3)
    header = upright(path, "png", (width, height), bits=max(8, bits), channels=channels, exif=exif, icc=icc)
    refuse_hollow(path, width, height, size)
    return header


def png_pixels_only(data: bytes) -> bytes:
    """Check a PNG's checksums and drop all but its pixels, so that decoders neither guess nor grumble.

    Raises
    ------
    ValueError
        A checksum is wrong, or the chunks do not reach the end.
    """
    view, at = memoryview(data), 8
    kept: list[bytes | memoryview] = [data[:8]]
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", view, at)
        end = at + 12 + length
        if name in _PNG_PIXELS:
            told = struct.unpack_from(">I", view, end - 4)[0] if end <= len(data) else None
            if told != zlib.crc32(view[at + 4 : end - 4]):
                raise ValueError("wrong checksum")
            kept.append(view[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end
    raise ValueError("no end")


def _png_profile(body: bytes) -> bytes | None:
    packed = body.partition(b"\0")[2][1:]
    try:
        return zlib.decompressobj().decompress(packed, MOST_PROFILE) or None
    except zlib.error:
        return None
