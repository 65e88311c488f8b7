"""Find the frame, to a fraction, in which a place is sharpest, and say how sure that is.

A place has a curve: its sharpness in each frame. Where the lens passed it, the
curve has one peak. The position is the centroid of the curve raised to a high
power, which follows broad and narrow peaks alike; its spread says how far one
can trust it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.model.depth import State

SWING = 7.0
"""How many standard deviations of noise a curve must rise to be called texture: chance alone reaches 4."""

FLICKER = 0.01
"""Relative change of a score from frame to frame that coding and small misalignments cause."""

POWER = 12
"""Exponent of the centroid: frames below 0.8 of the peak have no say."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What sharpness looks like where there is nothing to be sharp.

    Attributes
    ----------
    scatter
        Standard deviation, grey levels, of a plain place's score from frame to frame, the pulse apart.
    pulse
        `(N,)` float32, grey levels, 0 or more: what each frame adds to the score of every plain place. A
        video's intra-coded frames keep noise that the others drop.
    """

    scatter: float
    pulse: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Peaks:
    """Result for a block of curves; all arrays of one shape.

    Attributes
    ----------
    slot
        float32, 0…N-1: position of sharpest focus in slots.
    confidence
        float32, 0…1.
    state
        uint8, values of `State` (never ``MOVED``: motion is not seen in a curve).
    best
        float32, grey levels: sharpness at the peak.
    """

    slot: NDArray[np.float32]
    confidence: NDArray[np.float32]
    state: NDArray[np.uint8]
    best: NDArray[np.float32]


def find_peaks(curves: NDArray[np.float32], noise: Noise) -> Peaks:
    """Find the peak of each curve.

    Parameters
    ----------
    curves
        `(N, ...)` float32 sharpness in grey levels, N >= 2; 0 where a frame does not show the place.
    noise
        What a plain area scores.

    Returns
    -------
    Arrays of shape `curves.shape[1:]`.
    """
    count = len(curves)
    pulse = noise.pulse.reshape(-1, *(1,) * (curves.ndim - 1))
    even = np.where(curves > 0, np.maximum(curves - pulse, 1e-3), 0)
    smooth = _smoothed(even) if count >= 12 else even
    best = smooth.max(axis=0)
    arg = smooth.argmax(axis=0)
    slot, spread = _centroid(smooth, best, arg)
    low = _floor(smooth, best)
    contrast = (best - low) / (SWING * np.hypot(noise.scatter, FLICKER * best))
    texture = np.square(contrast) / (1 + np.square(contrast))
    lone = 1 / (1 + (spread / _broad(count)) ** 2)
    confidence = (texture * lone).astype(np.float32)
    state = np.full(best.shape, State.IN_FOCUS, np.uint8)
    state[contrast < 1] = State.NO_TEXTURE
    outside = _outside(smooth, arg, best) & (state == State.IN_FOCUS)
    state[outside] = State.OUTSIDE
    confidence[outside] *= np.float32(0.4)
    return Peaks(slot.astype(np.float32), confidence, state, best)


def _smoothed(curves: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each curve with weights 1, 2, 1 along the frames; ends and frames without data keep their value."""
    out = curves.copy()
    out[1:-1] = (curves[:-2] + 2 * curves[1:-1] + curves[2:]) * np.float32(0.25)
    hole = curves == 0
    if hole.any():
        near = hole.copy()
        near[1:] |= hole[:-1]
        near[:-1] |= hole[1:]
        out[near] = curves[near]
    return out


def _centroid(
    curves: NDArray[np.float32], best: NDArray[np.float32], arg: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Centroid and standard deviation, in slots, of each curve to the power `POWER`.

    Frames are weighed within the symmetric reach that the sweep's ends allow round the highest one,
    so that a peak near an end is not pulled inwards. The spread is over all frames: a second peak
    widens it.
    """
    count = len(curves)
    scale = 1 / np.maximum(best, 1e-6)
    reach = np.maximum(np.minimum(arg, count - 1 - arg), 1)
    zeros = np.zeros(best.shape, np.float32)
    w0, w1, all0, all1, all2 = zeros.copy(), zeros.copy(), zeros.copy(), zeros.copy(), zeros.copy()
    for k in range(count):
        r = curves[k] * scale
        r4 = np.square(np.square(r))
        weight = r4 * r4 * r4
        offset = (k - arg).astype(np.float32)
        all0 += weight
        all1 += weight * offset
        all2 += weight * np.square(offset)
        weight[np.abs(offset) > reach] = 0
        w0 += weight
        w1 += weight * offset
    mean = all1 / np.maximum(all0, 1e-6)
    spread = np.sqrt(np.maximum(all2 / np.maximum(all0, 1e-6) - np.square(mean), 0))
    slot = np.clip(arg + w1 / np.maximum(w0, 1e-6), 0, count - 1)
    return slot.astype(np.float32), spread.astype(np.float32)


def _floor(curves: NDArray[np.float32], best: NDArray[np.float32]) -> NDArray[np.float32]:
    """The least sharpness of each curve among frames that show the place."""
    low = best.copy()
    for curve in curves:
        np.minimum(low, np.where(curve > 0, curve, low), out=low)
    return low


def _broad(count: int) -> float:
    """Spread, in slots, at which a peak is half trusted."""
    return max(1.5, 0.08 * count)


def _outside(
    curves: NDArray[np.float32], arg: NDArray[np.intp], best: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Where the curve is still rising as the sweep begins or ends."""
    count = len(curves)
    if count < 3:
        return np.zeros(best.shape, np.bool_)
    inner = max(2, round(0.06 * count))
    margin = 1 - 2 * FLICKER
    rising_start = (arg == 0) & (curves[min(inner, count - 1)] < best * margin)
    rising_end = (arg == count - 1) & (curves[max(0, count - 1 - inner)] < best * margin)
    return rising_start | rising_end
