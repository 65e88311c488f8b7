"""What the camera wrote about the exposure: read from every frame, carried to every saved picture.

Make, lens, exposure and date come from ordinary EXIF tags; whether a file is a
Post Focus sweep, a focus bracket or an in-camera stack comes from Panasonic's
MakerNotes. A block that is damaged gives fewer facts, never an error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

from postfocus.io.exif_block import (
    EXIF_IFD,
    GPS_IFD,
    INTEROP_IFD,
    LONGEST_VALUE,
    MAKER_NOTE,
    CarriedTags,
    add_required,
    fitting_block,
)
from postfocus.io.tags import (
    SHORT,
    Entry,
    Field,
    TagBlock,
    ascii_field,
    integer_field,
    rational_field,
)
from postfocus.model.frame import CameraFacts
from postfocus.version import __version__

EXIF_PREFIX = b"Exif\0\0"

_MAKE, _MODEL = 0x10F, 0x110
_EXPOSURE, _F_NUMBER, _ISO, _FOCAL, _LENS = 0x829A, 0x829D, 0x8827, 0x920A, 0xA434
_TAKEN, _DIGITIZED = 0x9003, 0x9004
_CHANGED = 0x132
_SUBSEC = {_TAKEN: 0x9291, _DIGITIZED: 0x9292, _CHANGED: 0x9290}
_LONG_ISO = (0x8832, 0x8833, 0x8831)  # where cameras write speeds that do not fit ISO's 16 bits

_ORIENTATION, _SOFTWARE = 0x112, 0x131
_WIDTH, _HEIGHT = 0xA002, 0xA003
# Of the main directory only what describes the scene is carried over: description, make, model,
# resolution, date, artist, copyright, ratings and Windows' texts. The rest describes the old file.
_MAIN_KEPT = {0x10E, _MAKE, _MODEL, 0x11A, 0x11B, 0x128, _CHANGED, 0x13B, 0x8298, 0x4746, 0x4749,
              *range(0x9C9B, 0x9CA0)}  # fmt: skip
_SHOT_DROPPED = {MAKER_NOTE, INTEROP_IFD, _WIDTH, _HEIGHT, 0x9102, 0xA004}
_IFD_POINTER = 13

PANASONIC = b"Panasonic\0\0\0"
_BURST_MODE, _LENS_TYPE, _VIDEO_BURST_MODE, _POST_FOCUS_MERGING = 0x2A, 0x51, 0xBB, 0xBF
_FOCUS_BRACKETING = 3
_VIDEO_BURST = {
    0x04: "post focus",
    0x18: "4k burst",
    0x28: "4k burst start/stop",
    0x48: "4k pre-burst",
    0x108: "loop",
    0x408: "focus stacking",
    0x810: "6k burst",
    0x820: "6k burst start/stop",
    0x1001: "high resolution",
}  # ExifTool's Panasonic table, VideoBurstMode
_DATE = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", re.ASCII)


def tag_block(exif: bytes | None) -> TagBlock | None:
    """Open an EXIF block, with or without its leading ``Exif`` mark; ``None`` where it is none."""
    try:
        return TagBlock(bytes(exif).removeprefix(EXIF_PREFIX)) if exif else None
    except ValueError:
        return None


def camera_facts(exif: bytes | None) -> CameraFacts:
    """Read what the camera wrote about an exposure. Never raises.

    Parameters
    ----------
    exif
        Raw EXIF block, TIFF header first; the six-byte ``Exif`` mark of JPEG may lead it.

    Returns
    -------
    CameraFacts
        Every field that could be read; `exif` holds the block without its prefix, or ``None`` when
        it is no EXIF block.

    Notes
    -----
    Panasonic's MakerNotes are a directory whose offsets count from the TIFF header; tags and values
    are those of ExifTool's Panasonic table.
    """
    block = tag_block(exif)
    if block is None:
        return CameraFacts()
    main = block.directory(block.first)
    shot = block.directory(block.integer(main.get(EXIF_IFD)))
    note = panasonic_note(block, shot.get(MAKER_NOTE))
    date_tag = next((t for t in (_TAKEN, _DIGITIZED) if date_of(block.text(shot.get(t)))), None)
    return CameraFacts(
        make=block.text(main.get(_MAKE)),
        model=block.text(main.get(_MODEL)),
        lens=block.text(shot.get(_LENS)) or block.text(note.get(_LENS_TYPE)),
        taken=block.text(shot.get(date_tag)) if date_tag else None,
        subsec=_digits(block.text(shot.get(_SUBSEC[date_tag]))) if date_tag else None,
        exposure_s=_positive(block.number(shot.get(_EXPOSURE))),
        f_number=_positive(block.number(shot.get(_F_NUMBER))),
        iso=_iso(block, shot),
        focal_mm=_positive(block.number(shot.get(_FOCAL))),
        burst=_burst(block, note),
        exif=block.data,
    )


def date_of(text: str | None) -> datetime | None:
    """The moment an EXIF date names, or ``None`` for an unset clock (zeros, blanks) and other text."""
    if text is None or not _DATE.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None


def panasonic_note(block: TagBlock, entry: Entry | None) -> dict[int, Entry]:
    """Directory of Panasonic's MakerNotes; empty for other makers."""
    if entry is None or not block.raw(entry).startswith(PANASONIC):
        return {}
    return block.directory(entry.offset + len(PANASONIC))


