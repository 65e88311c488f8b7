"""The sweep's small copies on several scales, divided into regions of one depth.

Two frames of a region differ by blur. What is blurred by many cells holds nothing
that fewer, larger cells would not show as well, so every two frames are compared
on the scale on which that blur is a few cells wide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.align.luminance import Copy
from postfocus.cells import shrink

REGIONS, FEWEST = 24, 12
"""Depths into which the range of a sweep is divided on the finest scale, and at least on larger ones."""

LEAST = 60
"""Cells below which a region says nothing."""

TELLING = 0.2
"""Share of a larger cell that must tell."""

JUMP = 1.5
"""Cells of blur between neighbouring cells that make an edge."""

BESIDE = 8
"""Cells round a region in which plain ones belong to it. An outline tells its depth on the side that has
texture; its blur reaches to both, and half of it alone would seem to move."""

SCALES, SMALLEST = 4, 40
"""Scales at most, and cells of the shorter side that must be left."""


@dataclass(frozen=True, slots=True)
class Region:
    """Cells at about one depth.

    Attributes
    ----------
    sharp
        Which of the frames shows them sharpest.
    at
        `(P,)` int: the cells, counted row by row; those that tell, and plain ones beside them.
    """

    sharp: int
    at: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Scale:
    """The small copies on cells of one size.

    Attributes
    ----------
    pictures
        `(h, w)` copies of the frames, each in its own geometry.
    factor
        Cells of the finest scale along each side of one of these.
    narrow, wide
        Cells of blur above which frames are compared on this scale, and up to which.
    clear
        `(h * w,)` float32: cells to the nearest edge of depth.
    regions
        From one end of the sweep to the other.
    """

    pictures: Sequence[Copy]
    factor: int
    narrow: float
    wide: float
    clear: NDArray[np.float32]
    regions: Sequence[Region]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return cast(tuple[int, int], self.pictures[0].light.shape)


def scales_of(
    pictures: Sequence[Copy],
    place: NDArray[np.float64],
    depth: NDArray[np.float32],
    telling: NDArray[np.bool_],
    wide: float,
) -> Iterator[Scale]:
    """Every scale that frames of a sweep are compared on, finest first.

    Parameters
    ----------
    pictures
        `(h, w)` copies of the frames, each in its own geometry.
    place
        `(M,)` float64: where these frames are on the line of blur, cells (`postfocus.defocus`).
    depth
        `(h, w)` float32: place on that line at which each cell is sharpest, in the reference's geometry.
    telling
        `(h, w)` bool: cells whose depth is known.
    wide
        Cells of blur that are compared on one scale.
    """
    share, factor = telling.astype(np.float32), 1
    clear = _clear_of(depth)
    reach = float(np.ptp(place))
    while True:
        regions = list(_regions(place, depth, share > TELLING, max(FEWEST, REGIONS // factor)))
        last = factor == 2 ** (SCALES - 1) or reach <= wide * factor or min(share.shape) < 2 * SMALLEST
        flat = np.ascontiguousarray(clear, np.float32).ravel()
        narrow = wide / 2 if factor > 1 else -1.0
        yield Scale(pictures, factor, narrow, wide * (2 if last else 1), flat, regions)
        if last:
            return
        rows, cols = share.shape[0] // 2 * 2, share.shape[1] // 2 * 2
        pictures = [one.halved() for one in pictures]
        share, factor = shrink(share, 2), 2 * factor
        depth = np.ascontiguousarray(depth[:rows:2, :cols:2])
        least = cv2.erode(clear, np.ones((2, 2), np.uint8), anchor=(0, 0))
        clear = np.asarray(least[:rows:2, :cols:2], np.float32) * np.float32(0.5)


def _regions(
    place: NDArray[np.float64], depth: NDArray[np.float32], telling: NDArray[np.bool_], count: int
) -> Iterator[Region]:
    """Telling cells by depth, where they are enough, and plain ones beside them."""
    if not telling.any():
        return
    known = depth[telling]
    ends = np.linspace(float(known.min()), float(known.max()) + 1e-3, count + 1)
    number = np.where(telling, np.searchsorted(ends, depth, "right") - 1, -1)
    around = np.ones((2 * BESIDE + 1, 2 * BESIDE + 1), np.uint8)
    for one in range(count):
        own = number == one
        if np.count_nonzero(own) < LEAST:
            continue
        middle = float(np.median(depth[own]))
        alike = np.abs(depth - middle) < JUMP + (ends[1] - ends[0]) / 2
        beside = (cv2.dilate(own.astype(np.uint8), around) > 0) & ~telling & alike
        yield Region(int(np.abs(place - middle).argmin()), np.flatnonzero(own | beside))


def _clear_of(depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cells from each cell to the nearest edge of depth."""
    square = np.ones((3, 3), np.uint8)
    whole = cv2.dilate(depth, square) - cv2.erode(depth, square) <= JUMP
    return np.asarray(cv2.distanceTransform(whole.astype(np.uint8), cv2.DIST_L2, 3), np.float32)
