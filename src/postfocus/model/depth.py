"""Where in the sweep each place of the picture is sharpest, and how sure that is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from postfocus.model.defocus import Defocus


class State(IntEnum):
    """What can be said of one place."""

    IN_FOCUS = 0
    NO_TEXTURE = 1
    OUTSIDE = 2
    MOVED = 3

    @property
    def words(self) -> str:
        """The state as a person and the JSON read it."""
        return ("in focus", "no texture", "outside the sweep", "moved")[self]


@dataclass(frozen=True, slots=True)
class Noise:
    """What sharpness looks like where there is nothing to be sharp.

    Attributes
    ----------
    scatter
        Standard deviation, grey levels, of a plain place's score from frame to frame, the pulse apart.
    pulse
        `(N,)` float32, grey levels, 0 or more: what each frame adds to the score of every plain place. A
        video's intra-coded frames keep noise that the others drop.
    """

    scatter: float
    pulse: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DepthMap:
    """Position of sharpest focus per cell, in the reference's geometry.

    Cell (i, j) covers `pool` x `pool` full-size pixels; its centre lies at ``pool * i + (pool - 1) / 2``.

    Attributes
    ----------
    position
        `(h, w)` float32, in frames of the input, counted from 0: 12.4 lies between frames 12 and 13.
        Where nothing is sharp it is filled from around; `confidence` is then near 0.
    confidence
        `(h, w)` float32, 0…1.
    state
        `(h, w)` uint8, values of `State`.
    pool
        Full-size pixels of each side of a cell.
    width, height
        Full-size pixels.
    last_frame
        Greatest possible position.
    noise
        What counted as noise when the map was made; a touch is judged by the same.
    defocus
        How wide frames blur one another; ``None``: it was not looked for.
    """

    position: NDArray[np.float32]
    confidence: NDArray[np.float32]
    state: NDArray[np.uint8]
    pool: int
    width: int
    height: int
    last_frame: int
    noise: Noise
    defocus: Defocus | None = None

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the cell at fractions `x`, `y` of width and height."""
        rows, cols = self.position.shape
        row = int(y * self.height) // self.pool
        col = int(x * self.width) // self.pool
        return min(row, rows - 1), min(col, cols - 1)


Hidden = Callable[[int], NDArray[np.bool_] | None]
"""Gives, of a frame, the `(height // 2, width // 2)` bool cells of twice the size in which something passes
before the scene; ``None``: none."""

DepthBehind = Callable[[Hidden], DepthMap]
"""Gives, of what is hidden in the frame of each rank, the depth of the scene behind, its positions ranks."""


class Cells(Protocol):
    """A figure for every cell of every frame."""

    @property
    def count(self) -> int:
        """Number of frames."""
        ...

    @property
    def height(self) -> int:
        """Rows of cells."""
        ...

    @property
    def width(self) -> int:
        """Columns of cells."""
        ...


class Volume(Cells, Protocol):
    """Sharpness of every cell in every frame (made by `postfocus.focus`)."""

    def frame(self, slot: int) -> NDArray[np.float32]:
        """`(height, width)` float32 grey levels of one frame; 0 where it does not show a cell."""
        ...

    def band(self, top: int, bottom: int) -> Iterator[NDArray[np.float32]]:
        """Rows `top` up to `bottom`, frame after frame: `(bottom - top, width)` float32 grey levels."""
        ...


@dataclass(frozen=True, slots=True)
class Altered(ABC):
    """A volume of which every layer is altered as it is read.

    Attributes
    ----------
    volume
        As it is.
    """

    volume: Volume

    @property
    def count(self) -> int:
        """Number of frames."""
        return self.volume.count

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.volume.height

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.volume.width

    def frame(self, slot: int) -> NDArray[np.float32]:
        """`(height, width)` float32 grey levels of one frame; 0 where it does not show a cell."""
        return self.altered(self.volume.frame(slot), slot, 0)

    def band(self, top: int, bottom: int) -> Iterator[NDArray[np.float32]]:
        """Rows `top` up to `bottom`, frame after frame: `(bottom - top, width)` float32 grey levels."""
        for slot, layer in enumerate(self.volume.band(top, bottom)):
            yield self.altered(layer, slot, top)

    @abstractmethod
    def altered(self, layer: NDArray[np.float32], slot: int, top: int) -> NDArray[np.float32]:
        """Rows of a frame, from `top` on, `(rows, width)` float32 grey levels, as they are to be seen."""


class Contrasts(Cells, Protocol):
    """The milder figure of sharpness, for comparing frames with one another."""

    def contrast(self, slot: int) -> NDArray[np.float32]:
        """`(height, width)` float32 grey levels of one frame; 0 where it does not show a cell."""
        ...
