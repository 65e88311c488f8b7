"""Whether parts of the picture lie apart in neighbouring frames when their one motion has been taken out.

A lens that draws otherwise as it focuses, a camera that moved sideways, rows that
were read one after the other: all of this one matrix a frame cannot follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.align.blocks import BLOCK, Grid
from postfocus.align.field import DRIFT, SWING, Fields, fit
from postfocus.align.leftover import Leftover, Pictures, measure, quantile
from postfocus.align.notes import parts_note
from postfocus.model.alignment import Alignment
from postfocus.model.bend import Bend

PROMISING, EXPLAINED = 0.95, 0.65
"""Share of the shifts that may stay unexplained when a field is fitted first, and when it is believed. On
rendered sweeps that follow one motion a frame, 1.0 to 1.2 stays; on real ones with parallax 0.2 to 0.6."""

CLEARLY = 0.96
"""How much less may stay unexplained if frames are taken to swing instead of to drift."""

PASSES = 3
"""Measurements of a field: each finds what the one before was too short-sighted for."""

BENT = 1.6
"""Full-size pixels between any two frames, at the 95th percentile, from which frames are bent. Blur passes
for 1.1."""

FEW = 12
"""Blocks with which no field can be judged."""

TOLD = 1.6
"""Full-size pixels between neighbours, at the 95th percentile, from which a person is told. On a real
stack 1.2 could not be seen."""

TORN = 0.08
"""Share of the blocks that lie whole cells away from which a person is told; movers made it up to 0.05."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What one motion a frame leaves.

    Attributes
    ----------
    place
        `(M, rows, cols)` complex128, cells: where each frame of the sweep shows what belongs to the middle of
        each block of `postfocus.align.blocks.BLOCK` cells, from there; ``None``: nothing that is certain.
    note
        A sentence, if parts lie apart visibly.
    """

    place: NDArray[np.complex128] | None = None
    note: str = ""

    def bend(self, alignment: Alignment, slots: NDArray[np.int64], cell: int) -> Bend | None:
        """How all frames must be bent to lie on the reference; those beside the sweep like its ends."""
        if self.place is None:
            return None
        rank = np.interp(np.arange(len(alignment.frames)), slots, np.arange(len(slots)))
        low = np.minimum(rank.astype(np.intp), len(slots) - 2)
        part = (rank - low)[:, None, None]
        whole = self.place[low] * (1 - part) + self.place[low + 1] * part
        whole = (whole - whole[alignment.reference]) * cell
        return Bend(whole.astype(np.complex64), BLOCK * cell)


def parts_of(
    pictures: Pictures,
    slots: NDArray[np.int64],
    position: NDArray[np.float32],
    telling: NDArray[np.bool_],
    cell: int,
    reference: int,
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
    reference
        Where in the sweep the frame is, or would be, whose geometry these copies have.
    """
    if len(slots) < 2 or min(position.shape) < 8:
        return Parts()
    left = measure(pictures, slots, position, telling)
    torn = left.far * cell if left.torn >= TORN else 0.0
    grid = Grid.over((position.shape[0], position.shape[1]))
    fields, price = fit(left, grid, reference), DRIFT
    if fields.unexplained > PROMISING or np.count_nonzero(left.weight) < FEW:
        return Parts(note=parts_note(torn))
    swing = fit(left, grid, reference, SWING)
    if swing.unexplained < CLEARLY * fields.unexplained:
        fields, price = swing, SWING
    for _ in range(PASSES - 1):
        left = measure(pictures, slots, position, telling, fields.steps())
        fields = fit(left, grid, reference, price)
    if fields.unexplained > EXPLAINED:
        return Parts(note=parts_note(torn))
    return _judged(fields, left, torn, cell)


def _judged(fields: Fields, left: Leftover, torn: float, cell: int) -> Parts:
    """Whether fields that are believed are worth bending for, and telling of; `torn` in full-size pixels."""
    length = np.abs(fields.foretold)
    told = torn > 0 or quantile(length, left.weight, 0.95) * cell >= TOLD
    if not told and _farthest(fields.place, left.weight) * cell < BENT:
        return Parts()
    apart = max(torn, quantile(length, left.weight, 0.99) * cell) if told else 0.0
    return Parts(fields.place, parts_note(apart, bent=True))


def _farthest(place: NDArray[np.complex128], weight: NDArray[np.float64]) -> float:
    """How far apart any two frames show blocks that were seen, 95th percentile."""
    seen = (weight > 0).any(axis=0)
    span = np.hypot(*(np.ptp(part, axis=0)[seen] for part in (place.real, place.imag)))
    return float(np.quantile(span, 0.95)) if span.size else 0.0
