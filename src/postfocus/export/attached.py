"""What travels with the pixels into every container: EXIF, colour profile and XMP."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from postfocus.export.xmp import packet
from postfocus.io import icc
from postfocus.io.exif import exif_for
from postfocus.model.picture import Picture

_JPEG_XMP = 65_000


@dataclass(frozen=True, slots=True)
class Attached:
    """Blocks ready to be embedded.

    Attributes
    ----------
    exif
        TIFF header first.
    icc
        Profile that fits the pixels, or ``None`` for grey pixels without one.
    xmp
        Packet with the record.
    """

    exif: bytes
    icc: bytes | None
    xmp: bytes


def attached_for(
    picture: Picture, mime: str, time_offset: Fraction | None = None, *, location: bool = True
) -> Attached:
    """Gather what is to be embedded with a picture in a file of media type `mime`."""
    height, width = picture.pixels.shape[:2]
    exif = exif_for(
        picture.camera,
        time_offset=time_offset,
        width=width,
        height=height,
        srgb=picture.icc is None,
        orientation=mime
        != "image/avif",  # AVIF turns by itself, and Pillow rewrites a block that has the tag
        location=location,
    )
    xmp = packet(picture.record, mime, largest=_JPEG_XMP if mime == "image/jpeg" else None)
    return Attached(exif, profile_for(picture), xmp)


def profile_for(picture: Picture) -> bytes | None:
    """The picture's own profile where it speaks of as many channels as there are, sRGB for other colour."""
    wanted = 3 if picture.pixels.ndim == 3 else 1
    if picture.icc is not None and icc.channels(picture.icc) == wanted:
        return picture.icc
    return icc.srgb() if wanted == 3 else None
