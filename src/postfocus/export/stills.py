"""The chosen or merged picture becomes a file, with all that travelled with it.

The name's extension picks the container. Pixels are kept exactly where the
container can; EXIF, colour profile and XMP go into every one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.errors import BadUse, CannotWrite
from postfocus.export.attached import Attached, attached_for
from postfocus.export.formats import media_type
from postfocus.io.atomic import atomic_path, check_target
from postfocus.io.exif import EXIF_PREFIX
from postfocus.model.picture import Picture

_LONGEST_SIDE = {"image/jpeg": 65_500, "image/webp": 16_383, "image/avif": 65_536}
_TIFF_BYTES = 4_000_000_000
_FULL_CHROMA = 90
_STRIP = 128
"""Rows converted at a time: of a large picture no wider copy is made."""

_AVIF_SPEED = 8  # at 4K 0.9 s against 3.9 s at the usual 6, for 11 % more bytes


def save(
    picture: Picture,
    path: Path,
    *,
    quality: int = 95,
    overwrite: bool = False,
    inputs: Sequence[Path] = (),
    time_offset: Fraction | None = None,
    location: bool = True,
) -> Path:
    """Write a picture whole or not at all.

    Parameters
    ----------
    picture
        Pixels `(H, W, 3)` or `(H, W)`, uint8, uint16 or (TIFF only) float32. JPEG, WebP and AVIF round
        16 bits to 8; PNG and TIFF keep what they are given.
    path
        Its extension picks the container: one of `MEDIA_TYPES`.
    quality
        1…100, for JPEG, WebP and AVIF. From 90 on JPEG and AVIF keep colour at full size (4:4:4).
    overwrite, inputs
        As for `postfocus.io.atomic.atomic_path`.
    time_offset
        Seconds from the time in the camera's block to this frame's.
    location
        Whether what the camera wrote of the place goes along; see `postfocus.io.exif.exif_for`.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    BadUse
        An extension, kind of pixel, quality or size that the container cannot hold.
    CannotWrite
        The name is taken or an input, or the disk refuses.
    """
    mime = check_picture(picture, path, quality)
    check_target(path, overwrite=overwrite, inputs=inputs)
    attached = attached_for(picture, mime, time_offset, location=location)
    data = _encoded(picture.pixels, mime, quality, attached)
    with atomic_path(path, overwrite=overwrite, inputs=inputs) as part:
        part.write_bytes(data)
    return path


def check_picture(picture: Picture, path: Path, quality: int = 95) -> str:
    """Media type for a name, after checking that it can hold the picture. See `save` for the errors."""
    mime = media_type(path)
    if not 1 <= quality <= 100:
        raise BadUse(f"Quality {quality} is not between 1 and 100; 95 is a good choice.")
    kind, shape = picture.pixels.dtype, picture.pixels.shape
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] != 3) or 0 in shape:
        raise BadUse("The picture has no pixels, or is neither grey nor red, green and blue.")
    if kind == np.float32 and mime != "image/tiff":
        raise BadUse("Depth in 32-bit numbers needs a .tif file; choose a name that ends in .tif.")
    if kind.name not in ("uint8", "uint16", "float32"):
        raise BadUse(f"Pixels of type {kind} cannot be written; convert them to 8 or 16 bits.")
    side = max(shape[:2])
    if side > _LONGEST_SIDE.get(mime, side):
        name = mime.removeprefix("image/").upper()
        raise BadUse(f"{name} holds {_LONGEST_SIDE[mime]} pixels a side, not {side}; choose .png or .tif.")
    if mime == "image/tiff" and picture.pixels.nbytes > _TIFF_BYTES:
        raise BadUse("The picture is larger than the 4 GB of a TIFF file; choose .png.")
    return mime


def to_eight_bits(pixels: NDArray[Any]) -> NDArray[Any]:
    """Round uint16 codes 0…65535 to uint8 codes 0…255; uint8 passes as it is."""
    if pixels.dtype == np.uint8:
        return pixels
    out = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), _STRIP):
        strip = slice(top, top + _STRIP)
        out[strip] = (pixels[strip].astype(np.uint32) + 128) // 257
    return out


def _encoded(pixels: NDArray[Any], mime: str, quality: int, attached: Attached) -> bytes:
    if mime == "image/png":
        from postfocus.export.png import encode_png

        return encode_png(pixels, attached)
    if mime == "image/tiff":
        from postfocus.export.tiff import encode_tiff

        return encode_tiff(pixels, attached)
    return _by_pillow(to_eight_bits(pixels), mime, quality, attached)


def _by_pillow(pixels: NDArray[Any], mime: str, quality: int, attached: Attached) -> bytes:
    """Encode JPEG (always full-range BT.601, as JFIF demands), WebP or AVIF."""
    from PIL import Image, features

    name = mime.removeprefix("image/").upper()
    if name != "JPEG" and not features.check(name.lower()):
        raise CannotWrite(f"This computer's Pillow cannot write {name}; choose .jpg or .png instead.")
    options: dict[str, Any] = {"speed": _AVIF_SPEED} if name == "AVIF" else {}
    if name != "WEBP" and pixels.ndim == 3:
        options["subsampling"] = "4:4:4" if quality >= _FULL_CHROMA else "4:2:0"
    out = io.BytesIO()
    try:
        Image.fromarray(np.ascontiguousarray(pixels)).save(
            out, name, quality=quality, exif=attached.exif if name == "AVIF" else EXIF_PREFIX + attached.exif,
            icc_profile=attached.icc, xmp=attached.xmp, **options,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        raise CannotWrite(f"Pillow cannot encode this picture as {name}; choose .png or .tif.") from error
    return out.getvalue()
