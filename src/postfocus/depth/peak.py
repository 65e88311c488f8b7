"""Find the frame, to a fraction, in which a place is sharpest, and say how sure that is.

A place has a curve: its sharpness in each frame. Where the lens passed it, the
curve has one peak. The position is the centroid of the curve raised to a high
power, which follows broad and narrow peaks alike and looks past a second,
lower one; its spread says how far one can trust it. Weak texture has a low
hill with noise on its top: there the whole hill says where its middle is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.model.depth import Noise, State
from postfocus.model.sweep import DENSE

SWING = 7.0
"""How many standard deviations of noise a curve must rise to be called texture: chance alone reaches 4."""

FLICKER = 0.01
"""Relative change of a score from frame to frame that coding and small misalignments cause."""

OUTSIDE_TRUST = 0.4
"""What is left of the confidence where the peak lies outside the sweep."""

BEYOND = 1.0
"""Steps beyond the sweep's end at which a peak counts as outside; a step is 6 % of the frames."""

CHUNK_VALUES = 1 << 17
"""Scores worked on at once: half a megabyte, so that all steps stay in the processor's cache."""

POWER = 12
"""Exponent of the centroid: frames below 0.8 of the peak have no say."""

WEAK, STRONG = 2.5, 4.25
"""Rise over noise, in units of `SWING`, below which the whole hill is asked, and above which its top is."""

NARROW, BROAD = 0.2, 0.35
"""Share of frames above half a hill's height up to which only its top is asked, and from which all of it."""

ROUND_MIDDLE = 1.3
"""Standard deviations of a hill by which its vertex may lie from its middle: beyond, it is guesswork."""


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
    """

    slot: NDArray[np.float32]
    confidence: NDArray[np.float32]
    state: NDArray[np.uint8]


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
    shape = curves.shape[1:]
    flat = curves.reshape(len(curves), -1)
    cells = flat.shape[1]
    out = Peaks(np.empty(cells, np.float32), np.empty(cells, np.float32), np.empty(cells, np.uint8))
    step = max(256, CHUNK_VALUES // len(curves))
    for start in range(0, cells, step):
        part = slice(start, start + step)
        found = _peaks_of(np.ascontiguousarray(flat[:, part]), noise)
        out.slot[part], out.confidence[part], out.state[part] = found.slot, found.confidence, found.state
    return Peaks(out.slot.reshape(shape), out.confidence.reshape(shape), out.state.reshape(shape))


def _peaks_of(curves: NDArray[np.float32], noise: Noise) -> Peaks:
    """The same for `(N, M)` curves, few enough to stay in the processor's cache."""
    count = len(curves)
    hole = curves <= 0
    hole = hole if hole.any() else None
    even = np.clip(curves - noise.pulse[:, None], np.float32(1e-3), np.float32(np.inf))
    if hole is not None:
        even[hole] = 0
    smooth = _smoothed(even, hole) if count >= 12 else even
    best = smooth.max(axis=0)
    arg = (smooth >= best).argmax(axis=0)
    slot, spread = _centroid(smooth, best, arg)
    low = (smooth if hole is None else np.where(hole, np.float32(np.inf), smooth)).min(axis=0)
    contrast = (best - np.minimum(low, best)) / (SWING * np.hypot(noise.scatter, FLICKER * best))
    weak = np.flatnonzero(contrast < STRONG)
    if len(weak):
        hills, foot, top = smooth[:, weak], np.minimum(low, best)[weak], best[weak]
        broad = (hills > (foot + top) / 2).mean(axis=0)
        say = _ramp(STRONG - contrast[weak], 0, STRONG - WEAK) * _ramp(broad, NARROW, BROAD)
        slot[weak] += say * (_hill(hills, foot, top, slot[weak]) - slot[weak])
    texture = np.square(contrast) / (1 + np.square(contrast))
    lone = 1 / (1 + (spread / _broad(count)) ** 2)
    confidence = (texture * lone).astype(np.float32)
    state = np.full(best.shape, State.IN_FOCUS, np.uint8)
    state[contrast < 1] = State.NO_TEXTURE
    outside = _outside(smooth, arg, best) & (state == State.IN_FOCUS)
    state[outside] = State.OUTSIDE
    confidence[outside] *= np.float32(OUTSIDE_TRUST)
    return Peaks(slot, confidence, state)


