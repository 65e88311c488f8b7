"""Tell a lamp in focus from its own glare.

A lamp brighter than white stays white while its disc grows out of focus: the
rim of the disc, on a dark ground, scores more than the lamp itself. But light
that only passes over a place makes it brighter than it is, and a place in focus
is about as bright as when it is merely a little blurred. So a frame that makes
a place several times brighter than another frame does is not the one to
believe there.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import averaged
from postfocus.focus.volume import MapStack
from postfocus.model.alignment import Alignment

TIMES = 2.5
"""Brightness, in linear light, over the darkest frame's from which glare is suspected."""

POWER = 3
"""How fast belief falls with brightness beyond that."""

SPREAD = 2.0
"""Standard deviation, in coarse cells, over which light is averaged."""

DARK = 0.004
"""Linear light added to both, so that noise in black places is no glare."""

_LIGHT = (np.linspace(0, 1, 256) ** 2.2 + DARK).astype(np.float32)


class Glare:
    """Scores' factors for every frame of a sweep.

    Parameters
    ----------
    coarse
        Coarse luma of every frame in the reference's geometry, 0…255; 0 where not shown.
    alignment
        For the frames' brightness.
    """

    def __init__(self, coarse: MapStack, alignment: Alignment) -> None:
        self._coarse, self._gain = coarse, alignment.gain
        self._darkest = np.full((coarse.height, coarse.width), np.inf, np.float32)
        for slot in range(coarse.count):
            light = self._light(slot)
            np.minimum(self._darkest, np.where(light > 0, light, np.inf), out=self._darkest)
        np.minimum(self._darkest, 1 + DARK, out=self._darkest)

    def factor(self, slot: int) -> NDArray[np.float32] | None:
        """`(h, w)` float32, 0…1, or ``None`` where the whole frame can be believed."""
        times = self._light(slot) / (TIMES * self._darkest)
        bright = times > 1
        if not bright.any():
            return None
        factor = np.ones_like(times)
        factor[bright] = times[bright] ** -POWER
        return np.asarray(factor, np.float32)

    def _light(self, slot: int) -> NDArray[np.float32]:
        """Linear light averaged over neighbouring cells; 0 where the frame does not show the cell."""
        codes = self._coarse.one(slot)
        light = np.asarray(cv2.LUT(codes, _LIGHT), np.float32) * np.float32(float(self._gain[slot]) ** -2.2)
        light[codes == 0] = 0
        return averaged(light, SPREAD)
