"""How wide each frame blurs what is in focus in another, told by the frames themselves.

The sharp picture, blurred by the right radius, looks like any one frame wherever
things lie at one depth. So for a few frames and for things at a few depths the
radius is looked for at which they agree best. All these radii must be distances
on one line, on which every frame has its place: the lens may step unevenly, but
what is nearer by so much is blurred by so much in every frame behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import finer_than
from postfocus.light import Light
from postfocus.model.defocus import Defocus
from postfocus.model.depth import DepthMap

RADII = (0.0, 0.35, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0, 16.0)
"""Blur that is tried, coarse cells."""

DEPTHS, FRAMES, PIECES = 8, 7, 6
"""Depths and frames for which a radius is looked for, and pieces of the line."""

COARSE = 10.0
"""Standard deviation, coarse cells, above which structure does not count: shading differs between frames."""

LEVEL = 0.12
"""Share of all frames by which the depths of 5 x 5 coarse cells may differ where a radius is looked for."""

LEAST = 200
"""Coarse cells at a depth below which nothing is looked for."""

ASKED = 4
"""Frames from which they tell whether blur grows with distance."""

MOST = 12.0
"""Grey levels above which a difference counts no more."""

ROUNDS, OFF = 12, 2.0
"""Of the fit, in which radii far from it, in median deviations, count less and less."""

EVEN = 0.15
"""How strongly pieces of the line are held to be alike, over all that is known of them."""

DISC = 0.87
"""Radius of a disc over twice the deviation of the Gaussian that blurs fine structure alike (measured)."""


WIDE, USUAL, SMALLEST = 15.7, 8.0, 32
"""Coarse cells of blur from one end of a sweep to the other from which cells must grow for motion to be told
from it, and what it may then be; cells of the shorter side that must be left. A narrow footing: on larger
cells a real walker comes out torn where blur is 15.3 cells wide; on small ones two rendered sweeps, found to
have 15.73 and 35.8, lost 3.1 and 0.9 dB, although blur is reckoned with there."""


def defocus_of(light: Light, source: NDArray[np.float32], slots: NDArray[np.int64]) -> Defocus:
    """Find where the frames lie on the line of blur (least squares, reweighted by Cauchy's weights).

    Parameters
    ----------
    light
        Brightness of all frames.
    source
        `(2 h, 2 w)` float32, or one more each way, twice as many as coarse cells of `light`: the slot that
        shows each sharpest.
    slots
        `(M,)` int, increasing: frames that may be asked.
    """
    rows, cols = light.maps.height, light.maps.width
    source = np.ascontiguousarray(source[: 2 * rows : 2, : 2 * cols : 2])
    pick = np.unique(np.linspace(0, len(slots) - 1, FRAMES).round().astype(int))
    sharp = gathered(light, source, slots)
    blurred = [finer_than(one, COARSE) for one in (sharp, *(_gaussian(sharp, r / 2) for r in RADII[1:]))]
    square = np.ones((5, 5), np.uint8)
    even = cv2.dilate(source, square) - cv2.erode(source, square) < max(1.0, LEVEL * len(slots))
    ends = np.linspace(float(source.min()), float(source.max()) + 1e-3, DEPTHS + 1)
    depth = np.clip(np.searchsorted(ends, source, "right") - 1, 0, DEPTHS - 1)
    found: list[_Radius] = []
    for slot in slots[pick].tolist():
        level = light.of(slot)
        used = even & (cv2.erode((level > 0).astype(np.uint8), np.ones((41, 41), np.uint8)) > 0)
        found += _radii(blurred, finer_than(level, COARSE), depth, used, source, slot)
    return Defocus(_line(_blurred(found), len(light.gain)))


def defocus_in(light: Light, depth: DepthMap, frames: NDArray[np.int64], slots: NDArray[np.int64]) -> Defocus:
    """What the index knows of it; where it does not, or brightness has been bent since, it is found.

    `frames` are indices in the input, `(N,)` int, increasing; `light` and `slots` as for `defocus_of`.
    """
    if depth.defocus is not None and not light.tones:
        return depth.defocus
    source = np.interp(depth.position, frames, np.arange(len(frames))).astype(np.float32)
    return defocus_of(light, source, slots)


def widening(defocus: Defocus, slots: NDArray[np.int64], shape: tuple[int, int]) -> int:
    """By which power of two coarse cells must grow where the widest blur is more than `WIDE` of them.

    Parameters
    ----------
    slots
        `(M,)` int, increasing: the frames in which motion is looked for.
    shape
        Rows and columns of coarse cells.
    """
    place = defocus.place[slots]
    wide, factor = float(place[-1] - place[0]), 1
    while wide > WIDE and wide > USUAL * factor and min(shape) >= 2 * SMALLEST * factor:
        factor *= 2
    return factor


def gathered(light: Light, source: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.float32]:
    """`(h, w)` float32 grey levels: each coarse cell from that of `slots` which is nearest to its source."""
    out = np.zeros(source.shape, np.float32)
    rank = np.interp(source, slots, np.arange(len(slots))).round().astype(np.int64)
    for number in np.unique(rank).tolist():
        here = rank == number
        out[here] = light.of(int(slots[number]))[here]
    return out


@dataclass(frozen=True, slots=True)
class _Radius:
    """By what radius things at `source`, of one of the depths, are blurred in a frame, and how surely."""

    slot: int
    depth: int
    source: float
    radius: float
    weight: float


def _radii(
    blurred: Sequence[NDArray[np.float32]], level: NDArray[np.float32], depth: NDArray[np.int64],
    used: NDArray[np.bool_], source: NDArray[np.float32], slot: int,
) -> list[_Radius]:  # fmt: skip
    """The radius at each depth that has enough cells."""
    where = np.where(used, depth, DEPTHS).ravel()  # one more for what is not used
    count = np.bincount(where, minlength=DEPTHS + 1)[:DEPTHS]
    total = np.maximum(count, 1)
    mean = np.bincount(where, source.ravel(), DEPTHS + 1)[:DEPTHS] / total
    errors = np.array([
        np.bincount(where, np.minimum(cv2.absdiff(one, level), MOST).ravel(), DEPTHS + 1)[:DEPTHS] / total
        for one in blurred
    ])  # fmt: skip
    out: list[_Radius] = []
    for number in np.flatnonzero(count >= LEAST).tolist():
        error = errors[:, number]
        best = int(error.argmin())
        weight = float(np.sqrt(count[number]) * (np.median(error) - error[best]))
        out.append(_Radius(slot, number, float(mean[number]), _least(error, best), weight))
    return out


def _blurred(found: Sequence[_Radius]) -> Sequence[_Radius]:
    """Without depths at which all frames but one differ widely, whatever their focus: something passed."""
    near = [one.depth for one in found if one.radius < RADII[-1]]
    asked = [one.depth for one in found]
    told = [one for one in found if near.count(one.depth) > 1 or asked.count(one.depth) < ASKED]
    return told or found


def _least(error: NDArray[np.float64], best: int) -> float:
    """Where the parabola through the least of the errors and its neighbours is lowest."""
    if best in (0, len(RADII) - 1):
        return RADII[best]
    near = slice(best - 1, best + 2)
    bow, slope, _ = np.polyfit(RADII[near], error[near], 2)
    if bow <= 0:
        return RADII[best]
    return float(np.clip(-slope / (2 * bow), RADII[best - 1], RADII[best + 1]))


def _line(found: Sequence[_Radius], count: int) -> NDArray[np.float64]:
    """The place of each of `count` slots on the line; all 0 where nothing is known."""
    weight = np.array([one.weight for one in found])
    if not (weight > 0).any():
        return np.zeros(count)
    knots = np.linspace(0, count - 1, PIECES + 1)
    between = np.array([_covered(one.slot, one.source, knots) for one in found])
    radius = np.array([one.radius for one in found])
    alike = EVEN * float(np.sqrt(np.square(weight).mean()))
    even = alike * (np.eye(PIECES)[:-1] - np.eye(PIECES)[1:])
    trust, step = weight.copy(), np.zeros(PIECES)
    for _ in range(ROUNDS):
        rows = np.vstack([between * trust[:, None], even])
        step = np.maximum(np.linalg.lstsq(rows, np.append(radius * trust, np.zeros(PIECES - 1)))[0], 0)
        fit = between @ step
        # The greatest radius that is tried says no more than that blur is at least so wide.
        wider = (radius >= RADII[-1]) & (fit > radius)
        off = np.where(wider, 0, np.abs(fit - radius))
        trust = weight / np.sqrt(1 + np.square(off / (OFF * max(0.05, float(np.median(off))))))
        trust[wider] = 0
    return DISC * np.interp(np.arange(count), knots, np.append(0, np.cumsum(step)))


def _covered(a: float, b: float, knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Which share of each piece between knots lies between two slots."""
    low, high = np.maximum(knots[:-1], min(a, b)), np.minimum(knots[1:], max(a, b))
    return np.asarray(np.maximum(high - low, 0) / np.diff(knots), np.float64)


def _gaussian(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)
