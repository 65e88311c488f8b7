"""Small copies of the frames as light: brightness and colour as they were before the camera coded them.

What is out of focus mixes as light. The luma of a mixture of pink and green is
not the mixture of their lumas, so by luma the rim of a pink petal wanders as it
blurs, and that looks like motion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.align.picture import Picture
from postfocus.cells import doubled, shrink
from postfocus.hue import BRIGHTNESS, Hue, light_of_codes, linear_rgb
from postfocus.model.frame import Coding


class Codes(Protocol):
    """Small copies of the frames, each in its own geometry."""

    def one(self, slot: int) -> NDArray[np.uint8]:
        """`(h, w)` uint8 codes of one frame."""
        ...


LIT = 230.0
"""Luminance, 0…255, from which a cell may be clipped: then it does not blur as it looks."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A small copy of a frame.

    Attributes
    ----------
    light
        `(h, w)` float32, 0…255: what of its light it is aligned by, in its own geometry.
    clipped
        `(h, w)` bool: cells so bright that they may be clipped.
    """

    light: Picture
    clipped: NDArray[np.bool_]

    def halved(self) -> Copy:
        """On cells of twice the size; a last odd row or column is left out."""
        rows, cols = self.light.shape[0] // 2, self.light.shape[1] // 2
        clipped = self.clipped[: 2 * rows, : 2 * cols].reshape(rows, 2, cols, 2).any(axis=(1, 3))
        return Copy(shrink(self.light, 2), np.asarray(clipped))


@dataclass(frozen=True, slots=True)
class Luminance:
    """Small copies of the frames as light.

    Attributes
    ----------
    bright
        `(h, w)` uint8 grey levels of each frame; of another mixture than brightness its `Hue.codes`.
    colour
        `(2 h', w')` uint8, U above V, on cells of twice the size; those that are not whole are left out.
    coding
        What the codes of the frames mean; of red, green and blue BT.601's luma and differences were kept.
    hue
        What of the frames' light is kept.
    """

    bright: Codes
    colour: Codes
    coding: Coding
    hue: Hue = BRIGHTNESS

    def one(self, slot: int) -> Copy:
        """One frame, in its own geometry."""
        bright = self.bright.one(slot)
        if self.hue is not BRIGHTNESS:
            # What has so much colour is not clipped.
            return Copy(light_of_codes(bright), np.zeros(bright.shape, np.bool_))
        planes = np.split(self.colour.one(slot), 2)
        u, v = (doubled(plane, bright.shape, cv2.INTER_LINEAR) for plane in planes)
        light = linear_rgb(bright, u, v, self.coding)
        luminance = BRIGHTNESS.of(light)
        return Copy(luminance, np.asarray(luminance >= LIT))
