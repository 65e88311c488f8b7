"""Stills whose every pixel is known, in any format a camera or microscope writes, whole or broken."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import simplejpeg
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

WIDTH, HEIGHT = 64, 48


def picture(index: int = 0, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Smooth colours that get brighter with `index`; the top left is reddest, the bottom left bluest."""
    y, x = np.mgrid[0:height, 0:width] / (height, width)[0]
    x = x * height / width
    red = 30 + 12 * index + 60 * (1 - x) * (1 - y)
    green = 40 + 12 * index + 30 * x
    blue = 30 + 12 * index + 50 * y * (1 - x)
    return np.clip(np.stack([red, green, blue], axis=-1), 0, 255).astype(np.uint8)


def deep(index: int = 0) -> NDArray[np.uint16]:
    """The same picture in 16 bits, with low bits of its own."""
    low = np.random.default_rng(index).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint16)
    return picture(index).astype(np.uint16) * 256 + low


def exif(
    orientation: int | None = None, taken: str | None = None, subsec: str | None = None, software: str = ""
) -> bytes:
    """A small EXIF block, TIFF header first."""
    block = Image.Exif()
    block[0x10F] = "Maker"
    if orientation is not None:
        block[0x112] = orientation
    if software:
        block[0x131] = software
    shot = block.get_ifd(0x8769)
    if taken:
        shot[0x9003] = taken
    if subsec:
        shot[0x9291] = subsec
    return block.tobytes().removeprefix(b"Exif\0\0")


def profile(name: str = "sRGB") -> bytes:
    """An ICC profile (``"sRGB"`` or ``"LAB"``: two that differ)."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]


def stored(upright: NDArray[Any], orientation: int) -> NDArray[Any]:
    """How a camera held that way stores an upright picture: the inverse of showing it, spelt out."""
    swap = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: np.swapaxes(a, 0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.swapaxes(a[::-1, ::-1], 0, 1),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    return np.ascontiguousarray(swap(upright))


def write_jpeg(
    path: Path, pixels: NDArray[Any], block: bytes | None = None, icc: bytes | None = None
) -> Path:
    """Write a JPEG (4:4:4, quality 95) with EXIF and profile segments."""
    space = "GRAY" if pixels.ndim == 2 else "RGB"
    data = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels.reshape(*pixels.shape[:2], -1)),
        95,
        space,
        colorsubsampling=space[:0] + "444",
    )
    extra = b""
    if block is not None:
        extra += b"\xff\xe1" + struct.pack(">H", len(block) + 8) + b"Exif\0\0" + block
    if icc is not None:
        half = len(icc) // 2
        for number, part in ((2, icc[half:]), (1, icc[:half])):  # out of order on purpose
            extra += (
                b"\xff\xe2" + struct.pack(">H", len(part) + 16) + b"ICC_PROFILE\0" + bytes([number, 2]) + part
            )
    path.write_bytes(data[:2] + extra + data[2:])
    return path


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def write_png(path: Path, pixels: NDArray[Any], block: bytes | None = None, icc: bytes | None = None) -> Path:
    """Write a PNG of any depth OpenCV knows; EXIF goes after the pixels, where some programs put it."""
    colour = (
        pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR if pixels.shape[2] == 3 else 5)
    )
    data = bytes(cv2.imencode(".png", colour)[1])
    if icc is not None:
        data = data[:33] + chunk(b"iCCP", b"x\0\0" + zlib.compress(icc)) + data[33:]
    if block is not None:
        data = data[:-12] + chunk(b"eXIf", block) + data[-12:]
    path.write_bytes(data)
    return path


def write_pillow(path: Path, pixels: NDArray[Any], kind: str, **options: Any) -> Path:
    """Write with Pillow (WebP, AVIF, CMYK JPEG…)."""
    Image.fromarray(pixels).save(path, kind, **options)
    return path


def write_tiff(path: Path, pages: Sequence[NDArray[Any]], **options: Any) -> Path:
    """Write pages one by one, each with the same options."""
    with tifffile.TiffWriter(path) as tif:
        for page in pages:
            how = "rgb" if page.ndim == 3 else "minisblack"
            tif.write(page, **{"photometric": how, "metadata": None, **options})
    return path


def write_bomb_png(path: Path, width: int, height: int, padding: int = 0) -> Path:
    """A whole PNG that declares any size and holds next to nothing, and `padding` bytes of noise."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1 << 20), 9)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", body + bytes(padding)), chunk(b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return path


def write_dng(
    path: Path,
    index: int = 0,
    neutral: tuple[float, float, float] = (0.5, 1.0, 0.6),
    orientation: int = 1,
    size: tuple[int, int] = (96, 64),
) -> Path:
    """Write an uncompressed RGGB raw picture that gets brighter with `index` and to the top left."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    light = (4000 + 1500 * index) * (1 + (1 - x / width) * (1 - y / height))
    site = np.array([[neutral[0], neutral[1]], [neutral[1], neutral[2]]])
    noise = np.random.default_rng(index).integers(0, 20, (height, width))
    codes = (512 + light * np.tile(site, (height // 2, width // 2)) + noise).astype(np.uint16)

    def ratios(values: Sequence[float]) -> tuple[int, ...]:
        return tuple(part for value in values for part in (round(value * 10000), 10000))

    tags: list[tuple[int, int, int, Any, bool]] = [
        (50706, 1, 4, bytes([1, 4, 0, 0]), True),  # DNGVersion
        (50707, 1, 4, bytes([1, 1, 0, 0]), True),
        (50708, 2, 0, "Test camera", True),  # UniqueCameraModel
        (33421, 3, 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, 1, 4, bytes([0, 1, 1, 2]), True),  # CFAPattern: RGGB
        (50721, 10, 9, ratios((1, 0, 0, 0, 1, 0, 0, 0, 1)), True),  # ColorMatrix1
        (50728, 5, 3, ratios(neutral), True),  # AsShotNeutral
        (50714, 3, 1, 512, True),  # BlackLevel
        (50717, 3, 1, 60000, True),  # WhiteLevel
        (50778, 3, 1, 21, True),  # CalibrationIlluminant1: D65
        (274, 3, 1, orientation, True),
        (271, 2, 0, "Maker", True),
        (272, 2, 0, "Model", True),
    ]
    tifffile.imwrite(path, codes, photometric=32803, metadata=None, extratags=tags, rowsperstrip=height)
    return path
