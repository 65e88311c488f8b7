"""A sparse grid of points at which two frames are compared, and what a frame looks like there.

Of a frame that has passed only these values are kept, a hundredth of its pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.align.picture import Level, Picture

OUTSIDE = np.float32(1e12)
"""What a sample outside the picture reads; anything above `SANE` has touched it."""
SANE = np.float32(100)
TEXTURED = 0.003
"""Least squared gradient of a point worth comparing."""
DECISIVE = 0.1
"""The same for the last step: the steepest points say most, and a fifth of them suffices."""
ROWS, COLUMNS = 6, 9
"""Blocks in which the left-over shift is measured."""
FEW_POINTS = 1500
BORDER = 8
"""Pixels along the sides of the working picture that are not compared: what lies beyond them was guessed
when the picture was blurred, and stays where it is while the scene moves."""


@dataclass(frozen=True, slots=True)
class Motion:
    """``z -> a z + b + row * y``, about the picture's centre, in pixels of one level."""

    a: complex = 1 + 0j
    b: complex = 0j
    row: float = 0.0

    def then(self, other: Motion) -> Motion:
        """First this, then `other` (the row terms to first order)."""
        b = other.a * self.b + other.b + other.row * self.b.imag
        return Motion(other.a * self.a, b, self.row + other.row)

    def inverse(self) -> Motion:
        """The way back."""
        return Motion(1 / self.a, -(self.b - self.row * self.b.imag) / self.a, -self.row)

    def scaled(self, factor: float) -> Motion:
        """The same motion in pixels `factor` times smaller."""
        return Motion(self.a, self.b * factor, self.row)


@dataclass(frozen=True, slots=True)
class Lattice:
    """Every `step`-th pixel of a level.

    Attributes
    ----------
    step
        Pixels.
    shape
        Points down and across.
    x0, y0
        First point, pixels.
    cx, cy
        The picture's centre, pixels.
    px, py
        `(P,)` float32: the points from the centre, pixels.
    block
        `(P,)` int: which of the 6 x 9 blocks a point lies in.
    middle
        `(54,)` complex: block centres, pixels from the picture's centre.
    unit, half
        Half the width and half the height, pixels: the scale and row unknowns are measured at the edges.
    """

    step: int
    shape: tuple[int, int]
    x0: int
    y0: int
    cx: float
    cy: float
    px: NDArray[np.float32]
    py: NDArray[np.float32]
    block: NDArray[np.intp]
    middle: NDArray[np.complex128]
    unit: float
    half: float


