"""The codes a camera wrote become red, green and blue as a screen shows them.

Video keeps brightness and two colour differences, the latter at half the size;
which weights, which range and which bit depth were used is written in the clip
and followed here to the letter, because a wrong matrix turns green leaves blue.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.model.frame import Coding, Frame, Matrix, Transfer

_WEIGHTS = {Matrix.BT601: (0.299, 0.114), Matrix.BT709: (0.2126, 0.0722), Matrix.BT2020: (0.2627, 0.0593)}
"""Red and blue weights of luma: BT.601-7 2.5.1, BT.709-6 3.2, BT.2020-2 table 4 (non-constant luminance)."""
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Of linear red, green and blue in luminance (BT.709-6 3.2, as sRGB)."""

_STRIP = 128
"""Rows converted at a time: small enough for the processor's cache."""


def rgb_matrix(coding: Coding) -> NDArray[np.float64]:
    """The `(3, 4)` matrix from codes (Y, U, V, 1) to R, G, B in 0…1.

    Source: the inverse of BT.601/709/2020 luma and colour differences; ranges as in BT.2100 table 9.
    """
    kr, kb = _WEIGHTS[coding.matrix]
    kg = 1 - kr - kb
    unit = 1 << (coding.bits - 8)
    if coding.full_range:
        black, luma, chroma = 0, (256 * unit) - 1, (256 * unit) - 1
    else:
        black, luma, chroma = 16 * unit, 219 * unit, 224 * unit
    u, v = 2 * (1 - kb), 2 * (1 - kr)
    linear = np.array([[1, 0, v], [1, -u * kb / kg, -v * kr / kg], [1, u, 0]]) / (luma, chroma, chroma)
    offset = linear @ (black, 128 * unit, 128 * unit)
    return np.column_stack([linear, -offset])


def sited_left(coding: Coding) -> bool:
    """Whether chroma lies on the left of its two luma samples, as in H.264, HEVC and AV1 by default.

    JPEG (full-range BT.601) puts it midway. Between two rows it lies midway in both.
    """
    return not (coding.full_range and coding.matrix is Matrix.BT601)


def yuv_to_rgb_plain(
    y: NDArray[Any], u: NDArray[Any], v: NDArray[Any], coding: Coding
) -> NDArray[np.float64]:
    """Convert planes to RGB in plain float64: the reference for the fast way.

    Parameters
    ----------
    y
        `(H, W)` codes.
    u, v
        Codes at `H` or `ceil(H/2)` rows and `W` or `ceil(W/2)` columns.
    coding
        What the codes mean.

    Returns
    -------
    ndarray
        `(H, W, 3)` R, G, B in 0…1, clipped.
    """
    full = [y.astype(np.float64)]
    for plane in (u, v):
        chroma = plane.astype(np.float64)
        if plane.shape[0] < y.shape[0]:
            chroma = _between(chroma, (np.arange(y.shape[0]) - 0.5) / 2, 0)
        if plane.shape[1] < y.shape[1]:
            shift = 0 if sited_left(coding) else 0.5
            chroma = _between(chroma, (np.arange(y.shape[1]) - shift) / 2, 1)
        full.append(chroma)
    matrix = rgb_matrix(coding)
    return np.clip(np.stack(full, -1) @ matrix[:, :3].T + matrix[:, 3], 0, 1)


