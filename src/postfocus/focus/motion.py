"""See where something moved while the lens was in focus there.

Out-of-focus blur hardly changes a coarse picture from one frame to the next; a
walker, a leaf in the wind or water does. So coarse pictures of neighbouring
frames are compared, and a cell has moved if they differ round the frames in
which it is sharpest.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import averaged

NEAR = 2.0
"""Frames on each side of the sharpest one that count."""

TOLERANCE = 3.0
"""Grey levels that coding and noise may change a coarse cell by."""

STRIDE = 3
"""Of so many rows and columns one is asked how much cells usually change."""


def moved_cells(
    coarse: Iterable[NDArray[np.uint8]],
    slots: NDArray[np.int64],
    gain: NDArray[np.float64],
    peak: NDArray[np.float32],
) -> NDArray[np.float32]:
    """How strongly each cell changes round its sharpest frame.

    Parameters
    ----------
    coarse
        Coarse luma `(h, w)` uint8 of each slot in the reference's geometry; 0 where not shown.
    slots
        `(M,)` int: which of them to compare, in order.
    gain
        `(N,)` float64: brightness of each slot over the reference's.
    peak
        `(h, w)` float32: slot of sharpest focus.

    Returns
    -------
    `(h, w)` float32: greatest change over what noise, misalignment and defocus may cause; above 1
    something moved. Defocus and misalignment change a cell in proportion to its slope, and how much is
    learnt from the whole picture, so that large focus steps are not taken for motion.
    """
    wanted = set(slots.tolist())
    strongest = np.zeros(peak.shape, np.float32)
    before: tuple[NDArray[np.float32], NDArray[np.bool_]] | None = None
    before_slot = 0
    for slot, layer in enumerate(coarse):
        if slot not in wanted:
            continue
        grey, shown = _smooth(layer, float(gain[slot]))
        if before is not None:
            both = shown & before[1]
            near = both & (np.abs(peak - 0.5 * (slot + before_slot)) <= NEAR)
            change, slope = np.abs(grey - before[0]), _slope(grey)
            some = both[::STRIDE, ::STRIDE]
            usual = _usual(change[::STRIDE, ::STRIDE][some], slope[::STRIDE, ::STRIDE][some])
            change *= near / (TOLERANCE + usual * slope)
            np.maximum(strongest, change, out=strongest)
        before, before_slot = (grey, shown), slot
    return strongest


def _smooth(layer: NDArray[np.uint8], gain: float) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Mean grey level over the neighbours that are shown, and where a cell and all beside it are shown."""
    shown = (layer > 0).astype(np.uint8)
    level = layer.astype(np.float32) / np.float32(gain)
    return averaged(level, 1.5), cv2.erode(shown, np.ones((3, 3), np.uint8)) > 0


def _usual(change: NDArray[np.float32], slope: NDArray[np.float32]) -> float:
    """Change per slope that is no motion: four times the median where there is any slope."""
    steep = slope > 1
    if steep.sum() < 50:
        return 0.25
    return max(0.25, 4 * float(np.median(change[steep] / slope[steep])))


def _slope(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gradient magnitude in grey levels per cell."""
    dx = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    dy = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    return np.asarray(cv2.magnitude(dx, dy), np.float32)
