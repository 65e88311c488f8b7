"""Where a picture is one even grey, frames are laid on one another, and their focus is told, by colour.

Red cloth on blue of the same brightness has no detail in black and white, and blue on black hardly any. Then
luminance gives way to that mixture of red, green and blue light in which the first frame that shows anything
has most detail: the first principal component of it. Nearly every sweep shows most of its detail in
brightness, and goes by that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.io.colour import LUMINANCE, rgb_matrix, srgb_to_light
from postfocus.model.frame import Coding, Matrix, Transfer

MORE = 4.0
"""How many times as strong detail must be in the best mixture as in luminance. Grey comes to 1.3; 24 rendered
and real sweeps, flowers among them, came to at most 2.5, and cloth of one brightness to 31."""

LEAST = 3.0
"""Levels of linear light, root mean square, below which detail may be noise."""

FINE, WIDE = 0.8, 2.5
"""Standard deviations, cells, between which structure is detail: neither noise nor shading."""


@dataclass(frozen=True, slots=True)
class Hue:
    """What of a frame's light it is looked at by: ``weights @ (red, green, blue) + black``, 0…255.

    Attributes
    ----------
    weights
        `(3,)`, their sizes add up to 1.
    black
        Level of no light: above 0 where weights are negative.
    """

    weights: tuple[float, float, float]
    black: float = 0.0

    @staticmethod
    def along(axis: NDArray[np.floating[Any]]) -> Hue:
        """The mixture along `(3,)` an axis of red, green and blue."""
        red, green, blue = (axis / np.abs(axis).sum()).tolist()
        return Hue((red, green, blue), -255.0 * sum(w for w in (red, green, blue) if w < 0))

    def of(self, light: NDArray[np.float32]) -> NDArray[np.float32]:
        """`(h, w)` float32, 0…255, of `(h, w, 3)` linear red, green and blue, 0…255."""
        mixed = cv2.transform(light, np.array([[*self.weights, self.black]], np.float32))
        return np.asarray(mixed, np.float32)

    def codes(self, light: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same as codes hold light, by its square root: noise is about as strong wherever it is."""
        return np.sqrt(np.maximum(self.of(light), 0) * 255)


def light_of_codes(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """0…255, of what `Hue.codes` gave."""
    return np.square(codes.astype(np.float32)) * np.float32(1 / 255)


BRIGHTNESS = Hue.along(LUMINANCE)
"""What frames usually are aligned and measured by."""


def hue_of(light: NDArray[np.float32]) -> Hue | None:
    """What the frames of a sweep are best aligned and measured by; ``None``: one like this shows nothing.

    Parameters
    ----------
    light
        `(h, w, 3)` linear red, green and blue of small cells of one of its frames, 0…255.
    """
    fine = (_blurred(light, FINE) - _blurred(light, WIDE)).reshape(-1, 3)
    power = (fine.T @ fine).astype(np.float64) / max(1, len(fine))
    size, axes = np.linalg.eigh(power)
    if size[-1] < LEAST**2:
        return None
    grey = LUMINANCE / np.linalg.norm(LUMINANCE)
    if size[-1] < MORE**2 * float(grey @ power @ grey):
        return BRIGHTNESS
    axis = axes[:, -1]
    return Hue.along(axis if axis.sum() > 0 else -axis)


def linear_rgb(
    bright: NDArray[Any], u: NDArray[np.uint8], v: NDArray[np.uint8], coding: Coding
) -> NDArray[np.float32]:
    """Small copies of a frame's planes as light.

    Parameters
    ----------
    bright
        `(h, w)` grey levels, 0…255.
    u, v
        `(h, w)` colour differences; of red, green and blue those of BT.601.
    coding
        What the codes of the frame mean.

    Returns
    -------
    `(h, w, 3)` float32 linear red, green and blue, 0…255.
    """
    levels = bright if bright.dtype == np.uint8 else np.clip(np.rint(bright), 0, 255).astype(np.uint8)
    rgb = cv2.transform(cv2.merge([levels, u, v]), _to_rgb(coding))
    return np.asarray(cv2.LUT(rgb, _table(coding.transfer)), np.float32)


def _blurred(light: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)


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
