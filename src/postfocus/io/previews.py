"""A small JPEG of every frame, all in one file, so that a click can show it at once."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from postfocus.errors import CannotRead
from postfocus.io.colour import frame_to_rgb, rgb_matrix
from postfocus.io.icc import to_srgb
from postfocus.model.frame import Coding, Frame, Matrix, Transfer

ROWS = 1080
QUALITY = 85
_HEAD = struct.Struct("<Q")


class PreviewWriter:
    """Append a preview of each frame; with no path, do nothing.

    The file is the JPEGs one after another, then the offset of each and their number, 64 bits each. Each
    is on the disk when `append` returns, so that it can be shown while the others are still to come.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("wb") if path else None
        self._offsets: list[int] = []
        self._convert = JpegPlanes()

    def append(self, frame: Frame, small: NDArray[Any] | None = None) -> None:
        """Add the frame, at most 1080 rows high, in sRGB as players show it; `small` as for `reduced`."""
        if self._file is None:
            return
        shown = reduced(frame, max(1, -(-frame.height // ROWS)), small)
        self.append_jpeg(small_jpeg(shown, self._convert))

    def append_jpeg(self, data: bytes) -> None:
        """Add a JPEG that is made already."""
        if self._file is None:
            return
        self._offsets.append(self._file.tell())
        self._file.write(data)
        self._file.flush()

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


def small_jpeg(frame: Frame, convert: JpegPlanes | None = None) -> bytes:
    """The frame as a JPEG; planes of 8-bit 4:2:0 go straight in, without becoming RGB on the way."""
    if jpeg_like(frame):
        y, u, v = (convert or JpegPlanes()).of(frame)
        return simplejpeg.encode_jpeg_yuv_planes(y, u, v, QUALITY, fastdct=True)
    return simplejpeg.encode_jpeg(as_srgb(frame), QUALITY, "RGB", "420", fastdct=True)


def jpeg_like(frame: Frame) -> bool:
    """Whether the planes are a JPEG's but for range and matrix: 8 bits, 4:2:0, not of linear light, even.

    The encoder would pad odd planes with what shows at the edge.
    """
    even = frame.height % 2 == frame.width % 2 == 0
    half = (frame.height // 2, frame.width // 2)
    usual = frame.coding.bits == 8 and frame.coding.transfer is not Transfer.LINEAR
    return len(frame.planes) == 3 and usual and even and frame.planes[1].shape == half


def as_srgb(frame: Frame) -> NDArray[np.uint8]:
    """`(H, W, 3)` or `(H, W)` uint8, sRGB as players show it; as it is where a profile cannot be read."""
    rgb = frame_to_rgb(frame, bits=8)
    converted = None if frame.coding.icc is None else to_srgb(rgb, frame.coding.icc)
    return rgb if converted is None else converted


@dataclass(slots=True)
class JpegPlanes:
    """Y, U and V as JPEG means them: full range, BT.601 (JFIF 1.02).

    Frame after frame is converted in the same memory: fetching new memory costs as much as the arithmetic.

    Attributes
    ----------
    smooth
        Enlarge colour smoothly, at three times the cost, for pictures that are looked at closely.
    """

    smooth: bool = False
    _kept: dict[str, NDArray[Any]] = field(default_factory=dict[str, NDArray[Any]])

    def of(self, frame: Frame) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
        """Convert a frame.

        Parameters
        ----------
        frame
            Three uint8 planes, 4:2:0, of any matrix and range.

        Returns
        -------
        uint8 planes of the same shapes, within two levels of the way through RGB; unless `smooth`, and
        where the matrix changes, Y beside an edge of colour is off by up to a tenth of the edge's step.
        They last until the next call.
        """
        y, u, v = frame.planes
        to_jpeg = np.linalg.inv(rgb_matrix(Coding(Matrix.BT601))[:, :3])
        m = to_jpeg @ rgb_matrix(frame.coding)
        tint = self._sum("tint", u, m[0, 1], v, m[0, 2], 128 - 128 * (m[0, 1] + m[0, 2]))
        wide = self._wide(tint, (y.shape[1], y.shape[0]))
        offset = m[0, 3] - 128 + 128 * (m[0, 1] + m[0, 2])
        return (
            self._sum("y", y, m[0, 0], wide, 1, offset),
            self._sum("u", u, m[1, 1], v, m[1, 2], m[1, 3] + 128),
            self._sum("v", u, m[2, 1], v, m[2, 2], m[2, 3] + 128),
        )

    def _wide(self, tint: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
        """The chroma plane's `tint` at the size of the luma plane, ``(width, height)``."""
        if self.smooth:
            wide = cv2.resize(tint, size, dst=self._kept.get("wide"), interpolation=cv2.INTER_LINEAR)
            self._kept["wide"] = wide
            return np.asarray(wide, np.uint8)
        # Two equal bytes are one number of 16 bits: five times as fast as enlarging to the nearest.
        rows = (tint * np.uint16(257)).view(np.uint8)
        wide = self._kept.get("wide")
        if wide is None or wide.shape != size[::-1]:
            wide = self._kept["wide"] = np.empty(size[::-1], np.uint8)
        wide[::2] = rows
        wide[1::2] = rows
        return wide

    def _sum(
        self, name: str, one: NDArray[Any], a: float, two: NDArray[Any], b: float, c: float
    ) -> NDArray[np.uint8]:
        """``a one + b two + c``, rounded, 0…255."""
        # OpenCV takes the array offered if it fits, else a new one.
        out = cv2.addWeighted(one, a, two, b, c, dst=self._kept.get(name))
        self._kept[name] = out
        return np.asarray(out, np.uint8)


def reduced(frame: Frame, factor: int, small: NDArray[Any] | None = None) -> Frame:
    """The frame with every plane shrunk by area means; 1 returns it as it is.

    Chroma planes keep half of the shrunk luma, rounded up, where they had half of the whole one. `small`
    is the luma plane shrunk already: it saves the work if its size is the wanted one.
    """
    if factor == 1:
        return frame
    height, width = frame.height // factor, frame.width // factor
    planes = tuple(
        small
        if p is frame.luma and small is not None and small.shape == (height, width)
        else cv2.resize(
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
