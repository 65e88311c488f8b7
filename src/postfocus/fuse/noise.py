"""What noise is left in the merged picture is averaged with what lies beside it.

Within a few pixels a straight line is fitted to the plane itself, and colour's
also to brightness: where contrast is well above the noise the line follows it
and nothing changes; where there is none, it is level and noise is averaged
(the guided filter: He, Sun, Tang, 2013). How much contrast is noise is what
the index measured; where it could not tell, nothing is done.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.layout import into_codes
from postfocus.model.frame import Frame

USUAL = 0.08
"""Grey levels by which plain cells of an ordinary clip scatter from frame to frame."""

LUMA, CHROMA = 0.5, 1.0
"""Grey levels of contrast in its merged planes that are noise as much as picture."""

MOST = 4.0
"""Times as much at most: fine texture below it cannot be told from noise, and stays."""

WEIGHTS = np.array([[0.299, 0.587, 0.114]], np.float32)
"""Brightness from red, green and blue, as JPEG has it (ITU-T T.871)."""

STRIP = 128
"""Rows worked on at a time, so that a strip stays in the processor's cache."""

COLOUR_REACH = 4
"""Samples on each side that a cleaned colour sample depends on."""


def share_of(noise: float) -> float:
    """How many times the usual noise is to be averaged away, where plain cells scatter by `noise` levels.

    Its root: of noisier clips more frames are averaged before.
    """
    return min(MOST, (noise / USUAL) ** 0.5)


def cleaned(frame: Frame, share: float) -> Frame:
    """The frame with less noise in its first plane: brightness alone, or red, green and blue."""
    if share <= 0:
        return frame
    plane, unit = frame.planes[0], 2.0 ** (frame.coding.bits - 8)
    clean = _cleaned_luma if plane.ndim == 2 else _cleaned_rgb
    out = np.empty_like(plane)
    for top in range(0, len(plane), STRIP):
        first = max(0, top - COLOUR_REACH)
        piece = plane[first : top + STRIP + COLOUR_REACH].astype(np.float32)
        inner = clean(piece, share, unit)[top - first : top - first + STRIP]
        into_codes(inner, frame.coding.bits, out[top : top + STRIP])
    return Frame((out, *frame.planes[1:]), out, frame.coding, frame.info)


def _cleaned_luma(luma: NDArray[np.float32], share: float, unit: float) -> NDArray[np.float32]:
    """Codes of brightness less their noise: what the contrast of 3 x 3 pixels explains."""
    mean = box_mean(luma, 1)
    spread = np.clip(box_mean(luma * luma, 1) - mean * mean, 0, np.inf)
    slope = np.asarray(spread / (spread + np.float32((share * LUMA * unit) ** 2)), np.float32)
    level = np.asarray(mean - slope * mean, np.float32)
    return np.asarray(box_mean(slope, 1) * luma + box_mean(level, 1), np.float32)


def _cleaned_rgb(rgb: NDArray[np.float32], share: float, unit: float) -> NDArray[np.float32]:
    """Codes of red, green and blue: brightness by itself, colour beside it."""
    dirty = brightness(rgb)
    luma = _cleaned_luma(dirty, share, unit)
    red, blue = (cleaned_colour(rgb[..., c] - dirty, dirty, share, unit) for c in (0, 2))
    return with_brightness(luma, red, blue)


def brightness(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(h, w)` brightness of `(h, w, 3)` red, green and blue."""
    return np.asarray(cv2.transform(rgb, WEIGHTS), np.float32)


def with_brightness(
    luma: NDArray[np.float32], red: NDArray[np.float32], blue: NDArray[np.float32]
) -> NDArray[np.float32]:
    """`(h, w, 3)` of brightness, and of how far red and blue lie above it."""
    green = (red * WEIGHTS[0, 0] + blue * WEIGHTS[0, 2]) * np.float32(-1 / WEIGHTS[0, 1])
    return np.asarray(cv2.merge([red + luma, green + luma, blue + luma]), np.float32)


def cleaned_colour(
    chroma: NDArray[np.float32], luma: NDArray[np.float32], share: float, unit: float
) -> NDArray[np.float32]:
    """A colour plane less its noise: of 5 x 5 samples what its own contrast and brightness's explain.

    `chroma` and `luma`, `(h, w)` float32 codes of the same places, of which `unit` are a grey level; `share`
    of `share_of`.
    """
    noise = np.float32((share * CHROMA * unit) ** 2)
    dark, mean = box_mean(luma, 2), box_mean(chroma, 2)
    bright = box_mean(luma * luma, 2) - dark * dark + noise * np.float32(0.25)
    own = box_mean(chroma * chroma, 2) - mean * mean
    both = box_mean(luma * chroma, 2) - dark * mean
    # Least squares on (luma, chroma) with the noise added to what is inverted only.
    determinant = bright * (own + noise) - both * both
    by_luma = np.asarray(both * noise / determinant, np.float32)
    by_own = np.asarray((bright * own - both * both) / determinant, np.float32)
    level = np.asarray(mean - by_luma * dark - by_own * mean, np.float32)
    return np.asarray(
        box_mean(by_luma, 2) * luma + box_mean(by_own, 2) * chroma + box_mean(level, 2), np.float32
    )


def box_mean(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Mean of the square of `reach` values on each side; the border continues."""
    side = 2 * reach + 1
    return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE), np.float32)
