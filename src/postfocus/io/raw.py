"""Camera raw becomes a 16-bit sRGB picture, every frame of a bracket by the same recipe.

LibRaw decodes. Nothing adapts to the single frame: white balance is given from
outside, brightness is not stretched and the white point is the camera's, so that
frames differ in focus and in nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import rawpy
import simplejpeg

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.sniff import open_input
from postfocus.io.still_headers import StillHeader, jpeg_header, tiff_facts, upright
from postfocus.io.still_pixels import StillPixels, plain_errors
from postfocus.io.turning import turn_upright
from postfocus.model.frame import CameraFacts, Coding

WhiteBalance = tuple[float, float, float, float]
"""Multipliers of red, green, blue and second green, as LibRaw counts them."""

_SRGB_GAMMA = (2.4, 12.92)  # power and slope of IEC 61966-2-1
_HEAD_BYTES = 1 << 18
_EXIF_TURN = {0: 1, 3: 3, 5: 8, 6: 6}  # LibRaw's flip
_SIDEWAYS = 4  # bit of LibRaw's flip: width and height change places
_MOST_EMPTY_ROWS = 0.01


def raw_header(path: Path) -> StillHeader:
    """Read size, orientation and camera facts of a raw file without decoding it.

    Raises
    ------
    postfocus.errors.CannotRead
        Not raw, of a camera LibRaw does not know, or too large.
    """
    with open_raw(path) as raw:
        sizes = raw.sizes
        sideways = bool(sizes.flip & _SIDEWAYS)
        size = (sizes.iheight, sizes.iwidth) if sideways else (sizes.iwidth, sizes.iheight)
        return upright(path, "raw", size, bits=16, camera=_facts(path, raw))


def white_balance(path: Path) -> WhiteBalance:
    """The white balance the camera had set, or daylight's where it wrote none.

    Raises
    ------
    postfocus.errors.CannotRead
        As `raw_header`.
    """
    with open_raw(path) as raw:
        told = tuple(float(value) for value in raw.camera_whitebalance)
        chosen = told if min(told[:3]) > 0 else tuple(float(value) for value in raw.daylight_whitebalance)
    return chosen[0], chosen[1], chosen[2], chosen[3]


def decodes(path: Path) -> bool:
    """Whether LibRaw can unpack the sensor's data (new cameras pack them in ways it does not know)."""
    try:
        with open_raw(path) as raw:
            raw.unpack()
    except CannotRead:
        return False
    return True


def read_raw(path: Path, balance: WhiteBalance) -> StillPixels:
    """Develop a raw file.

    Parameters
    ----------
    path
        Any raw format LibRaw knows.
    balance
        White balance, the same for all frames of a bracket; see `white_balance`.

    Returns
    -------
    StillPixels
        `(H, W, 3)` uint16, sRGB primaries and transfer, upright; clipped at the camera's white point.

    Raises
    ------
    postfocus.errors.CannotRead
        As `raw_header`, or the sensor's data are damaged or cut short.
    """
    with open_raw(path) as raw:
        camera = _facts(path, raw)
        raw.unpack()
        _refuse_empty_rows(path, raw)
        pixels = raw.postprocess(
            user_wb=list(balance),
            output_bps=16,
            output_color=rawpy.ColorSpace.sRGB,
            gamma=_SRGB_GAMMA,
            no_auto_bright=True,
            adjust_maximum_thr=0.0,  # else each frame's own brightest pixel becomes white
        )
    return StillPixels(pixels, Coding(bits=16), camera.exif)


def preview_header(path: Path) -> StillHeader:
    """Header of the JPEG that the camera put into a raw file.

    Raises
    ------
    postfocus.errors.CannotRead
        There is none.
    """
    with open_raw(path) as raw:
        return _preview(path, raw)[1]


def read_preview(path: Path) -> StillPixels:
    """Decode the JPEG that the camera put into a raw file, upright, uint8.

    Raises
    ------
    postfocus.errors.CannotRead
        There is none, or it is damaged.
    """
    with open_raw(path) as raw:
        data, header = _preview(path, raw)
        pixels = turn_upright(simplejpeg.decode_jpeg(data, "RGB", strict=True), header.orientation)
    return StillPixels(pixels, Coding(bits=8, icc=header.icc), header.camera.exif)


@contextmanager
def open_raw(path: Path) -> Generator[rawpy.RawPy]:
    """Open a raw file in LibRaw; whatever it raises becomes one sentence.

    Raises
    ------
    postfocus.errors.CannotRead
        It cannot be read.
    """
    with open_input(path):
        pass  # a folder, a pipe or a missing file gets its own sentence
    with plain_errors(path):
        try:
            raw = rawpy.imread(os.fspath(path))
        except rawpy.LibRawFileUnsupportedError:
            raise CannotRead(
                f"{display_name(path)} is not a raw file that is known here; convert it to DNG or TIFF."
            ) from None
        with raw:
            yield raw


def _preview(path: Path, raw: rawpy.RawPy) -> tuple[bytes, StillHeader]:
    try:
        thumb = raw.extract_thumb()
    except rawpy.LibRawError:
        thumb = None
    if thumb is None or thumb.format != rawpy.ThumbFormat.JPEG or not isinstance(thumb.data, bytes):
        raise CannotRead(
            f"{display_name(path)} holds neither readable raw data nor a preview; convert it to DNG."
        )
    header = jpeg_header(path, BytesIO(thumb.data), turn=_EXIF_TURN.get(raw.sizes.flip, 1))
    return thumb.data, header


def _facts(path: Path, raw: rawpy.RawPy) -> CameraFacts:
    """From the preview's EXIF, which keeps MakerNotes in place, else from the file's own tags."""
    try:
        facts = _preview(path, raw)[1].camera
    except CannotRead:
        facts = CameraFacts()
    if facts.make or facts.model:
        return facts
    with open_input(path) as stream:
        return tiff_facts(stream.read(_HEAD_BYTES))


def _refuse_empty_rows(path: Path, raw: rawpy.RawPy) -> None:
    """LibRaw fills what a cut-off file lacks with zeros; no sensor with a black level has such rows."""
    if raw.raw_type != rawpy.RawType.Flat or min(raw.black_level_per_channel[:3]) <= 0:
        return
    rows: Any = raw.raw_image_visible
    if np.mean(~rows.any(axis=1)) > _MOST_EMPTY_ROWS:
        raise CannotRead(f"{display_name(path)} is cut short; copy it from the card again or leave it out.")