def border_of(level: Level) -> int:
    """`BORDER`, or less for small pictures."""
    return min(BORDER, min(level.n.shape) // 64)


def hide_border(level: Level, border: int) -> None:
    """Mark `border` pixels on each side as outside the picture, in place."""
    if border:
        n = level.n
        n[:border], n[-border:], n[:, :border], n[:, -border:] = (OUTSIDE,) * 4


def lattice_of(level: Level, step: int, few: int = FEW_POINTS, border: int = 0) -> Lattice:
    """Lay a lattice over a level without its border; `step` is halved until it has at least `few` points."""
    h, w = level.n.shape[0] - 2 * border, level.n.shape[1] - 2 * border
    while step > 1 and ((h - 3) // step + 1) * ((w - 3) // step + 1) < few:
        step //= 2
    ni, nj = max(0, h - 3) // step + 1, max(0, w - 3) // step + 1
    y0, x0 = border + 1 + max(0, h - 3) % step // 2, border + 1 + max(0, w - 3) % step // 2
    i, j = np.divmod(np.arange(ni * nj), nj)
    px, py = x0 + step * j - level.cx, y0 + step * i - level.cy
    block = (i * ROWS // ni) * COLUMNS + j * COLUMNS // nj
    count = np.maximum(np.bincount(block, minlength=ROWS * COLUMNS), 1)
    middle = np.bincount(block, px, ROWS * COLUMNS) + 1j * np.bincount(block, py, ROWS * COLUMNS)
    return Lattice(
        step, (ni, nj), x0, y0, level.cx, level.cy, px.astype(np.float32), py.astype(np.float32),
        block, middle / count, max(1.0, level.n.shape[1] / 2), max(1.0, level.n.shape[0] / 2),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Template:
    """A frame at the textured points of the lattice.

    Attributes
    ----------
    at
        `(T,)` int32: which lattice points are textured.
    n, gx, gy
        `(T,)` float32: the normalised picture there and its gradient per pixel.
    """

    at: NDArray[np.int32]
    n: NDArray[np.float32]
    gx: NDArray[np.float32]
    gy: NDArray[np.float32]

    @property
    def plain(self) -> bool:
        """Too little texture to tell where it is."""
        return len(self.at) < 60


def template_of(level: Level, lattice: Lattice, least: float = TEXTURED) -> Template:
    """Read a frame's values and central differences at lattice points of `least` squared gradient."""
    n, s, (ni, nj) = level.n, lattice.step, lattice.shape
    y0, x0 = lattice.y0, lattice.x0
    ye, xe = y0 + s * (ni - 1) + 1, x0 + s * (nj - 1) + 1
    if min(n.shape) < 3:
        empty = np.zeros(0, np.float32)
        return Template(np.zeros(0, np.int32), empty, empty, empty)
    gx = ((n[y0:ye:s, x0 + 1 : xe + 1 : s] - n[y0:ye:s, x0 - 1 : xe - 1 : s]) * np.float32(0.5)).ravel()
    gy = ((n[y0 + 1 : ye + 1 : s, x0:xe:s] - n[y0 - 1 : ye - 1 : s, x0:xe:s]) * np.float32(0.5)).ravel()
    at = np.flatnonzero(gx * gx + gy * gy > least).astype(np.int32)
    return Template(at, n[y0:ye:s, x0:xe:s].ravel()[at], gx[at], gy[at])


def matrix(lattice: Lattice, motion: Motion) -> NDArray[np.float64]:
    """`(2, 3)`: from the (column, row) of a lattice point to the pixel that `motion` brings it to."""
    a, s = motion.a, lattice.step
    z = complex(lattice.x0 - lattice.cx, lattice.y0 - lattice.cy)
    first = a * z + motion.b + motion.row * z.imag + complex(lattice.cx, lattice.cy)
    return np.array(
        [[a.real * s, (motion.row - a.imag) * s, first.real], [a.imag * s, a.real * s, first.imag]]
    )


def sample_plain(picture: Picture, m: NDArray[np.float64], shape: tuple[int, int]) -> Picture:
    """Bilinear samples of `picture` at the points that `m` maps a grid of `shape` to; exact."""
    h, w = picture.shape
    i, j = np.mgrid[: shape[0], : shape[1]]
    x, y = m[0, 0] * j + m[0, 1] * i + m[0, 2], m[1, 0] * j + m[1, 1] * i + m[1, 2]
    inside = (x >= 0) & (y >= 0) & (x <= w - 1) & (y <= h - 1)
    left = np.clip(np.floor(x), 0, max(0, w - 2)).astype(np.intp)
    top = np.clip(np.floor(y), 0, max(0, h - 2)).astype(np.intp)
    u, v = (x - left).astype(np.float32), (y - top).astype(np.float32)
    right, low = np.minimum(left + 1, w - 1), np.minimum(top + 1, h - 1)
    above = picture[top, left] * (1 - u) + picture[top, right] * u
    below = picture[low, left] * (1 - u) + picture[low, right] * u
    return np.where(inside, above * (1 - v) + below * v, OUTSIDE).astype(np.float32)


def sample_fast(picture: Picture, m: NDArray[np.float64], shape: tuple[int, int]) -> Picture:
    """The same by one warp whose output is the lattice."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(
        picture, m, (shape[1], shape[0]), flags=flags,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(float(OUTSIDE),) * 4,
    )  # fmt: skip
    return cast(Picture, out)


# OpenCV 4 rounds warp positions to 1/32 pixel, which is an eighth of a full-size pixel here.
sample = sample_fast if int(cv2.__version__.split(".")[0]) >= 5 else sample_plain
