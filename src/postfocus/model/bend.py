"""How frames are bent besides their one matrix: a smooth field of shifts for each, on a coarse grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST = 0.02
"""Pixels below which nothing is moved."""


@dataclass(frozen=True, slots=True)
class Bend:
    """Where the scene lies in each frame beside the place its matrix names.

    Frame `n` shows at ``matrix(n)(z + shift[n](z))`` what the picture shows at ``z``.

    Attributes
    ----------
    shift
        `(N, rows, cols)` complex64, full-size pixels of the picture: ``x + iy`` at the centres of blocks,
        linear between, constant outside. Zero for the frame whose geometry the picture has.
    block
        Full-size pixels of each side of a block.
    """

    shift: NDArray[np.complex64]
    block: int

    def at(self, slot: int, x: NDArray[Any], y: NDArray[Any], step: int = 1) -> NDArray[np.complex64]:
        """`(len(y), len(x))` complex64, full-size pixels: the shift of a frame where columns and rows meet.

        `x` and `y` count pixels of a grid each of which is the mean of `step` x `step` full-size ones.
        """
        down, across = (
            _linear(step * v + 0.5 * (step - 1), n, self.block)
            for v, n in zip((y, x), self.shift.shape[1:], strict=True)
        )
        return np.asarray(down @ self.shift[slot] @ across.T, np.complex64)

    def moves(self, slot: int) -> bool:
        """Whether a frame is bent at all."""
        return bool(np.abs(self.shift[slot]).max() > LEAST)

    def margin(self, slots: Sequence[int]) -> float:
        """The farthest that anything is moved in some frames, full-size pixels."""
        return float(np.abs(self.shift[list(slots)]).max(initial=0))

    def centres(self) -> NDArray[np.complex128]:
        """`(rows, cols)` complex128: ``x + iy`` of the middle of each block, full-size pixels."""
        y, x = (np.arange(n) * self.block + (self.block - 1) / 2 for n in self.shift.shape[1:])
        return x[None, :] + 1j * y[:, None]

    def seen_from(self, slot: int, turn: complex, place: NDArray[np.complex128]) -> Bend:
        """The same frames in the geometry of another one.

        Parameters
        ----------
        slot
            Of the other frame.
        turn
            Its scale and roll.
        place
            `(rows, cols)` complex: where, by its matrix alone, the picture so far shows its block centres.
        """
        shown = place - self._sampled(self.shift[slot : slot + 1], place)[0]
        shift = self._sampled(self.shift - self.shift[slot], shown)
        return Bend((turn * shift).astype(np.complex64), self.block)

    def _sampled(self, shift: NDArray[np.complex64], place: NDArray[np.complex128]) -> NDArray[np.complex64]:
        """`(n, rows, cols)` shifts of `n` frames at places of the picture."""
        rows, cols = self.shift.shape[1:]
        down, across = (
            _linear(v.ravel(), n, self.block) for v, n in ((place.imag, rows), (place.real, cols))
        )
        values = np.einsum("pi,nij,pj->np", down, shift, across, optimize=True)
        return np.asarray(values.reshape(-1, *place.shape), np.complex64)


def _linear(at: NDArray[Any], count: int, block: int) -> NDArray[np.float32]:
    """`(len(at), count)` weights of the blocks along one side for linear interpolation at some pixels."""
    place = np.clip((at + 0.5) / block - 0.5, 0, count - 1)
    return np.maximum(1 - np.abs(place[:, None] - np.arange(count)), 0).astype(np.float32)
