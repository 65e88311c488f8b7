"""The blocks of cells that are compared after the depth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 16
"""Cells of each side of a block that has one shift."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Blocks over the cells; those at the right and the bottom take what remains.

    Attributes
    ----------
    shape
        Rows and columns of cells.
    rows, cols
        Of blocks.
    """

    shape: tuple[int, int]
    rows: int
    cols: int

    @staticmethod
    def over(shape: tuple[int, int]) -> Grid:
        """The grid over a map."""
        return Grid(shape, max(1, shape[0] // BLOCK), max(1, shape[1] // BLOCK))

    @property
    def count(self) -> int:
        """Number of blocks."""
        return self.rows * self.cols

    def block(self, at: NDArray[np.intp]) -> NDArray[np.intp]:
        """The block of each of some cells, both counted row by row."""
        row = np.minimum(at // self.shape[1] // BLOCK, self.rows - 1)
        return row * self.cols + np.minimum(at % self.shape[1] // BLOCK, self.cols - 1)
