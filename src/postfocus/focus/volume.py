"""The sharpness of every cell in every frame, kept on disk.

While the sweep is read, each frame adds one small map; memory does not grow
with the number of frames. When the motion is known the maps, not the pictures,
are moved into the reference's geometry, which costs a millisecond a frame.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import contrast_of
from postfocus.errors import CannotRead
from postfocus.model.alignment import Alignment

OCTAVE = 13.5
"""Codes per doubling of a score."""

FLOOR = 0.25
"""Grey levels below which codes are even steps: noise scores more."""

PORTION = 4 << 20
"""Bytes of codes that are read at once, so that memory does not grow with the number of frames."""

_DECODE = (FLOOR * (np.exp2(np.arange(256) / OCTAVE) - 1)).astype(np.float32)
_CONTRAST = contrast_of(_DECODE)


def encode(score: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Scores in grey levels (0…120 000) as one byte, a logarithm: steps of 5 %, and of 0.013 near 0.

    0 is kept for "this frame does not show the cell", so the least code is 1.
    """
    octaves = score * np.float32(1 / FLOOR)
    octaves += 1
    octaves = cv2.log(octaves, dst=octaves)
    codes = np.asarray(cv2.convertScaleAbs(octaves, alpha=OCTAVE / np.log(2)), np.uint8)
    codes += codes == 0
    return codes


