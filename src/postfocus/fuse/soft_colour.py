"""Stills whose colour was halved when they were compressed get it back as sharp as their brightness.

Nearly every camera's JPEGs, and every still taken out of a video, hold colour at half the width, mostly at
half the height too; enlarged to red, green and blue nothing tells so but the picture itself. Where the colour
of a merged picture has much less fine detail than its brightness promises (see `halved`), brightness passes
its own on, along the line that colour and brightness follow a little more coarsely, as
`postfocus.fuse.colour` does for video. A picture with colour of full size is left as it is.

Most such stills are merged with half the colour to begin with (`postfocus.fuse.half_colour`); this is for the
rest: colour halved along one axis only, or pictures resized since.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import filled_up
from postfocus.fuse.colour import slopes
from postfocus.fuse.layout import into_codes
from postfocus.fuse.noise import brightness, with_brightness
from postfocus.model.frame import Frame

PROMISED = 0.42
"""Share of the detail that brightness promises below which colour was halved.

Of full colour 0.64 to 1.1 was measured on rendered scenes, of halved colour 0.13 to 0.26 in frames and up to
0.36 in merges of them; of real stills 0.04 to 0.31 where their headers said that it was halved.
"""

LEAST = 0.01
"""Squared grey levels of promised detail, on average, below which there is nothing to tell by."""

NOISE = 2.0
"""Grey levels: contrast of brightness below which it tells nothing of colour."""

AROUND = 3
"""Pixels on each side in which colour is fitted to brightness."""

STRIP, REACH = 128, 8
"""Rows worked on at a time, and rows on each side that they depend on; both even."""

SAMPLES = 12
"""Strips looked at for what was halved."""


def sharp_colour(frame: Frame) -> Frame:
    """The same RGB picture with colour as sharp as its brightness; any other frame is returned as it is."""
    rgb = frame.planes[0]
    if rgb.ndim != 3 or min(rgb.shape[:2]) <= 2 * AROUND:
        return frame
    unit = 2.0 ** (frame.coding.bits - 8)
    axes = tuple(axis for axis, soft in enumerate(halved(rgb, unit)) if soft)
    if not axes:
        return frame
    out = np.empty_like(rgb)
    for top in range(0, len(rgb), STRIP):
        first = max(0, top - REACH)
        piece = rgb[first : top + STRIP + REACH].astype(np.float32)
        inner = slice(top - first, top - first + STRIP)
        into_codes(_sharpened(piece, axes, unit)[inner], frame.coding.bits, out[top : top + STRIP])
    return Frame((out,), out, frame.coding, frame.info)


def halved(rgb: NDArray[Any], unit: float) -> tuple[bool, bool]:
    """Whether colour has but half the rows, and but half the columns, that brightness has.

    Along each axis the finest octave of brightness, times the slope of colour over brightness one octave
    below, is what colour should show; the share that it does show, by least squares, is held against
    `PROMISED`.

    Parameters
    ----------
    rgb
        `(H, W, 3)` codes, of which `unit` are a grey level.
    """
    shown, promised = np.zeros(2), np.zeros(2)
    strips = range(0, len(rgb), STRIP)
    for top in strips[:: -(-len(strips) // SAMPLES)]:
        piece = filled_up(rgb[top : top + STRIP].astype(np.float32) * np.float32(1 / unit), 2)
        luma = brightness(piece)
        for axis in (0, 1):
            low = _without_finest(luma, axis)
            colours = [piece[..., c] - luma for c in (0, 2)]
            coarser = [_without_finest(colour, axis) for colour in colours]
            fitted = slopes(low, coarser, AROUND, NOISE)
            for colour, coarse, slope in zip(colours, coarser, fitted, strict=True):
                detail = slope * (luma - low)
                shown[axis] += float(np.vdot(detail, colour - coarse)) / luma.size
                promised[axis] += float(np.vdot(detail, detail)) / luma.size
    rows, cols = ((promised > LEAST) & (shown < PROMISED * promised)).tolist()
    return rows, cols


def _sharpened(piece: NDArray[np.float32], axes: tuple[int, ...], unit: float) -> NDArray[np.float32]:
    """Rows of a picture, `(h, w, 3)` codes, with colour sharpened along the axes; brightness stays."""
    whole = filled_up(piece, 2)
    luma = low = brightness(whole)
    for axis in axes:
        low = _without_finest(low, axis)
    colours = [whole[..., c] - luma for c in (0, 2)]
    fitted = slopes(low, colours, AROUND, NOISE * unit)
    red, blue = (
        np.asarray(colour + slope * (luma - low), np.float32)
        for colour, slope in zip(colours, fitted, strict=True)
    )
    sharp = np.clip(with_brightness(luma, red, blue), 0, np.float32(256 * unit - 1))
    sharp += (luma - brightness(sharp))[..., None]  # what a colour would have beyond black or white
    return np.asarray(sharp[: piece.shape[0], : piece.shape[1]], np.float32)


def _without_finest(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Values halved along an axis and enlarged again, as compression halves colour and viewers enlarge it."""
    h, w = values.shape
    half = (w, h // 2) if axis == 0 else (w // 2, h)
    small = cv2.resize(values, half, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR), np.float32)
