"""All links are solved together, so that small errors of neighbours do not add up along the sweep.

With ``beta = b / a`` the two complex systems ``log a_k - log a_i = log a_ik`` and
``b_k - (a_k / a_i) b_i = b_ik`` have one real matrix, the weighted Laplacian of
the graph. Links that contradict the others lose their weight (Cauchy).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.align.lattice import Motion

ROUNDS = 10
SURE = 0.05
"""Pixels that every link may be wrong by, added to its own error."""
VOTED_DOWN = 0.3
"""A link below this robust weight is contradicted by the others."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A measured motion: frame `k` shows at ``motion(z)`` what frame `i` shows at ``z`` (full-size pixels).

    `error` is its likely corner error in full-size pixels, `gain` the brightness of `k` over that of `i`.
    """

    i: int
    k: int
    motion: Motion
    error: float
    gain: float = 1.0


@dataclass(frozen=True, slots=True)
class Poses:
    """The solved graph.

    Attributes
    ----------
    members
        `(M,)` frames in the part that holds the most of them, ascending.
    a, b, row, gain
        `(M,)` against the first member.
    weights
        `(L,)` robust weight 0…1 of each edge; 0 for those outside.
    off
        `(L,)` full-size pixels by which each edge disagrees with the poses; not a number outside.
    covariance
        `(M, M)` squared full-size pixels, against the first member.
    """

    members: NDArray[np.int64]
    a: NDArray[np.complex128]
    b: NDArray[np.complex128]
    row: NDArray[np.float64]
    gain: NDArray[np.float64]
    weights: NDArray[np.float64]
    off: NDArray[np.float64]
    covariance: NDArray[np.float64]

    def error(self, member: int) -> NDArray[np.float64]:
        """`(M,)` full-size pixels: standard deviation of each pose seen from one of the members."""
        c = self.covariance
        d = np.diag(c) + c[member, member] - 2 * c[:, member]
        return np.sqrt(np.maximum(d, 0))


def largest_part(
    count: int, edges: Sequence[Edge], worth: NDArray[np.float64], keep: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """The connected frames that are worth most together, ascending."""
    part = list(range(count))

    def root(k: int) -> int:
        while part[k] != k:
            part[k] = part[part[k]]
            k = part[k]
        return k

    for number, edge in enumerate(edges):
        if keep is None or keep[number]:
            part[root(edge.i)] = root(edge.k)
    roots = np.array([root(k) for k in range(count)])
    total = np.bincount(roots, worth, count)
    return np.flatnonzero(roots == total.argmax())


def solve(count: int, edges: Sequence[Edge], worth: NDArray[np.float64], radius: float) -> Poses:
    """Solve the part of the graph that holds most frames, robustly.

    Frames whose every link is voted down, and what hangs on them alone, are left out and the rest is
    solved again.

    Parameters
    ----------
    count
        Number of frames.
    edges
        Accepted links.
    worth
        `(count,)` what a frame counts for when parts compete.
    radius
        Full-size pixels at which a turn or a change of scale is counted.
    """
    keep = np.ones(len(edges), bool)
    members = largest_part(count, edges, worth)
    while True:
        poses = _solve_part(members, edges, keep, radius)
        trusted = keep & (poses.weights >= VOTED_DOWN)
        rest = largest_part(count, edges, worth, trusted)
        if len(rest) >= len(members) or len(rest) < 2:
            return poses
        inside = np.isin([e.i for e in edges], rest) & np.isin([e.k for e in edges], rest)
        keep, members = keep & inside, rest


def _solve_part(
    members: NDArray[np.int64], edges: Sequence[Edge], keep: NDArray[np.bool_], radius: float
) -> Poses:
    m = len(members)
    slot = {int(k): s for s, k in enumerate(members)}
    used = np.array([bool(keep[n]) and e.i in slot and e.k in slot for n, e in enumerate(edges)], bool)
    chosen = [e for e, u in zip(edges, used, strict=True) if u]
    weights, off = np.zeros(len(edges)), np.full(len(edges), np.nan)
    if not chosen:
        one = np.ones(m)
        return Poses(
            members, one.astype(complex), np.zeros(m, complex), 0 * one, one, weights, off, np.zeros((m, m))
        )
    i = np.array([slot[e.i] for e in chosen])
    k = np.array([slot[e.k] for e in chosen])
    log_a: NDArray[np.complex128] = np.log(np.array([e.motion.a for e in chosen], complex))
    b = np.array([e.motion.b for e in chosen], complex)
    row = np.array([e.motion.row for e in chosen])
    log_gain = np.log(np.array([e.gain for e in chosen]))
    sigma = SURE + np.array([e.error for e in chosen])
    robust, residual, b_i = np.ones(len(chosen)), np.zeros(len(chosen)), b * 0
    a, beta_c, x = np.ones(m, complex), np.zeros(m, complex), np.zeros((m, 4))
    for _ in range(ROUNDS):
        weight = robust / sigma**2
        inverse = _inverse(m, i, k, weight)
        x = inverse @ _sums(m, i, k, weight, np.stack([log_a.real, log_a.imag, row, log_gain], 1))
        a, c = np.exp(x[:, 0] + 1j * x[:, 1]), x[:, 2]
        step = (b + (c[k] - c[i]) * np.imag(b_i)) / a[k]
        beta = inverse @ _sums(m, i, k, weight, np.stack([np.real(step), np.imag(step)], 1))
        beta_c = beta[:, 0] + 1j * beta[:, 1]
        b_i = (beta_c * a)[i]
        turn = np.abs(log_a - (x[k, 0] - x[i, 0]) - 1j * (x[k, 1] - x[i, 1])) * radius
        residual = np.hypot(turn, np.abs((step - beta_c[k] + beta_c[i]) * a[k]))
        u = residual / sigma
        scale = max(0.5, 1.48 * float(np.median(u)))
        robust = 1 / (1 + (u / (2 * scale)) ** 2)
    weights[used], off[used] = robust, residual
    inverse = _inverse(m, i, k, robust / sigma**2)
    return Poses(members, a, beta_c * a, x[:, 2], np.exp(x[:, 3]), weights, off, inverse)


def _inverse(m: int, i: NDArray[np.intp], k: NDArray[np.intp], w: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of the Laplacian with the first frame fixed."""
    laplacian = np.zeros((m, m))
    np.add.at(laplacian, (i, i), w)
    np.add.at(laplacian, (k, k), w)
    np.add.at(laplacian, (i, k), -w)
    np.add.at(laplacian, (k, i), -w)
    laplacian[1:, 1:] = np.linalg.inv(laplacian[1:, 1:])
    laplacian[0] = laplacian[:, 0] = 0
    return laplacian


def _sums(
    m: int, i: NDArray[np.intp], k: NDArray[np.intp], w: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """`(m, c)`: weighted values `(L, c)` of the links that end at each frame, less those that begin there."""
    out, weighted = np.zeros((m, values.shape[1])), w[:, None] * values
    np.add.at(out, k, weighted)
    np.subtract.at(out, i, weighted)
    return out
