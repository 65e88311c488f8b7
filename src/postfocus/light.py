"""How bright, and of what colour, every frame is: small copies in the geometry of one and at its exposure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import doubled, shrink
from postfocus.model.depth import Cells
from postfocus.model.tone import Tone

SAME = 0.002
"""Share by which brightness may differ before colours are scaled."""


class Coarse(Cells, Protocol):
    """Small copies of the frames."""

    def one(self, slot: int) -> NDArray[np.uint8]:
        """`(height, width)` uint8 codes of one frame; 0 where it does not show a cell."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """Small copies as another geometry has them."""

    maps: Coarse
    view: NDArray[np.float64]

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.maps.height

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.maps.width

    def one(self, slot: int) -> NDArray[np.uint8]:
        """`(height, width)` uint8 codes of one frame; 0 where it does not show a cell."""
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(self.maps.one(slot), self.view, (self.width, self.height), flags=flags)
        return np.asarray(seen, np.uint8)


@dataclass(frozen=True, slots=True)
class _Shrunk:
    """Small copies made smaller; of `layers` above one another each for itself."""

    maps: Coarse
    factor: int
    layers: int = 1

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.maps.height // self.layers // self.factor * self.layers

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.maps.width // self.factor

    def one(self, slot: int) -> NDArray[np.uint8]:
        """`(height, width)` uint8 codes of one frame; 0 where it does not show a cell whole."""
        small = [_shrunk(layer, self.factor) for layer in np.split(self.maps.one(slot), self.layers)]
        return np.vstack(small)


def _shrunk(codes: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Means of codes; 0 where one of them is."""
    mean = shrink(codes, factor)
    hidden = codes == 0
    if hidden.any():
        mean = mean * (shrink(hidden.astype(np.float32), factor) == 0)
    return np.asarray(mean, np.uint8)


@dataclass(frozen=True, slots=True)
class Light:
    """How bright every frame is, cell by cell.

    Attributes
    ----------
    maps
        Small copies of all slots, in the reference's geometry: the grey level of 2 x 2 cells of the scores.
    gain
        `(N,)` brightness of each slot over the reference's.
    colour
        Their colour, on cells of twice the size: U above V in one map, 128 without colour; ``None``: it is
        not known.
    tones
        Curves of the slots that differ from the reference by more than a gain.
    """

    maps: Coarse
    gain: NDArray[np.float64]
    colour: Coarse | None = None
    tones: Mapping[int, Tone] = field(default_factory=dict[int, Tone])

    def seen(self, view: NDArray[np.float64]) -> Light:
        """Brightness alone, in another geometry; `view` is the `(2, 3)` matrix from its cells to these."""
        return replace(self, maps=_Seen(self.maps, view), colour=None)

    def shrunk(self, factor: int) -> Light:
        """The same on cells `factor` times as large each way, a power of two."""
        colour = None if self.colour is None else _Shrunk(self.colour, factor, 2)
        return replace(self, maps=_Shrunk(self.maps, factor), colour=colour)

    def evened(self, tones: Mapping[int, Tone], reference: int) -> Light:
        """The same at the exposure of a slot, to whose brightness such curves lead; itself without any."""
        return replace(self, gain=self.gain / self.gain[reference], tones=tones) if tones else self

    def of(self, slot: int) -> NDArray[np.float32]:
        """`(h, w)` float32 grey levels at the reference's exposure; 0 where the frame shows nothing."""
        codes = self.maps.one(slot)
        level, tone = codes * np.float32(1 / self.gain[slot]), self.tones.get(slot)
        return level if tone is None else tone.of(level) * (codes > 0)

    def change(
        self, slot: int, others: Iterable[int], shape: tuple[int, int], sigma: float = 0.0
    ) -> NDArray[np.float32]:
        """How far a frame's brightness is from that of other frames, at most, on `shape` cells.

        `(h, w)` float32 grey levels, each the greatest of its neighbourhood. What differs is averaged by a
        Gaussian of `sigma` coarse cells before: blur moves light, and takes none away.
        """
        light = self.of(slot)
        most = np.zeros_like(light)
        for other in others:
            change = self.of(other) - light
            if sigma > 0:
                change = np.asarray(cv2.GaussianBlur(change, (0, 0), sigma), np.float32)
            np.maximum(most, np.abs(change), out=most)
        return doubled(cv2.dilate(most, np.ones((3, 3), np.uint8)), shape, cv2.INTER_NEAREST)

    def level(self, slot: int) -> NDArray[np.uint8]:
        """`(h, w)` uint8 grey levels of a frame at the reference's exposure; 0 where it shows nothing."""
        if slot in self.tones:
            return np.asarray(cv2.convertScaleAbs(self.of(slot)), np.uint8)
        codes = self.maps.one(slot)
        return np.asarray(cv2.convertScaleAbs(codes, alpha=1 / float(self.gain[slot])), np.uint8)

    def tint(self, slot: int) -> NDArray[np.uint8]:
        """`(2 h, w)` uint8 U above V of a frame at the reference's exposure; 0 where it shows nothing."""
        assert self.colour is not None
        codes, scale = self.colour.one(slot), 1 / float(self.gain[slot])
        if abs(scale - 1) < SAME:
            return codes
        scaled = np.asarray(cv2.convertScaleAbs(codes, alpha=scale, beta=128 - 128 * scale), np.uint8)
        scaled += scaled == 0
        return scaled * (codes > 0)
