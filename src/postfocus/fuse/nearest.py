"""Which frame is nearest to the depth of a place that it shows; whether two of them show the same thing."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import doubled
from postfocus.light import Light
from postfocus.model.depth import Hidden

OTHER, CONTRASTS = 12.0, 8.0
"""Levels, and times the contrast, by which colours may differ in two frames that show the same thing."""


_AROUND = np.ones((7, 7), np.uint8)


class Nearest:
    """The rank nearest to each cell's depth, among the frames that show the cell.

    Parameters
    ----------
    position
        `(h, w)` float32 ranks: the depth.

    Attributes
    ----------
    rank
        `(h, w)` float32: the nearest, once all frames were added.
    """

    def __init__(self, position: NDArray[np.float32]) -> None:
        self._position, self.rank = position, np.rint(position)
        self._far = np.full(position.shape, np.inf, np.float32)

    def add(self, rank: int, hidden: NDArray[np.bool_] | None) -> None:
        """Add the frame of a rank, with the `(h, w)` cells that it does not show; ``None``: it shows all."""
        distance = np.abs(self._position - np.float32(rank))
        if hidden is not None:
            distance[hidden] = np.inf
        self.rank += (distance < self._far) * (rank - self.rank)
        np.minimum(self._far, distance, out=self._far)


def near_hidden(
    position: NDArray[np.float32], ranks: Mapping[int, int], hidden: Hidden, reach: float
) -> NDArray[np.bool_]:
    """`(h, w)` where a frame near the depth must not be heard, so that the depth may be a mover's.

    Parameters
    ----------
    position
        `(h, w)` float32 ranks: the depth.
    ranks
        The rank of each slot.
    hidden
        Coarse cells in which something moves before the scene, by slot.
    reach
        Ranks from the depth that are near.
    """
    out = np.zeros(position.shape, np.uint8)
    for slot, rank in ranks.items():
        cells = hidden(slot)
        if cells is not None:
            near = np.abs(position - np.float32(rank)) < reach
            out |= near * doubled(cells, position.shape, cv2.INTER_NEAREST)
    return np.asarray(cv2.dilate(out, _AROUND) > 0, np.bool_)


def same_thing(
    one: NDArray[np.float32], other: NDArray[np.float32], contrast: NDArray[np.float32], light: Light,
    ranks: Mapping[int, int],
) -> NDArray[np.bool_]:  # fmt: skip
    """Where two frames may show one thing: their colours differ no more than focus can make them.

    A slow mover may be all that some frames have.

    Parameters
    ----------
    one, other
        `(h, w)` float32: the ranks of the two frames in each cell.
    contrast
        `(h, w)` float32 grey levels: the greatest of each cell.
    ranks
        The rank of each slot.
    """
    if light.colour is None:
        return np.ones(contrast.shape, np.bool_)
    rows, cols = contrast.shape[0] // 4, contrast.shape[1] // 4
    first, second, most = (x[: 4 * rows : 4, : 4 * cols : 4] for x in (one, other, contrast))
    change = np.zeros((2, rows, cols), np.float32)
    for slot, rank in ranks.items():
        part = (second == rank).astype(np.float32) - (first == rank)
        change += light.tint(slot).reshape(change.shape) * part
    differs = np.abs(change).max(axis=0) > OTHER + CONTRASTS * most
    half = doubled(differs, (contrast.shape[0] // 2, contrast.shape[1] // 2), cv2.INTER_NEAREST)
    return doubled(half, contrast.shape, cv2.INTER_NEAREST) == 0
