"""What the numbers of a picture mean as colours: profiles written, and pixels turned into sRGB.

The rule of the product is to keep the pixels and the profile as the camera
wrote them. Only previews, which have no profile, are converted to sRGB.
"""

from __future__ import annotations

import base64
import io
import zlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

_SRGB = (
    "c-obby-UMT6va<lMbSzJ9Yh>5RB>oQ6vR>M(4|PJ6|A}>uW2hJX-HC}xC$-~1qac^ufhL7SHV?55EMbg+0m~>N<3)_Euw?>@"
    "p6BhymPtlJ|LLVgl>1t0J`B=nPfs*$}LM>F9>ioLKe0;n@*?jXMEoIXK&+PE&MNf^QtX?KsR|xn3h9kH%P5JrpMdl0a23k<U"
    "?}IVuR!>Pgi_?_PFTtyT?{GGY15{no_Zil{OY7ODB(!qq<fR&3?R_gjHj4fq95~7&bCUA^`~sDp-RC2XSVDGyB~)-tf(%Opo"
    "B#L=_etMU?1`QLV75%3PqXa%re~bN@L{yD&N7R}UwE&L`J>8v(j@fO^e!zm8nDehh>jfeWMMFLO@QAJl6tEqVY%Hi5ItmZt0"
    "i=Uc$wgDG2bLke*R3kBfy6zIzV{Wn0*ia)F7f1KO{*$qC?HL$l2jPiVB^&37bXRr"
)
"""The profile that LittleCMS makes of sRGB, of a fixed date and without checksum: deflated, in base 85."""


@cache
def srgb() -> bytes:
    """The sRGB profile, the same bytes on every machine and day."""
    return zlib.decompress(base64.b85decode(_SRGB))


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
