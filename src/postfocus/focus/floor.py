"""What noise adds to sharpness at each brightness is taken off, so that shadows are not taken for detail.

Sensors, tone curves and codecs leave more noise at some levels than at others.
Beside a dark insect the bright ground lies in its shadow in every frame that
blurs it; with the noise of dark places it would seem sharpest there, and grey
patches would be merged into the ground.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.light import Coarse, Light
from postfocus.model.depth import Volume

ASKED = 7
"""Frames from which it is learned."""

STEP = 16
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
class Evened:
    """A volume without what noise adds at each brightness.

    Attributes
    ----------
    volume
        Scores.
    maps
        `(h, w)` uint8 brightness of all frames, on cells twice those of the scores.
    slots
        Which of them are the volume's, in order.
    floor
        `(256,)` float32: what noise adds at each grey level.
    """

    volume: Volume
    maps: Coarse
    slots: NDArray[np.int64]
    floor: NDArray[np.float32]

    @property
    def count(self) -> int:
        """Number of frames."""
        return self.volume.count

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.volume.height

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.volume.width

    def frame(self, slot: int) -> NDArray[np.float32]:
        """`(height, width)` float32 grey levels of one frame; 0 where it does not show a cell."""
        return self._without(self.volume.frame(slot), slot, 0)

    def band(self, top: int, bottom: int) -> Iterator[NDArray[np.float32]]:
        """Rows `top` up to `bottom`, frame after frame: `(bottom - top, width)` float32 grey levels."""
        for slot, layer in enumerate(self.volume.band(top, bottom)):
            yield self._without(layer, slot, top)

    def _without(self, scores: NDArray[np.float32], slot: int, top: int) -> NDArray[np.float32]:
        bright = self.maps.one(int(self.slots[slot]))
        bright = bright[top // 2 : (top + len(scores) + 1) // 2]
        floor = cv2.LUT(bright, self.floor).repeat(2, axis=0).repeat(2, axis=1)
        below, beside = len(scores) + top % 2 - len(floor), scores.shape[1] - floor.shape[1]
        floor = cv2.copyMakeBorder(floor, 0, max(0, below), 0, max(0, beside), cv2.BORDER_REPLICATE)
        floor = floor[top % 2 : top % 2 + len(scores), : scores.shape[1]]
        return np.asarray(np.maximum(scores - floor, NOTHING) * (scores > 0), np.float32)


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
        bright = maps.one(int(slots[rank]))
        score = volume.frame(rank)[::2, ::2][: len(bright), : bright.shape[1]]
        shown = (score > 0) & (bright > 0)
        scores.append(score[shown])
        levels.append(bright[shown])
    score, step = np.concatenate(scores), np.concatenate(levels) // STEP
    seen = np.bincount(step, minlength=256 // STEP)
    some = np.flatnonzero(seen > LEAST_SHARE * len(step))
    if not len(some):
        return np.zeros(256, np.float32)
    least = np.array([np.quantile(score[step == one], PLAIN) for one in some.tolist()])
    floor = np.interp(np.arange(256), some * STEP + STEP / 2, least - least.min())
    return np.minimum(floor, MOST).astype(np.float32)
