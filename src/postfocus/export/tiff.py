"""A picture as TIFF: 8 or 16 bits exactly, or 32-bit float, with profile, XMP and a full EXIF directory.

tifffile writes the pixels and the main directory; the camera's directories
are put behind the pixels and their places noted in the main one.
"""

from __future__ import annotations

import io
import struct
from typing import Any

import tifffile
from numpy.typing import NDArray

from postfocus.export.attached import Attached
from postfocus.io.exif import PANASONIC, software
from postfocus.io.exif_block import EXIF_IFD, GPS_IFD, INTEROP_IFD, MAKER_NOTE
from postfocus.io.tags import (
    BYTE,
    LONG,
    Entry,
    Field,
    TagBlock,
    directory_bytes,
    size_of,
    value_offsets,
)

_XMP, _SOFTWARE, _CHROMA_POSITION = 700, 0x131, 0x213
_BY_TIFFFILE = {_SOFTWARE, _CHROMA_POSITION, 0x11A, 0x11B, 0x128, EXIF_IFD, GPS_IFD}
_NOT_IN_TIFF = {MAKER_NOTE, INTEROP_IFD, 0x9101, 0xA002, 0xA003}  # Exif 2.32, table 21: JPEG only
_EFFORT = 3  # at 4K a quarter of the time of zlib's usual 6 for 4 % more bytes


def encode_tiff(pixels: NDArray[Any], attached: Attached) -> bytes:
    """Encode pixels without loss, deflated.

    Parameters
    ----------
    pixels
        `(H, W)` grey or `(H, W, 3)` R, G, B; uint8, uint16 or float32.
    attached
        What to embed. MakerNotes are kept where their inner offsets are known and can be moved
        (Panasonic's), and dropped otherwise.

    Returns
    -------
    bytes
        The file, in the byte order of the EXIF block so that no tag has to be turned round.
    """
    block = TagBlock(attached.exif)
    main = block.directory(block.first)
    shot = _fields(block, block.directory(block.integer(main.get(EXIF_IFD))))
    gps = _fields(block, block.directory(block.integer(main.get(GPS_IFD))))
    tags = [_extra(t, f) for t, f in _fields(block, main).items() if t not in _BY_TIFFFILE]
    order = "<" if block.order == "<" else ">"
    out = io.BytesIO()
    tifffile.imwrite(
        out, pixels, byteorder=order, photometric="rgb" if pixels.ndim == 3 else "minisblack",
        compression="adobe_deflate", compressionargs={"level": _EFFORT},
        predictor=pixels.dtype.kind == "u", software=software(), metadata=None,
        resolution=(72, 72), resolutionunit="INCH", iccprofile=attached.icc,
        extratags=[*tags, _extra(_XMP, Field(BYTE, len(attached.xmp), attached.xmp))],
    )  # fmt: skip
    pointers = {EXIF_IFD: _append(out, _with_note(block, main, shot, _end(out)), order)}
    if gps:
        pointers[GPS_IFD] = _append(out, gps, order)
    _extend_main(out, pointers, order)
    return out.getvalue()


def _fields(block: TagBlock, entries: dict[int, Entry]) -> dict[int, Field]:
    return {t: Field(e.kind, e.count, block.raw(e)) for t, e in entries.items() if t not in _NOT_IN_TIFF}


def _extra(tag: int, field: Field) -> tuple[int, int, int, bytes, bool]:
    return tag, field.kind, field.count, field.data, True


def _with_note(block: TagBlock, main: dict[int, Entry], shot: dict[int, Field], at: int) -> dict[int, Field]:
    """The EXIF directory with Panasonic's MakerNotes, moved to where they will lie."""
    note = block.directory(block.integer(main.get(EXIF_IFD))).get(MAKER_NOTE)
    if note is None or not block.raw(note).startswith(PANASONIC):
        return shot
    whole = {**shot, MAKER_NOTE: Field(note.kind, note.count, block.raw(note))}
    moved = _moved(block.raw(note), block.order, value_offsets(whole, at)[MAKER_NOTE] - note.offset)
    return {**shot, MAKER_NOTE: Field(note.kind, note.count, moved)}


def _moved(data: bytes, order: str, by: int) -> bytes:
    """Panasonic's MakerNotes with every offset inside them moved."""
    out = bytearray(data)
    start = len(PANASONIC)
    count = struct.unpack_from(f"{order}H", data, start)[0] if len(data) >= start + 2 else 0
    for at in range(start + 2, min(start + 2 + 12 * count, len(data) - 11), 12):
        kind, number, value = struct.unpack_from(f"{order}HII", data, at + 2)
        if size_of(kind, number) > 4:
            struct.pack_into(f"{order}I", out, at + 8, (value + by) % 2**32)
    return bytes(out)


def _end(out: io.BytesIO) -> int:
    """Where the next directory goes: an even place behind what is there."""
    size = out.seek(0, io.SEEK_END)
    return size + size % 2


def _append(out: io.BytesIO, directory: dict[int, Field], order: str) -> int:
    """Put a directory behind what is there and return its place."""
    at = _end(out)
    _put(out, at, directory_bytes(directory, at, order))
    return at


def _extend_main(out: io.BytesIO, pointers: dict[int, int], order: str) -> None:
    """Write the main directory anew at the end, with pointers that tifffile leaves out."""
    (first,) = struct.unpack(f"{order}I", _piece(out, 4, 4))
    (count,) = struct.unpack(f"{order}H", _piece(out, first, 2))
    rows = [_piece(out, at, 12) for at in range(first + 2, first + 2 + 12 * count, 12)]
    rows += [struct.pack(f"{order}HHII", tag, LONG, 1, at) for tag, at in pointers.items()]
    rows.sort(key=lambda row: struct.unpack_from(f"{order}H", row)[0])
    at = _end(out)
    _put(out, at, struct.pack(f"{order}H", len(rows)) + b"".join(rows) + bytes(4))
    _put(out, 4, struct.pack(f"{order}I", at))


def _piece(out: io.BytesIO, at: int, size: int) -> bytes:
    out.seek(at)
    return out.read(size)


def _put(out: io.BytesIO, at: int, data: bytes) -> None:
    """Write at a place; what lies between the end and that place is zero."""
    out.seek(at)
    out.write(data)
