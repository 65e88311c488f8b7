"""The motion that is left between many pairs of frames becomes one correction of each pose.

Least squares over all pairs at once, in which those that contradict the others
lose their weight (Cauchy), as in `postfocus.align.graph`; but here a pair may know
one direction well and another not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from postfocus.align.alike import UNKNOWNS, Evidence
from postfocus.model.alignment import Alignment

ROUNDS = 4

USUAL = 0.05
"""Full-size pixels below which no pair contradicts the others."""

BEFORE = 0.3
"""Full-size pixels by which the step from a frame to its neighbour was likely wrong before. Where nothing is
known it stays as it was."""

RIDGE = 0.02
"""Share of a pair's information that stands for what it does not know."""


@dataclass(frozen=True, slots=True)
class Correction:
    """How much each pose must be corrected.

    Attributes
    ----------
    motion
        `(M, 4)` float64: scale and roll, full-size pixels at half the width, and shift x and y.
    size
        `(M,)` float64: what that moves a corner by, full-size pixels.
    error
        `(M,)` float64: likely corner error that is left, full-size pixels.
    """

    motion: NDArray[np.float64]
    size: NDArray[np.float64]
    error: NDArray[np.float64]


def correct(
    evidence: Sequence[Evidence], now: Alignment, before: Alignment, slots: Sequence[int], fixed: int
) -> Correction:
    """Find the correction of the poses of some frames that all pairs agree on best.

    Parameters
    ----------
    evidence
        What is left between pairs of these frames.
    now, before
        The poses that this was found with, and those that neighbours had before any correction.
    slots
        Which poses the frames have.
    fixed
        The frame whose pose stays.
    """
    count = len(slots)
    own = [_own(e) for e in evidence]
    prior = _as_before(now, before, slots)
    weight, motion = np.ones(len(evidence)), np.zeros((count, UNKNOWNS))
    free = np.delete(np.arange(count * UNKNOWNS), np.arange(UNKNOWNS) + fixed * UNKNOWNS)
    spread = np.zeros((len(free), len(free)))
    off = np.ones(len(evidence))
    for _ in range(ROUNDS):
        normal, pull = _added(evidence, weight, prior, count)
        spread = np.linalg.inv(normal[np.ix_(free, free)])
        solved = np.zeros(count * UNKNOWNS)
        solved[free] = spread @ pull[free]
        motion = solved.reshape(count, UNKNOWNS)
        off = np.array([
            _length(e, each - motion[e.other] + motion[e.one]) for e, each in zip(evidence, own, strict=True)
        ])  # fmt: skip
        usual = max(USUAL, float(np.median(off))) if len(off) else USUAL
        weight = 1 / (1 + np.square(off / (2 * usual)))
    corner = 1 + (now.height / now.width) ** 2
    scale = np.array([corner, corner, 1.0, 1.0])
    variance = np.zeros(count * UNKNOWNS)
    variance[free] = np.diag(spread)
    power = np.array([np.trace(e.information) for e in evidence]) / UNKNOWNS
    chance = float(np.median(np.square(off) * power))
    return Correction(
        motion,
        np.sqrt((np.square(motion) * scale).sum(axis=1)),
        np.sqrt((variance.reshape(count, UNKNOWNS) * scale).sum(axis=1) * max(1.0, chance)),
    )


def corrected(now: Alignment, slots: Sequence[int], correction: Correction) -> Alignment:
    """The poses with the correction; frames between those that were asked share that of their neighbours."""
    motion = np.stack([
        np.interp(np.arange(len(now.frames)), slots, part) for part in correction.motion.T
    ])  # fmt: skip
    grow = 1 + (motion[0] + 1j * motion[1]) / (now.width / 2)
    a = now.a / grow
    b = now.b - a * (motion[2] + 1j * motion[3])
    a[now.reference], b[now.reference] = 1, 0
    return replace(now, a=a, b=b)


def apart(evidence: Sequence[Evidence]) -> float:
    """Full-size pixels by which frames lie apart, the mean square over all that is known."""
    known = np.array([np.trace(e.information) for e in evidence])
    off = np.array([_length(e, _own(e)) for e in evidence])
    return float(np.sqrt((known * np.square(off)).sum() / known.sum())) if known.sum() > 0 else np.inf


def _own(e: Evidence) -> NDArray[np.float64]:
    """The motion that one pair alone would have."""
    ridge = RIDGE / UNKNOWNS * float(np.trace(e.information)) * np.eye(UNKNOWNS)
    return np.asarray(np.linalg.solve(e.information + ridge, e.pull), np.float64)


def _length(e: Evidence, motion: NDArray[np.float64]) -> float:
    """Full-size pixels: a motion as the region sees it."""
    power = float(np.trace(e.information)) / UNKNOWNS
    return float(np.sqrt(max(0.0, motion @ e.information @ motion) / max(power, 1e-12)))


def _as_before(now: Alignment, before: Alignment, slots: Sequence[int]) -> list[Evidence]:
    """That neighbours lay about right before."""
    half = now.width / 2
    sure = np.diag([1 / 3, 1 / 3, 1.0, 1.0]) / BEFORE**2
    out: list[Evidence] = []
    for frame, (one, other) in enumerate(pairwise(slots)):
        step, old = _step(now, one, other), _step(before, one, other)
        turn = np.log(step[0]) - np.log(old[0])
        shift = step[1] - old[1]
        motion = np.array([turn.real * half, turn.imag * half, shift.real, shift.imag])
        out.append(Evidence(frame, frame + 1, sure, sure @ motion))
    return out


def _step(poses: Alignment, one: int, other: int) -> tuple[complex, complex]:
    a = poses.a[other] / poses.a[one]
    return complex(a), complex(poses.b[other] - a * poses.b[one])


def _added(
    evidence: Sequence[Evidence], weight: NDArray[np.float64], prior: Sequence[Evidence], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The normal equations of all pairs."""
    normal = np.zeros((count, UNKNOWNS, count, UNKNOWNS))
    pull = np.zeros((count, UNKNOWNS))
    for e, w in [*zip(evidence, weight, strict=True), *((e, 1.0) for e in prior)]:
        part = w * e.information
        normal[e.one, :, e.one] += part
        normal[e.other, :, e.other] += part
        normal[e.one, :, e.other] -= part
        normal[e.other, :, e.one] -= part.T
        pull[e.other] += w * e.pull
        pull[e.one] -= w * e.pull
    size = count * UNKNOWNS
    return normal.reshape(size, size), pull.ravel()
