"""Stills without a lens: each has its own sharp stripe, large enough that a preview is not the original."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

BLOCK = 160
"""Pixels of a block; every other one is plain, so that grain is not taken for the camera's noise."""


def texture(width: int, height: int, seed: int = 7) -> NDArray[np.uint8]:
    """`(H, W, 3)`: a chequerboard of plain grey and of grain at every size down to the pixel.

    The block round the middle has grain.
    """
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 128, np.float32)
    for size in (1, 2, 4, 16, 64):
        rows, cols = -(-height // size), -(-width // size)
        grain = rng.normal(0, 22, (rows, cols, 3)).astype(np.float32)
        picture += cv2.resize(grain, (cols * size, rows * size), interpolation=cv2.INTER_NEAREST)[
            :height, :width
        ]
    row = (np.arange(height) - height // 2 + BLOCK // 2) // BLOCK
    col = (np.arange(width) - width // 2 + BLOCK // 2) // BLOCK
    picture[(row[:, None] + col) % 2 == 1] = 128
    return np.clip(picture, 0, 255).astype(np.uint8)


def write_bracket(folder: Path, count: int, width: int, height: int) -> list[Path]:
    """Write `count` JPEGs; stripe `n` of the picture, from the left, is sharp in still `n`.

    Returns
    -------
    list of Path
        The stills in order.
    """
    folder.mkdir(parents=True)
    sharp = texture(width, height)
    softer = [sharp, *(cv2.GaussianBlur(sharp, None, 4.0 * n) for n in range(1, count))]
    paths: list[Path] = []
    for n in range(count):
        picture = np.empty_like(sharp)
        for stripe in range(count):
            cols = slice(stripe * width // count, (stripe + 1) * width // count)
            picture[:, cols] = softer[abs(stripe - n)][:, cols]
        path = folder / f"still-{n:03d}.jpg"
        if not cv2.imwrite(str(path), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92]):
            raise OSError(f"{path} could not be written")
        paths.append(path)
    return paths


def write_long_bracket(folder: Path, count: int, width: int, height: int) -> None:
    """`count` JPEGs that take long to read and not to write: three, again and again."""
    first = write_bracket(folder, 3, width, height)
    for n in range(3, count):
        shutil.copy(first[n % 3], folder / f"still-{n:03d}.jpg")
