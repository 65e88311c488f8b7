"""Two classical merges to hold ours against where only some pairs of a published set are at hand.

Both are written from their descriptions, plain and for small pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Plane = NDArray[np.float64]
Merge = Callable[[Sequence[Picture]], Picture]


def _luma(rgb: Picture) -> Plane:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float64) / 255


def _laplacian(x: Plane) -> Plane:
    return np.asarray(cv2.Laplacian(x, cv2.CV_64F, ksize=1, borderType=cv2.BORDER_REPLICATE), np.float64)


def hard_pick(frames: Sequence[Picture]) -> Picture:
    """Each pixel from the frame of most Laplacian energy nearby, the choice cleaned by a median."""
    energy = np.stack([cv2.GaussianBlur(np.square(_laplacian(_luma(f))), (0, 0), 4) for f in frames])
    choice = cv2.medianBlur(energy.argmax(axis=0).astype(np.uint8), 21)
    return np.take_along_axis(np.stack(frames), choice[None, ..., None].astype(np.int64), axis=0)[0]


def guided(guide: Plane, x: Plane, radius: int, smooth: float) -> Plane:
    """Guided filter of a plane by a grey guide of 0…1 (He, Sun & Tang 2013)."""

    def mean(v: Plane) -> Plane:
        return np.asarray(cv2.blur(v, (2 * radius + 1, 2 * radius + 1)), np.float64)

    mg, mx = mean(guide), mean(x)
    slope = (mean(guide * x) - mg * mx) / (mean(guide * guide) - mg * mg + smooth)
    return mean(slope) * guide + mean(mx - slope * mg)


def guided_fusion(frames: Sequence[Picture]) -> Picture:
    """Image fusion with guided filtering, GFF, with the constants of its authors (Li, Kang & Hu 2013)."""
    lumas = [_luma(f) for f in frames]
    salience = np.stack([cv2.GaussianBlur(np.abs(_laplacian(y)), (11, 11), 5) for y in lumas])
    chosen = salience.argmax(axis=0)
    out: NDArray[Any] = np.zeros(frames[0].shape)
    pictures = [f.astype(np.float64) / 255 for f in frames]
    bases = [np.asarray(cv2.blur(p, (31, 31)), np.float64) for p in pictures]
    details = [p - b for p, b in zip(pictures, bases, strict=True)]
    for parts, radius, smooth in ((bases, 45, 0.3), (details, 7, 1e-6)):
        shares = np.stack(
            [guided(y, (chosen == k).astype(float), radius, smooth) for k, y in enumerate(lumas)]
        )
        shares /= shares.sum(axis=0) + 1e-12
        out += sum(w[..., None] * p for w, p in zip(shares, parts, strict=True))
    return np.clip(np.rint(out * 255), 0, 255).astype(np.uint8)


BASELINES: dict[str, Merge] = {"GFF (our copy)": guided_fusion, "hard pick": hard_pick}
