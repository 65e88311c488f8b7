"""The colour of small cells of a frame, so that what moves is seen even where it is as bright as the scene.

The cells are twice those of the coarse copy: pictures hold less of colour
than of brightness, and so do eyes.
"""

from __future__ import annotations

from collections.abc import Callable
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
    size = (frame.width // (CELL * pool), frame.height // (CELL * pool))
    both = np.concatenate(_differences(frame, unit, size, lambda plane: _small(plane, frame, pool, size)))
    both += both == 0
    return both


def colour_of(frame: Frame, pool: int, unit: float = 1.0) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Mean U and mean V of every whole cell of the index, from all of its pixels.

    Parameters are those of `chroma_cells`.

    Returns
    -------
    ``(height // pool, width // pool)`` uint8 each, 128 without colour.
    """
    size = (frame.width // pool, frame.height // pool)
    return _differences(frame, unit, size, lambda plane: _resized(plane, frame, pool, size))


def _differences(
    frame: Frame, unit: float, size: tuple[int, int], smaller: Callable[[NDArray[Any]], NDArray[Any]]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """U and V, uint8, of cells ``(columns, rows)`` whose means `smaller` takes of a plane of codes."""
    if len(frame.planes) == 3:
        u, v = map(smaller, frame.planes[1:])
    elif frame.planes[0].ndim == 3:
        u, v = _of_rgb(smaller(frame.planes[0]) * np.float32(1 / unit))
        unit = 1.0
    else:
        u = v = np.full(size[::-1], NEUTRAL, np.uint8)
        unit = 1.0
    return _codes(u, unit), _codes(v, unit)


def _codes(values: NDArray[Any], unit: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.convertScaleAbs(values, alpha=1 / unit), np.uint8)


def _resized(plane: NDArray[Any], frame: Frame, pool: int, size: tuple[int, int]) -> NDArray[Any]:
    """Means of a plane over whole cells of the index, ``(columns, rows)``; of fewer samples those between."""
    across, down = (
        round(n / m) for n, m in zip((frame.width, frame.height), plane.shape[1::-1], strict=True)
    )
    if max(across, down) > pool:
        wide = cv2.resize(plane, None, fx=across, fy=down, interpolation=cv2.INTER_LINEAR)
        return np.asarray(wide[: size[1], : size[0]])
    whole = plane[: size[1] * pool // down, : size[0] * pool // across]
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA))


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
    return np.clip(u, 0, 255).astype(np.float32), np.clip(v, 0, 255).astype(np.float32)
