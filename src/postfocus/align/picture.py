"""Each frame is made into a picture that looks alike in and out of focus.

Code values of luma are first turned back into light (squared), because a lens blurs
light: in code values every bright edge would seem to move as it goes out of
focus. A band of detail is then divided by its own local strength: a patch keeps
its voice when it goes out of focus, and exposure drops out. Registration sees
only this picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus import cells

Picture = NDArray[np.float32]

FLOOR = 2.0
"""Levels of linear light added to the local strength, so that noise on a plain wall stays quiet."""
WIDE = 2.5
"""Blur of the quarter picture that is subtracted. With less, what the quarter grid cannot hold stays
behind as a pattern that does not move with the scene, and every sweep drifts towards standing still."""
BOX = 7
"""Quarter pixels over which the local strength is averaged."""


@dataclass(frozen=True, slots=True)
class Level:
    """One scale of one frame.

    Attributes
    ----------
    n
        `(h, w)` locally normalised band of detail, about -3 to 3.
    cx, cy
        The full-size picture's centre, in pixels of this level (origin: centre of the first cell).
    """

    n: Picture
    cx: float
    cy: float


@dataclass(frozen=True, slots=True)
class Views:
    """What registration looks at in one frame.

    Attributes
    ----------
    fine
        The working scale.
    coarse
        `factor` times smaller, where a first guess is made; the same as `fine` for tiny pictures.
    low
        The plain brightness at the coarse scale, slightly blurred: linear light, 0…255.
    factor
        Working pixels per coarse pixel.
    """

    fine: Level
    coarse: Level
    low: Picture
    factor: int


def coarse_factor(shape: tuple[int, int]) -> int:
    """4, or less for pictures whose quarter would be under 24 pixels high or wide."""
    factor = 4
    while factor > 1 and min(shape) // factor < 24:
        factor //= 2
    return factor


@dataclass(slots=True)
class Preparation:
    """Prepares one frame after the other in the same buffers, which costs a third of new ones.

    Parameters
    ----------
    width, height
        Full-size pixels.
    scale
        Full-size pixels per working pixel.
    """

    width: int
    height: int
    scale: int
    _buffers: dict[tuple[str, tuple[int, ...]], Picture] = field(default_factory=dict)

    def views(self, small: NDArray[Any], light: Picture | None = None) -> Views:
        """Prepare a frame for registration.

        Parameters
        ----------
        small
            `(height // scale, width // scale)` area means of luma codes, 0…255 levels, any real type.
        light
            The same of what of its light it is aligned by, 0…255 (`postfocus.hue`), if not by luma.

        Returns
        -------
        views
            Its fine picture lasts until the next call; the rest is the caller's.
        """
        y = self._buffer("y", small.shape)
        if small.dtype == np.uint8:
            y = cast(Picture, cv2.multiply(small, small, dst=y, scale=1 / 255, dtype=cv2.CV_32F))
        else:
            np.copyto(y, small, casting="unsafe")
            np.multiply(y, y, out=y)
            np.multiply(y, np.float32(1 / 255), out=y)
        factor = coarse_factor((y.shape[0], y.shape[1]))
        rough = shrink(y, factor)
        low = _blur(rough, 1.2 if factor > 1 else 1.5)
        if light is not None:
            np.copyto(y, light)
            rough = shrink(y, factor)
        fine = self._level(self._normalised(y, rough if factor == 4 else shrink(y, 4), 1.5), 1)
        if factor == 1:
            return Views(fine, Level(fine.n.copy(), fine.cx, fine.cy), low, 1)
        return Views(fine, self._level(normalised(rough, shrink(rough, 4), 0.8), factor), low, factor)

    def _level(self, n: Picture, factor: int) -> Level:
        total = self.scale * factor
        return Level(n, (self.width - total) / (2 * total), (self.height - total) / (2 * total))

    def _normalised(self, y: Picture, quarter: Picture, sigma: float) -> Picture:
        """`normalised` in place."""
        h, w = y.shape
        whole = (quarter.shape[0] * 4, quarter.shape[1] * 4)
        wide = self._buffer("wide", whole)
        d = _blur(y, sigma, self._buffer("d", y.shape))
        cv2.resize(_blur(quarter, WIDE), whole[::-1], dst=wide, interpolation=cv2.INTER_LINEAR)
        np.subtract(d, wide[:h, :w], out=d)
        size = np.abs(d, out=y)  # the brightness is no longer needed
        e = cast(Picture, cv2.blur(shrink(size, 4), (BOX, BOX), borderType=cv2.BORDER_REFLECT))
        cv2.resize(e + np.float32(FLOOR), whole[::-1], dst=wide, interpolation=cv2.INTER_LINEAR)
        return np.divide(d, wide[:h, :w], out=d)

    def _buffer(self, name: str, shape: tuple[int, ...]) -> Picture:
        if (name, shape) not in self._buffers:
            self._buffers[name, shape] = np.empty(shape, np.float32)
        return self._buffers[name, shape]


def normalised(y: Picture, quarter: Picture, sigma: float) -> Picture:
    """The band of detail over its own local strength.

    ``d = G_sigma y - up(G_2.5 down_4 y)``, ``e = up(box_7 down_4 |d|)``, ``n = d / (e + 2 levels)``.

    Parameters
    ----------
    y
        `(h, w)` linear light, 0…255.
    quarter
        ``shrink(y, 4)``.
    sigma
        Standard deviation of the finer blur, pixels. Under 1.5 at the working scale the bias of
        bilinear sampling would make small motions drift.
    """
    d = cv2.subtract(_blur(y, sigma), _grow(_blur(quarter, WIDE), y.shape))
    e = cv2.blur(shrink(np.abs(cast(Picture, d)), 4), (BOX, BOX), borderType=cv2.BORDER_REFLECT)
    return cast(Picture, cv2.divide(d, _grow(cast(Picture, e), y.shape) + np.float32(FLOOR)))


def shrink(y: Picture, factor: int) -> Picture:
    """Area means of `factor` x `factor` pixels, a power of two; a last incomplete cell repeats the edge."""
    h, w = y.shape
    down, right = -h % factor, -w % factor
    if down or right:
        y = cast(Picture, cv2.copyMakeBorder(y, 0, down, 0, right, cv2.BORDER_REPLICATE))
    return cast(Picture, cells.shrink(y, factor))


def _grow(quarter: Picture, shape: tuple[int, ...]) -> Picture:
    size = (quarter.shape[1] * 4, quarter.shape[0] * 4)
    return cast(Picture, cv2.resize(quarter, size, interpolation=cv2.INTER_LINEAR))[: shape[0], : shape[1]]


def _blur(y: Picture, sigma: float, out: Picture | None = None) -> Picture:
    size = (2 * int(np.ceil(2.5 * sigma)) + 1,) * 2
    return cast(Picture, cv2.GaussianBlur(y, size, sigma, dst=out, borderType=cv2.BORDER_REFLECT_101))
