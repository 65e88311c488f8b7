"""Merge the sweep: every place from the frames that show it sharpest.

Each frame is added once, in any order, and forgotten. A place is the average
of the frames weighted by ``(sharpness / greatest sharpness) ** 20``: one frame
where it alone is sharp, a few where they are equally sharp, which also halves
the noise. The running form of that average (as in an online softmax) is exact
and keeps nothing but the average itself.

Frames are averaged as encoded, not in linear light: the few that share weight
are nearly equal, so that converting them would change next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.gate import Gate
from postfocus.fuse.weigh import FLOOR, GRID, MARGIN, contrast, evened
from postfocus.io.colour import frame_to_rgb
from postfocus.model.alignment import Alignment, Rect
from postfocus.model.frame import Coding, Frame, FrameInfo, Matrix, Transfer

TILE = 128
"""Side of the blocks that are looked at or left alone, full-size pixels; a multiple of every pool."""

LONGEST = 8
"""Blocks side by side worked on at once."""

HEARD = 0.02
"""Say below which a frame is not heard."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The planes of the frames to be merged: shapes, type, and what the codes mean."""

    shapes: tuple[tuple[int, ...], ...]
    dtype: np.dtype[Any]
    coding: Coding

    @staticmethod
    def of(frame: Frame) -> Layout:
        """The layout of a frame."""
        return Layout(tuple(p.shape for p in frame.planes), frame.planes[0].dtype, frame.coding)


class Painted(Protocol):
    """What is laid over a merge when it is done."""

    def lay_over(self, planes: Sequence[NDArray[np.float32]]) -> None:
        """Change the merged planes, float32 codes."""
        ...


