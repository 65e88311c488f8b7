"""What one motion a frame leaves: by how much neighbouring frames disagree where both of them are sharp.

When the depth is known, every place is looked at in the two frames between
which it is in focus. There blur is alike in both and small, so that what is left
between them is no effect of focus: the camera moved sideways, the lens draws
otherwise as it focuses, or rows were read one after the other. Only the small
copies that the index keeps are read, and each of their cells but once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.align.blocks import BLOCK, Grid
from postfocus.align.picture import Picture, normalised, shrink
from postfocus.align.torn import Torn

HIDDEN = 9
"""Cells across around what a frame does not show that are not compared."""

LEAST_CELLS, LEAST_POWER = 12, 1.0
"""Cells, and squared gradient in all, with which a block has a say."""

CELL_NOISE, ERROR = 4.0, 0.03
"""How much the differences of neighbouring cells are alike, and cells by which no shift is surer."""

UNLIKE, TEXTURE = 0.7, 0.05
"""Correlation below which a block of so much variance is looked for elsewhere."""
ENOUGH = 0.3
"""Share of a block's cells that must be in focus for it to be looked for."""

Values = NDArray[np.float32] | NDArray[np.float64]


class Pictures(Protocol):
    """Small copies of the frames in the reference's geometry."""

    def one(self, slot: int) -> NDArray[np.uint8]:
        """`(h, w)` uint8 grey levels of one frame; 0 where it does not show a cell."""
        ...


@dataclass(frozen=True, slots=True)
class Leftover:
    """Shifts of blocks between neighbours of a sweep, in cells.

    Attributes
    ----------
    shift
        `(M - 1, rows, cols)` complex128: what frame `m` shows at `z`, frame `m + 1` shows at ``z + shift``.
    weight
        `(M - 1, rows, cols)` float64: one over the squared error of a part of the shift; 0: nothing is known.
    torn
        Share of the blocks in focus that lie whole cells away.
    far
        How far those lie, at the 95th percentile; 0 where there are none.
    """

    shift: NDArray[np.complex128]
    weight: NDArray[np.float64]
    torn: float
    far: float