def _between(plane: NDArray[np.float64], at: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Samples at fractional places along one axis, joined by straight lines, the border continued."""
    at = np.clip(at, 0, plane.shape[axis] - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, plane.shape[axis] - 1)
    part = (at - low)[:, None] if axis == 0 else at - low
    return np.take(plane, low, axis) * (1 - part) + np.take(plane, high, axis) * part


def frame_to_rgb(frame: Frame, *, bits: Literal[8, 16] = 8) -> NDArray[Any]:
    """Convert a frame to RGB.

    Parameters
    ----------
    frame
        From any source.
    bits
        8: uint8 0…255. 16: uint16 0…65535.

    Returns
    -------
    ndarray
        `(h, w, 3)` R, G, B display codes. May be the frame's own memory: do not write to it.
    """
    if frame.coding.transfer is Transfer.LINEAR:
        return np.take(_light_to_srgb(bits), _to_rgb(frame, 16))
    return _to_rgb(frame, bits)


def _to_rgb(frame: Frame, bits: Literal[8, 16]) -> NDArray[Any]:
    """R, G, B with the frame's own transfer."""
    if len(frame.planes) == 1:
        return _still_to_rgb(frame.planes[0], frame.coding, bits)
    y, u, v = frame.planes
    return planes_to_rgb(y, u, v, frame.coding, bits=bits)


def srgb_to_light(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear light 0…1 of display codes 0…1, of any shape: the inverse curve of IEC 61966-2-1."""
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


@cache
def _light_to_srgb(bits: Literal[8, 16]) -> NDArray[Any]:
    """Display codes for 16-bit linear light: the curve of IEC 61966-2-1, as `(65536,)` uint8 or uint16."""
    light = np.arange(65536) / 65535
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(code * (255 if bits == 8 else 65535)).astype(np.uint8 if bits == 8 else np.uint16)


def planes_to_rgb(
    y: NDArray[Any], u: NDArray[Any], v: NDArray[Any], coding: Coding, *, bits: Literal[8, 16] = 8
) -> NDArray[Any]:
    """Convert planes as `yuv_to_rgb_plain` does, fast and rounded to `(H, W, 3)` uint8 or uint16."""
    out = np.empty((*y.shape, 3), np.uint8 if bits == 8 else np.uint16)
    # Eight bits stay eight bits; everything else is worked on with 16, so that halves between chroma survive.
    shift = 0 if coding.bits == 8 and bits == 8 else 16 - coding.bits
    matrix = rgb_matrix(coding)
    matrix[:, :3] /= 1 << shift
    matrix *= 255 if bits == 8 else 65535
    left = sited_left(coding)
    for top in range(0, len(y), _STRIP):
        luma = y[top : top + _STRIP]
        rows = len(luma)
        if shift or luma.dtype != np.uint8:
            luma = np.left_shift(luma, shift, dtype=np.uint16)
        chroma = [_chroma(plane, y.shape, top, rows, left, shift) for plane in (u, v)]
        codes, place = cv2.merge([luma, *chroma]), out[top : top + rows]
        if codes.dtype == out.dtype:
            cv2.transform(codes, matrix, place)
        else:
            cv2.convertScaleAbs(cv2.transform(codes, matrix), place)
    return out


def _chroma(
    plane: NDArray[Any], full: tuple[int, ...], top: int, rows: int, left: bool, shift: int
) -> NDArray[Any]:
    """A strip of one chroma plane at luma size, from as many of its rows as that needs."""
    tall = 2 if plane.shape[0] < full[0] else 1
    wide = 2 if plane.shape[1] < full[1] else 1
    first = max(0, top // tall - 1)
    near = plane[first : (top + rows - 1) // tall + 2]
    if shift or near.dtype != np.uint8:
        near = np.left_shift(near, shift, dtype=np.uint16)
    h, w = near.shape
    between = wide == 2 and left
    if tall == 2 or (wide == 2 and not left):
        near = cv2.resize(near, (w if between else w * wide, h * tall), interpolation=cv2.INTER_LINEAR)
    if between:
        right = cv2.copyMakeBorder(near, 0, 0, 0, 1, cv2.BORDER_REPLICATE)[:, 1:]
        middle = cv2.addWeighted(near, 0.5, right, 0.5, 0)
        near = cv2.merge([near, middle]).reshape(h * tall, 2 * w)
    skip = top - first * tall
    return near[skip : skip + rows, : full[1]]


def _still_to_rgb(pixels: NDArray[Any], coding: Coding, bits: Literal[8, 16]) -> NDArray[Any]:
    """Red, green and blue as they are, or grey three times, in the wanted depth."""
    peak = (1 << coding.bits) - 1
    low, span = 0.0, float(peak)
    if coding.matrix is not Matrix.RGB and not coding.full_range:
        low, span = 16.0 * (1 << (coding.bits - 8)), 219.0 * (1 << (coding.bits - 8))
    want = 255 if bits == 8 else 65535
    if low or peak != want:
        codes = np.arange(peak + 1, dtype=np.float64)
        table = np.clip(np.rint((codes - low) * (want / span)), 0, want)
        pixels = table.astype(np.uint8 if bits == 8 else np.uint16)[np.minimum(pixels, peak)]
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