def decode(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Codes back to scores in grey levels, float32, same shape."""
    return np.asarray(cv2.LUT(codes, _DECODE), np.float32)


class MapWriter:
    """Append byte maps of one size to a file, one per frame."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("wb")
        self._count, self._shape = 0, (0, 0)

    def append(self, codes: NDArray[np.uint8]) -> None:
        """Add one `(h, w)` uint8 map; it can be read at once, while the sweep is still being read."""
        self._file.write(np.ascontiguousarray(codes).data)
        self._file.flush()
        self._count, self._shape = self._count + 1, codes.shape

    def close(self) -> None:
        """Flush and let go of the file."""
        self._file.close()

    def maps(self) -> MapStack:
        """What was written, to be read once the file is closed."""
        return MapStack(self.path, self._count, *self._shape)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class MapStack:
    """Byte maps of all frames in a file, read a piece at a time.

    Attributes
    ----------
    path
        File of `count * height * width` bytes, frame after frame.
    count, height, width
        Number of maps, and cells of each.
    """

    path: Path
    count: int
    height: int
    width: int

    def check(self) -> None:
        """Raise `CannotRead` unless the file holds what it should."""
        try:
            size = self.path.stat().st_size
        except OSError as error:
            raise CannotRead(f"the index is incomplete ({error.strerror}); index the sweep again") from error
        if size != self.count * self.height * self.width:
            raise CannotRead("the index is incomplete; index the sweep again")

    def one(self, slot: int) -> NDArray[np.uint8]:
        """The `(height, width)` uint8 map of one slot."""
        size = self.height * self.width
        return self._read(((slot * size, size),)).reshape(self.height, self.width)

    def maps(self) -> Iterator[NDArray[np.uint8]]:
        """Every map in order, one in memory at a time."""
        for slot in range(self.count):
            yield self.one(slot)

    def band(self, top: int, bottom: int, slots: NDArray[np.int64] | None = None) -> NDArray[np.uint8]:
        """Rows `top` up to `bottom` of all maps, or those of `slots`: `(n, bottom - top, width)` uint8."""
        chosen = range(self.count) if slots is None else slots.tolist()
        size = (bottom - top) * self.width
        pieces = tuple((slot * self.height * self.width + top * self.width, size) for slot in chosen)
        return self._read(pieces).reshape(len(pieces), bottom - top, self.width)

    def _read(self, pieces: tuple[tuple[int, int], ...]) -> NDArray[np.uint8]:
        out = np.empty(sum(size for _, size in pieces), np.uint8)
        at = 0
        try:
            with self.path.open("rb", buffering=0) as file:
                for offset, size in pieces:
                    file.seek(offset, os.SEEK_SET)
                    view = memoryview(out.data)[at : at + size]
                    while view:
                        got = file.readinto(view)
                        if not got:
                            raise CannotRead("the index is incomplete; index the sweep again")
                        view = view[got:]
                    at += size
        except OSError as error:
            raise CannotRead(f"the index is gone ({error.strerror}); index the sweep again") from error
        return out


@dataclass(frozen=True, slots=True)
class FocusVolume:
    """Sharpness of every cell in every frame, or in some of them, in the reference's geometry.

    Attributes
    ----------
    maps
        Byte codes (`encode`); 0 where a frame does not show a cell.
    slots
        `(N,)` int, increasing: the maps that take part; ``None``: all of them.
    """

    maps: MapStack
    slots: NDArray[np.int64] | None = None

    @property
    def count(self) -> int:
        """Number of frames."""
        return self.maps.count if self.slots is None else len(self.slots)

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.maps.height

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.maps.width

    def of(self, slots: NDArray[np.int64]) -> FocusVolume:
        """A whole volume's frames of `slots` alone, in their order."""
        return FocusVolume(self.maps, slots)

    def frame(self, slot: int) -> NDArray[np.float32]:
        """`(height, width)` float32 grey levels of one frame; 0 where it does not show a cell."""
        return decode(self._codes(slot))

    def contrast(self, slot: int) -> NDArray[np.float32]:
        """`(height, width)` float32 grey levels: the even contrast that scores as each cell of a frame does.

        It is the milder figure: half the contrast scores an eighth where contrast is high.
        """
        return np.asarray(cv2.LUT(self._codes(slot), _CONTRAST), np.float32)

    def band(self, top: int, bottom: int) -> Iterator[NDArray[np.float32]]:
        """Rows `top` up to `bottom`, frame after frame: `(bottom - top, width)` float32 grey levels."""
        chosen = np.arange(self.maps.count) if self.slots is None else self.slots
        portion = max(1, PORTION // max(1, (bottom - top) * self.width))
        for start in range(0, len(chosen), portion):
            for layer in self.maps.band(top, bottom, chosen[start : start + portion]):
                yield decode(layer)

    def window(self, top: int, bottom: int, left: int, right: int) -> NDArray[np.float32]:
        """`(count, rows, columns)` float32 grey levels of a part of every frame, cut at its edge."""
        codes = self.maps.band(top, min(bottom, self.height), self.slots)
        return decode(np.ascontiguousarray(codes[:, :, left:right]))

    def _codes(self, slot: int) -> NDArray[np.uint8]:
        return self.maps.one(slot if self.slots is None else int(self.slots[slot]))


def settle(
    measured: MapStack,
    alignment: Alignment,
    pool: int,
    path: Path,
    *,
    scores: bool = False,
    layers: int = 1,
) -> MapStack:
    """Move every frame's map into the geometry of the reference.

    Parameters
    ----------
    measured
        Maps as measured, each in its own frame's geometry.
    alignment
        Where the scene lies in each frame; one slot per map.
    pool
        Full-size pixels of each side of a cell.
    path
        File to write.
    scores
        The maps hold codes of scores (`encode`), not grey levels. Then scores are interpolated: the mean
        of two logarithms is less than that of what they stand for, and by how much depends on where
        between two cells a frame happens to lie.
    layers
        Maps that stand above one another in each.

    Returns
    -------
    The moved maps. Cells that a frame does not show, and lost frames, hold 0.
    """
    usable = alignment.usable()
    with MapWriter(path) as writer:
        for slot, codes in enumerate(measured.maps()):
            if not usable[slot]:
                writer.append(np.zeros_like(codes))
                continue
            matrix = alignment.matrix(slot, pool)
            each = np.split(codes, layers)
            moved = [encode(_moved(decode(one), matrix)) if scores else _moved(one, matrix) for one in each]
            _hide_unseen(moved, matrix)
            writer.append(np.concatenate(moved) if layers > 1 else moved[0])
    return writer.maps()


def _moved(values: NDArray[Any], matrix: NDArray[np.float64]) -> NDArray[Any]:
    """A map sampled where `matrix` sends each cell.

    At the border the outermost cells continue: blended with nothing they would look blurred.
    """
    size = (values.shape[1], values.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(values, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _hide_unseen(moved: Sequence[NDArray[np.uint8]], matrix: NDArray[np.float64]) -> None:
    """Set to 0, in place, what lies half a cell or more outside the maps that `matrix` sends each cell to.

    In each row the cells that are seen are one run of neighbours, mostly the same as in the row above.
    """
    height, width = moved[0].shape
    y = np.arange(height)
    first, last = np.full(height, -np.inf), np.full(height, np.inf)
    for (slope, shear, start), size in zip(matrix, (width, height), strict=True):
        least, most = -0.5 - shear * y - start, size - 0.5 - shear * y - start
        if abs(slope) < 1e-9:  # the run of cells is the whole row or none of it
            first[(least > 0) | (most < 0)] = np.inf
            continue
        bounds = np.sort(np.stack([least, most]) / slope, axis=0)
        first, last = np.maximum(first, bounds[0]), np.minimum(last, bounds[1])
    left = np.ceil(np.clip(first, 0, width)).astype(int)
    right = np.floor(np.clip(last, -1, width - 1)).astype(int) + 1
    starts = np.flatnonzero((np.diff(left, prepend=-1) != 0) | (np.diff(right, prepend=-1) != 0))
    for top, bottom in zip(starts, [*starts[1:], height], strict=True):
        for layer in moved:
            layer[top:bottom, : left[top]] = 0
            layer[top:bottom, right[top] :] = 0
