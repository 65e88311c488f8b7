"""Merge the sweep: every place from the frames that show it sharpest.

Each frame is added once, in any order, and forgotten. A place is the average
of the frames weighted by ``(sharpness / greatest sharpness) ** 20``: one frame
where it alone is sharp, a few where they are equally sharp, which also halves
the noise. Of strong texture the sharpest frame is nearly alone, and resampled
with more care. The running form of that average (as in an online softmax) is exact
and keeps nothing but the average itself.

Frames are averaged as encoded, not in linear light: the few that share weight
are nearly equal, so that converting them would change next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.gate import Gate
from postfocus.fuse.layout import Layout, black_code, sixteen_bits
from postfocus.fuse.pieces import (
    block_of,
    blockwise_max,
    cut,
    doubled,
    enlarged,
    halved,
    on_half,
    runs,
    slices,
    span,
    warp,
)
from postfocus.fuse.weigh import (
    BLOCK,
    FLOOR,
    HEARD,
    contrast,
    counted,
    evened,
    keen_blocks,
    parted,
    power20,
)
from postfocus.model.alignment import Alignment, Rect
from postfocus.model.frame import Frame, FrameInfo
from postfocus.model.tone import Tone

TILE = 128
"""Side of the blocks that are looked at or left alone, full-size pixels; a multiple of every pool."""

LONGEST = 8
"""Blocks side by side worked on at once."""

LEAST_WEIGHT, TINY = 1e-3, np.float32(1e-9)
"""Weight below which a frame is not heard; and what keeps quotients finite."""

ANY = 0.001
"""Say below which a frame need not be looked at."""


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
    tones
        Curves of brightness of slots for which the alignment's gain is not enough.
    """

    def __init__(
        self, alignment: Alignment, gate: Gate, layout: Layout, pool: int, floor: float = FLOOR,
        tones: Mapping[int, Tone] | None = None,
    ) -> None:  # fmt: skip
        self._alignment, self._gate, self._layout, self._pool = alignment, gate, layout, pool
        self._floor, self._tones = floor, tones or {}
        height, width = layout.shapes[0][:2]
        half = (-(-height // 2), -(-width // 2))
        self._mean = [np.zeros(shape, np.float32) for shape in layout.shapes]
        self._best = np.zeros(half, np.float32)
        self._sum = np.zeros(half, np.float32)
        self._source = np.zeros(half, np.float32)
        self._beside = gate.beside()
        self._margins: dict[int, float] = {}
        self._matrices: dict[tuple[int, int], NDArray[np.float64]] = {}

    def add(self, frame: Frame, slot: int) -> float:
        """Add one frame; returns the share of the picture that had to be looked at."""
        say = self._gate.say(slot)
        awake = self._awake(say)
        for piece in self._pieces(awake):
            self._add_piece(frame, slot, say, piece)
        return float(awake.mean())

    def seen(self, frame: Frame, slot: int, piece: Rect) -> list[NDArray[np.float32]]:
        """The planes of a piece of a frame in the picture's geometry and brightness, float32 codes.

        Parameters
        ----------
        piece
            Full-size pixels of the picture, its corner even.
        """
        box = self._source_box(slot, piece)
        planes = [self._seen(0, frame.planes[0], slot, box, piece)]
        for number, plane in enumerate(frame.planes[1:], 1):
            planes.append(self._seen(number, plane, slot, halved(box), halved(piece)))
        return planes

    @property
    def source(self) -> NDArray[np.float32]:
        """`(h, w)` float32, half size: the slot each place comes from, the mean where several were mixed."""
        return self._source

    def finish(self, paint: Callable[[Sequence[NDArray[np.float32]]], None] | None = None) -> Frame:
        """The merged picture as 16-bit codes in the layout's coding; `paint` changes its planes before."""
        if paint is not None:
            paint(self._mean)
        planes = tuple(sixteen_bits(mean, self._layout.scale) for mean in self._mean)
        coding = self._layout.sixteen
        return Frame(planes, planes[0], coding, FrameInfo(0, name="merged"))

    def _awake(self, say: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which blocks of `TILE` have to be looked at, by the say of a frame."""
        rows, cols = self._layout.shapes[0][:2]
        return blockwise_max(say, TILE // self._pool, -(-rows // TILE), -(-cols // TILE)) > ANY

    def _pieces(self, awake: NDArray[np.bool_]) -> Iterator[Rect]:
        """The parts of the picture that are worked on at once."""
        rows, cols = self._layout.shapes[0][:2]
        for row in range(awake.shape[0]):
            for first, last in runs(awake[row], LONGEST):
                left, top = first * TILE, row * TILE
                yield Rect(left, top, min(last * TILE, cols) - left, min(TILE, rows - top))

    def _add_piece(self, frame: Frame, slot: int, say: NDArray[np.float32], piece: Rect) -> None:
        """Weigh a piece of the frame against what is there, and blend it in."""
        small = halved(piece)
        score, here, keen = self._weighed(frame, slot, say, piece)
        share = self._share(score, here, small)
        rows, cols = np.flatnonzero(share.any(axis=1)), np.flatnonzero(share.any(axis=0))
        if len(rows) == 0:
            return
        share = share[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        heard = Rect(small.x + int(cols[0]), small.y + int(rows[0]), share.shape[1], share.shape[0])
        part = cut(doubled(heard), piece)
        self._mix(frame, slot, part, share, enlarged(share, part.h, part.w), piece, keen)

    def _weighed(
        self, frame: Frame, slot: int, say: NDArray[np.float32], piece: Rect
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
        """Of a piece, on the half-size grid: the frame's score as it counts, its say; and its keen blocks."""
        small, bits = halved(piece), self._layout.coding.bits
        half, bend = self._matrix(slot, 2), self._bend(slot, small, 2)
        box = self._source_box(slot, piece)
        score = warp(contrast(frame, box, self._floor), half, halved(box), small, cv2.INTER_LINEAR, bend)
        if self._beside is not None:
            beside = on_half(self._beside, self._pool, piece)
            score = evened(score, beside, bits, self._floor)
        here = on_half(say, self._pool, piece)
        return parted(score, bits), here, keen_blocks(score, here > HEARD, bits, self._floor)

    def _mix(
        self, frame: Frame, slot: int, piece: Rect, share: NDArray[np.float32], full: NDArray[np.float32],
        blocks: Rect, keen: NDArray[np.bool_],
    ) -> None:  # fmt: skip
        """Blend a piece of the frame in by its `share`, on the half-size grid, and the same in `full` size.

        `keen` tells of the blocks of another piece, which holds this one, where to look with more care.
        """
        source = self._source[slices(halved(piece))]
        cv2.accumulateProduct(np.float32(slot) - source, share, source)
        box = self._source_box(slot, piece)
        value = self._seen(0, frame.planes[0], slot, box, piece)
        for row, column in np.argwhere(keen).tolist():
            self._see_keenly(frame, slot, block_of(blocks, row, column, BLOCK), piece, value, share)
        self._blend(0, value, piece, full)
        for number, plane in enumerate(frame.planes[1:], 1):
            seen = self._seen(number, plane, slot, halved(box), halved(piece))
            self._blend(number, seen, halved(piece), share)

    def _see_keenly(
        self, frame: Frame, slot: int, block: Rect, piece: Rect, value: NDArray[np.float32],
        share: NDArray[np.float32],
    ) -> None:  # fmt: skip
        """Lay what Lanczos' kernel sees of a block over `value`, which is what a cubic one saw of `piece`.

        Not where the frame has no `share`, which is on the half-size grid of the piece.

        OpenCV rounds positions to 1/32 pixel for this kernel, counted from the corner: so always that of the
        block, for the same picture whatever was heard before.
        """
        left, right = max(block.x, piece.x), min(block.x + block.w, piece.x + piece.w)
        top, bottom = max(block.y, piece.y), min(block.y + block.h, piece.y + piece.h)
        if left >= right or top >= bottom:
            return
        x, y = (left - piece.x) // 2, (top - piece.y) // 2
        if not share[y : y + (bottom - top + 1) // 2, x : x + (right - left + 1) // 2].any():
            return
        box = self._source_box(slot, block)
        fine = self._seen(0, frame.planes[0], slot, box, block, cv2.INTER_LANCZOS4)
        fine = fine[top - block.y : bottom - block.y, left - block.x : right - block.x]
        value[top - piece.y : bottom - piece.y, left - piece.x : right - piece.x] = fine

    def _bend(self, slot: int, piece: Rect, step: int) -> NDArray[np.complex64] | None:
        """By how much the pixels of a piece, on a grid of every `step`-th, are moved before the matrix."""
        bend = self._alignment.bend
        if bend is None or self._margin(slot) == 0:
            return None
        x, y = (np.arange(v, v + n) for v, n in ((piece.x, piece.w), (piece.y, piece.h)))
        return np.asarray(bend.at(slot, x, y, step) / step, np.complex64)

    def _margin(self, slot: int) -> float:
        """Full-size pixels by which a frame is bent, at most; asked for with every piece, too."""
        if slot not in self._margins:
            bend = self._alignment.bend
            bent = bend is not None and bend.moves(slot)
            self._margins[slot] = bend.margin([slot]) if bend is not None and bent else 0.0
        return self._margins[slot]

    def _matrix(self, slot: int, factor: int = 1) -> NDArray[np.float64]:
        """`Alignment.matrix`, which is asked for with every piece."""
        if (slot, factor) not in self._matrices:
            self._matrices[slot, factor] = self._alignment.matrix(slot, factor)
        return self._matrices[slot, factor]

    def _source_box(self, slot: int, piece: Rect) -> Rect:
        """The part of the frame that shows a piece of the reference, with margin; its corner on the grid."""
        rows, cols = self._layout.shapes[0][:2]
        left, top, right, bottom = piece.x, piece.y, piece.x + piece.w, piece.y + piece.h
        margin = self._margin(slot)
        left, top, right, bottom = left - margin, top - margin, right + margin, bottom + margin
        (a, b, e), (c, d, f) = self._matrix(slot).tolist()
        x = (a * left + b * top, a * right + b * top, a * left + b * bottom, a * right + b * bottom)
        y = (c * left + d * top, c * right + d * top, c * left + d * bottom, c * right + d * bottom)
        x0, x1 = span(min(x) + e, max(x) + e, cols)
        y0, y1 = span(min(y) + f, max(y) + f, rows)
        return Rect(x0, y0, x1 - x0, y1 - y0)

    def _share(
        self, score: NDArray[np.float32], say: NDArray[np.float32], small: Rect
    ) -> NDArray[np.float32]:
        """The frame's share of the average so far, 0…1, on the half-size grid; updates the sums."""
        here = slices(small)
        best, total = self._best[here], self._sum[here]
        heard = counted(score, say)
        new = np.maximum(best, heard)
        np.maximum(new, TINY, out=new)
        np.divide(best, new, out=best)
        total *= power20(best)
        best[:] = new
        heard /= new
        weight = power20(heard)
        weight *= say
        cv2.threshold(weight, LEAST_WEIGHT, 0, cv2.THRESH_TOZERO, weight)
        total += weight
        weight /= np.maximum(total, TINY, out=new)
        return weight

    def _seen(
        self, number: int, plane: NDArray[Any], slot: int, box: Rect, piece: Rect,
        kernel: int = cv2.INTER_CUBIC,
    ) -> NDArray[np.float32]:  # fmt: skip
        """A piece of one plane, of which the frame shows `box`, in the picture's geometry and brightness."""
        source = plane[box.y : box.y + box.h, box.x : box.x + box.w]
        matrix = self._matrix(slot, 2 if number else 1)
        # Of float values OpenCV resamples at the very place; of codes at the nearest 1/32 pixel, and slower.
        bend = self._bend(slot, piece, 2 if number else 1)
        value = warp(source.astype(np.float32), matrix, box, piece, kernel, bend)
        gain = float(self._alignment.gain[slot])
        if abs(gain - 1) > 0.002:
            black = black_code(self._layout.coding, number)
            value -= black
            value *= np.float32(1 / gain)
            value += black
        if number == 0 and slot in self._tones:
            value = self._tones[slot].of(value)
        return value

    def _blend(self, number: int, value: NDArray[np.float32], piece: Rect, part: NDArray[np.float32]) -> None:
        """Move the running average of a plane by its `part` towards what the frame shows; uses up `value`."""
        mean = self._mean[number][slices(piece)]
        value -= mean
        cv2.accumulateProduct(value, part if mean.ndim == 2 else cv2.merge([part] * mean.shape[2]), mean)
