"""Whether two frames show the same thing at a place, however differently focused.

Defocus and small misalignment only spread the light of neighbouring cells:
then one of the two pictures stays, cell by cell, within the range of the
other's neighbourhood. Where neither does, something has come, gone or moved.
The same is asked of colour: a pale wing before a bright sky is as bright as
the sky.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import doubled

REACH = 2
"""Coarse cells by which defocus and misalignment may carry light from one frame to another."""

STEPS = 24
"""Coarse cells by which defocus carries light from one end of a sweep to the other, mostly at most."""

CERTAIN, LIKELY = 8, 3
"""Grey levels out of range from which something is foreign, and down to which its surroundings are, too."""

STEEP, BLUNT = 1 / 8, 4
"""Levels of colour that may be out of range for each grey level by which something brighter lies within so
many coarse cells, or by which the brightness itself changes."""

LEAST = 6
"""Coarse cells that something foreign covers at least."""

APART, FEW = 8, 20
"""Coarse cells up to which contradictions of frames belong to one thing, and how many of it are let pass."""

MARGIN = 4
"""Coarse cells by which something foreign is widened where blur is mild: `REACH`, within which the range test
cannot see it, and its blur."""

Bytes = NDArray[np.uint8]


def out_of_range(one: Bytes, other: Bytes, reach: int = REACH) -> Bytes:
    """Levels by which two pictures of a place differ more than blur and misalignment can explain."""
    return np.minimum(_beyond(one, other, reach), _beyond(other, one, reach))


def _beyond(value: Bytes, around: Bytes, reach: int) -> Bytes:
    """How far each value lies outside the range of the other picture's neighbourhood."""
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    under = cv2.subtract(cv2.erode(around, square), value)
    over = cv2.subtract(value, cv2.dilate(around, square))
    return np.asarray(cv2.max(under, over), np.uint8)


def reach_among(count: int) -> int:
    """Coarse cells by which defocus may carry light from one frame to the next, of `count` in the sweep."""
    return max(REACH, -(-STEPS // count))


def reach_of(blur: float) -> int:
    """Coarse cells by which light may be carried between frames whose blur differs by a radius of so many."""
    return max(REACH, math.ceil(blur))


def out_of_blur(here: Bytes, usual: Bytes, blur: NDArray[np.float32], cells: NDArray[np.bool_]) -> Bytes:
    """Levels by which some cells of two pictures differ more than that much more blur explains."""
    widest = reach_of(float(blur.max(initial=0, where=cells)))
    if widest == REACH:
        return out_of_range(here, usual) * cells
    reach = np.maximum(REACH, np.ceil(blur)) * cells
    out = np.zeros(here.shape, np.uint8)
    for one in range(REACH, widest + 1):
        out += out_of_range(here, usual, one) * (reach == one)
    return out


def differing(
    here: Bytes, other: Bytes, tints: tuple[Bytes, Bytes] | None = None, reach: int = REACH
) -> Bytes:
    """Levels by which two frames differ in brightness or colour, where both show a cell and all around it.

    Parameters
    ----------
    here, other
        `(h, w)` uint8 grey levels; 0 where a frame shows nothing.
    tints
        `(2 h', w')` uint8 of the two: U above V, on cells of colour.
    reach
        Cells by which defocus and misalignment may carry light from one to the other.
    """
    excess = out_of_range(here, other, reach)
    if tints is not None:
        colour = out_of_range(*tints, max(1, reach // 2)) * (cv2.min(*tints) > 0)
        excess = with_colour(excess, colour, here, other)
    shown = (cv2.min(here, other) > 0).astype(np.uint8)
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(excess * cv2.erode(shown, square), np.uint8)


def with_colour(excess: Bytes, colour: Bytes | None, here: Bytes, usual: Bytes) -> Bytes:
    """The greater of what brightness and colour are out of range by, on the cells of brightness.

    Parameters
    ----------
    here, usual
        The grey levels that were compared. Beside lamps and glints colour may change with focus by more than
        that of the neighbours: what is clipped has lost its own. A dark thing nearby has no such effect.
    """
    if colour is None or colour.max() < LIKELY:
        return excess
    square = np.ones((2 * BLUNT + 1, 2 * BLUNT + 1), np.uint8)
    lit = [cv2.subtract(cv2.dilate(levels, square), levels) for levels in (here, usual)]
    changed = cv2.dilate(cv2.absdiff(here, usual), np.ones((3, 3), np.uint8))
    steep = cv2.max(cv2.max(*lit), changed)
    large = doubled(cv2.max(*np.split(colour, 2)), excess.shape, cv2.INTER_NEAREST)
    return np.asarray(cv2.max(excess, cv2.scaleAdd(steep, -STEEP, large)), np.uint8)


def with_core(values: Bytes, low: int, high: int, least: int = 1) -> Bytes | None:
    """Where values are `low` and hang together with a `high` one, in pieces of at least `least` cells.

    0 or 1; ``None``: nowhere.
    """
    if values.max() < high:
        return None
    count, found, stats, _ = cv2.connectedComponentsWithStats(
        (values >= low).astype(np.uint8), connectivity=8
    )
    labels = np.asarray(found, np.int32)
    keep = np.zeros(count, np.uint8)
    keep[np.unique(labels[values >= high])] = 1
    keep[np.asarray(stats, np.int32)[:, cv2.CC_STAT_AREA] < least] = 0
    return keep[labels] if keep.any() else None


def around(cells: NDArray[np.bool_], margin: int) -> Bytes:
    """What lies between cells up to twice `APART` from one another, and `margin` cells round them: 0 or 1."""
    wide = cv2.dilate(cells.astype(np.uint8), disc(APART))
    return np.asarray(cv2.erode(wide, disc(APART - margin)), np.uint8)


def filled(cells: Bytes) -> Bytes:
    """The same with holes closed."""
    outlines, _ = cv2.findContours(cells, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(cells.copy(), outlines, -1, (1,), cv2.FILLED), np.uint8)


def disc(radius: int) -> Bytes:
    """A round structuring element."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2), np.uint8)
