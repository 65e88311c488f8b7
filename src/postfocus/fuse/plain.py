"""The definition of the merged picture, readable: every frame whole, every weight written out.

`postfocus.fuse.merge` gives the same picture piece by piece, looking only where
the gate lets a frame in; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.gate import Gate
from postfocus.fuse.merge import HEARD, black_code
from postfocus.fuse.weigh import contrast
from postfocus.model.alignment import Alignment, Rect
from postfocus.model.frame import Frame


def merge_plain(
    frames: Sequence[Frame], slots: Sequence[int], alignment: Alignment, gate: Gate, pool: int
) -> tuple[NDArray[np.float64], ...]:
    """Average frames by ``say * (sharpness / greatest sharpness) ** 20``.

    Parameters
    ----------
    frames, slots
        The frames and their slots, in any order; RGB, grey or 4:2:0 planes of one size.
    alignment
        Where the scene lies in each slot; its reference gives the picture's geometry.
    gate
        Which frames have a say where.
    pool
        Full-size pixels of a cell of the gate.

    Returns
    -------
    Planes like the frames', float64 in their code values.
    """
    height, width = frames[0].planes[0].shape[:2]
    half = (-(-height // 2), -(-width // 2))
    heard: list[NDArray[np.float64]] = []
    says: list[NDArray[np.float64]] = []
    for frame, slot in zip(frames, slots, strict=True):
        score = contrast(frame, Rect(0, 0, width, height))
        score = _sampled(score, alignment.matrix(slot, 2), half, cv2.INTER_LINEAR)
        # Half-size pixel i has its centre at full-size 2 i + 1/2, cell j at pool j + (pool - 1) / 2.
        scale = 2 / pool
        grid = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2]])
        say = _sampled(gate.say(slot), grid, half, cv2.INTER_LINEAR)
        says.append(say)
        heard.append(np.where(say > HEARD, score, 0))
    best = np.maximum(np.max(heard, axis=0), 1e-9)
    weights = np.stack([say * (score / best) ** 20 for say, score in zip(says, heard, strict=True)])
    weights /= weights.sum(axis=0)
    means: list[NDArray[np.float64]] = []
    for number, first in enumerate(frames[0].planes):
        mean = np.zeros(first.shape)
        black = float(black_code(frames[0].coding, number))
        for frame, slot, weight in zip(frames, slots, weights, strict=True):
            matrix = alignment.matrix(slot) if number == 0 else alignment.matrix(slot, 2)
            flags = cv2.INTER_LINEAR if number else cv2.INTER_CUBIC
            value = _sampled(frame.planes[number], matrix, first.shape[:2], flags)
            value = (value - black) / alignment.gain[slot] + black
            share = weight if number else weight.repeat(2, 0).repeat(2, 1)[:height, :width]
            mean += value * (share if first.ndim == 2 else share[..., None])
        means.append(mean)
    return tuple(means)


def _sampled(
    picture: NDArray[Any], matrix: NDArray[np.float64], shape: tuple[int, ...], flags: int
) -> NDArray[np.float64]:
    """`picture` where `matrix` sends each pixel of a picture of `shape`; beyond the border it continues."""
    flags |= cv2.WARP_INVERSE_MAP
    size = (shape[1], shape[0])
    seen = cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float64)
