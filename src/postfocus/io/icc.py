"""What the numbers of a picture mean as colours: profiles written, named, and turned into sRGB.

The rule of the product is to keep the pixels and the profile as the camera
wrote them. Conversion to sRGB happens only when a person asks for it.
"""

from __future__ import annotations

import io
import struct
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_DATE = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
_STRIP = 256
_FLOATS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}


@cache
def srgb() -> bytes:
    """The sRGB profile, the same bytes on every machine and day."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = _DATE
    profile[84:100] = bytes(16)  # the profile's checksum, which counts the date
    return bytes(profile)


def channels(icc: bytes) -> int:
    """Colour channels a profile speaks of: 3 for RGB, 1 for grey, 0 for anything else or no profile."""
    if len(icc) < 132 or icc[36:40] != b"acsp":
        return 0
    return {b"RGB ": 3, b"GRAY": 1}.get(icc[16:20], 0)


def description(icc: bytes) -> str | None:
    """A profile's own name, for a person; ``None`` where it has none or is damaged."""
    from PIL import ImageCms

    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc)))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return "".join(c if c.isprintable() else " " for c in name).strip() or None


def to_srgb(pixels: NDArray[Any], icc: bytes) -> NDArray[Any] | None:
    """Convert a picture to sRGB, colorimetrically relative to its white.

    Parameters
    ----------
    pixels
        `(H, W, 3)` R, G, B; uint8 or uint16, full range.
    icc
        Their profile.

    Returns
    -------
    NDArray or None
        The same shape and type in sRGB. ``None`` when it cannot be done, and the caller keeps pixels
        and profile: a damaged profile, one that is not RGB, or 16 bits with a look-up-table profile.

    Notes
    -----
    8 bits go through LittleCMS. 16 bits go through the profile's own curves and matrix, since
    LittleCMS is reached through Pillow, which holds 8 bits of colour.
    """
    if pixels.ndim != 3 or channels(icc) != 3:
        return None
    return _by_littlecms(pixels, icc) if pixels.dtype == np.uint8 else _by_matrix(pixels, icc)


def _by_littlecms(pixels: NDArray[Any], icc: bytes) -> NDArray[Any] | None:
    from PIL import Image, ImageCms

    try:
        converted = ImageCms.profileToProfile(
            Image.fromarray(pixels),
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.ImageCmsProfile(io.BytesIO(srgb())),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return None if converted is None else np.asarray(converted)


def _by_matrix(pixels: NDArray[Any], icc: bytes) -> NDArray[Any] | None:
    try:
        curves = [_curve(_tag(icc, name)) for name in (b"rTRC", b"gTRC", b"bTRC")]
        primaries = _primaries(icc)
    except (KeyError, struct.error, ValueError, ArithmeticError):
        return None
    if b"A2B0" in _tags(icc):
        return None
    matrix = (np.linalg.inv(_primaries(srgb())) @ primaries).astype(np.float32)
    out = np.empty_like(pixels)
    for top in range(0, pixels.shape[0], _STRIP):
        rows = slice(top, top + _STRIP)
        light = np.stack([curve[pixels[rows, :, c]] for c, curve in enumerate(curves)], axis=2)
        out[rows] = np.rint(_encoded(np.clip(cv2.transform(light, matrix), 0, 1)) * 65535).astype(np.uint16)
    return out


def _encoded(light: NDArray[Any]) -> NDArray[Any]:
    """The curve of sRGB, light 0…1 to code 0…1 (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.power(light, 1 / 2.4) - 0.055)


def _tags(icc: bytes) -> dict[bytes, tuple[int, int]]:
    count = min(struct.unpack_from(">I", icc, 128)[0], 100)
    rows = [struct.unpack_from(">4sII", icc, 132 + 12 * i) for i in range(count)]
    return {name: (at, size) for name, at, size in rows}


def _tag(icc: bytes, name: bytes) -> bytes:
    at, size = _tags(icc)[name]
    return icc[at : at + size]


def _primaries(icc: bytes) -> NDArray[np.float64]:
    """`(3, 3)` matrix from linear R, G, B to XYZ adapted to D50."""
    columns = [struct.unpack_from(">3i", _tag(icc, name), 8) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    return np.array(columns, np.float64).T / 65536


def _curve(tag: bytes) -> NDArray[np.float32]:
    """A tone curve as light 0…1 for each of the 65 536 codes."""
    x = np.linspace(0, 1, 65536)
    if tag[:4] == b"para":
        y = _parametric(tag, x)
    elif tag[:4] == b"curv":
        count = int(struct.unpack_from(">I", tag, 8)[0])
        points = np.frombuffer(tag, ">u2", count=count, offset=12) if count else np.empty(0)
        if count == 0:
            y = x
        elif count == 1:
            y = x ** (float(points[0]) / 256)
        else:
            y = np.interp(x, np.linspace(0, 1, count), points / 65535)
    else:
        raise ValueError("unknown kind of tone curve")
    if not np.isfinite(y).all():
        raise ValueError("tone curve without a value")
    return y.astype(np.float32)


def _parametric(tag: bytes, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The five parametric curves of ICC.1:2022, table 68."""
    kind = int(struct.unpack_from(">H", tag, 8)[0])
    if kind not in _FLOATS:
        raise ValueError("unknown parametric curve")
    p = [v / 65536 for v in struct.unpack_from(f">{_FLOATS[kind]}i", tag, 12)]
    g, a, b, c, d, e, f = p[0], 1.0, 0.0, 0.0, -1.0, 0.0, 0.0
    if kind >= 1:
        a, b = p[1], p[2]
    if kind in (1, 2):
        d = -b / a
    if kind == 2:
        e = f = p[3]
    if kind >= 3:
        c, d = p[3], p[4]
    if kind == 4:
        e, f = p[5], p[6]
    with np.errstate(all="ignore"):
        power = np.power(np.maximum(a * x + b, 0), g) + e
    return np.where(x >= d, power, c * x + f)
