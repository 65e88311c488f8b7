"""What the planes of the frames to be merged hold, and what becomes of them at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.io.colour import frame_to_rgb
from postfocus.model.frame import Coding, Frame, Matrix, Transfer

STRIP = 128
"""Rows turned into codes at a time, for large pictures are large as it is."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The planes of the frames to be merged: shapes, and what the codes mean."""

    shapes: tuple[tuple[int, ...], ...]
    coding: Coding

    @staticmethod
    def of(frame: Frame) -> Layout:
        """The layout of a frame."""
        return Layout(tuple(p.shape for p in frame.planes), frame.coding)

    @property
    def sixteen(self) -> Coding:
        """The coding of the merged picture: the same in 16 bits."""
        own = self.coding
        return Coding(own.matrix, own.full_range, 16, own.transfer, own.icc)

    @property
    def scale(self) -> float:
        """What codes are to be multiplied by for it."""
        full = 2.0**self.coding.bits - 1
        return 65535 / full if self.coding.matrix == Matrix.RGB else 2.0 ** (16 - self.coding.bits)


def mergeable(frame: Frame) -> Frame:
    """The frame itself if it holds RGB, grey or 4:2:0 planes; otherwise its 16-bit RGB."""
    chroma = (-(-frame.height // 2), -(-frame.width // 2))
    if len(frame.planes) == 1 or all(p.shape == chroma for p in frame.planes[1:]):
        return frame
    rgb = frame_to_rgb(frame, bits=16)
    coding = Coding(Matrix.RGB, True, 16, Transfer.SRGB, frame.coding.icc)
    return Frame((rgb,), frame.luma, coding, frame.info)


def black_code(coding: Coding, plane: int) -> np.float32:
    """The code of a plane that stays where it is when brightness is matched: black, or no colour."""
    unit = 2.0 ** (coding.bits - 8)
    if plane:
        return np.float32(128 * unit)
    return np.float32(0 if coding.full_range else 16 * unit)


def sixteen_bits(values: NDArray[np.float32], scale: float) -> NDArray[np.uint16]:
    """Values times `scale` as 16-bit codes."""
    out = np.empty(values.shape, np.uint16)
    for top in range(0, len(values), STRIP):
        strip = slice(top, top + STRIP)
        into_codes(values[strip], 16, out[strip], scale)
    return out


def into_codes(values: NDArray[np.float32], bits: int, out: NDArray[Any], scale: float = 1.0) -> None:
    """Write values times `scale` into `out` of the same shape as codes of so many `bits`, rounded."""
    if bits == 16 and out.dtype == np.uint16:
        cv2.addWeighted(values, scale, values, 0, 0, out, cv2.CV_16U)
    else:
        out[:] = np.clip(np.rint(values * np.float32(scale)), 0, 2.0**bits - 1)
