"""How steep the edges of a picture are: blur makes them shallow, whatever their contrast.

Sharpness compares frames at one place; this compares places of one picture.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

STRIP = 256
"""Rows of the picture looked at together, about."""

WINDOW = 9
"""Pixels across in which an edge is looked for."""

LEAST = 24
"""Grey levels from the darkest to the brightest pixel of a window below which there is no edge in it."""


def steepness(luma: NDArray[Any], pool: int) -> NDArray[np.float32]:
    """The greatest step from a pixel to the next, as a share of what the pixels around span.

    Parameters
    ----------
    luma
        `(H, W)` uint8 or uint16 codes.
    pool
        Pixels of each side of a cell; the window round the middle of each is looked at.

    Returns
    -------
    `(H // pool, W // pool)` float32, 0…1: 1 for a step, about 0.4 and 0.2 where a Gaussian of one and of
    three pixels blurs it; 0 where there is no edge.
    """
    rows, cols = luma.shape[0] // pool, luma.shape[1] // pool
    out = np.empty((rows, cols), np.float32)
    each, reach = max(1, STRIP // pool), WINDOW // 2 + 1
    for first in range(0, rows, each):
        last = min(first + each, rows)
        top = max(0, first * pool - reach)
        strip = np.ascontiguousarray(luma[top : last * pool + reach])
        middle = slice(first * pool + pool // 2 - top, last * pool - top, pool)
        out[first:last] = _steepness(strip, middle, slice(pool // 2, cols * pool, pool))
    return out


def _steepness(strip: NDArray[Any], rows: slice, cols: slice) -> NDArray[np.float32]:
    """The same of some pixels of a strip."""
    codes = strip if strip.dtype == np.uint8 else cv2.convertScaleAbs(strip, alpha=1 / 256)
    step = np.zeros_like(codes)
    step[:, 1:] = cv2.absdiff(codes[:, 1:], codes[:, :-1])
    np.maximum(step[1:], cv2.absdiff(codes[1:], codes[:-1]), out=step[1:])
    square = np.ones((WINDOW, WINDOW), np.uint8)
    span = cv2.subtract(cv2.dilate(codes, square), cv2.erode(codes, square))[rows, cols]
    most = cv2.dilate(step, square)[rows, cols].astype(np.float32)
    return np.where(span >= LEAST, np.minimum(most / np.maximum(span, 1), 1), 0).astype(np.float32)