class Merger:
    """Adds frames one by one; see the module.

    Parameters
    ----------
    alignment
        Where the scene lies in each frame. Its reference gives the picture's geometry.
    gate
        Which frames have a say where.
    layout
        Planes of all frames: RGB, grey, or 4:2:0.
    pool
        Full-size pixels of a cell of the gate.
    floor
        Grey levels added to every score (`postfocus.fuse.weigh.floor_of` the noise).
    """

    def __init__(
        self, alignment: Alignment, gate: Gate, layout: Layout, pool: int, floor: float = FLOOR
    ) -> None:
        self._alignment, self._gate, self._layout, self._pool = alignment, gate, layout, pool
        self._floor = floor
        height, width = layout.shapes[0][:2]
        half = (-(-height // 2), -(-width // 2))
        self._mean = [np.zeros(shape, np.float32) for shape in layout.shapes]
        self._best = np.zeros(half, np.float32)
        self._sum = np.zeros(half, np.float32)
        self._beside = gate.beside()

    def add(self, frame: Frame, slot: int) -> float:
        """Add one frame; returns the share of the picture that had to be looked at."""
        say = self._gate.say(slot)
        rows, cols = self._layout.shapes[0][:2]
        awake = _blockwise_max(say, TILE // self._pool, -(-rows // TILE), -(-cols // TILE)) > HEARD
        for row in range(awake.shape[0]):
            for first, last in _runs(awake[row]):
                left, top = first * TILE, row * TILE
                size = (min(last * TILE, cols) - left, min(TILE, rows - top))
                self._add_piece(frame, slot, say, Rect(left, top, *size))
        return float(awake.mean())

    def seen(self, frame: Frame, slot: int, piece: Rect) -> list[NDArray[np.float32]]:
        """The planes of a piece of a frame in the picture's geometry and brightness, float32 codes.

        Parameters
        ----------
        piece
            Full-size pixels of the picture, its corner even.
        """
        box = self._source_box(self._alignment.matrix(slot), piece)
        planes = [self._seen(0, frame.planes[0], slot, box, piece)]
        for number, plane in enumerate(frame.planes[1:], 1):
            planes.append(self._seen(number, plane, slot, _halved(box), _halved(piece)))
        return planes

    def finish(self, painted: Painted | None = None) -> Frame:
        """The merged picture, with what was `painted` over it, as 16-bit codes in the layout's coding."""
        if painted is not None:
            painted.lay_over(self._mean)
        coding = self._layout.coding
        rgb = coding.matrix == Matrix.RGB
        full = 2.0**coding.bits - 1
        scale = 65535 / full if rgb else 2.0 ** (16 - coding.bits)
        planes = tuple(_codes(mean, scale) for mean in self._mean)
        coding = Coding(coding.matrix, coding.full_range, 16, coding.transfer, coding.icc)
        return Frame(planes, planes[0], coding, FrameInfo(0, name="merged"))

    def _add_piece(self, frame: Frame, slot: int, say: NDArray[np.float32], piece: Rect) -> None:
        """Weigh a piece of the frame against what is there, and blend it in."""
        whole, halved = self._alignment.matrix(slot), self._alignment.matrix(slot, 2)
        small = _halved(piece)
        box = self._source_box(whole, piece)
        score = _warp(contrast(frame, box, self._floor), halved, _halved(box), small, cv2.INTER_LINEAR)
        if self._beside is not None:
            beside = self._say_here(self._beside, piece, small)
            score = evened(score, beside, self._layout.coding.bits, self._floor)
        share = self._share(score, self._say_here(say, piece, small), small)
        rows, cols = np.flatnonzero(share.any(axis=1)), np.flatnonzero(share.any(axis=0))
        if len(rows) == 0:
            return
        share = share[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        heard = Rect(small.x + int(cols[0]), small.y + int(rows[0]), share.shape[1], share.shape[0])
        piece = _cut(_doubled(heard), piece)
        box = self._source_box(whole, piece)
        self._blend(0, frame.planes[0], slot, box, piece, share)
        for number, plane in enumerate(frame.planes[1:], 1):
            self._blend(number, plane, slot, _halved(box), heard, share)

    def _source_box(self, matrix: NDArray[np.float64], piece: Rect) -> Rect:
        """The part of the frame that shows a piece of the reference, with margin; its corner on the grid."""
        rows, cols = self._layout.shapes[0][:2]
        left, top, right, bottom = piece.x, piece.y, piece.x + piece.w, piece.y + piece.h
        corners = np.array([[left, right, left, right], [top, top, bottom, bottom], [1, 1, 1, 1]])
        x, y = matrix @ corners
        x0, x1 = _span(float(x.min()), float(x.max()), cols)
        y0, y1 = _span(float(y.min()), float(y.max()), rows)
        return Rect(x0, y0, x1 - x0, y1 - y0)

    def _say_here(self, say: NDArray[np.float32], piece: Rect, small: Rect) -> NDArray[np.float32]:
        """The gate on the half-size grid of a piece."""
        scale = 2 / self._pool
        offset = 0.5 * scale - 0.5
        grid = np.array(
            [[scale, 0, piece.x / self._pool + offset], [0, scale, piece.y / self._pool + offset]]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(say, grid, (small.w, small.h), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.float32)

    def _share(
        self, score: NDArray[np.float32], say: NDArray[np.float32], small: Rect
    ) -> NDArray[np.float32]:
        """The frame's share of the average so far, 0…1, on the half-size grid; updates the sums."""
        here = (slice(small.y, small.y + small.h), slice(small.x, small.x + small.w))
        best, total = self._best[here], self._sum[here]
        heard = score * (say > HEARD)
        new = np.maximum(best, heard)
        safe = np.clip(new, 1e-9, np.inf)
        total *= _power20(best / safe)
        weight = _power20(heard / safe) * say
        weight *= weight >= 1e-3
        total += weight
        best[:] = new
        return np.asarray(weight / np.clip(total, 1e-12, np.inf), np.float32)

    def _seen(
        self, number: int, plane: NDArray[Any], slot: int, box: Rect, piece: Rect
    ) -> NDArray[np.float32]:
        """A piece of one plane, of which the frame shows `box`, in the picture's geometry and brightness."""
        source = plane[box.y : box.y + box.h, box.x : box.x + box.w]
        matrix = self._alignment.matrix(slot, 2 if number else 1)
        # Of float values OpenCV resamples at the very place; of codes at the nearest 1/32 pixel, and slower.
        value = _warp(source.astype(np.float32), matrix, box, piece, cv2.INTER_CUBIC)
        gain = float(self._alignment.gain[slot])
        if abs(gain - 1) > 0.002:
            black = black_code(self._layout.coding, number)
            value = (value - black) * np.float32(1 / gain) + black
        return value

    def _blend(
        self, number: int, plane: NDArray[Any], slot: int, box: Rect, piece: Rect, share: NDArray[np.float32]
    ) -> None:
        """Move the running average of one plane towards the frame by its share."""
        value = self._seen(number, plane, slot, box, piece)
        part = share if share.shape == (piece.h, piece.w) else _enlarged(share, piece.h, piece.w)
        mean = self._mean[number][piece.y : piece.y + piece.h, piece.x : piece.x + piece.w]
        value -= mean
        value *= part if mean.ndim == 2 else part[..., None]
        mean += value


def _codes(values: NDArray[np.float32], scale: float) -> NDArray[np.uint16]:
    """Values times `scale` as 16-bit codes; a strip at a time, for large pictures are large as it is."""
    out = np.empty(values.shape, np.uint16)
    for top in range(0, len(values), TILE):
        strip = slice(top, top + TILE)
        out[strip] = np.clip(np.rint(values[strip] * scale), 0, 65535)
    return out


def black_code(coding: Coding, plane: int) -> np.float32:
    """The code of a plane that stays where it is when brightness is matched: black, or no colour."""
    unit = 2.0 ** (coding.bits - 8)
    if plane:
        return np.float32(128 * unit)
    return np.float32(0 if coding.full_range else 16 * unit)


def mergeable(frame: Frame) -> Frame:
    """The frame itself if it holds RGB, grey or 4:2:0 planes; otherwise its 16-bit RGB."""
    chroma = (-(-frame.height // 2), -(-frame.width // 2))
    if len(frame.planes) == 1 or all(p.shape == chroma for p in frame.planes[1:]):
        return frame
    rgb = frame_to_rgb(frame, bits=16)
    coding = Coding(Matrix.RGB, True, 16, Transfer.SRGB, frame.coding.icc)
    return Frame((rgb,), frame.luma, coding, frame.info)


def _warp(
    source: NDArray[Any], matrix: NDArray[np.float64], box: Rect, piece: Rect, flags: int
) -> NDArray[Any]:
    """Sample `source`, which is the part `box` of a frame, where `matrix` sends the pixels of `piece`."""
    m = matrix.copy()
    m[:, 2] += m[:, :2] @ (piece.x, piece.y) - (box.x, box.y)
    x, y = round(m[0, 2]), round(m[1, 2])
    turn = max(abs(m[0, 0] - 1), abs(m[0, 1]), abs(m[1, 0]), abs(m[1, 1] - 1)) * max(piece.w, piece.h)
    if turn < 1e-4 and abs(m[0, 2] - x) < 1e-4 and abs(m[1, 2] - y) < 1e-4:
        still = source[max(y, 0) : y + piece.h, max(x, 0) : x + piece.w]
        if still.shape[:2] == (piece.h, piece.w):
            return still
    flags |= cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(source, m, (piece.w, piece.h), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    """Pixels that cover `low`…`high` with margin, within 0…`size`, from and up to a multiple of `GRID`."""
    least = min(size, 2 * MARGIN)
    first = min(max(int(low) - MARGIN, 0), size - least) // GRID * GRID
    return first, min(-(-max(int(high) + 1 + MARGIN, first + least) // GRID) * GRID, size)


def _halved(rect: Rect) -> Rect:
    """A rectangle with an even corner on the half-size grid."""
    return Rect(rect.x // 2, rect.y // 2, -(-rect.w // 2), -(-rect.h // 2))


def _doubled(rect: Rect) -> Rect:
    """A rectangle of the half-size grid on the full one."""
    return Rect(2 * rect.x, 2 * rect.y, 2 * rect.w, 2 * rect.h)


def _cut(rect: Rect, to: Rect) -> Rect:
    """What of a rectangle lies left of and above the ends of another."""
    return Rect(rect.x, rect.y, min(rect.w, to.x + to.w - rect.x), min(rect.h, to.y + to.h - rect.y))


def _blockwise_max(values: NDArray[np.float32], side: int, rows: int, cols: int) -> NDArray[np.float32]:
    """Maximum over blocks of `side` x `side`, each widened by one cell; `(rows, cols)`."""
    wide = np.asarray(cv2.dilate(values, np.ones((3, 3), np.uint8)), np.float32)
    pad = ((0, max(0, rows * side - wide.shape[0])), (0, max(0, cols * side - wide.shape[1])))
    wide = np.pad(wide, pad, mode="edge")[: rows * side, : cols * side]
    return wide.reshape(rows, side, cols, side).max(axis=(1, 3))


def _runs(awake: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First and one past the last of each run of true, cut to at most `LONGEST`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], awake.astype(np.int8), [0]])))
    for first, last in edges.reshape(-1, 2).tolist():
        for start in range(first, last, LONGEST):
            yield start, min(start + LONGEST, last)


def _enlarged(share: NDArray[np.float32], h: int, w: int) -> NDArray[np.float32]:
    """Half-size shares on the full grid, each for its 2 x 2 pixels.

    Not interpolated: a running average stays an average only if each pixel's shares belong together.
    """
    double = (2 * share.shape[1], 2 * share.shape[0])
    return np.asarray(cv2.resize(share, double, interpolation=cv2.INTER_NEAREST)[:h, :w], np.float32)


def _power20(x: NDArray[Any]) -> NDArray[np.float32]:
    x4 = np.square(np.square(x))
    return np.square(np.square(x4)) * x4
