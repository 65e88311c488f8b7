"""Shifts of blocks are made into a smooth field, if it foretells those that it was not made of.

Distortion, rolling shutter and the parallax of a slope change slowly over the
picture; noise, blur and what moves do not. So every other block is foretold from the
rest: only if that explains much of the shifts is the field believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.align.leftover import ERROR, Grid, Leftover

WAVES = (6, 8)
"""Shapes of a free beam that are combined, down and across: constant, slope, bends."""

STIFF, STILL = 100.0, 1.0
"""How dear bending and any motion are; a block's weight is 1 / (error in cells) ** 2, about 1000."""

ROUNDS, OUTLIER = 4, 2.0
"""Times that blocks are weighed anew, and errors beyond which one loses its say."""

MOST = 0.75
"""Cells at which a block's disagreement no longer grows."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Smooth shifts between neighbours of a sweep, in cells.

    Attributes
    ----------
    shift
        `(M - 1, rows, cols)` complex128, over the blocks of `postfocus.align.leftover.Leftover`.
    foretold
        The same, each block as the others foretell it.
    unexplained
        What is left of the blocks' root mean square shift after `foretold` is taken away, as a share.
    """

    shift: NDArray[np.complex128]
    foretold: NDArray[np.complex128]
    unexplained: float


def fit(left: Leftover, grid: Grid) -> Fields:
    """Smooth fields through the shifts of a sweep."""
    basis, price = _shapes(grid)
    row, col = np.divmod(np.arange(grid.count), grid.cols)
    dark = (row + col) % 2 == 0
    weights = np.minimum(left.weight, 1 / ERROR**2).reshape(-1, grid.count)
    shifts = left.shift.reshape(-1, grid.count)
    whole, foretold = np.zeros_like(shifts), np.zeros_like(shifts)
    for pair, (shift, weight) in enumerate(zip(shifts, weights, strict=True)):
        if not (weight > 0).any():
            continue
        whole[pair] = _smooth(shift, weight, basis, price)
        for half in (dark, ~dark):
            foretold[pair, half] = _smooth(shift, weight * ~half, basis, price)[half]
    before, after = _size(shifts, weights), _size(shifts - foretold, weights)
    shape = left.shift.shape
    return Fields(whole.reshape(shape), foretold.reshape(shape), after / before if before > 0 else 1.0)


def _shapes(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`(blocks, K)` smooth shapes and their `(K, K)` bending energy."""
    (down, up), (across, over) = (_beam(n, k) for n, k in zip((grid.rows, grid.cols), WAVES, strict=True))
    shapes = np.einsum("ia,jb->ijab", down, across).reshape(grid.count, -1)
    slopes = [np.diff(v, axis=0).T @ np.diff(v, axis=0) for v in (down, across)]
    bending = np.kron(np.diag(up), np.eye(len(over))) + np.kron(np.eye(len(up)), np.diag(over))
    return shapes, bending + 2 * np.kron(*slopes)


def _beam(n: int, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The `k` stillest shapes of a free beam of `n` points, `(n, k)`, and what their bends cost."""
    second = np.diff(np.eye(n), 2, axis=0) if n > 2 else np.zeros((1, n))
    price, shapes = np.linalg.eigh(second.T @ second)
    k = min(k, n)
    return shapes[:, :k], np.maximum(price[:k], 0)


def _smooth(
    shift: NDArray[np.complex128], weight: NDArray[np.float64], basis: NDArray[np.float64],
    price: NDArray[np.float64],
) -> NDArray[np.complex128]:  # fmt: skip
    """Weighted least squares in the basis; blocks that contradict the others lose their say (Cauchy)."""
    known = np.flatnonzero(weight > 0)
    part, wanted, say = basis[known], shift[known], weight[known]
    fixed = STIFF * price + STILL * np.eye(len(price))
    trust, out = np.ones(len(known)), np.zeros(basis.shape[1], np.complex128)
    for _ in range(ROUNDS):
        weighted = part.T * (say * trust)
        out = np.linalg.solve(weighted @ part + fixed, weighted @ wanted)
        off = np.abs(wanted - part @ out) * np.sqrt(say)
        trust = 1 / (1 + (off / OUTLIER) ** 2)
    return basis @ out


def _size(shifts: NDArray[np.complex128], weights: NDArray[np.float64]) -> float:
    """Weighted root mean square length, cells."""
    total = float(weights.sum())
    length = np.minimum(np.abs(shifts), MOST)
    return float(np.sqrt((weights * length**2).sum() / total)) if total > 0 else 0.0