def quantile(values: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    """Weighted quantile of values of any shape; 0 without weights."""
    known = weights > 0
    if not known.any():
        return 0.0
    order = np.argsort(values[known])
    total = np.cumsum(weights[known][order])
    return float(values[known][order][int(np.searchsorted(total, share * total[-1]))])


def measure(
    pictures: Pictures,
    slots: NDArray[np.int64],
    position: NDArray[np.float32],
    telling: NDArray[np.bool_],
    moved: NDArray[np.complex128] | None = None,
) -> Leftover:
    """Compare neighbours of a sweep where both are sharp.

    Parameters
    ----------
    pictures
        Small copies of all frames.
    slots
        `(M,)` int, at least two: the sweep.
    position
        `(h, w)` float32: where in the sweep each cell is sharpest, 0...M - 1.
    telling
        `(h, w)` bool: cells with texture that did not move.
    moved
        `(M - 1, rows, cols)` complex: shifts that are known already, refined by this measurement. Blocks far
        away are then not looked for.
    """
    grid = Grid.over((position.shape[0], position.shape[1]))
    cells = list(_cells_of_pairs(position, telling, len(slots) - 1))
    shape = (len(slots) - 1, grid.rows, grid.cols)
    shift, weight = np.zeros(shape, np.complex128), np.zeros(shape)
    torn = Torn()
    before: _Seen | None = None
    for rank, slot in enumerate(slots.tolist()):
        now = _Seen.of(pictures.one(slot))
        if before is not None:
            at = cells[rank - 1]
            at = at[before.shown[at] & now.shown[at]]
            field = None if moved is None else moved[rank - 1]
            known = _compare(before.n, now.n, at, grid, field)
            shift[rank - 1], weight[rank - 1] = known.shift, known.weight
            if field is None:
                torn.add(before.n, now.n, known.enough, known.unlike)
        before = now
    return Leftover(shift, weight, *torn.result())


@dataclass(frozen=True, slots=True)
class _Seen:
    """A frame: its band of detail, and `(h * w,)` where that is whole."""

    n: Picture
    shown: NDArray[np.bool_]

    @staticmethod
    def of(codes: NDArray[np.uint8]) -> _Seen:
        light = cast(Picture, cv2.multiply(codes, codes, scale=1 / 255, dtype=cv2.CV_32F))
        whole = cv2.erode((codes > 0).astype(np.uint8), np.ones((HIDDEN, HIDDEN), np.uint8))
        return _Seen(normalised(light, shrink(light, 4), 0.8), whole.ravel() > 0)


@dataclass(frozen=True, slots=True)
class _Blocks:
    """One pair of frames, `(rows, cols)` each: shifts, weights, and which blocks should be looked for."""

    shift: NDArray[np.complex128]
    weight: NDArray[np.float64]
    enough: NDArray[np.bool_]
    unlike: NDArray[np.bool_]


def _cells_of_pairs(
    position: NDArray[np.float32], telling: NDArray[np.bool_], pairs: int
) -> Iterator[NDArray[np.intp]]:
    """For each pair of neighbours the cells in focus between them, away from the border."""
    inner = np.zeros_like(telling)
    inner[2:-2, 2:-2] = telling[2:-2, 2:-2]
    at = np.flatnonzero(inner)
    pair = np.clip(position.ravel()[at], 0, pairs - 1).astype(np.intp)
    order = np.argsort(pair, kind="stable")
    yield from np.split(at[order], np.cumsum(np.bincount(pair, minlength=pairs))[:-1])


def _compare(
    one: Picture, other: Picture, at: NDArray[np.intp], grid: Grid, field: NDArray[np.complex128] | None
) -> _Blocks:
    """Each block's shift by least squares over the cells `at`, with Tukey's weight."""
    width, shape = one.shape[1], (grid.rows, grid.cols)
    a, block = one.ravel(), grid.block(at)

    def summed(values: Values) -> NDArray[np.float64]:
        return np.bincount(block, values, grid.count).astype(np.float64)

    mine = a[at]
    theirs, gx, gy, known = _there(other, at, grid, field)
    gx = (gx + a[at + 1] - a[at - 1]) * np.float32(0.25)
    gy = (gy + a[at + width] - a[at - width]) * np.float32(0.25)
    r = mine - theirs
    size = max(0.1, 1.48 * float(np.median(np.abs(r)))) if len(r) else 1.0
    w = np.asarray(np.square(np.clip(1 - np.square(r * np.float32(1 / (4 * size))), 0, 1)), np.float32)
    wx, wy = w * gx, w * gy
    xx, xy, yy = summed(wx * gx), summed(wx * gy), summed(wy * gy)
    rx, ry = summed(wx * r), summed(wy * r)
    power = xx + yy
    ridge = 0.02 * power + 1e-3
    det = (xx + ridge) * (yy + ridge) - xy * xy
    shift = ((yy + ridge) * rx - xy * ry + 1j * ((xx + ridge) * ry - xy * rx)) / det
    count = np.bincount(block, minlength=grid.count)
    each = np.maximum(count, 1)
    spread = summed(r * r) / each
    variance = [summed(v * v) / each - (summed(v) / each) ** 2 for v in (mine, theirs)]
    together = summed(mine * theirs) / each - summed(mine) * summed(theirs) / each**2
    alike = together / np.sqrt(np.maximum(variance[0] * variance[1], 1e-6))
    error = CELL_NOISE * np.maximum(spread, 1e-3) * 2 / np.maximum(power, 1e-6) + ERROR**2
    telling = (count > LEAST_CELLS) & (power > LEAST_POWER)
    enough = count > ENOUGH * BLOCK * BLOCK
    unlike = enough & (alike < UNLIKE) & (np.minimum(*variance) > TEXTURE)
    return _Blocks(
        shift.reshape(shape) + known, (telling / error).reshape(shape),
        enough.reshape(shape), unlike.reshape(shape),
    )  # fmt: skip


def _there(
    other: Picture, at: NDArray[np.intp], grid: Grid, field: NDArray[np.complex128] | None
) -> tuple[Picture, Picture, Picture, NDArray[np.complex128] | float]:
    """What the later frame shows at cells moved by a field, twice its gradient, and the field."""
    width = other.shape[1]
    if field is None:
        b = other.ravel()
        return b[at], b[at + 1] - b[at - 1], b[at + width] - b[at - width], 0.0
    x, y = (at % width).astype(np.float32), (at // width).astype(np.float32)
    u, v = (x + np.float32(0.5)) / BLOCK - np.float32(0.5), (y + np.float32(0.5)) / BLOCK - np.float32(0.5)
    part = np.ascontiguousarray(np.stack([field.real, field.imag], -1), np.float32)
    x = x + sampled(part[..., 0], u, v)
    y = y + sampled(part[..., 1], u, v)
    gx = sampled(other, x + 1, y) - sampled(other, x - 1, y)
    gy = sampled(other, x, y + 1) - sampled(other, x, y - 1)
    return sampled(other, x, y), gx, gy, field


def sampled(picture: Picture, x: Picture, y: Picture) -> Picture:
    """Bilinear samples at `(P,)` points; beyond its border the picture goes on as it ends."""
    left = np.clip(x, 0, picture.shape[1] - 1)
    top = np.clip(y, 0, picture.shape[0] - 1)
    i, j = left.astype(np.intp), top.astype(np.intp)
    u, v = left - i, top - j
    right, low = np.minimum(i + 1, picture.shape[1] - 1), np.minimum(j + 1, picture.shape[0] - 1)
    above = picture[j, i] * (1 - u) + picture[j, right] * u
    below = picture[low, i] * (1 - u) + picture[low, right] * u
    return np.asarray(above * (1 - v) + below * v, np.float32)
