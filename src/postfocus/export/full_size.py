"""Depth, known cell by cell, is spread over the pixels of the picture it belongs to."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.model.depth import DepthMap


def full_size(depth: DepthMap) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.uint8]]:
    """Position, confidence and state at every pixel.

    Parameters
    ----------
    depth
        Cells of `pool` x `pool` pixels.

    Returns
    -------
    tuple of NDArray
        Position (float32, frames of the input) and confidence (float32, 0…1), linear between the cells'
        centres, and state (uint8, values of `State`) of the nearest cell: each `(height, width)`.
    """
    return (
        _spread(depth.position, depth, cv2.INTER_LINEAR),
        _spread(depth.confidence, depth, cv2.INTER_LINEAR),
        _spread(depth.state, depth, cv2.INTER_NEAREST),
    )


def _spread(cells: NDArray[Any], depth: DepthMap, how: int) -> NDArray[Any]:
    """One map, sampled so that cell (i, j) has its centre at ``pool * i + (pool - 1) / 2``."""
    step = 1 / depth.pool
    matrix = np.array([[step, 0, (step - 1) / 2], [0, step, (step - 1) / 2]])
    size = (depth.width, depth.height)
    flags = how | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(cells, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))
