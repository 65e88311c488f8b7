"""How near a picture, or the way its frames lie, comes to the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.model.alignment import Alignment


@dataclass(frozen=True, slots=True)
class Score:
    """PSNR in dB over the whole, near depth edges and away from them; SSIM of luma over the whole."""

    psnr: float
    near: float
    away: float
    ssim: float

    def cells(self) -> str:
        return f"{self.psnr:.2f} | {self.near:.2f} | {self.away:.2f} | {self.ssim:.4f}"


def score(picture: NDArray[Any], truth: NDArray[Any], near_edge: NDArray[np.bool_], border: int) -> Score:
    """Compare two `(H, W, 3)` pictures of 8-bit levels (float or integer), `border` pixels left out."""
    inner = (slice(border, -border or None),) * 2
    a, b = picture[inner].astype(np.float32), truth[inner].astype(np.float32)
    error, near = np.square(a - b).mean(axis=2), near_edge[inner]
    return Score(psnr(error), psnr(error[near]), psnr(error[~near]), ssim(luma(a), luma(b)))


def psnr(square_error: NDArray[np.float32]) -> float:
    return (
        float(10 * np.log10(255**2 / max(float(square_error.mean()), 1e-9))) if square_error.size else np.nan
    )


def luma(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rgb @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


def ssim(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Wang et al. 2004: Gaussian window of 1.5 pixels, K1 0.01, K2 0.03, range 255."""

    def mean(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(x, (11, 11), 1.5), np.float32)

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ma, mb = mean(a), mean(b)
    va, vb, ab = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    return float((((2 * ma * mb + c1) * (2 * ab + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean())


def corner_errors(found: Alignment, truth: Alignment) -> NDArray[np.float64]:
    """`(N, 5)` full-size pixels: how far each corner of each found frame, and its centre, is off.

    Both are seen from the frame that is the reference of the truth; each found frame must be in it.
    """
    found = found.with_reference(int(np.flatnonzero(found.frames == truth.frames[truth.reference])[0]))
    w, h = truth.width - 1, truth.height - 1
    places = np.array([[0, 0, 1], [w, 0, 1], [0, h, 1], [w, h, 1], [w / 2, h / 2, 1]]).T
    rows = [int(np.flatnonzero(truth.frames == frame)[0]) for frame in found.frames]
    off = [(found.matrix(k) - truth.matrix(row)) @ places for k, row in enumerate(rows)]
    return np.linalg.norm(np.array(off), axis=1)


def gmsd(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Gradient magnitude similarity deviation (Xue et al. 2014): 0 for equals, levels 0…255, T 170."""

    def edges(x: NDArray[np.float32]) -> NDArray[np.float32]:
        half = cv2.blur(x, (2, 2))[::2, ::2]
        prewitt, ones = np.array([1, 0, -1]) / 3, np.ones(3)
        across, down = cv2.sepFilter2D(half, -1, prewitt, ones), cv2.sepFilter2D(half, -1, ones, prewitt)
        return np.asarray(cv2.magnitude(across, down), np.float32)

    ea, eb = edges(a), edges(b)
    return float(((2 * ea * eb + 170) / (ea * ea + eb * eb + 170)).std())