def _burst(block: TagBlock, note: dict[int, Entry]) -> str | None:
    mode = _VIDEO_BURST.get(block.integer(note.get(_VIDEO_BURST_MODE)))
    if mode is not None:
        return mode
    if any(block.numbers(note.get(_POST_FOCUS_MERGING))):
        return "focus stacking"
    return "focus bracketing" if block.integer(note.get(_BURST_MODE)) == _FOCUS_BRACKETING else None


def _iso(block: TagBlock, shot: dict[int, Entry]) -> int | None:
    speed = block.integer(shot.get(_ISO))
    if 0 < speed < 65535:
        return speed
    longer = (block.integer(shot.get(tag)) for tag in _LONG_ISO)
    return next((value for value in longer if value > 0), None)


def _positive(value: Fraction | None) -> float | None:
    try:
        return float(value) if value is not None and value > 0 else None
    except OverflowError:
        return None


def _digits(text: str | None) -> str | None:
    return text if text is not None and re.fullmatch(r"[0-9]+", text) else None


def software() -> str:
    """What saved pictures name as the program that made them: ``postfocus`` and its version."""
    return f"postfocus {__version__}"


def exif_for(
    camera: CameraFacts,
    *,
    time_offset: Fraction | None = None,
    width: int,
    height: int,
    srgb: bool = True,
    orientation: bool = True,
    location: bool = True,
) -> bytes:
    """EXIF block for a saved picture: the camera's own tags, brought up to date.

    Parameters
    ----------
    camera
        Facts of the exposure. Its `exif` block is carried over; facts that the block lacks are added.
    time_offset
        Seconds from the block's capture time to this frame's, or ``None``. Moves the three EXIF dates
        with their fractions, to the millisecond; the time zone stays.
    width, height
        Pixels of the saved picture.
    srgb
        Whether the pixels are sRGB; said only where the camera's block says nothing.
    orientation
        Whether to write Orientation at all; not for containers that turn pictures by other means.
    location
        Whether to carry over where the picture was taken. Without it the GPS directory is left out, and the
        MakerNotes too: in them cameras repeat coordinates and names of places.

    Returns
    -------
    bytes
        A block (TIFF header first) of at most 65 000 bytes. Camera, lens, exposure, date, GPS and
        copyright are kept; thumbnail, preview and all that described the old file's layout are
        dropped; Orientation is 1. MakerNotes keep their bytes *and their offset from the header*, the
        place all offsets inside them count on; they are dropped when that place is too far in for the
        block, and Panasonic's also when one of their values lies outside of them.
    """
    block = tag_block(camera.exif)
    tags = _carried(block) if block else CarriedTags()
    if not location:
        tags.gps, tags.note = {}, None
    _add_facts(tags, camera)
    if time_offset:
        _move_dates(tags, time_offset)
    order = tags.order
    if orientation:
        tags.main[_ORIENTATION] = integer_field(1, order, SHORT)
    tags.main[_SOFTWARE] = ascii_field(software())
    tags.shot[_WIDTH] = integer_field(width, order)
    tags.shot[_HEIGHT] = integer_field(height, order)
    add_required(tags, srgb=srgb)
    return fitting_block(tags)


