"""The shape that a point of light out of focus takes: a disc, the lens blades, a ring.

Kernels are normalised to one, so blur moves light and never makes or loses any.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from postfocus.errors import BadUse

BLADES = {"disc": 0, "pentagon": 5, "hexagon": 6, "octagon": 8, "ring": 0}


@dataclass(frozen=True, slots=True)
class Aperture:
    """Opening of the lens.

    Attributes
    ----------
    name
        One of `BLADES`.
    rotation
        Degrees by which a polygon is turned.
    """

    name: str = "disc"
    rotation: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in BLADES:
            raise BadUse(f"Unknown aperture shape {self.name!r}; choose from {', '.join(BLADES)}.")

    def inside(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """True where a point of the pupil passes light; the opening has the variance of a unit disc."""
        rho = np.hypot(x, y)
        if self.name == "disc":
            return rho <= 1
        if self.name == "ring":
            # Outer and inner radius of a mirror lens; R^2 (1 + q^2) = 1 keeps the variance of the unit disc.
            q = 0.45
            outer = 1 / np.sqrt(1 + q * q)
            return (rho <= outer) & (rho >= q * outer)
        n = BLADES[self.name]
        step = 2 * np.pi / n
        theta = np.mod(np.arctan2(y, x) - np.deg2rad(self.rotation), step) - step / 2
        inner = np.cos(step / 2)
        # Second moment of a regular polygon of circumradius R: R^2 (2 + cos(2 pi / n)) / 6 in all.
        circum = np.sqrt(0.5 / ((2 + np.cos(step)) / 6))
        return rho * np.cos(theta) <= circum * inner

    def points(self, count: int) -> NDArray[np.float64]:
        """`(M, 2)` about `count` points spread evenly over the opening, mean 0: lens positions of rays."""
        side = max(3, int(np.ceil(np.sqrt(count * 4 / np.pi))))
        axis = ((np.arange(side) + 0.5) / side * 2 - 1) * 1.3
        x, y = np.meshgrid(axis, axis)
        keep = self.inside(x, y)
        found = np.stack([x[keep], y[keep]], axis=1)
        return found - found.mean(axis=0)


@lru_cache(maxsize=4096)
def _kernel(shape: Aperture, key: int, flip: bool) -> NDArray[np.float32]:
    radius = key / 64
    if radius < 1.3:
        s = radius * radius / 4
        row = np.array([s / 2, 1 - s, s / 2])
        return np.outer(row, row).astype(np.float32)
    # A pixel's area adds about 1/12 of variance per axis: draw the opening a little smaller, and check.
    square = radius * radius - 1 / 3
    cover = _cover(shape, square**0.5, flip)
    for _ in range(3):
        half = len(cover) // 2
        y, x = np.mgrid[-half : half + 1, -half : half + 1]
        square += radius * radius - 2 * float((cover * (x * x + y * y)).sum())
        cover = _cover(shape, max(square, 0.05) ** 0.5, flip)
    return cover.astype(np.float32)


def _cover(shape: Aperture, radius: float, flip: bool) -> NDArray[np.float64]:
    """Share of each pixel that the opening, enlarged to `radius` pixels, covers; sum 1, size odd."""
    half = int(np.ceil(radius * 1.25 + 0.5))
    fine = 16 if radius < 4 else 8 if radius < 16 else 4
    axis = (np.arange((2 * half + 1) * fine) + 0.5) / fine - half - 0.5
    x, y = np.meshgrid(*(2 * [(-axis if flip else axis) / radius]))
    cover = shape.inside(x, y).reshape(2 * half + 1, fine, 2 * half + 1, fine).sum(axis=(1, 3))
    used = np.flatnonzero(cover.any(axis=0) | cover.any(axis=1))
    edge = max(0, min(int(used[0]), 2 * half - int(used[-1])))
    cover = cover[edge : 2 * half + 1 - edge, edge : 2 * half + 1 - edge]
    return cover / cover.sum()


def kernel(shape: Aperture, radius: float) -> NDArray[np.float32]:
    """The blur of a point as a correlation kernel.

    Parameters
    ----------
    shape
        Opening of the lens.
    radius
        Signed blur radius in pixels (of a disc of equal variance): positive behind the focus. In front
        of it the figure is seen upside down.

    Returns
    -------
    NDArray
        `(k, k)` float32, k odd, sum 1, variance ``radius**2 / 4`` per axis whatever the radius, so that
        sharpness falls smoothly with defocus from the first tenth of a pixel on.
    """
    return _kernel(shape, round(abs(radius) * 64), radius > 0)
