"""Light falls on a sensor: vignetting, exposure, photon and read noise, then 8-bit sRGB codes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def encode_srgb(linear: NDArray[Any]) -> NDArray[np.float64]:
    """Linear light 0…1 to sRGB 0…1 (IEC 61966-2-1); values outside are clipped."""
    x = np.clip(np.asarray(linear, np.float64), 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.power(np.maximum(x, 1e-12), 1 / 2.4) - 0.055)


def decode_srgb(code: NDArray[Any]) -> NDArray[np.float64]:
    """Codes 0…1 of sRGB to linear light 0…1."""
    x = np.asarray(code, np.float64)
    return np.where(x <= 0.04045, x / 12.92, np.power((x + 0.055) / 1.055, 2.4))


@lru_cache(maxsize=2)
def _table(bits: int) -> NDArray[Any]:
    top = 2**bits - 1
    codes = np.rint(encode_srgb(np.arange(65536) / 65535.0) * top)
    return codes.astype(np.uint8 if bits == 8 else np.uint16)


def to_codes(linear: NDArray[np.float32], bits: int = 8) -> NDArray[Any]:
    """`(H, W, 3)` linear light to sRGB codes of 8 (uint8) or 16 (uint16) bits, rounded, clipped."""
    scaled = np.empty(linear.shape, np.uint16)
    np.clip(linear * np.float32(65535) + np.float32(0.5), 0, 65535, out=scaled, casting="unsafe")
    return np.take(_table(bits), scaled)


@lru_cache(maxsize=1)
def _bank() -> NDArray[np.float32]:
    """Normal noise, of which every strip takes a random piece: new noise costs a quarter second a frame."""
    return np.random.Generator(np.random.SFC64(90210)).standard_normal(1 << 23, dtype=np.float32)


def vignette(width: int, height: int, amount: float) -> NDArray[np.float32]:
    """`(height, width)` brightness: 1 at the centre, ``1 - amount`` in the corners, falling as cos^4 does."""
    x = (np.arange(width, dtype=np.float32) - (width - 1) / 2) / (width / 2)
    y = (np.arange(height, dtype=np.float32) - (height - 1) / 2) / (width / 2)
    rho = (x[None] ** 2 + y[:, None] ** 2) / (1 + (height / width) ** 2)
    edge = (1 - amount) ** -0.5 - 1
    return (1 / (1 + edge * rho) ** 2).astype(np.float32)


def expose(
    linear: NDArray[np.float32],
    gain: float,
    shading: NDArray[np.float32] | None,
    noise: tuple[float, float],
    seed: tuple[int, int],
) -> NDArray[np.uint8]:
    """Take the exposure.

    Parameters
    ----------
    linear
        `(H, W, 3)` light on the sensor; 1 is white. Used as work space and changed.
    gain
        Exposure of this frame.
    shading
        `(H, W)` vignetting, or ``None``.
    noise
        `(photon, read)`: standard deviation at white, and at black, in thousandths of white.
    seed
        Sweep's seed and frame: the noise depends on these alone.

    Returns
    -------
    NDArray
        `(H, W, 3)` uint8 sRGB codes.
    """
    rng = np.random.Generator(np.random.SFC64(seed))
    bank = _bank()
    photon, read = (n / 1000 for n in noise)
    out = np.empty(linear.shape, np.uint8)
    for y in range(0, len(linear), 16):  # strips that stay in the processor's cache
        part = linear[y : y + 16]
        if shading is not None:
            part *= shading[y : y + 16, :, None]
        part *= np.float32(gain)
        if photon > 0 or read > 0:
            spread = cv2.sqrt(np.minimum(part, 1) * np.float32(photon**2) + np.float32(read**2))
            start = int(rng.integers(len(bank) - part.size))
            part += bank[start : start + part.size].reshape(part.shape) * spread
        out[y : y + 16] = to_codes(part)
    return out
