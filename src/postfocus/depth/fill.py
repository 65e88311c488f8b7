"""Carry depth into places that have none, from the places around that do.

A plain wall has no sharpest frame of its own. It takes the position of the
textured places round it, weighted by their confidence: averages over ever
larger squares, the smallest first that knows anything.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def fill(position: NDArray[np.float32], confidence: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blend each cell with its surroundings by confidence (pull-push; Gortler et al. 1996).

    Parameters
    ----------
    position
        `(h, w)` float32 in any unit.
    confidence
        `(h, w)` float32, 0…1: how much of its own position a cell keeps.

    Returns
    -------
    `(h, w)` float32: equals `position` where confidence is 1; the mean of `position` if there is no
    confidence anywhere.
    """
    if position.size == 0 or not float(confidence.max(initial=0)) > 0:
        return np.full_like(position, position.mean() if position.size else 0)
    return _level(position, confidence)


def _level(position: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """One level: known cells stay, unknown ones take the coarser level's value."""
    rows, cols = position.shape
    own = np.minimum(weight, 1)
    if max(rows, cols) <= 2:
        total = float(weight.sum())
        mean = float((position * weight).sum()) / total if total > 0 else float(position.mean())
        return (own * position + (1 - own) * np.float32(mean)).astype(np.float32)
    size = ((cols + 1) // 2, (rows + 1) // 2)
    sum_w = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    sum_p = cv2.resize(weight * position, size, interpolation=cv2.INTER_AREA)
    coarse = _level(
        np.asarray(sum_p / np.maximum(sum_w, 1e-12), np.float32),
        np.asarray(np.minimum(sum_w * 4, 1), np.float32),
    )
    around = cv2.resize(coarse, (cols, rows), interpolation=cv2.INTER_LINEAR)
    return (own * position + (1 - own) * around).astype(np.float32)
