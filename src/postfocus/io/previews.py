"""A small JPEG of every frame, all in one file, so that a click can show it at once."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import cv2
import numpy as np
import simplejpeg

from postfocus.errors import CannotRead
from postfocus.io.colour import frame_to_rgb
from postfocus.model.frame import Frame

ROWS = 1080
QUALITY = 85
_HEAD = struct.Struct("<Q")


class PreviewWriter:
    """Append a preview of each frame; with no path, do nothing.

    The file is the JPEGs one after another, then the offset of each and their number, 64 bits each.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("wb") if path else None
        self._offsets: list[int] = []

    def append(self, frame: Frame) -> None:
        """Add the frame, at most 1080 rows high, in sRGB as players show it."""
        if self._file is None:
            return
        self._offsets.append(self._file.tell())
        rgb = frame_to_rgb(reduced(frame, max(1, -(-frame.height // ROWS))), bits=8)
        self._file.write(simplejpeg.encode_jpeg(rgb, QUALITY, "RGB", "420", fastdct=True))

    def close(self) -> None:
        """Write the table of offsets and let go of the file."""
        if self._file is None:
            return
        self._offsets.append(self._file.tell())
        for number in (*self._offsets, len(self._offsets) - 1):
            self._file.write(_HEAD.pack(number))
        self._file.close()
        self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def reduced(frame: Frame, factor: int) -> Frame:
    """The frame with every plane shrunk by area means; 1 returns it as it is.

    Chroma planes keep half of the shrunk luma, rounded up, where they had half of the whole one.
    """
    if factor == 1:
        return frame
    height, width = frame.height // factor, frame.width // factor
    planes = tuple(
        cv2.resize(
            p,
            (-(-width // -(-frame.width // p.shape[1])), -(-height // -(-frame.height // p.shape[0]))),
            interpolation=cv2.INTER_AREA,
        )
        for p in frame.planes
    )
    luma = planes[0] if planes[0].ndim == 2 else cv2.cvtColor(planes[0], cv2.COLOR_RGB2GRAY)
    return Frame(planes, np.asarray(luma), frame.coding, frame.info)


@dataclass(frozen=True, slots=True)
class Previews:
    """The previews of an index, by slot."""

    path: Path

    def jpeg(self, slot: int) -> bytes:
        """The JPEG of one slot.

        Raises
        ------
        CannotRead
            If there are no previews, the file is incomplete, or it has no such slot.
        """
        try:
            with self.path.open("rb") as file:
                return _piece(file, slot)
        except OSError as error:
            raise CannotRead("the index holds no previews; index the sweep again with previews") from error


def _piece(file: BinaryIO, slot: int) -> bytes:
    """The JPEG between two offsets of the table at the file's end."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - _HEAD.size))
    count = _number(file.read(_HEAD.size))
    table = end - (count + 2) * _HEAD.size
    if table < 0 or not 0 <= slot < count:
        raise CannotRead("the index is incomplete; index the sweep again")
    file.seek(table + slot * _HEAD.size)
    start, stop = _number(file.read(_HEAD.size)), _number(file.read(_HEAD.size))
    if not start <= stop <= table:
        raise CannotRead("the index is incomplete; index the sweep again")
    file.seek(start)
    return file.read(stop - start)


def _number(raw: bytes) -> int:
    if len(raw) != _HEAD.size:
        raise CannotRead("the index is incomplete; index the sweep again")
    return int(_HEAD.unpack(raw)[0])
