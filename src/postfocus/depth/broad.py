"""How deep a place lies whose fine detail tells nothing: by what is broader, and by colour.

In dim light fine detail drowns in noise, and some patterns are of colour alone. The
small copies of the frames hold both, at a sixteenth of the noise. What they show
tells depth where blur washes it out: a shade that stays in every frame tells
nothing, nor does what lies near a lamp, whose discs out of focus are as large and
have sharper rims than anything that is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import averaged, halo, shrink
from postfocus.depth.estimate import Broad, estimate_noise
from postfocus.depth.peak import find_peaks
from postfocus.light import Light
from postfocus.model.depth import State
from postfocus.model.sweep import DENSE

SIGMA = 2.0
"""Standard deviation of the Gaussian that pools neighbouring cells."""

SIDE = 5
"""Cells across of the mean that a cell is held against."""

LEAST = 1.5
"""Grey levels by which contrast must rise."""

WASHED = 0.3
"""Share of its greatest contrast to which it must fall: blur washes out all that is not far broader."""

CLIPPED, AROUND = 245.0, 1 / 16
"""Grey levels that may be a lamp, and share of the picture's longer side over which it may spread: macro
lenses blur the far end of a sweep by a twentieth."""

MOST_FRAMES = 64
"""Frames that are asked, at most: what is broad stays sharp for long."""

ROWS = 64
"""Rows worked on at a time."""

_SQUARE = np.ones((SIDE, SIDE), np.uint8)


@dataclass(frozen=True, slots=True)
class _Structure:
    """Contrast of small copies of frames: `(n, h, w)` float32 grey levels, 0 where a frame shows nothing."""

    layers: NDArray[np.float32]

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self.layers)

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.layers.shape[1]

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.layers.shape[2]

    def frame(self, slot: int) -> NDArray[np.float32]:
        """`(height, width)` float32 grey levels of one frame; 0 where it does not show a cell."""
        return self.layers[slot]

    def band(self, top: int, bottom: int) -> Iterator[NDArray[np.float32]]:
        """Rows `top` up to `bottom`, frame after frame: `(bottom - top, width)` float32 grey levels."""
        return iter(self.layers[:, top:bottom])


def broad_depth(light: Light, slots: NDArray[np.int64]) -> Broad | None:
    """Depth by structure of several cells.

    Parameters
    ----------
    light
        Brightness and colour of all frames.
    slots
        `(M,)` int, increasing: the frames of the sweep.

    Returns
    -------
    Ranks among `slots`, on cells twice those of the brightness; ``None`` of a sweep too short to tell.
    """
    if len(slots) < DENSE:
        return None
    ranks = np.unique(np.linspace(0, len(slots) - 1, min(len(slots), MOST_FRAMES)).round())
    some = slots[ranks.astype(np.int64)]
    lamps = np.zeros((light.maps.height, light.maps.width), np.uint8)
    structure = _Structure(np.stack([_contrast(light, slot, lamps) for slot in some.tolist()]))
    noise = estimate_noise(structure, SIGMA)
    shape = (structure.height, structure.width)
    rank, trust, reach = np.zeros(shape, np.float32), np.zeros(shape, np.float32), halo(SIGMA)
    for top in range(0, shape[0], ROWS):
        bottom, first = min(top + ROWS, shape[0]), max(0, top - reach)
        inner = slice(top - first, bottom - first)
        band = structure.band(first, min(shape[0], bottom + reach))
        curves = np.stack([averaged(layer, SIGMA)[inner] for layer in band])
        peaks = find_peaks(curves, noise)
        best = curves.max(axis=0)
        least = np.where(curves > 0, curves, np.inf).min(axis=0)
        told = (peaks.state == State.IN_FOCUS) & (least < WASHED * best) & (best - least > LEAST)
        rank[top:bottom] = np.interp(peaks.slot, np.arange(len(ranks)), ranks)
        trust[top:bottom] = peaks.confidence * told
    trust[_lit(lamps)] = 0
    return Broad(rank, trust)


def _contrast(light: Light, slot: int, lamps: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far brightness and colour of each cell lie from the means round it; 0 where one is not shown.

    `lamps`, on the cells of the brightness, become 1 where the frame is clipped.
    """
    level = light.of(slot)
    lamps |= level >= CLIPPED
    hidden = level <= 0
    bright = np.asarray(shrink(level, 2), np.float32)
    rows, cols = bright.shape
    out = _from_mean(bright)
    if light.colour is not None:
        for plane in np.split(light.tint(slot).astype(np.float32), 2):
            out += _from_mean(plane[:rows, :cols])
    out += np.float32(1e-3)
    if hidden.any():
        # Beside what is not shown the mean is none.
        shown = (shrink(hidden.astype(np.float32), 2) == 0).astype(np.uint8)
        out *= cv2.erode(shown, _SQUARE)
    return out


def _from_mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.absdiff(values, cv2.blur(values, (SIDE, SIDE))), np.float32)


def _lit(lamps: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Cells over which light of something clipped, on cells of half the size, may be spread in some frame."""
    near = shrink(lamps.astype(np.float32), 2) > 0
    side = 2 * round(AROUND * max(near.shape)) + 1
    return np.asarray(cv2.dilate(near.astype(np.uint8), np.ones((side, side), np.uint8)) > 0, np.bool_)