def _smoothed(curves: NDArray[np.float32], hole: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    """Each curve with weights 1, 2, 1 along the frames; ends and those beside a `hole` keep their value."""
    out = np.empty_like(curves)
    out[0], out[-1] = curves[0], curves[-1]
    np.add(curves[:-2], curves[2:], out=out[1:-1])
    out[1:-1] *= np.float32(0.5)
    out[1:-1] += curves[1:-1]
    out[1:-1] *= np.float32(0.5)
    if hole is not None:
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
    k = np.arange(count, dtype=np.float32)
    weight = curves * (1 / np.maximum(best, np.float32(1e-6)))
    np.square(weight, out=weight)
    np.square(weight, out=weight)
    weight *= weight * weight
    moments = np.stack([np.ones_like(k), k, np.square(k)]) @ weight
    mean = moments[1] / np.maximum(moments[0], np.float32(1e-6))
    spread = np.sqrt(np.maximum(moments[2] / np.maximum(moments[0], np.float32(1e-6)) - np.square(mean), 0))
    high = arg.astype(np.float32)
    reach = np.maximum(np.minimum(high, count - 1 - high), 1)
    weight *= np.abs(k[:, None] - high) <= reach
    near = np.stack([np.ones_like(k), k]) @ weight
    slot = np.clip(near[1] / np.maximum(near[0], np.float32(1e-6)), 0, count - 1)
    return slot.astype(np.float32), spread.astype(np.float32)


def _ramp(x: NDArray[np.float32], first: float, last: float) -> NDArray[np.float32]:
    """0 up to `first`, 1 from `last`."""
    return np.asarray(np.clip((x - first) / (last - first), 0, 1), np.float32)


def _hill(
    curves: NDArray[np.float32],
    foot: NDArray[np.float32],
    best: NDArray[np.float32],
    otherwise: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Vertex, in slots, of the parabola that fits the logarithm of each curve above its foot best.

    `curves` are `(N, M)` float32 grey levels, `foot` and `best` `(M,)` the least and the greatest of each,
    `otherwise` and the result `(M,)` float32 slots, 0…N-1.

    Frames weigh by their height above the foot, to the power 1.5: their logarithm is as much less certain,
    and a long flat foot shall not tilt the hill. Near an end of the sweep, where part of the hill is
    missing, the vertex lies nearer to that end than it should, at worst by two and a half slots of thirty.
    Curves that no parabola with a summit fits keep the slot `otherwise`. The sums are taken about each
    curve's middle, in double precision: their fourth powers would cancel.
    """
    count = len(curves)
    height = np.clip((curves - foot) / np.maximum(best - foot, np.float32(1e-6)), 0.02, 1)
    height = height.astype(np.float64)
    weight = height * np.sqrt(height)
    powers = np.vander(np.arange(count) - (count - 1) / 2, 5, increasing=True).T
    m0, m1, m2, m3, m4 = powers @ weight
    s0, s1, s2 = powers[:3] @ (weight * np.log(height))
    mid = m1 / m0
    square = m2 - mid * m1
    cube = m3 - 3 * mid * m2 + 2 * mid**2 * m1
    fourth = m4 - 4 * mid * m3 + 6 * mid**2 * m2 - 3 * mid**3 * m1
    along, across = s1 - mid * s0, s2 - 2 * mid * s1 + (mid**2 - square / m0) * s0
    flat = fourth - square**2 / m0
    slope, bend = flat * along - cube * across, square * across - cube * along
    summit = (bend < 0) & (square * flat - cube**2 > 1e-9 * square * flat)
    away = -0.5 * slope / np.where(summit, bend, -1)
    reach = ROUND_MIDDLE * np.maximum(np.sqrt(np.maximum(square, 0) / m0), 0.5)
    vertex = mid + (count - 1) / 2 + np.clip(away, -reach, reach)
    return np.where(summit, np.clip(vertex, 0, count - 1), otherwise).astype(np.float32)


def _broad(count: int) -> float:
    """Spread, in slots, at which a peak is half trusted."""
    return max(1.5, 0.08 * count)


def _outside(
    curves: NDArray[np.float32], arg: NDArray[np.intp], best: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Where the curve is highest at an end of the sweep and would peak well beyond it.

    The few, far apart frames of a bracket cannot tell, and a photographer begins and ends a bracket on
    something: there an end counts as inside. Otherwise a parabola through the logarithms at the end and
    at one and two steps inwards tells: bent upwards, the peak is far away; bent downwards, it lies at
    the vertex.
    """
    count = len(curves)
    if count < DENSE:
        return np.zeros(best.shape, np.bool_)
    step = min(max(1, round(0.06 * count)), (count - 1) // 2)
    out = np.zeros(best.shape, np.bool_)
    for end, inwards in ((0, step), (count - 1, -step)):
        at = np.flatnonzero(arg == end)
        c, b, a = (np.log(np.maximum(curves[end + i * inwards, at], 1e-3)) for i in range(3))
        slope, bend = (3 * c - 4 * b + a) / 2, a - 2 * b + c
        beyond = slope > np.where(bend < -FLICKER, -BEYOND * bend, 2 * FLICKER)
        out[at] = (slope > 0) & beyond
    return out
