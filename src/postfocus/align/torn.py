"""Blocks that lie whole cells away in the next frame are looked for by their picture.

Near things before a far ground, seen from a camera that moved: no smooth field
follows them, and no gradient leads there.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.align.blocks import BLOCK
from postfocus.align.picture import Picture

FOUND, BETTER = 0.8, 0.3
"""Correlation with which a block must fit elsewhere, and by how much better than where it is."""
AROUND, FAR = 4, 16
"""Cells around a block that are looked for with it, and how far away."""
TRIED = 24
"""Blocks of a pair of frames that are looked for, at most."""


class Torn:
    """Looks for blocks that lie so far away that their gradient does not lead there."""

    def __init__(self) -> None:
        self._blocks, self._torn = 0, 0.0
        self._far: list[float] = []

    def add(self, one: Picture, other: Picture, enough: NDArray[np.bool_], unlike: NDArray[np.bool_]) -> None:
        """Look for the blocks of a pair of frames that are unlike; a sample if they are many."""
        self._blocks += int(enough.sum())
        wanted = np.argwhere(unlike)
        tried, found = 0, 0
        for row, col in wanted[:: max(1, -(-len(wanted) // TRIED))].tolist():
            away = self._away(one, other, row * BLOCK, col * BLOCK)
            tried += away is not None
            if away:
                found += 1
                self._far.append(away)
        self._torn += len(wanted) * found / max(1, tried)

    def result(self) -> tuple[float, float]:
        """Share of the blocks that lie elsewhere, and how far, cells."""
        far = float(np.quantile(self._far, 0.95)) if self._far else 0.0
        return self._torn / max(1, self._blocks), far

    def _away(self, one: Picture, other: Picture, y: int, x: int) -> float | None:
        """How far a block lies, cells; 0 if it is nowhere, ``None`` if its surroundings are not shown."""
        top, left, side = y - AROUND, x - AROUND, BLOCK + 2 * AROUND
        height, width = one.shape
        if min(top, left) < FAR or top + side + FAR > height or left + side + FAR > width:
            return None
        near = other[top - FAR : top + side + FAR, left - FAR : left + side + FAR]
        fit = cv2.matchTemplate(near, one[top : top + side, left : left + side], cv2.TM_CCOEFF_NORMED)
        _, best, _, (column, line) = cv2.minMaxLoc(fit)
        if best < FOUND or best < float(fit[FAR, FAR]) + BETTER:
            return 0.0
        return float(np.hypot(column - FAR, line - FAR))
