"""What the numbers of a picture mean as colours: profiles written, and pixels turned into sRGB.

The rule of the product is to keep the pixels and the profile as the camera
wrote them. Only previews, which have no profile, are converted to sRGB.
"""

from __future__ import annotations

import io
import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray

_DATE = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)


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


def to_srgb(pixels: NDArray[np.uint8], icc: bytes) -> NDArray[np.uint8] | None:
    """Convert a picture to sRGB, colorimetrically relative to its white (LittleCMS).

    Parameters
    ----------
    pixels
        `(H, W, 3)` R, G, B, full range.
    icc
        Their profile.

    Returns
    -------
    NDArray or None
        The same shape in sRGB. ``None`` where the profile is damaged or not one of RGB.
    """
    from PIL import Image, ImageCms

    if pixels.ndim != 3 or channels(icc) != 3:
        return None
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
