"""What the camera hides in its clips: the EXIF block in Panasonic's user data.

A Lumix clip carries, in ``moov/udta``, an atom ``PANA`` (or ``LEIC``) with the
model's name, a thumbnail and a whole EXIF block with MakerNotes: the same facts
that a JPEG of that camera has, and the mark that the clip is a Post Focus sweep.
A file may be damaged or hostile; then there simply are no facts.

The box structure is ISO/IEC 14496-12, 4.2.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAX_ATOM = 8 << 20
"""The largest user data atom looked into, bytes; a Lumix writes about 128 KiB."""
_MAX_BOXES = 4096
_VENDORS = (b"PANA", b"LEIC")
_TIFF = (b"II*\0", b"MM\0*")


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its four-letter `kind`, and where its content begins and ends in the file, bytes."""

    kind: bytes
    start: int
    end: int


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two places of a file, one after another; stops at the first that makes no sense.

    Parameters
    ----------
    file
        Opened for reading bytes.
    start, end
        Bytes from the beginning of the file.
    """
    for _ in range(_MAX_BOXES):
        if end - start < 8:
            return
        file.seek(start)
        head = file.read(16)
        if len(head) < 8:
            return
        size, kind, content = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if size == 1:
            size, content = int.from_bytes(head[8:16], "big"), start + 16
        elif size == 0:
            size = end - start
        if start + size < content or len(head) < content - start:
            return
        # A box that claims more than its parent holds is read as far as it goes: the file may be cut.
        yield Box(kind, content, min(start + size, end))
        start += size


def panasonic_exif(path: Path) -> bytes | None:
    """The EXIF block of a Panasonic or Leica clip.

    Parameters
    ----------
    path
        Any file.

    Returns
    -------
    bytes or None
        From the TIFF header (``II*`` or ``MM``) to the end of the atom; ``None`` if there is no such
        block, or nothing of the file makes sense. Never raises on what the file contains.
    """
    try:
        with path.open("rb") as file:
            for atom in _vendor_atoms(file):
                file.seek(atom.start)
                block = tiff_block(file.read(min(atom.end - atom.start, MAX_ATOM)))
                if block is not None:
                    return block
    except (OSError, ValueError, OverflowError):
        return None
    return None


def _vendor_atoms(file: BinaryIO) -> Iterator[Box]:
    """``PANA`` or ``LEIC`` atoms at the top, in ``udta``, in ``moov`` and in ``moov/udta``."""
    size = file.seek(0, os.SEEK_END)
    for top in boxes(file, 0, size):
        if top.kind in _VENDORS:
            yield top
        if top.kind not in (b"moov", b"udta"):
            continue
        for middle in boxes(file, top.start, top.end):
            if middle.kind in _VENDORS:
                yield middle
            if middle.kind == b"udta":
                yield from (box for box in boxes(file, middle.start, middle.end) if box.kind in _VENDORS)


def tiff_block(data: bytes) -> bytes | None:
    """The EXIF block inside an atom: behind the word ``Exif``, else at the first credible TIFF header."""
    at = data.find(b"Exif\0\0")
    while at >= 0:
        if _credible(data, at + 6):
            return data[at + 6 :]
        at = data.find(b"Exif\0\0", at + 6)
    places = sorted(at for mark in _TIFF for at in _all(data, mark))
    return next((data[at:] for at in places if _credible(data, at)), None)


def _all(data: bytes, mark: bytes) -> Iterator[int]:
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 1)


def _credible(data: bytes, at: int) -> bool:
    """Whether a TIFF header with a first directory of sane length stands at `at`."""
    if data[at : at + 4] not in _TIFF:
        return False
    order = "little" if data[at : at + 2] == b"II" else "big"
    first = at + int.from_bytes(data[at + 4 : at + 8], order)
    if first < at + 8 or first + 2 > len(data):
        return False
    entries = int.from_bytes(data[first : first + 2], order)
    return 0 < entries <= 512 and first + 2 + 12 * entries <= len(data)
