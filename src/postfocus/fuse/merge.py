"""Merge the sweep: every place from the frames that show it sharpest.

Each frame is added once, in any order, and forgotten. A place is the average
of the frames weighted by ``(sharpness / greatest sharpness) ** 20``: one frame
where it alone is sharp, a few where they are equally sharp, which also halves
the noise. The running form of that average (as in an online softmax) is exact
and keeps nothing but the average itself.

Frames are averaged as encoded, not in linear light: the few that share weight
are nearly equal, and it measured 0.06 to 0.09 dB better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.gate import Gate
from postfocus.fuse.weigh import MARGIN, contrast
from postfocus.io.colour import frame_to_rgb
from postfocus.model.alignment import Alignment
from postfocus.model.frame import Coding, Frame, FrameInfo, Matrix

TILE = 128
"""Side of the pieces worked on, full-size pixels; a multiple of every pool."""


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
    """

    def __init__(self, alignment: Alignment, gate: Gate, layout: Layout, pool: int) -> None:
        self._alignment, self._gate, self._layout, self._pool = alignment, gate, layout, pool
        height, width = layout.shapes[0][:2]
        half = (-(-height // 2), -(-width // 2))
        self._mean = [np.zeros(shape, np.float32) for shape in layout.shapes]
        self._best = np.zeros(half, np.float32)
        self._sum = np.zeros(half, np.float32)

    def add(self, frame: Frame, slot: int) -> int:
        """Add one frame; returns the number of pieces in which it had a say."""
        say = self._gate.say(slot)
        rows, cols = self._layout.shapes[0][:2]
        cells = TILE // self._pool
        reach = -(-2 // self._pool)
        touched = 0
        for top in range(0, rows, TILE):
            for left in range(0, cols, TILE):
                i, j = top // self._pool, left // self._pool
                here = say[max(0, i - reach) : i + cells + reach, max(0, j - reach) : j + cells + reach]
                if here.size == 0 or here.max() > 0.02:
                    self._add_piece(frame, slot, say, top, left)
                    touched += 1
        return touched

    def finish(self) -> Frame:
        """The merged picture as a frame of 16-bit codes in the layout's coding."""
        coding = self._layout.coding
        rgb = coding.matrix == Matrix.RGB
        full = 2.0**coding.bits - 1
        scale = 65535 / full if rgb else 2.0 ** (16 - coding.bits)
        planes = tuple(np.clip(np.rint(m * scale), 0, 65535).astype(np.uint16) for m in self._mean)
        coding = Coding(coding.matrix, coding.full_range, 16, coding.transfer, coding.icc)
        return Frame(planes, planes[0], coding, FrameInfo(0, name="merged"))

    def _add_piece(self, frame: Frame, slot: int, say: NDArray[np.float32], top: int, left: int) -> None:
        rows, cols = self._layout.shapes[0][:2]
        h, w = min(TILE, rows - top), min(TILE, cols - left)
        box = self._source_box(slot, top, left, h, w)
        x0, y0, x1, y1 = box
        half = self._alignment.matrix(slot, 2)
        score = _warp(contrast(frame, x0, y0, x1, y1), half, (x0 // 2, y0 // 2), (left // 2, top // 2),
                      (-(-w // 2), -(-h // 2)), cv2.INTER_LINEAR)  # fmt: skip
        share = self._share(score, self._say_here(say, top, left, score.shape), top // 2, left // 2)
        if share.max() <= 0:
            return
        gain = float(self._alignment.gain[slot])
        self._blend(0, frame, self._alignment.matrix(slot), box, (left, top, w, h), share, gain)
        for plane in range(1, len(frame.planes)):
            half_box = (x0 // 2, y0 // 2, -(-x1 // 2), -(-y1 // 2))
            place = (left // 2, top // 2, share.shape[1], share.shape[0])
            self._blend(plane, frame, half, half_box, place, share, gain)

    def _source_box(self, slot: int, top: int, left: int, h: int, w: int) -> tuple[int, int, int, int]:
        """The part of the frame that shows a piece of the reference, with margin: x0, y0, x1, y1."""
        rows, cols = self._layout.shapes[0][:2]
        corners = np.array([[left, left + w, left, left + w], [top, top, top + h, top + h], [1, 1, 1, 1]])
        x, y = self._alignment.matrix(slot) @ corners
        x0 = int(np.clip(np.floor(x.min()) - MARGIN, 0, max(0, cols - 2 * MARGIN))) // 2 * 2
        y0 = int(np.clip(np.floor(y.min()) - MARGIN, 0, max(0, rows - 2 * MARGIN))) // 2 * 2
        x1 = int(np.clip(np.ceil(x.max()) + MARGIN, min(cols, x0 + 2 * MARGIN), cols))
        y1 = int(np.clip(np.ceil(y.max()) + MARGIN, min(rows, y0 + 2 * MARGIN), rows))
        return x0, y0, x1, y1

    def _say_here(
        self, say: NDArray[np.float32], top: int, left: int, shape: tuple[int, ...]
    ) -> NDArray[np.float32]:
        """The gate on the half-size grid of a piece."""
        scale = 2 / self._pool
        offset = 0.5 * scale - 0.5
        grid = np.array([[scale, 0, left / self._pool + offset], [0, scale, top / self._pool + offset]])
        return np.asarray(cv2.warpAffine(say, grid, (shape[1], shape[0]), borderMode=cv2.BORDER_REPLICATE,
                                         flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP), np.float32)  # fmt: skip

    def _share(
        self, score: NDArray[np.float32], say: NDArray[np.float32], top: int, left: int
    ) -> NDArray[np.float32]:
        """The frame's share of the average so far, 0…1, on the half-size grid; updates the sums."""
        h, w = score.shape
        best = self._best[top : top + h, left : left + w]
        total = self._sum[top : top + h, left : left + w]
        open_ = say > 0.02
        new = np.where(open_, np.maximum(best, score), best)
        safe = np.maximum(new, 1e-9)
        total *= _power20(best / safe)
        weight = np.where(open_, _power20(score / safe) * say, 0)
        weight[weight < 1e-3] = 0
        total += weight
        best[:] = new
        return np.asarray(weight / np.maximum(total, 1e-12), np.float32)

    def _blend(
        self, plane: int, frame: Frame, matrix: NDArray[np.float64], box: tuple[int, int, int, int],
        place: tuple[int, int, int, int], share: NDArray[np.float32], gain: float,
    ) -> None:  # fmt: skip
        """Move the running average of one plane towards the frame by its share."""
        x0, y0, x1, y1 = box
        left, top, w, h = place
        flags = cv2.INTER_CUBIC if plane == 0 else cv2.INTER_LINEAR
        pixels = _warp(frame.planes[plane][y0:y1, x0:x1], matrix, (x0, y0), (left, top), (w, h), flags)
        value = pixels.astype(np.float32)
        if abs(gain - 1) > 0.002:
            black = self._black(plane)
            value = (value - black) * np.float32(1 / gain) + black
        part = share if share.shape == (h, w) else _enlarged(share, h, w)
        mean = self._mean[plane][top : top + h, left : left + w]
        mean += (value - mean) * (part if mean.ndim == 2 else part[..., None])

    def _black(self, plane: int) -> np.float32:
        """The code that stays where it is when brightness is matched."""
        coding = self._layout.coding
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
    coding = Coding(Matrix.RGB, True, 16, frame.coding.transfer, frame.coding.icc)
    return Frame((rgb,), frame.luma, coding, frame.info)


def _warp(
    source: NDArray[Any], matrix: NDArray[np.float64], origin: tuple[int, int], target: tuple[int, int],
    size: tuple[int, int], flags: int,
) -> NDArray[Any]:  # fmt: skip
    """Sample `source`, whose corner lies at `origin`, where `matrix` sends the pixels of a piece."""
    m = matrix.copy()
    m[:, 2] += m[:, :2] @ np.array(target, float) - np.array(origin, float)
    near = np.rint(m[:, 2]).astype(int)
    if np.allclose(m[:, :2], np.eye(2), atol=1e-7) and np.allclose(m[:, 2], near, atol=1e-4):
        x, y = int(near[0]), int(near[1])
        if x >= 0 and y >= 0 and y + size[1] <= source.shape[0] and x + size[0] <= source.shape[1]:
            return source[y : y + size[1], x : x + size[0]]
    return cv2.warpAffine(
        source, m, size, flags=flags | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )


def _enlarged(share: NDArray[np.float32], h: int, w: int) -> NDArray[np.float32]:
    """Half-size weights on the full grid, linear."""
    double = cv2.resize(share, (2 * share.shape[1], 2 * share.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(double[:h, :w], np.float32)


def _power20(x: NDArray[Any]) -> NDArray[np.float32]:
    x4 = np.square(np.square(x))
    return np.square(np.square(x4)) * x4
