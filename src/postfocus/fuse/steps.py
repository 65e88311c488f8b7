"""How large the steps of focus are: by how much each frame spreads the light of the one before.

A place stays sharp in the more frames, the smaller their steps are. In a sweep of
small steps blur spreads light no farther than alignment may be wrong; in one of
large steps every lamp and every edge sends light over many places in which, for a
frame that is in focus there, nothing of it is to be seen. What tells motion by
differences of frames must know which of both it has before it.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 7, 3
"""Every how many-th cell is asked, down and across."""

STRONGEST = 0.8
"""Quantile of the cells' best sharpness from which one is asked: those of fine texture, far above noise."""

ACROSS = 2.0
"""Coarse cells of blur between the two frames in which such a cell is half as sharp as at its best, whatever
the pool: rendered sweeps came to 1 to 2.7, and those with many clipped lights, which keep their contrast, to
5."""


def per_frame(slots: NDArray[np.int64], sharpness: Callable[[int], NDArray[np.float32]]) -> float:
    """Coarse cells of 2 x 2 by which defocus spreads light from each frame to the next, roughly.

    Parameters
    ----------
    slots
        `(M,)` int, increasing: the frames.
    sharpness
        `(h, w)` float32 grey levels of a frame; 0 where it shows nothing.
    """
    layers = [cv2.blur(sharpness(slot), (3, 3))[ROWS // 2 :: ROWS, ::COLUMNS] for slot in slots.tolist()]
    curves = np.stack([layer.ravel() for layer in layers])
    curves = curves[:, (curves > 0).all(axis=0)]
    if curves.shape[1] == 0:
        return 0.0
    best, least = curves.max(axis=0), curves.min(axis=0)
    strong = (best >= np.quantile(best, STRONGEST)) & (best > least)
    if not strong.any():
        return 0.0
    frames = (curves[:, strong] >= ((best + least) / 2)[strong]).sum(axis=0)
    return ACROSS / max(1.0, float(np.median(frames)))
