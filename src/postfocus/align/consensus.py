"""When part of the picture moves by itself, the parts that agree with one another decide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from postfocus.align.lattice import Lattice, Motion, Template
from postfocus.align.picture import Level
from postfocus.align.register import Dense, Fit, register

TOLERANCES = (0.5, 0.25, 0.12)
"""How closely blocks must agree, pixels of the level, in turn."""
CLEAR = 0.65
"""Share of the blocks that is a clear majority."""
PAIRS = 300
"""Pairs of blocks that are tried."""
NEARLY_ALL = 0.9
"""Share of the blocks whose agreement leaves nothing to decide."""
LEAST = 0.1
"""Information of a block, against the median block, without which it has no say."""


def agreed(template: Template, level: Level, lattice: Lattice, fit: Fit, dense: Dense | None = None) -> Fit:
    """Register again by the largest set of blocks that follow one similarity.

    Every pair of blocks defines a left-over similarity; the one that most blocks follow wins, the
    frame is registered by these blocks alone, and the tolerance is tightened. If the set is not a clear
    majority, the other blocks get their turn, and the larger set wins.
    """
    known = fit.weights > LEAST * _median(fit.weights)
    if known.sum() < 6:
        return fit
    whole, _ = largest_set(fit.shifts, fit.weights, lattice.middle, TOLERANCES[-1])
    if whole.sum() > NEARLY_ALL * known.sum():
        return fit
    best, blocks = _tightened(template, level, lattice, fit, None, dense)
    if blocks.sum() < CLEAR * known.sum():
        other, others = _tightened(template, level, lattice, fit, known & ~blocks, dense)
        if others.sum() > blocks.sum():
            return other
    return best


def _tightened(
    template: Template, level: Level, lattice: Lattice, fit: Fit, first: NDArray[np.bool_] | None,
    dense: Dense | None,
) -> tuple[Fit, NDArray[np.bool_]]:  # fmt: skip
    """Register by the blocks that agree ever more closely, from the set `first` if given."""
    best, blocks = fit, np.zeros(len(fit.shifts), bool)
    if first is not None:
        best = register(template, level, lattice, fit.motion, 3, first)
    for tolerance in TOLERANCES:
        blocks, step = largest_set(best.shifts, best.weights, lattice.middle, tolerance)
        if blocks.sum() < 6:
            return fit, np.zeros_like(blocks)
        a = best.motion.a / step.a
        start = Motion(a, best.motion.b - a * step.b)
        last = dense if tolerance == TOLERANCES[-1] else None
        best = register(template, level, lattice, start, 3, blocks, dense=last)
    return best, blocks


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
    known = np.flatnonzero(weights > LEAST * _median(weights))
    blocks = np.zeros(len(shifts), bool)
    if len(known) < 6:
        return blocks, Motion()
    z, s = middle[known], shifts[known]
    one, two = np.triu_indices(len(known), 1)
    some = slice(None, None, max(1, len(one) // PAIRS))
    one, two = one[some], two[some]
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


def _median(weights: NDArray[np.float64]) -> float:
    return float(np.median(weights[weights > 0])) if (weights > 0).any() else 0.0
