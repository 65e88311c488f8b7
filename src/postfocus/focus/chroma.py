"""The colour of small cells of a frame, so that what moves is seen even where it is as bright as the scene.

The cells are twice those of the coarse copy: pictures hold less of colour
than of brightness, and so do eyes.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import shrink
from postfocus.model.frame import Frame

CELL = 4
"""Cells of the index along each side of a cell of colour."""

NEUTRAL = 128
"""The code of no colour."""


def chroma_cells(frame: Frame, pool: int, unit: float = 1.0) -> NDArray[np.uint8]:
    """Mean U and V of every cell of colour.

    Parameters
    ----------
    frame
        Planes of any kind.
    pool
        Full-size pixels of each side of a cell of the index.
    unit
        Codes a grey level.

    Returns
    -------
    `(2 h, w)` uint8, 1…255 and 128 without colour: U above V, where `h` and `w` are the rows and columns of
    the frame in whole cells of ``4 * pool`` pixels.
    """
    rows, cols = frame.height // (CELL * pool), frame.width // (CELL * pool)
    if len(frame.planes) == 3:
        u, v = (_mean(plane, frame, CELL * pool)[:rows, :cols] for plane in frame.planes[1:])
    elif frame.planes[0].ndim == 3:
        u, v = _of_rgb(frame.planes[0], pool, unit)
        unit = 1.0
    else:
        return np.full((2 * rows, cols), NEUTRAL, np.uint8)
    both = np.concatenate([u, v])
    return np.asarray(cv2.max(cv2.convertScaleAbs(both, alpha=1 / unit), 1), np.uint8)


def _mean(plane: NDArray[Any], frame: Frame, side: int) -> NDArray[Any]:
    """Mean of a chroma plane over cells of `side` x `side` pixels of the frame."""
    across, down = -(-frame.width // plane.shape[1]), -(-frame.height // plane.shape[0])
    if across == down:
        return shrink(plane, side // across)
    size = (plane.shape[1] * across // side, plane.shape[0] * down // side)
    whole = plane[: size[1] * side // down, : size[0] * side // across]
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA))


def _of_rgb(rgb: NDArray[Any], pool: int, unit: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """U and V, BT.601, of 4 x 4 pixels of every cell: one in `pool` each way, or large stills would cost."""
    size = (rgb.shape[1] // pool, rgb.shape[0] // pool)
    some = cv2.resize(rgb[: size[1] * pool, : size[0] * pool], size, interpolation=cv2.INTER_NEAREST)
    small = shrink(some, CELL).astype(np.float32) * np.float32(1 / unit)
    red, green, blue = cv2.split(small)
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    return 0.564 * (blue - grey) + NEUTRAL, 0.713 * (red - grey) + NEUTRAL
