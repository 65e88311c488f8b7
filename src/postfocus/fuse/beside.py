"""Beside the chosen planes the picture keeps its blur, and one frame gives way to the next unseen."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

BESIDE = 1.0
"""Frames beside the chosen planes from which a place counts as not among them."""

SMOOTH = 6.0
"""Cells over which, beside the chosen planes, one frame gives way to another: blurred things have no edge
at which it could change unseen."""

AROUND = 7
"""Cells across, all of which must lie beside them."""


def beside_planes(away: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(h, w)` float32, 0…1: how far a cell and all around it lie beside the chosen planes.

    `away` is `(h, w)` frames from the depth of each cell to the nearest chosen plane.
    """
    out = cv2.erode((np.abs(away) > BESIDE).astype(np.float32), np.ones((AROUND, AROUND), np.uint8))
    return np.asarray(cv2.blur(out, (3, 3)), np.float32)


def give_way(position: NDArray[np.float32], beside: NDArray[np.float32]) -> None:
    """Smooth `position`, `(h, w)` ranks of the frames to be shown, in place, as far as a cell is `beside`."""
    smooth = np.asarray(cv2.GaussianBlur(position, (0, 0), SMOOTH), np.float32)
    position += beside * (smooth - position)
