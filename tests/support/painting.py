"""A picture of many colours that end sharply, and what JPEG leaves of it."""

from __future__ import annotations

import cv2
import numpy as np
import simplejpeg


def painting(h: int = 263, w: int = 301) -> np.ndarray:
    """Leaves of many colours that end sharply, as `(h, w, 3)` uint8."""
    rng = np.random.default_rng(8)
    picture = np.full((h, w, 3), 90, np.uint8)
    for _ in range(400):
        colour = tuple(int(c) for c in rng.integers(20, 235, 3))
        centre = (int(rng.integers(w)), int(rng.integers(h)))
        size = (int(rng.integers(3, 22)), int(rng.integers(2, 9)))
        cv2.ellipse(picture, centre, size, float(rng.integers(180)), 0, 360, colour, -1, cv2.LINE_AA)
    return picture


def through_jpeg(picture: np.ndarray, sampling: str) -> np.ndarray:
    return simplejpeg.decode_jpeg(simplejpeg.encode_jpeg(picture, 95, "RGB", sampling), "RGB")