def _carried(block: TagBlock) -> CarriedTags:
    main = block.directory(block.first)
    shot = block.directory(block.integer(main.get(EXIF_IFD)))
    tags = CarriedTags(
        order=block.order,
        main=_fields(block, main, set(main) & _MAIN_KEPT),
        shot=_fields(block, shot, set(shot) - _SHOT_DROPPED),
        gps=_fields(block, gps := block.directory(block.integer(main.get(GPS_IFD))), gps),
        interop=_fields(block, block.directory(block.integer(shot.get(INTEROP_IFD))), (1, 2)),
    )
    note = shot.get(MAKER_NOTE)
    if note and note.offset >= 8 and note.size > 4 and _whole(block, note):
        tags.note, tags.note_at = Field(note.kind, note.count, block.raw(note)), note.offset
    return tags


def _fields(block: TagBlock, entries: dict[int, Entry], tags: Iterable[int]) -> dict[int, Field]:
    return {
        tag: Field(entry.kind, entry.count, block.raw(entry))
        for tag in tags
        if (entry := entries.get(tag)) and entry.size <= LONGEST_VALUE and entry.kind != _IFD_POINTER
    }


def _whole(block: TagBlock, note: Entry) -> bool:
    """Whether every value of Panasonic's MakerNotes lies inside them (others cannot be checked)."""
    end = note.offset + note.size
    return all(
        note.offset <= e.offset and e.offset + e.size <= end for e in panasonic_note(block, note).values()
    )


def _add_facts(tags: CarriedTags, camera: CameraFacts) -> None:
    """Add what is known of the exposure and not in the block."""
    for tag, text in ((_MAKE, camera.make), (_MODEL, camera.model)):
        if text:
            tags.main.setdefault(tag, ascii_field(text))
    for tag, text in ((_LENS, camera.lens), (_TAKEN, camera.taken), (_SUBSEC[_TAKEN], camera.subsec)):
        if text:
            tags.shot.setdefault(tag, ascii_field(text))
    numbers = ((_EXPOSURE, camera.exposure_s), (_F_NUMBER, camera.f_number), (_FOCAL, camera.focal_mm))
    for tag, value in numbers:
        if value is not None and math.isfinite(value) and value > 0:
            tags.shot.setdefault(tag, rational_field(Fraction(value), tags.order))
    if camera.iso is not None and camera.iso > 0:
        tags.shot.setdefault(_ISO, integer_field(min(camera.iso, 65535), tags.order, SHORT))


def _move_dates(tags: CarriedTags, seconds: Fraction) -> None:
    for tag, directory in ((_CHANGED, tags.main), (_TAKEN, tags.shot), (_DIGITIZED, tags.shot)):
        moment = date_of(_plain(directory.get(tag)))
        if moment is None:
            continue
        digits = _digits(_plain(tags.shot.get(_SUBSEC[tag]))) or "0"
        fraction = Fraction(int(digits[:9]), 10 ** len(digits[:9]))
        try:
            moment += timedelta(milliseconds=round((fraction + seconds) * 1000))
        except OverflowError:
            continue
        date = f"{moment:%m:%d %H:%M:%S}"
        directory[tag] = ascii_field(f"{moment.year:04d}:{date}")
        tags.shot[_SUBSEC[tag]] = ascii_field(f"{moment.microsecond // 1000:03d}")


def _plain(value: Field | None) -> str:
    return value.data.split(b"\0")[0].decode("ascii", "replace").strip() if value else ""
