"""See where something moved while the lens was in focus there.

Frames before and behind each cell's sharpest one are compared; a cell has
moved if they show different things there (`postfocus.strange`). What passed by
while the cell was out of focus does not matter.
"""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.light import Light
from postfocus.strange import CERTAIN, LEAST, LIKELY, Bytes, differing, reach_among, reach_of, with_core

APART = 0.1
"""Share of the sweep between two frames that are compared: what walks slowly must have gone somewhere."""

NEAR = 2.0
"""Frames from a cell's sharpest one to the middle between two that are compared, at least."""


def moved_cells(
    light: Light, slots: NDArray[np.int64], peak: NDArray[np.float32], place: NDArray[np.float64]
) -> NDArray[np.float32]:
    """How strongly each cell changes round its sharpest frame.

    Parameters
    ----------
    light
        Brightness and colour of all slots.
    slots
        `(M,)` int: which of them to compare, in order.
    peak
        `(h, w)` float32: slot of sharpest focus.
    place
        `(M,)` float64: theirs on the line of blur, coarse cells (`postfocus.model.defocus`).

    Returns
    -------
    `(h, w)` float32: greatest change over what noise, misalignment and defocus may cause; above 1
    something moved.
    """
    apart = max(1, round(APART * len(slots)))
    least = reach_among(len(slots))
    near = max(NEAR, apart / 2 + 1)
    strongest = np.zeros(peak.shape, np.uint8)
    before: deque[tuple[int, Bytes, Bytes | None]] = deque(maxlen=apart)
    for rank, slot in enumerate(slots.tolist()):
        level, tint = light.level(slot), None if light.colour is None else light.tint(slot)
        if len(before) == apart:
            first, other, shade = before[0]
            tints = None if tint is None or shade is None else (tint, shade)
            blur = abs(float(place[rank] - place[rank - apart]))
            change = differing(level, other, tints, max(least, reach_of(blur)))
            change *= np.abs(peak - np.float32(0.5 * (slot + first))) <= near
            strongest = np.maximum(strongest, change)
        before.append((slot, level, tint))
    cells = with_core(strongest, LIKELY, CERTAIN, LEAST)
    if cells is None:
        return np.zeros(peak.shape, np.float32)
    square = np.ones((2 * least + 1, 2 * least + 1), np.uint8)
    strength = cells * (1 + strongest.astype(np.float32) / CERTAIN)
    return np.asarray(cv2.dilate(strength, square), np.float32)
