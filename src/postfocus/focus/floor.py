"""What noise adds to sharpness at each brightness is taken off, so that shadows are not taken for detail.

Sensors, tone curves and codecs leave more noise at some levels than at others.
Beside a dark insect the bright ground lies in its shadow in every frame that
blurs it; with the noise of dark places it would seem sharpest there, and grey
patches would be merged into the ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import doubled, shrink
from postfocus.light import Coarse, Light
from postfocus.model.depth import Altered, Volume

ASKED, BLOCK = 7, 2
"""Frames from which it is learned, and cells of brightness along each side of the blocks that are asked."""

STEP = 8
"""Grey levels that are taken together."""

PLAIN = 0.1
"""Share of the cells of a brightness, in all frames together, that show nothing but noise."""

LEAST_SHARE = 0.002
"""Share of all cells below which a brightness tells nothing of its own."""

MOST, WORTH = 1.0, 0.05
"""Grey levels taken off at most, and by which brightnesses must differ for anything to be taken off."""

NOTHING = np.float32(1e-3)
"""Score of a cell that is shown and holds nothing but noise."""


@dataclass(frozen=True, slots=True)
class Evened(Altered):
    """A volume without what noise adds at each brightness.

    Attributes
    ----------
    maps
        `(h, w)` uint8 brightness of all frames, on cells twice those of the scores.
    slots
        Which of them are the volume's, in order.
    floor
        `(256,)` float32 grey levels, 0…`MOST`: what noise adds to the scores at each brightness.
    """

    maps: Coarse
    slots: NDArray[np.int64]
    floor: NDArray[np.float32]

    def altered(self, layer: NDArray[np.float32], slot: int, top: int) -> NDArray[np.float32]:
        """Rows of a frame, from `top` on, without what noise adds; 0 where it does not show a cell."""
        bright = self.maps.one(int(self.slots[slot]))
        first = min(top // 2, len(bright) - 1)
        bright = bright[first : (top + len(layer) + 1) // 2]
        skip = top - 2 * first
        shape = (max(2 * len(bright), skip + len(layer)), layer.shape[1])
        floor = doubled(cv2.LUT(bright, self.floor), shape, cv2.INTER_NEAREST)[skip : skip + len(layer)]
        hidden = layer <= 0
        np.subtract(layer, floor, out=floor)
        np.maximum(floor, NOTHING, out=floor)
        if hidden.any():
            floor[hidden] = 0
        return floor


def evened(volume: Volume, light: Light, slots: NDArray[np.int64]) -> Volume:
    """The volume without what noise adds at each brightness; itself where that is the same everywhere.

    Parameters
    ----------
    volume
        Sharpness of the frames of `slots`, in the reference's geometry.
    light
        Brightness of all frames.
    slots
        `(M,)` int, increasing.
    """
    floor = _floor_of(volume, light.maps, slots)
    return volume if np.ptp(floor) < WORTH else Evened(volume, light.maps, slots, floor)


def _floor_of(volume: Volume, maps: Coarse, slots: NDArray[np.int64]) -> NDArray[np.float32]:
    """`(256,)` float32 grey levels above the least: the tenth part of the scores at each brightness."""
    scores: list[NDArray[np.float32]] = []
    levels: list[NDArray[np.uint8]] = []
    for rank in np.unique(np.linspace(0, len(slots) - 1, ASKED).round().astype(int)).tolist():
        bright, all_scores = maps.one(int(slots[rank])), volume.frame(rank)
        level, score = shrink(bright, BLOCK), shrink(all_scores, 2 * BLOCK)
        rows, cols = min(len(level), len(score)), min(level.shape[1], score.shape[1])
        shown = cv2.erode((bright > 0).astype(np.uint8), np.ones((3, 3), np.uint8))
        whole = shrink(shown, BLOCK)[:rows, :cols] == 1
        scores.append(score[:rows, :cols][whole])
        levels.append(level[:rows, :cols][whole])
    score, step = np.concatenate(scores), np.concatenate(levels).astype(np.uint8) // STEP
    seen = np.bincount(step, minlength=256 // STEP)
    some = np.flatnonzero(seen > LEAST_SHARE * len(step))
    if not len(some):
        return np.zeros(256, np.float32)
    least = np.array([np.quantile(score[step == one], PLAIN) for one in some.tolist()])
    floor = np.interp(np.arange(256), some * STEP + STEP / 2, least - least.min())
    return np.minimum(floor, MOST).astype(np.float32)
