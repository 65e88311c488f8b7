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
    """Mean U and V of every cell of colour, from some of its pixels.

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
        u, v = (_small(plane, frame, pool, (cols, rows)) for plane in frame.planes[1:])
    elif frame.planes[0].ndim == 3:
        u, v = _of_rgb(_small(frame.planes[0], frame, pool, (cols, rows)) * np.float32(1 / unit))
        unit = 1.0
    else:
        return np.full((2 * rows, cols), NEUTRAL, np.uint8)
    both = np.asarray(cv2.convertScaleAbs(np.concatenate([u, v]), alpha=1 / unit), np.uint8)
    both += both == 0
    return both


def colour_of(frame: Frame, pool: int, unit: float = 1.0) -> list[NDArray[np.uint8]]:
    """Mean U and V of every whole cell of the index, from all its pixels: 16 times what `chroma_cells` gives.

    Parameters and codes are the same; each is `(height // pool, width // pool)`.
    """
    size = (frame.width // pool, frame.height // pool)
    if len(frame.planes) == 3:
        both = [_resized(plane, frame, pool, size) for plane in frame.planes[1:]]
    elif frame.planes[0].ndim == 3:
        rgb = _resized(frame.planes[0], frame, pool, size).astype(np.float32)
        both, unit = list(_of_rgb(rgb * np.float32(1 / unit))), 1.0
    else:
        return [np.full(size[::-1], NEUTRAL, np.uint8)] * 2
    return [np.asarray(cv2.convertScaleAbs(one, alpha=1 / unit), np.uint8) for one in both]


def _resized(plane: NDArray[Any], frame: Frame, pool: int, size: tuple[int, int]) -> NDArray[Any]:
    """Means of a plane over whole cells of the index, ``(columns, rows)``."""
    wide = size[0] * pool * plane.shape[1] // frame.width
    tall = size[1] * pool * plane.shape[0] // frame.height
    return np.asarray(cv2.resize(plane[:tall, :wide], size, interpolation=cv2.INTER_AREA))


def _small(plane: NDArray[Any], frame: Frame, pool: int, size: tuple[int, int]) -> NDArray[Any]:
    """Means of a plane over cells of colour, ``(columns, rows)``, from one sample in `pool` each way.

    To fetch a large plane from memory costs more than all the rest.
    """
    across, down = CELL * plane.shape[1] // frame.width, CELL * plane.shape[0] // frame.height
    some = np.ascontiguousarray(plane[::pool, ::pool][: size[1] * down, : size[0] * across])
    if across == down:
        return shrink(some, down)
    return np.asarray(cv2.resize(some, size, interpolation=cv2.INTER_AREA))


def _of_rgb(rgb: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """U and V, BT.601, of grey levels `(h, w, 3)`."""
    grey = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    u = np.float32(0.564) * (rgb[..., 2] - grey) + np.float32(NEUTRAL)
    v = np.float32(0.713) * (rgb[..., 0] - grey) + np.float32(NEUTRAL)
    return u.astype(np.float32), v.astype(np.float32)
