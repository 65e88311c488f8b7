"""Answer a touch: the frame in which that place is sharpest.

The touched cell is asked first. If it cannot tell, as between two lines of
print, its surroundings are asked, a little farther each time, but no farther
than a fingertip on a screen covers.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from postfocus.cells import halo
from postfocus.depth.peak import Peaks, find_peaks
from postfocus.model.depth import Noise, State

WIDENING = (1.0, 2.0, 4.0)
"""Standard deviations of the window, in units of the depth map's own."""

SURE = 0.6
"""Confidence at which no wider window is asked."""

NEAR_BY = 0.15
"""Share of the sweep by which a wider window may correct a place that has texture of its own.

A lamp beside it scores a hundred times as much; it speaks for itself only."""


class Windowed(Protocol):
    """A focus volume of which a small part can be had without the rest."""

    @property
    def count(self) -> int:
        """Number of frames."""
        ...

    def window(self, top: int, bottom: int, left: int, right: int) -> NDArray[np.float32]:
        """`(count, rows, columns)` float32 grey levels; cells beyond the picture are left away."""
        ...


def curve_at(volume: Windowed, row: int, col: int, sigma: float) -> NDArray[np.float32]:
    """The sharpness of one place in every frame.

    Parameters
    ----------
    row, col
        Cell.
    sigma
        Standard deviation of the Gaussian window, cells.

    Returns
    -------
    `(N,)` float32 grey levels; 0 where a frame does not show the cell.
    """
    reach = halo(sigma)
    top, left = max(0, row - reach), max(0, col - reach)
    part = volume.window(top, row + reach + 1, left, col + reach + 1)
    count, height, width = part.shape
    y = np.exp(-0.5 * ((np.arange(height) + top - row) / sigma) ** 2)
    x = np.exp(-0.5 * ((np.arange(width) + left - col) / sigma) ** 2)
    weight = np.outer(y, x).ravel().astype(np.float32)
    flat = part.reshape(count, height * width)
    seen = (flat > 0) @ weight
    shown = (part[:, row - top, col - left] > 0) & (seen > 0)
    return np.where(shown, flat @ weight / np.maximum(seen, np.float32(1e-12)), np.float32(0))


def peak_at(volume: Windowed, row: int, col: int, sigma: float, noise: Noise) -> Peaks:
    """The peak at one cell, from the narrowest window that is sure, else the surest.

    `sigma` is that of the depth map, in cells. The result's arrays have one element.
    """
    found: list[Peaks] = []
    for factor in WIDENING:
        peaks = find_peaks(curve_at(volume, row, col, sigma * factor)[:, None], noise)
        own = found[0] if found else peaks
        away = abs(float(peaks.slot[0] - own.slot[0])) > NEAR_BY * volume.count
        if away and own.state[0] != State.NO_TEXTURE:
            continue
        found.append(peaks)
        if peaks.state[0] == State.IN_FOCUS and peaks.confidence[0] >= SURE:
            break
    return max(found, key=lambda p: (p.state[0] == State.IN_FOCUS, float(p.confidence[0])))


def cover(
    position: NDArray[np.float32], weight: NDArray[np.float32], frames: NDArray[np.int64], most: int
) -> list[int]:
    """Choose at most `most` frames that between them show as much as possible sharp.

    The best k-medians of all positions on a line, found exactly by dynamic programming (Wang and Song
    2011 for the problem; here over frames, so quadratic in their number).

    Parameters
    ----------
    position
        `(h, w)` float32, frames of the input.
    weight
        `(h, w)` float32, 0 or more: how much each cell counts.
    frames
        `(M,)` int, increasing: frames to choose from.
    most
        How many to choose at most.

    Returns
    -------
    Frames in order; fewer than `most` if fewer planes hold anything.
    """
    edges = np.concatenate([[-np.inf], (frames[1:] + frames[:-1]) / 2, [np.inf]])
    mass, _ = np.histogram(position.ravel(), bins=edges, weights=weight.ravel())
    mass = np.where(mass > 1e-3 * mass.sum(), mass, 0)
    held = np.flatnonzero(mass)
    if len(held) <= most:
        return [int(frames[i]) for i in held]
    x, w = frames[held].astype(float), mass[held]
    n = len(x)
    cost = np.zeros((n, n))
    median = np.zeros((n, n), int)
    for i in range(n):
        for j in range(i, n):
            total = np.cumsum(w[i : j + 1])
            median[i, j] = i + int(np.searchsorted(total, total[-1] / 2))
            cost[i, j] = float((w[i : j + 1] * np.abs(x[i : j + 1] - x[median[i, j]])).sum())
    best = cost[0].copy()
    starts: list[NDArray[np.int64]] = []
    for _ in range(1, most):
        table = np.full((n, n), np.inf)
        for i in range(1, n):
            table[i, i:] = best[i - 1] + cost[i, i:]
        starts.append(table.argmin(axis=0))
        best = table.min(axis=0)
        best[0] = cost[0, 0]
    chosen: list[int] = []
    end = n - 1
    for start in reversed(starts):
        begin = int(start[end]) if end > 0 else 0
        chosen.append(int(frames[held[median[begin, end]]]))
        end = begin - 1
        if end < 0:
            break
    if end >= 0:
        chosen.append(int(frames[held[median[0, end]]]))
    return sorted(set(chosen))
