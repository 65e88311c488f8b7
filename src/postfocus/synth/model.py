"""What a simulated picture is made of: flat, tilted layers, painted in linear light, far to near.

Depth is counted in *focus units* `u`, larger is farther, and behaves like
minus the inverse distance: a plane in space is a plane in `u` over the picture,
and the blur of a point is proportional to its distance in `u` from the focus.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.errors import BadUse


def as_float(array: Any) -> NDArray[np.float32]:
    """What OpenCV returned for float32 input, which it types loosely; never a copy then."""
    return np.asarray(array, np.float32)


@dataclass(frozen=True, slots=True)
class Plane:
    """Depth ``u0 + ux X + uy Y``; X, Y from the picture's centre, in picture widths, Y down."""

    u0: float
    ux: float = 0.0
    uy: float = 0.0

    def minus(self, other: Plane) -> Plane:
        """The difference of two planes."""
        return Plane(self.u0 - other.u0, self.ux - other.ux, self.uy - other.uy)

    def pixels(self, width: int, height: int) -> tuple[float, float, float]:
        """`(c, gx, gy)` with ``u = c + gx x + gy y`` in pixels of a `width` x `height` picture."""
        gx, gy = self.ux / width, self.uy / width
        return self.u0 - gx * (width - 1) / 2 - gy * (height - 1) / 2, gx, gy

    def over(self, width: int, height: int) -> NDArray[np.float32]:
        """`(height, width)` depth at every pixel."""
        c, gx, gy = self.pixels(width, height)
        rows = (c + gy * np.arange(height)).astype(np.float32)
        return rows[:, None] + (gx * np.arange(width)).astype(np.float32)[None]


@dataclass(frozen=True, slots=True)
class Layer:
    """One sheet of the scene.

    Attributes
    ----------
    name
        What it shows.
    rgba
        `(h, w, 4)` float32: red, green, blue in linear light times alpha, then alpha 0…1. Colour may
        exceed 1 (lamps, glints).
    x, y
        Picture pixel of its top left element; negative in the margin.
    plane
        Its depth.
    opaque
        Alpha is 1 everywhere and the sheet covers the whole canvas; its border is continued.
    """

    name: str
    rgba: NDArray[np.float32]
    x: int
    y: int
    plane: Plane
    opaque: bool = False

    def shifted(self, dx: int, dy: int) -> Layer:
        """The same sheet moved by whole pixels."""
        return Layer(self.name, self.rgba, self.x + dx, self.y + dy, self.plane, self.opaque)


@dataclass(frozen=True, slots=True)
class SceneModel:
    """A drawn scene.

    Attributes
    ----------
    name
        Its name in the register.
    width, height
        Size of the picture in pixels.
    margin
        Pixels drawn beyond each side, so that motion and blur never show a border.
    layers
        Far to near; the first is opaque.
    near, far
        Depth range of what is visible, in focus units; ``near < far``.
    """

    name: str
    width: int
    height: int
    margin: int
    layers: tuple[Layer, ...]
    near: float = 0.0
    far: float = 1.0

    def __post_init__(self) -> None:
        if not self.layers or not self.layers[0].opaque:
            raise BadUse(f"Scene {self.name!r} needs an opaque farthest layer.")
        if not self.near < self.far:
            raise BadUse(f"Scene {self.name!r} needs a depth range with near before far.")

    def with_layer(self, layer: Layer, place: int) -> SceneModel:
        """The scene with one more sheet at `place` in the order far to near."""
        layers = (*self.layers[:place], layer, *self.layers[place:])
        return SceneModel(self.name, self.width, self.height, self.margin, layers, self.near, self.far)
