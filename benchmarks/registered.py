"""A merged picture of unknown geometry is compared with the truth, which is moved to lie on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.scores import Score, score

Matrix = NDArray[np.float64]

SMALL, LARGE = 480, 1920
"""Widths at which the place is sought and then made exact."""


def _reduced(rgb: NDArray[Any], width: int) -> NDArray[np.float32]:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    scale = width / grey.shape[1]
    small = grey if scale >= 1 else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _rescaled(matrix: Matrix, by: float) -> Matrix:
    """The same motion where pixels are `by` times as many a side; centres of pixels stay centres."""
    out = matrix.copy()
    half = np.array([0.5, 0.5])
    out[:, 2] = by * (matrix[:, 2] + half - matrix[:, :2] @ half) - half + matrix[:, :2] @ half
    return out


def _refined(
    truth: NDArray[Any], merged: NDArray[Any], start: Matrix, width: int, rounds: int
) -> tuple[float, Matrix]:
    """Correlation, and matrix from pixels of the result to pixels of the truth, both at full size."""
    width = min(width, merged.shape[1])
    by = width / merged.shape[1]
    a, b = _reduced(merged, width), _reduced(truth, round(truth.shape[1] * by))
    everywhere = np.full(b.shape, 255, np.uint8)
    begin = _rescaled(start, by).astype(np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, rounds, 1e-6)
    try:
        good, found = cv2.findTransformECC(a, b, begin, cv2.MOTION_AFFINE, criteria, everywhere, 5)
    except cv2.error:  # no correlation at all from here
        return -1.0, start
    return float(good), _rescaled(np.asarray(found, np.float64), 1 / by)


def place(truth: NDArray[Any], merged: NDArray[Any], starts: Iterable[Matrix]) -> Matrix:
    """Affine `(2, 3)` matrix from pixels of the merged picture to those of the truth.

    Parameters
    ----------
    starts
        Where the tools may have put it, such as the true poses of their usual reference frames.
    """
    found = [_refined(truth, merged, start, SMALL, 60) for start in starts]
    best = max(found, key=lambda pair: pair[0])[1]
    return _refined(truth, merged, best, LARGE, 40)[1]


def score_registered(
    merged: NDArray[Any], truth: NDArray[Any], near: NDArray[np.bool_], border: int, starts: Iterable[Matrix]
) -> tuple[Score, NDArray[Any]]:
    """Score of a result, and the truth in its geometry.

    Parameters
    ----------
    merged
        `(H, W, 3)` RGB of 8-bit levels; it is never resampled.
    truth, near
        Picture and map of the places near depth edges, `(h, w, 3)` and `(h, w)`.
    border
        Pixels left out all round, where frames of a handheld sweep do not overlap.
    """
    eight = np.clip(np.rint(merged), 0, 255).astype(np.uint8)
    matrix = place(truth, eight, starts)
    size = (merged.shape[1], merged.shape[0])
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(truth.astype(np.float32), matrix, size, flags=flags)
    edges = cv2.warpAffine(
        near.astype(np.uint8), matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    return score(merged, moved, edges > 0, border), moved
