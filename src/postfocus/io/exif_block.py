"""The block of tags that a saved picture carries: laid out so that MakerNotes stay readable.

Makers hide offsets in their notes that count from the head of the block. The
notes are therefore put back at the very place they had, and the directories
go before them where they fit, else behind.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from postfocus.io.tags import (
    SHORT,
    UNDEFINED,
    Field,
    directory_bytes,
    directory_size,
    integer_field,
    rational_field,
)

EXIF_IFD, GPS_IFD, INTEROP_IFD, MAKER_NOTE = 0x8769, 0x8825, 0xA005, 0x927C
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT, _CHROMA_POSITION = 0x11A, 0x11B, 0x128, 0x213
_EXIF_VERSION, _COMPONENTS, _FLASHPIX, _COLOR_SPACE = 0x9000, 0x9101, 0xA000, 0xA001
LONGEST_VALUE = 8192
LARGEST_BLOCK = 65_000  # what fits one segment of a JPEG, with room for its name


@dataclass(slots=True)
class CarriedTags:
    """Tags on their way from the camera's file to the saved one.

    Attributes
    ----------
    order
        ``"<"`` or ``">"``, the byte order of all values.
    main, shot, gps, interop
        The four directories of EXIF, without their pointers to one another.
    note, note_at
        MakerNotes, and their offset from the head of the block.
    """

    order: str = "<"
    main: dict[int, Field] = field(default_factory=dict)
    shot: dict[int, Field] = field(default_factory=dict)
    gps: dict[int, Field] = field(default_factory=dict)
    interop: dict[int, Field] = field(default_factory=dict)
    note: Field | None = None
    note_at: int = 0


def add_required(tags: CarriedTags, *, srgb: bool) -> None:
    """Add the tags without which Exif 2.32 calls a block incomplete."""
    order = tags.order
    tags.main.setdefault(_X_RESOLUTION, rational_field(Fraction(72), order))
    tags.main.setdefault(_Y_RESOLUTION, rational_field(Fraction(72), order))
    tags.main.setdefault(_RESOLUTION_UNIT, integer_field(2, order, SHORT))
    tags.main[_CHROMA_POSITION] = integer_field(1, order, SHORT)  # centred, as JPEG encoders do
    tags.shot.setdefault(_EXIF_VERSION, Field(UNDEFINED, 4, b"0232"))
    tags.shot.setdefault(_COMPONENTS, Field(UNDEFINED, 4, b"\1\2\3\0"))
    tags.shot.setdefault(_FLASHPIX, Field(UNDEFINED, 4, b"0100"))
    tags.shot.setdefault(_COLOR_SPACE, integer_field(1 if srgb else 65535, order, SHORT))


def fitting_block(tags: CarriedTags) -> bytes:
    """Write the block; where it is too large, without MakerNotes, and then without its longest values."""
    if tags.note and tags.note_at + len(tags.note.data) > LARGEST_BLOCK:
        tags.note = None
    block = _block(tags)
    if len(block) > LARGEST_BLOCK:
        tags.note = None
        block = _block(tags)
    longest = LONGEST_VALUE
    while len(block) > LARGEST_BLOCK and longest:
        longest //= 2
        for directory in (tags.main, tags.shot, tags.gps):
            for tag in [t for t, f in directory.items() if len(f.data) > longest]:
                del directory[tag]
        block = _block(tags)
    return block


def _block(tags: CarriedTags) -> bytes:
    directories = _with_pointers(tags, [0, 0, 0, 0])
    places = _places([directory_size(d) for d in directories], tags)
    directories = _with_pointers(tags, places)
    ends = [place + directory_size(d) for place, d in zip(places, directories, strict=True)]
    out = bytearray(max(_end_of_note(tags), *ends))
    struct.pack_into(f"{tags.order}2sHI", out, 0, b"II" if tags.order == "<" else b"MM", 42, places[0])
    for place, directory in zip(places, directories, strict=True):
        if directory:
            data = directory_bytes(directory, place, tags.order)
            out[place : place + len(data)] = data
    if tags.note:
        out[tags.note_at : tags.note_at + len(tags.note.data)] = tags.note.data
    return bytes(out)


def _with_pointers(tags: CarriedTags, places: Sequence[int]) -> list[dict[int, Field]]:
    """The four directories with the pointers that join them."""
    main, shot = dict(tags.main), dict(tags.shot)
    main[EXIF_IFD] = integer_field(places[1], tags.order)
    if tags.gps:
        main[GPS_IFD] = integer_field(places[2], tags.order)
    if tags.interop:
        shot[INTEROP_IFD] = integer_field(places[3], tags.order)
    if tags.note:
        pointer = struct.pack(f"{tags.order}I", tags.note_at)
        shot[MAKER_NOTE] = Field(tags.note.kind, tags.note.count, pointer)
    return [main, shot, tags.gps, tags.interop]


def _places(sizes: Sequence[int], tags: CarriedTags) -> list[int]:
    """Offsets of the directories: before the MakerNotes while there is room, then behind them."""
    low, ceiling, high = 8, tags.note_at if tags.note else 8, _end_of_note(tags)
    places: list[int] = []
    for size in sizes:
        if low + size <= ceiling:
            places.append(low)
            low += size
        else:
            places.append(high)
            high += size
    return places


def _end_of_note(tags: CarriedTags) -> int:
    return tags.note_at + len(tags.note.data) + len(tags.note.data) % 2 if tags.note else 8
