"""Pixels as linear light, in which blur mixes them, and back."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from postfocus.io.colour import LUMINANCE, srgb_to_light

WHITE = 65535


@cache
def _curve() -> NDArray[np.float32]:
    """`(65536,)` linear light 0…1 of each sRGB code (IEC 61966-2-1)."""
    return srgb_to_light(np.arange(WHITE + 1) / WHITE).astype(np.float32)


def linear(pixels: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Linear light 0…1 of sRGB codes, of any shape."""
    return np.take(_curve(), pixels)


def codes(light: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The sRGB codes of linear light, clipped to 0…1, of any shape."""
    light = np.clip(light, 0, 1)
    code = np.power(light, np.float32(1 / 2.4))
    code *= np.float32(1.055)
    code -= np.float32(0.055)
    code = np.where(light <= np.float32(0.0031308), np.float32(12.92) * light, code)
    code *= np.float32(WHITE)
    return np.rint(code, out=code).astype(np.uint16)


def levels_of(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Grey levels of linear light."""
    return codes(light) * np.float32(1 / 257)


def grey(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(h, w)` brightness of linear light (BT.709)."""
    return light[..., 0] if light.shape[2] == 1 else light @ LUMINANCE
