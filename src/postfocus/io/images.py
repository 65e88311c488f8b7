"""A still becomes upright pixels in the codes its camera chose; the colour profile travels along.

Nothing is converted that the file does not force: 16-bit pictures stay 16 bit,
grey stays grey, alpha is dropped, and only CMYK is turned into sRGB. A file that
is cut short is refused rather than shown half grey.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import AvifImagePlugin, ImageCms, JpegImagePlugin

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.exif import EXIF_PREFIX
from postfocus.io.png_chunks import png_header, png_pixels_only
from postfocus.io.raw import raw_header, read_raw, white_balance
from postfocus.io.sniff import HEAD_BYTES, STILLS, UNSUPPORTED, kind_of, open_input
from postfocus.io.still_headers import (
    StillHeader,
    jpeg_header,
    upright,
    webp_header,
)
from postfocus.io.still_pixels import StillPixels, plain_errors
from postfocus.io.tiff import TiffPages
from postfocus.io.turning import turn_upright
from postfocus.model.frame import Coding

_WARNINGS = threading.Lock()
_COLOUR = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
_GREY = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
_CMYK = 4


def probe_still(path: Path) -> StillHeader:
    """Read a still's header without decoding it.

    Parameters
    ----------
    path
        JPEG, PNG, TIFF (its first page), WebP, AVIF or camera raw, whatever its name.

    Raises
    ------
    postfocus.errors.CannotRead
        Missing, cut short, no picture, or more pixels than are read.
    """
    with plain_errors(path), open_input(path) as stream:
        head = stream.read(HEAD_BYTES)
        kind = _still_kind(path, head)
        if kind == "jpeg":
            return jpeg_header(path, stream)
        if kind == "webp":
            return webp_header(path, stream)
        if kind == "tiff":
            return _tiff_header(path, stream)
        if kind == "raw":
            return raw_header(path)
        stream.seek(0, 2)
        size = stream.tell()
        if kind == "png":
            return png_header(path, stream, size)
        stream.seek(0)
        return _avif_header(path, stream.read())


def read_still(path: Path) -> StillPixels:
    """Decode a still, upright.

    Parameters
    ----------
    path
        See `probe_still`.

    Returns
    -------
    StillPixels
        `(H, W, 3)` or `(H, W)`, uint8 or uint16.

    Raises
    ------
    postfocus.errors.CannotRead
        As `probe_still`, or the pixels will not decode.
    """
    header = probe_still(path)
    if header.kind == "raw":
        return read_raw(path, white_balance(path))
    with plain_errors(path):
        with open_input(path) as stream:
            if header.kind == "tiff":
                pixels, icc = TiffPages(stream, path).read(0), header.icc
            else:
                pixels, icc = _DECODERS[header.kind](stream.read(), header)
                pixels = turn_upright(pixels, header.orientation)
        if pixels.shape[:2] != (header.height, header.width):
            raise ValueError("size differs from the header")
        bits = 8 * pixels.dtype.itemsize
        return StillPixels(pixels, Coding(bits=bits, icc=icc), header.camera.exif)


def _still_kind(path: Path, head: bytes) -> str:
    name = display_name(path)
    if not head:
        raise CannotRead(f"{name} is empty; copy it from the card again.")
    kind = kind_of(head, path.suffix)
    if kind is not None and kind in STILLS:
        return kind
    if kind == "video":
        raise CannotRead(f"{name} is a video; give it alone, not among stills.")
    if kind in UNSUPPORTED:
        raise CannotRead(f"{name} is {UNSUPPORTED[kind]}, which is not read; save it as TIFF, PNG or JPEG.")
    raise CannotRead(f"{name} is not a picture; give JPEG, PNG, TIFF, WebP, AVIF or camera raw files.")


def _decode_jpeg(data: bytes, header: StillHeader) -> tuple[NDArray[Any], bytes | None]:
    if header.channels == _CMYK:
        return _decode_cmyk(data, header.icc)
    space = "GRAY" if header.channels == 1 else "RGB"
    try:
        pixels = simplejpeg.decode_jpeg(data, space, strict=True)
    except ValueError as error:
        if "extraneous bytes" not in str(error):
            raise
        # Some cameras leave padding before a marker; libjpeg calls it corrupt, yet every pixel is there.
        pixels = simplejpeg.decode_jpeg(data, space, strict=False)
    return (pixels[..., 0] if space == "GRAY" else pixels), header.icc


def _decode_cmyk(data: bytes, icc: bytes | None) -> tuple[NDArray[Any], bytes | None]:
    with _no_warnings(), JpegImagePlugin.JpegImageFile(BytesIO(data)) as picture:
        picture.load()
        if icc is None:
            return np.asarray(picture.convert("RGB")), None
        press = ImageCms.ImageCmsProfile(BytesIO(icc))
        shown = ImageCms.profileToProfile(picture, press, ImageCms.createProfile("sRGB"), outputMode="RGB")
        return np.asarray(shown), None


def _decode_cv(data: bytes, header: StillHeader) -> tuple[NDArray[Any], bytes | None]:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _GREY if header.channels == 1 else _COLOUR)
    if pixels is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise ValueError("no picture")
    return pixels, header.icc


def _decode_avif(data: bytes, header: StillHeader) -> tuple[NDArray[Any], bytes | None]:
    with _no_warnings(), AvifImagePlugin.AvifImageFile(BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB")), header.icc


def _tiff_header(path: Path, stream: BinaryIO) -> StillHeader:
    pages = TiffPages(stream, path)
    if pages.count > 1:
        raise CannotRead(f"{display_name(path)} holds {pages.count} pages; open it alone, as one sweep.")
    return pages.header


def _avif_header(path: Path, data: bytes) -> StillHeader:
    with _no_warnings(), AvifImagePlugin.AvifImageFile(BytesIO(data)) as picture:
        exif = picture.info.get("exif")
        icc = picture.info.get("icc_profile")
        size = picture.size
    return upright(path, "avif", size, exif=exif.removeprefix(EXIF_PREFIX) if exif else None, icc=icc)


@contextmanager
def _no_warnings() -> Generator[None]:
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


_DECODERS: dict[str, Callable[[bytes, StillHeader], tuple[NDArray[Any], bytes | None]]] = {
    "jpeg": _decode_jpeg,
    "png": lambda data, header: _decode_cv(png_pixels_only(data), header),
    "webp": _decode_cv,
    "avif": _decode_avif,
}
