"""When part of the picture moves by itself, the parts that agree with one another decide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from postfocus.align.lattice import Lattice, Motion, Template
from postfocus.align.picture import Level
from postfocus.align.register import Fit, register

TOLERANCES = (0.5, 0.25, 0.12)
"""How closely blocks must agree, pixels of the level, in turn."""


def agreed(template: Template, level: Level, lattice: Lattice, fit: Fit) -> Fit:
    """Register again by the largest set of blocks that follow one similarity.

    Every pair of blocks defines a left-over similarity; the one that most blocks follow wins, the
    frame is registered by these blocks alone, and the tolerance is tightened.
    """
    best = fit
    for tolerance in TOLERANCES:
        chosen, step = largest_set(best.shifts, best.weights, lattice.middle, tolerance)
        if chosen.sum() < 6:
            return best
        a = best.motion.a / step.a
        start = Motion(a, best.motion.b - a * step.b)
        best = register(template, level, lattice, start, 3, chosen)
        # The left-over shifts of all blocks, also those that had no say.
        everywhere = register(template, level, lattice, best.motion, 0)
        best = Fit(
            best.motion, best.sheared, everywhere.ncc, everywhere.inliers, everywhere.overlap,
            best.spread, best.sheared_spread, everywhere.shifts, everywhere.weights,
        )  # fmt: skip
    return best


def largest_set(
    shifts: NDArray[np.complex128], weights: NDArray[np.float64], middle: NDArray[np.complex128],
    tolerance: float,
) -> tuple[NDArray[np.bool_], Motion]:  # fmt: skip
    """The most blocks whose shifts one similarity explains.

    Returns
    -------
    blocks
        `(54,)` bool.
    step
        ``shift = (step.a - 1) z + step.b``, fitted to them.
    """
    known = np.flatnonzero(weights > 0.1 * (np.median(weights[weights > 0]) if (weights > 0).any() else 0))
    blocks = np.zeros(len(shifts), bool)
    if len(known) < 6:
        return blocks, Motion()
    z, s = middle[known], shifts[known]
    one, two = np.triu_indices(len(known), 1)
    turn = (s[one] - s[two]) / (z[one] - z[two])
    move = s[one] - turn * z[one]
    off = np.abs(s[None] - turn[:, None] * z[None] - move[:, None])
    inside = off < tolerance
    winner = inside[int(inside.sum(1).argmax())]
    blocks[known[winner]] = True
    zi, si, wi = z[winner], s[winner], np.sqrt(weights[known][winner])
    system = np.stack([zi, np.ones_like(zi)], 1) * wi[:, None]
    turn_fit, move_fit = np.linalg.lstsq(system, si * wi, rcond=None)[0]
    return blocks, Motion(1 + complex(turn_fit), complex(move_fit))
