"""How steep the edges of a picture are: blur makes them shallow, whatever their contrast.

Sharpness compares frames at one place; this compares places of one picture.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

WINDOW = 9
"""Pixels across in which an edge is looked for."""

LEAST = 24
"""Grey levels from the darkest to the brightest pixel of a window below which there is no edge in it."""


def steepness(luma: NDArray[Any], pool: int) -> NDArray[np.float32]:
    """The greatest step from a pixel to the next, as a share of what the pixels around span.

    Parameters
    ----------
    luma
        `(H, W)` uint8 or uint16 codes of full range.
    pool
        Pixels of each side of a cell; the window round the middle of each is looked at.

    Returns
    -------
    `(H // pool, W // pool)` float32, 0…1: 1 for a step, about a third of it for a blur of a pixel's standard
    deviation; 0 where there is no edge.
    """
    codes = luma if luma.dtype == np.uint8 else cv2.convertScaleAbs(luma, alpha=1 / 256)
    step = np.zeros_like(codes)
    step[:, 1:] = cv2.absdiff(codes[:, 1:], codes[:, :-1])
    np.maximum(step[1:], cv2.absdiff(codes[1:], codes[:-1]), out=step[1:])
    square = np.ones((WINDOW, WINDOW), np.uint8)
    span = cv2.subtract(cv2.dilate(codes, square), cv2.erode(codes, square))
    rows, cols = luma.shape[0] // pool * pool, luma.shape[1] // pool * pool
    middle = (slice(pool // 2, rows, pool), slice(pool // 2, cols, pool))
    top, span = cv2.dilate(step, square)[middle].astype(np.float32), span[middle]
    return np.where(span >= LEAST, np.minimum(top / np.maximum(span, 1), 1), 0).astype(np.float32)
