"""Whether parts of the picture lie apart in neighbouring frames when their one motion has been taken out.

A lens that draws otherwise as it focuses, a camera that moved sideways, rows that
were read one after the other: all of this one matrix a frame cannot follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.align.field import fit
from postfocus.align.leftover import Grid, Pictures, measure, quantile
from postfocus.align.notes import parts_note

LOUD = 0.6
"""Full-size pixels at the 90th percentile below which nothing is looked into: blur and noise do as much."""

PROMISING, EXPLAINED = 0.9, 0.75
"""Share of the shifts that may stay unexplained when a field is fitted first, and when it is believed. On
rendered sweeps that follow one motion a frame, 1.0 to 1.15 stays; on real ones with parallax 0.2 to 0.45."""

PASSES = 3
"""Measurements of a field: each finds what the one before was too short-sighted for."""

TOLD = 1.6
"""Full-size pixels at the 95th percentile from which a person is told; 1.2 was not seen on a real stack."""

TORN = 0.08
"""Share of the blocks that lie whole cells away from which a person is told; movers made it up to 0.05."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What one motion a frame leaves.

    Attributes
    ----------
    shift
        `(M - 1, rows, cols)` complex128, cells: smooth field from each frame of the sweep to the next, over
        blocks of `postfocus.align.leftover.BLOCK` cells; ``None``: nothing that is certain.
    note
        A sentence, if parts lie apart visibly.
    """

    shift: NDArray[np.complex128] | None = None
    note: str = ""


def parts_of(
    pictures: Pictures,
    slots: NDArray[np.int64],
    position: NDArray[np.float32],
    telling: NDArray[np.bool_],
    cell: int,
) -> Parts:
    """Measure what one motion a frame leaves.

    Parameters
    ----------
    pictures
        Small copies of all frames.
    slots
        `(M,)` int, increasing: the sweep.
    position
        `(h, w)` float32: where in the sweep, 0...M - 1, each cell of these copies is sharpest.
    telling
        `(h, w)` bool: cells with texture that did not move.
    cell
        Full-size pixels of each side of a cell.
    """
    if len(slots) < 2 or min(position.shape) < 8:
        return Parts()
    left = measure(pictures, slots, position, telling)
    torn = left.torn >= TORN
    apart = left.far * cell if torn else 0.0
    if left.quantile(0.9) * cell < LOUD:
        return Parts(note=parts_note(apart))
    grid = Grid.over((position.shape[0], position.shape[1]))
    fields = fit(left, grid)
    if fields.unexplained > PROMISING:
        return Parts(note=parts_note(apart))
    for _ in range(PASSES - 1):
        left = measure(pictures, slots, position, telling, fields.shift)
        fields = fit(left, grid)
    if fields.unexplained > EXPLAINED:
        return Parts(note=parts_note(apart))
    length = np.abs(fields.foretold)
    if quantile(length, left.weight, 0.95) * cell >= TOLD:
        apart = max(apart, quantile(length, left.weight, 0.99) * cell)
    return Parts(fields.shift, parts_note(apart))
