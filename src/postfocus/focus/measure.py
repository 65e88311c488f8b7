"""Score how sharp each small cell of one frame is.

The frame is looked at as the camera gave it, before anything is moved: fine
detail survives no resampling. Contrast between a pixel and its near
neighbourhood, high contrast more than in proportion (`postfocus.cells.score_of`),
is averaged over cells of `pool` x `pool` pixels, so a 4K frame becomes a map of
960 x 540 numbers. Scores compare frames at one cell; they do not compare cells
with each other.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import score_of, shrink

STRIP = 128
"""Rows measured at a time, so that a strip stays in the processor's cache."""

_SCORES = score_of(np.arange(256, dtype=np.float32))


def measure_plain(luma: NDArray[Any], pool: int, unit: float = 1.0) -> NDArray[np.float32]:
    """The definition of the score, readable: mean over each cell of `score_of` |Y - box5(Y)|.

    At `pool` 4 and more, Y is first halved: the finest octave of camera video holds more noise and
    codec than focus. A box of 5 was the best compromise tried: 3 loses weak texture to noise, a wider
    band-pass blurs depth edges.

    Parameters
    ----------
    luma
        `(H, W)` uint8 or uint16 codes.
    pool
        Pixels of each side of a cell, a power of two.
    unit
        Codes a grey level.

    Returns
    -------
    `(H // pool, W // pool)` float32 in grey levels, 0 or more.
    """
    base, cell = _base(luma, pool)
    y = np.pad(base.astype(np.float64), 2, mode="reflect")
    rows, cols = base.shape
    box = sum(y[dy : dy + rows, dx : dx + cols] for dy in range(5) for dx in range(5)) / 25
    scores = score_of((np.abs(base - box) / unit).astype(np.float32))
    rows, cols = rows // cell * cell, cols // cell * cell
    blocks = scores[:rows, :cols].reshape(rows // cell, cell, cols // cell, cell)
    return blocks.mean(axis=(1, 3)).astype(np.float32)


def measure(
    luma: NDArray[Any], pool: int, half: NDArray[Any] | None = None, unit: float = 1.0
) -> NDArray[np.float32]:
    """Score each cell as `measure_plain` does, in strips and in the codes' own integers.

    Parameters
    ----------
    luma
        `(H, W)` uint8 or uint16 codes; may have padded rows.
    pool
        Pixels of each side of a cell, a power of two.
    half
        `shrink(luma, 2)` if the caller has it already.
    unit
        Codes a grey level.

    Returns
    -------
    `(H // pool, W // pool)` float32 in grey levels, 0 or more; as `measure_plain` from contrasts that are
    within half a code of its.
    """
    base, cell = (half, pool // 2) if half is not None and pool >= 4 else _base(luma, pool)
    rows = base.shape[0] // cell * cell
    cols = base.shape[1] // cell * cell
    out = np.empty((rows // cell, cols // cell), np.float32)
    step = max(STRIP // cell, 1) * cell
    for top in range(0, rows, step):
        bottom = min(top + step, rows)
        above, below = min(top, 2), min(base.shape[0] - bottom, 2)
        strip = base[top - above : bottom + below]
        contrast = cv2.absdiff(strip, cv2.blur(strip, (5, 5)))[above : above + bottom - top, :cols]
        out[top // cell : bottom // cell] = shrink(_scores(contrast, unit), cell)
    return out


def _scores(contrast: NDArray[Any], unit: float) -> NDArray[np.float32]:
    """`score_of` contrast in codes; from a table where there are few codes."""
    if contrast.dtype == np.uint8 and unit == 1:
        return np.asarray(cv2.LUT(contrast, _SCORES), np.float32)
    return score_of(contrast.astype(np.float32) * np.float32(1 / unit))


def _base(luma: NDArray[Any], pool: int) -> tuple[NDArray[Any], int]:
    """The picture the contrast is taken from, and the cell's side in its pixels."""
    return (shrink(luma, 2), pool // 2) if pool >= 4 else (luma, pool)
