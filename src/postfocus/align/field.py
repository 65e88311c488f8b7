"""Shifts of blocks are made into a smooth field, if it foretells those that it was not made of.

Distortion, rolling shutter and the parallax of a slope change slowly over the
picture; noise, blur and what moves do not. So every other block is foretold from the
rest: only if that explains much of the shifts is the field believed. All frames
are solved together: a place is in focus in few of them, and where nothing is
known, each stays where its neighbours are, or returns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.align.blocks import Grid
from postfocus.align.leftover import Leftover

WAVES = (5, 7)
"""Shapes of a free beam that are combined, down and across: constant, slope, bends."""

HELD = 1e6
"""How dear motion of the frame is whose geometry the picture has; a block's weight is
1 / (error in cells) ** 2, about 1000."""

ROUNDS, OUTLIER = 3, 2.0
"""Times that blocks are weighed anew, and errors beyond which one loses its say."""

MOST = 0.75
"""Cells at which a block's disagreement no longer grows."""


@dataclass(frozen=True, slots=True)
class Price:
    """How dear bends and motion are, from each frame to the next and of each frame, in weights of blocks."""

    step_bend: float
    step: float
    frame_bend: float
    frame: float


DRIFT = Price(100.0, 1.0, 0.0, 0.02)
"""Frames that go the same way, as a lens draws ever otherwise: where nothing is known, they stay."""

SWING = Price(0.0, 0.0, 100.0, 0.5)
"""Frames that swing, as a hand and a rolling shutter make them: where nothing is known, they return."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Smooth shifts of the frames of a sweep, in cells.

    Attributes
    ----------
    place
        `(M, rows, cols)` complex128: where each frame shows what belongs to the middle of each block, from
        there; what only the whole sweep could tell is left out.
    foretold
        `(M - 1, rows, cols)` complex128: shift from each frame to the next, each block as the others foretell
        it.
    unexplained
        What is left of the blocks' root mean square shift after `foretold` is taken away, as a share.
    """

    place: NDArray[np.complex128]
    foretold: NDArray[np.complex128]
    unexplained: float

    def steps(self) -> NDArray[np.complex128]:
        """`(M - 1, rows, cols)` complex128: shift from each frame to the next."""
        return np.diff(self.place, axis=0)


def fit(left: Leftover, grid: Grid, reference: int, price: Price = DRIFT) -> Fields:
    """Smooth fields through the shifts of a sweep, in the geometry of one of its frames; see the module."""
    basis, bending = _shapes(grid)
    dear = _prices(price, bending, len(left.shift) + 1, reference)
    row, col = np.divmod(np.arange(grid.count), grid.cols)
    dark = (row + col) % 2 == 0
    weights = left.weight.reshape(-1, grid.count)
    shifts = left.shift.reshape(-1, grid.count)
    place = _smooth(shifts, weights, basis, dear)
    foretold = np.zeros_like(shifts)
    for half in (dark, ~dark):
        foretold[:, half] = np.diff(_smooth(shifts, weights * ~half, basis, dear), axis=0)[:, half]
    before, after = _size(shifts, weights), _size(shifts - foretold, weights)
    return Fields(
        place.reshape(-1, grid.rows, grid.cols), foretold.reshape(left.shift.shape),
        after / before if before > 0 else 1.0,
    )  # fmt: skip


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


def _prices(
    price: Price, bending: NDArray[np.float64], count: int, reference: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`(M, K, K)` what each frame pays for its place, and `(K, K)` what every step pays."""
    same = np.eye(len(bending))
    frames = np.stack([price.frame_bend * bending + price.frame * same] * count)
    frames[reference] += HELD * same
    return frames, price.step_bend * bending + price.step * same


def _smooth(
    shifts: NDArray[np.complex128], weights: NDArray[np.float64], basis: NDArray[np.float64],
    dear: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.complex128]:  # fmt: skip
    """`(M, blocks)` places of the frames that explain the shifts between them, by weighted least squares.

    Frames and steps pay for bends and motion (`_prices`). Blocks that contradict the others lose their say
    (Cauchy).
    """
    known = [np.flatnonzero(weight > 0) for weight in weights]
    parts = [basis[at] for at in known]
    trust = [np.ones(len(at)) for at in known]
    out = np.zeros((len(shifts) + 1, basis.shape[1]), np.complex128)
    for _ in range(ROUNDS):
        heavy = [p.T * (w[at] * t) for p, w, at, t in zip(parts, weights, known, trust, strict=True)]
        links = np.stack([h @ p for h, p in zip(heavy, parts, strict=True)])
        wanted = np.stack([h @ d[at] for h, d, at in zip(heavy, shifts, known, strict=True)])
        out = _chain(dear[0], links + dear[1], wanted)
        for pair, (p, at) in enumerate(zip(parts, known, strict=True)):
            off = np.abs(shifts[pair, at] - p @ (out[pair + 1] - out[pair])) * np.sqrt(weights[pair, at])
            trust[pair] = 1 / (1 + (off / OUTLIER) ** 2)
    return out @ basis.T


def _chain(
    fixed: NDArray[np.float64], links: NDArray[np.float64], wanted: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """Solve a chain of frames, each linked to the next, by elimination from the first to the last.

    Parameters
    ----------
    fixed
        `(M, K, K)` what every frame pays.
    links, wanted
        `(M - 1, K, K)` and `(M - 1, K)`: normal equations of the step from each frame to the next.
    """
    count, size = len(fixed), fixed.shape[1]
    right = np.zeros((count, size, 2))
    for side, part in enumerate((wanted.real, wanted.imag)):
        right[1:, :, side] += part
        right[:-1, :, side] -= part
    left, solved = fixed[0] + links[0], np.zeros((count - 1, size, size + 2))
    for k in range(count - 1):
        solved[k] = np.linalg.solve(left, np.concatenate([links[k], right[k]], axis=1))
        onward = links[k + 1] if k + 2 < count else 0.0
        left = fixed[k + 1] + links[k] + onward - links[k] @ solved[k, :, :size]
        right[k + 1] += links[k] @ solved[k, :, size:]
    out = np.zeros((count, size, 2))
    out[-1] = np.linalg.solve(left, right[-1])
    for k in range(count - 2, -1, -1):
        out[k] = solved[k, :, size:] + solved[k, :, :size] @ out[k + 1]
    return out[..., 0] + 1j * out[..., 1]


def _size(shifts: NDArray[np.complex128], weights: NDArray[np.float64]) -> float:
    """Weighted root mean square length, cells."""
    total = float(weights.sum())
    length = np.minimum(np.abs(shifts), MOST)
    return float(np.sqrt((weights * length**2).sum() / total)) if total > 0 else 0.0
