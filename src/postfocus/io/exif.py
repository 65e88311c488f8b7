"""What the camera wrote about the exposure: read from every frame, carried to every saved picture.

Make, lens, exposure and date come from ordinary EXIF tags; whether a file is a
Post Focus sweep, a focus bracket or an in-camera stack comes from Panasonic's
MakerNotes. A block that is damaged gives fewer facts, never an error.
"""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction

from postfocus.io.tags import Entry, TagBlock
from postfocus.model.frame import CameraFacts

EXIF_PREFIX = b"Exif\0\0"

_MAKE, _MODEL, _EXIF_IFD = 0x10F, 0x110, 0x8769
_EXPOSURE, _F_NUMBER, _ISO, _FOCAL, _LENS = 0x829A, 0x829D, 0x8827, 0x920A, 0xA434
_TAKEN, _DIGITIZED = 0x9003, 0x9004
_SUBSEC = {_TAKEN: 0x9291, _DIGITIZED: 0x9292}
_MAKER_NOTE = 0x927C
_LONG_ISO = (0x8832, 0x8833, 0x8831)  # where cameras write speeds that do not fit ISO's 16 bits

_PANASONIC = b"Panasonic\0\0\0"
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
    shot = block.directory(block.integer(main.get(_EXIF_IFD)))
    note = panasonic_note(block, shot.get(_MAKER_NOTE))
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
    if entry is None or not block.raw(entry).startswith(_PANASONIC):
        return {}
    return block.directory(entry.offset + len(_PANASONIC))


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
