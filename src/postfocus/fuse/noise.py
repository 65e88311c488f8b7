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
    level = box_mean(luma, 1)
    slope, product = box_mean(luma * luma, 1), level * level
    slope -= product
    np.maximum(slope, 0, out=slope)
    slope /= np.add(slope, np.float32((share * LUMA * unit) ** 2), out=product)
    level -= np.multiply(slope, level, out=product)
    clean = box_mean(slope, 1)
    clean *= luma
    clean += box_mean(level, 1)
    return clean


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
    dark, level = box_mean(luma, 2), box_mean(chroma, 2)
    bright = _scatter(luma, luma, dark, dark)
    bright += noise * np.float32(0.25)
    both = _scatter(luma, chroma, dark, level)
    by_own = _scatter(chroma, chroma, level, level)
    # Least squares on (luma, chroma) with the noise added to what is inverted only.
    by_own *= bright
    by_own -= both * both
    bright *= noise
    bright += by_own
    by_own /= bright
    both *= noise
    both /= bright
    dark *= both
    level -= dark
    level -= np.multiply(by_own, level + dark, out=dark)
    clean = box_mean(both, 2)
    clean *= luma
    by_own = box_mean(by_own, 2)
    by_own *= chroma
    clean += by_own
    clean += box_mean(level, 2)
    return clean


def _scatter(
    one: NDArray[np.float32], other: NDArray[np.float32], mean: NDArray[np.float32], its: NDArray[np.float32]
) -> NDArray[np.float32]:
    """How two planes vary together in 5 x 5 samples, of which there is the `mean` of one and of the other."""
    out = box_mean(one * other, 2)
    out -= mean * its
    return out


def box_mean(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Mean of the square of `reach` values on each side; the border continues."""
    side = 2 * reach + 1
    return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE), np.float32)
