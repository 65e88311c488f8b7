"""Small copies of the frames as light: brightness and colour as they were before the camera coded them.

What is out of focus mixes as light. The luma of a mixture of pink and green is
not the mixture of their lumas, so by luma the rim of a pink petal wanders as it
blurs, and that looks like motion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.align.picture import Picture
from postfocus.cells import doubled
from postfocus.io.colour import LUMINANCE, rgb_matrix, srgb_to_light
from postfocus.model.frame import Coding, Matrix, Transfer


class Codes(Protocol):
    """Small copies of the frames, each in its own geometry."""

    def one(self, slot: int) -> NDArray[np.uint8]:
        """`(h, w)` uint8 codes of one frame."""
        ...


@dataclass(frozen=True, slots=True)
class Luminance:
    """Small copies of the frames as light.

    Attributes
    ----------
    bright
        `(h, w)` uint8 grey levels of each frame.
    colour
        `(2 h', w')` uint8, U above V, on cells of twice the size; those that are not whole are left out.
    coding
        What the codes of the frames mean; of red, green and blue BT.601's luma and differences were kept.
    """

    bright: Codes
    colour: Codes
    coding: Coding

    def one(self, slot: int) -> Picture:
        """`(h, w)` float32 luminance of one frame, 0…255, proportional to light."""
        bright = self.bright.one(slot)
        planes = np.split(self.colour.one(slot), 2)
        u, v = (doubled(plane, bright.shape, cv2.INTER_LINEAR) for plane in planes)
        rgb = cv2.transform(cv2.merge([bright, u, v]), _to_rgb(self.coding))
        light = cv2.LUT(rgb, _table(self.coding.transfer))
        return cast(Picture, cv2.transform(light, LUMINANCE[None]))


def _to_rgb(coding: Coding) -> NDArray[np.float64]:
    """`(3, 4)`: from grey levels and differences to red, green and blue of 0…255."""
    if coding.matrix is Matrix.RGB:
        coding = Coding(Matrix.BT601)
    return 255 * rgb_matrix(replace(coding, bits=8))


@cache
def _table(transfer: Transfer) -> NDArray[np.float32]:
    """`(256,)` light 0…255 of each code."""
    code = np.arange(256) / 255
    light = code if transfer is Transfer.LINEAR else srgb_to_light(code)
    return (255 * light).astype(np.float32)
