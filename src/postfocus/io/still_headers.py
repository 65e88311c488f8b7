"""What a still says of itself before a single pixel is decoded.

Size, bit depth, orientation, colour profile and EXIF are read from the header
only, so that a bracket of a hundred files opens at once and a file that
declares more pixels than a camera makes is refused before memory is asked for.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.exif import EXIF_PREFIX, camera_facts, exif_for, tag_block
from postfocus.model.frame import CameraFacts

PIXEL_LIMIT = 400_000_000
"""Most pixels of one exposure; larger declarations are refused unread."""

_MOST_PIXELS_PER_BYTE = 8300  # deflate packs 1032:1, eight one-bit pixels to a byte
MOST_PROFILE = 16 << 20
"""Largest ICC profile or EXIF block that is believed, in bytes."""

_ORIENTATION, _SOFTWARE = 0x112, 0x131
_STACKERS = ("postfocus", "Helicon Focus", "Zerene Stacker", "Shine Stacker", "PICOLAY", "CombineZ", "enfuse")
_NO_FACTS = CameraFacts()
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class StillHeader:
    """What a still declares.

    Attributes
    ----------
    kind
        ``"jpeg"``, ``"png"``, ``"tiff"``, ``"webp"``, ``"avif"`` or ``"raw"``.
    width, height
        Pixels, upright (orientation applied).
    bits
        Bits per sample as they will be decoded: 8 or 16.
    channels
        1 for grey, 3 for colour, 4 for CMYK.
    orientation
        EXIF orientation of the stored pixels, 1 to 8.
    icc
        ICC profile.
    camera
        What the camera wrote; its `exif` is a block fit to be carried to saved pictures.
    stacker
        The program that merged this picture, if it named itself: a result among the frames it was made of.
    """

    kind: str
    width: int
    height: int
    bits: int = 8
    channels: int = 3
    orientation: int = 1
    icc: bytes | None = None
    camera: CameraFacts = _NO_FACTS
    stacker: str = ""


def upright(
    path: Path,
    kind: str,
    stored: tuple[int, int],
    *,
    bits: int = 8,
    channels: int = 3,
    exif: bytes | None = None,
    icc: bytes | None = None,
    turn: int | None = None,
    camera: CameraFacts | None = None,
) -> StillHeader:
    """Make a header from the stored `(width, height)`, turned by `turn` or by the orientation in `exif`.

    Raises
    ------
    postfocus.errors.CannotRead
        No pixels, or more than `PIXEL_LIMIT`.
    """
    width, height = stored
    if width < 1 or height < 1:
        raise CannotRead(f"{display_name(path)} declares no pixels; leave it out or export it again.")
    if width * height > PIXEL_LIMIT:
        raise CannotRead(
            f"{display_name(path)} declares {width}x{height} pixels, more than the "
            f"{PIXEL_LIMIT // 1_000_000} megapixels that are read; make it smaller or leave it out."
        )
    told, stacker = _turn_and_maker(exif)
    turn = told if turn is None or not 1 <= turn <= 8 else turn
    if turn >= 5:
        width, height = height, width
    return StillHeader(kind, width, height, bits, channels, turn, icc, camera or camera_facts(exif), stacker)


def tiff_facts(head: bytes) -> CameraFacts:
    """What the camera wrote into a picture that is itself laid out like an EXIF block (TIFF, most raw).

    Parameters
    ----------
    head
        The file or its beginning; values outside of it are missed.

    Returns
    -------
    CameraFacts
        Its `exif` is rewritten small, without what describes the file's layout.
    """
    facts = camera_facts(head)
    if facts.exif is None:
        return facts
    return replace(facts, exif=exif_for(facts, width=1, height=1, srgb=False))


def _turn_and_maker(exif: bytes | None) -> tuple[int, str]:
    block = tag_block(exif)
    if block is None:
        return 1, ""
    main = block.directory(block.first)
    turn = block.integer(main.get(_ORIENTATION))
    software = (block.text(main.get(_SOFTWARE)) or "").casefold()
    stacker = next((name for name in _STACKERS if software.startswith(name.casefold())), "")
    return (turn if 1 <= turn <= 8 else 1), stacker


def refuse_hollow(path: Path, width: int, height: int, size: int) -> None:
    """Refuse a file of `size` bytes that cannot hold the pixels it declares.

    Raises
    ------
    postfocus.errors.CannotRead
        The picture would be larger than any compression allows.
    """
    if width * height > max(size, 64) * _MOST_PIXELS_PER_BYTE:
        raise CannotRead(
            f"{display_name(path)} declares {width}x{height} pixels but holds only {size} bytes; "
            "copy it from the card again or leave it out."
        )


def jpeg_header(path: Path, stream: BinaryIO, *, turn: int | None = None) -> StillHeader:
    """Read a JPEG's frame header, EXIF and ICC profile; `turn` overrides the orientation in EXIF.

    Raises
    ------
    postfocus.errors.CannotRead
        The markers end before a frame header.
    """
    stream.seek(2)
    exif: bytes | None = None
    profile: dict[int, bytes] = {}
    frame: tuple[int, int, int, int] | None = None
    for marker, body in _jpeg_segments(stream):
        if marker == 0xE1 and body.startswith(EXIF_PREFIX) and exif is None:
            exif = body[len(EXIF_PREFIX) :]
        elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0") and len(body) > 14:
            profile[body[12]] = body[14:]
        elif marker in _SOF and len(body) >= 6 and frame is None:
            bits, height, width, channels = struct.unpack_from(">BHHB", body)
            frame = bits, height, width, channels
    if frame is None:
        raise CannotRead(f"{display_name(path)} is cut short; copy it from the card again.")
    bits, height, width, channels = frame
    icc = b"".join(profile[number] for number in sorted(profile)) or None
    return upright(
        path,
        "jpeg",
        (width, height),
        bits=8 if bits == 8 else 16,
        channels=channels,
        exif=exif,
        icc=icc,
        turn=turn,
    )


def _jpeg_segments(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    while True:
        lead = stream.read(2)
        while len(lead) == 2 and lead[0] == 0xFF and lead[1] == 0xFF:  # fill bytes
            lead = lead[1:] + stream.read(1)
        if len(lead) < 2 or lead[0] != 0xFF or lead[1] in (0xDA, 0xD9):
            return
        size = stream.read(2)
        if len(size) < 2 or (length := int.from_bytes(size, "big")) < 2:
            return
        body = stream.read(length - 2)
        if len(body) < length - 2:
            return
        yield lead[1], body


def webp_header(path: Path, stream: BinaryIO) -> StillHeader:
    """Read a WebP's canvas size, EXIF and ICC chunks.

    Raises
    ------
    postfocus.errors.CannotRead
        The chunks are cut short, or it is an animation.
    """
    stream.seek(12)
    stored: tuple[int, int] | None = None
    exif: bytes | None = None
    icc: bytes | None = None
    while len(lead := stream.read(8)) == 8:
        name, length = struct.unpack("<4sI", lead)
        after = stream.tell() + length + (length & 1)
        if name == b"ANIM":
            raise CannotRead(f"{display_name(path)} is an animation; save its pictures as single files.")
        if name in (b"VP8X", b"VP8 ", b"VP8L") and stored is None:
            stored = _webp_size(name, stream.read(10))
        elif name == b"EXIF" and length <= MOST_PROFILE:
            exif = stream.read(length).removeprefix(EXIF_PREFIX)
        elif name == b"ICCP" and length <= MOST_PROFILE:
            icc = stream.read(length)
        stream.seek(after)
    if stored is None:
        raise CannotRead(f"{display_name(path)} is cut short; copy it from the card again.")
    return upright(path, "webp", stored, exif=exif, icc=icc)


def _webp_size(name: bytes, body: bytes) -> tuple[int, int] | None:
    if len(body) < 10:
        return None
    if name == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if name == b"VP8L":
        packed = int.from_bytes(body[1:5], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    return (
        int.from_bytes(body[6:8], "little") & 0x3FFF,
        int.from_bytes(body[8:10], "little") & 0x3FFF,
    )
