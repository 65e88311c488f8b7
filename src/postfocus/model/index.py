"""All that is known of a sweep once its frames have been read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.model.alignment import Alignment
from postfocus.model.depth import DepthMap, State
from postfocus.model.frame import LeftOut, SourceInfo
from postfocus.model.sweep import DENSE, Sweep

TELLING_MOTION = 0.01
"""Share of the picture that must have moved before a person is told."""


@dataclass(frozen=True, slots=True)
class Index:
    """A sweep in which any focus can be found.

    Attributes
    ----------
    info
        What the input is.
    pool
        Full-size pixels of each side of a cell.
    frames
        `(N,)` int: index in the input of each slot.
    alignment
        Where the scene lies in each frame; `N` slots.
    sweep
        Which slots the lens moved through once.
    depth
        Position of focus per cell, from the sweep's frames.
    left_out
        Files and frames that could not be read.
    """

    info: SourceInfo
    pool: int
    frames: NDArray[np.int64]
    alignment: Alignment
    sweep: Sweep
    depth: DepthMap
    left_out: tuple[LeftOut, ...] = ()

    def map_shape(self, factor: int = 1) -> tuple[int, int]:
        """Rows and columns of a map whose cells are `factor` (a power of two) times the index's."""
        rows, cols = self.info.height // self.pool, self.info.width // self.pool
        return rows // factor, cols // factor

    def notes(self) -> tuple[str, ...]:
        """Everything a person should be told, in sentences."""
        unread = tuple(f"{item.name}: {item.reason}" for item in self.left_out)
        return unread + self.alignment.notes + self.sweep.findings + self._motion()

    def _motion(self) -> tuple[str, ...]:
        moved = float((self.depth.state == State.MOVED).mean())
        if moved < TELLING_MOTION or len(self.sweep.slots) < DENSE:
            return ()
        share = max(1, round(100 * moved))
        return (
            f"something moved in about {share} % of the picture while the lens passed; "
            "a merged picture shows it at one moment",
        )
