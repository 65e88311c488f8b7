"""The merged picture as layers, one for each depth: what a lens makes of it is what it makes of each of them.

A layer holds the light of the places that come from frames of about one focus,
with smooth shares, so that nothing is counted twice. Each layer blurs evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import shrink

STEP, MOST = 1.0, 9
"""Cells of blur between two layers; and layers, unless more are asked for."""

WIDE = 6.0
"""Cells of blur from which half the size will do."""

REACH = 2.0
"""Radii to which a blurred layer reaches."""

Box = tuple[slice, slice]


class Layers:
    """Values of every place, in layers.

    Parameters
    ----------
    values
        `(h, w, c)` float32; rows and columns even in number, as those of every box are.
    blur
        `(h, w)` float32, cells: the place on the line of blur that each comes from.
    at
        Increasing places on that line at which layers lie; they span `blur`.
    """

    def __init__(self, values: NDArray[np.float32], blur: NDArray[np.float32], at: Sequence[float]) -> None:
        self.at, self.shape = at, (*blur.shape, values.shape[2])
        self._values = np.asarray(cv2.merge([*cv2.split(values), np.ones_like(blur)]), np.float32)
        step = np.float32(1 / (at[1] - at[0]))
        self._shares = [np.clip(1 - np.abs(blur - np.float32(place)) * step, 0, 1) for place in at]
        self._boxes = [_box(share > 0) for share in self._shares]
        self._kept: tuple[int, NDArray[np.float32]] | None = None

    def share(self, number: int) -> NDArray[np.float32]:
        """`(h, w)` float32, 0…1: how far a place belongs to a layer; over all layers they sum to 1."""
        return self._shares[number]

    def meet(self, number: int, radius: float, other: int) -> Box | None:
        """Where a layer blurred by so many cells may lie over another; ``None``: nowhere."""
        box, to = self._boxes[number], self._boxes[other]
        if box is None or to is None:
            return None
        box = _grown(box, int(np.ceil(REACH * radius)), self.shape[:2])
        both = tuple(slice(max(p.start, q.start), min(p.stop, q.stop)) for p, q in zip(box, to, strict=True))
        return None if any(s.start >= s.stop for s in both) else (both[0], both[1])

    def blurred(self, number: int, radius: float, box: Box) -> NDArray[np.float32]:
        """`(h, w, c + 1)` float32: a layer's values and its share, blurred by a radius in cells, in `box`."""
        wide = _grown(box, int(np.ceil(REACH * radius)), self.shape[:2])
        inner = tuple(slice(b.start - w.start, b.stop - w.start) for b, w in zip(box, wide, strict=True))
        return spread(np.ascontiguousarray(self.layer(number)[wide]), radius)[inner]

    def layer(self, number: int) -> NDArray[np.float32]:
        """`(h, w, c + 1)` float32: a layer's values, times its share, and its share; the last one is kept."""
        if self._kept is None or self._kept[0] != number:
            layer, box = np.zeros_like(self._values), self._boxes[number]
            if box is not None:
                layer[box] = times(self._values[box], self._shares[number][box])
            self._kept = number, layer
        return self._kept[1]


def times(values: NDArray[Any], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(h, w, c)` float32 values, all of a place times its share `(h, w)`."""
    return np.asarray(cv2.multiply(values, cv2.merge([share] * values.shape[2])), np.float32)


def spread(layer: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """`(h, w, c)` float32 blurred by a radius; `h` and `w` are even.

    A Gaussian of half the radius stands for the disc: the same variance, and nearly the same edge.
    """
    if radius < WIDE:
        return _gaussian(layer, radius / 2)
    small = _gaussian(shrink(layer, 2), radius / 4)
    return np.asarray(
        cv2.resize(small, (layer.shape[1], layer.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32
    )


def places_of(blur: NDArray[np.float32], most: int = MOST) -> list[float]:
    """Where layers lie on the line of blur, at `most` so many; fewer than two: all is at one depth."""
    low, high = float(blur.min()), float(blur.max())
    count = min(most, int(np.ceil((high - low) / STEP)) + 1)
    return np.linspace(low, high, count).tolist()


def _box(here: NDArray[np.bool_]) -> Box | None:
    """The rows and columns in which anything is true, from and up to even ones."""
    rows, cols = np.flatnonzero(here.any(axis=1)), np.flatnonzero(here.any(axis=0))
    if len(rows) == 0:
        return None
    return _grown(
        (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)), 0, here.shape
    )


def _grown(box: Box, by: int, shape: tuple[int, ...]) -> Box:
    rows, cols = (
        slice(max(0, (s.start - by) // 2 * 2), min(size, -(-(s.stop + by) // 2) * 2))
        for s, size in zip(box, shape, strict=True)
    )
    return rows, cols


def _gaussian(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)
