"""The codes a camera wrote become red, green and blue as a screen shows them.

Video keeps brightness and two colour differences, the latter at half the size;
which weights, which range and which bit depth were used is written in the clip
and followed here to the letter, because a wrong matrix turns green leaves blue.
"""

from __future__ import annotations

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.model.alignment import Rect
from postfocus.model.frame import Coding, Frame, Matrix

_WEIGHTS = {Matrix.BT601: (0.299, 0.114), Matrix.BT709: (0.2126, 0.0722), Matrix.BT2020: (0.2627, 0.0593)}
"""Red and blue weights of luma: BT.601-7 2.5.1, BT.709-6 3.2, BT.2020-2 table 4 (non-constant luminance)."""
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


def frame_to_rgb(frame: Frame, *, window: Rect | None = None, bits: Literal[8, 16] = 8) -> NDArray[Any]:
    """Convert a frame, or a part of it, to RGB.

    Parameters
    ----------
    frame
        From any source.
    window
        Pixels wanted, clipped to the frame; the result is that part of the whole (to one code where
        more than 8 bits go in or come out: the order of sums differs).
    bits
        8: uint8 0…255. 16: uint16 0…65535.

    Returns
    -------
    ndarray
        `(h, w, 3)` R, G, B display codes. May be the frame's own memory: do not write to it.
    """
    part = _clip(window, frame)
    if len(frame.planes) == 1:
        crop = frame.planes[0][part.y : part.y + part.h, part.x : part.x + part.w]
        return _still_to_rgb(crop, frame.coding, bits)
    return _planes_to_rgb(frame.planes[0], frame.planes[1], frame.planes[2], frame.coding, part, bits)


def planes_to_rgb(
    y: NDArray[Any], u: NDArray[Any], v: NDArray[Any], coding: Coding, *, bits: Literal[8, 16] = 8
) -> NDArray[Any]:
    """Convert planes as `yuv_to_rgb_plain` does, fast and rounded to `(H, W, 3)` uint8 or uint16."""
    return _planes_to_rgb(y, u, v, coding, Rect(0, 0, y.shape[1], y.shape[0]), bits)


def _clip(window: Rect | None, frame: Frame) -> Rect:
    if window is None:
        return Rect(0, 0, frame.width, frame.height)
    x, y = max(0, window.x), max(0, window.y)
    right, bottom = min(frame.width, window.x + window.w), min(frame.height, window.y + window.h)
    return Rect(x, y, max(0, right - x), max(0, bottom - y))


def _planes_to_rgb(
    y: NDArray[Any], u: NDArray[Any], v: NDArray[Any], coding: Coding, part: Rect, bits: Literal[8, 16]
) -> NDArray[Any]:
    out = np.empty((part.h, part.w, 3), np.uint8 if bits == 8 else np.uint16)
    if not out.size:
        return out
    # Eight bits stay eight bits; everything else is worked on with 16, so that halves between chroma survive.
    shift = 0 if coding.bits == 8 and bits == 8 else 16 - coding.bits
    matrix = rgb_matrix(coding)
    matrix[:, :3] /= 1 << shift
    matrix *= 255 if bits == 8 else 65535
    left = sited_left(coding)
    for top in range(0, part.h, _STRIP):
        rows = Rect(part.x, part.y + top, part.w, min(_STRIP, part.h - top))
        luma = y[rows.y : rows.y + rows.h, rows.x : rows.x + rows.w]
        if shift or luma.dtype != np.uint8:
            luma = np.left_shift(luma, shift, dtype=np.uint16)
        chroma = [_chroma(plane, y.shape, rows, left, shift) for plane in (u, v)]
        codes, place = cv2.merge([luma, *chroma]), out[top : top + rows.h]
        if codes.dtype == out.dtype:
            cv2.transform(codes, matrix, place)
        else:
            cv2.convertScaleAbs(cv2.transform(codes, matrix), place)
    return out


def _chroma(plane: NDArray[Any], full: tuple[int, ...], part: Rect, left: bool, shift: int) -> NDArray[Any]:
    """One chroma plane at luma size within `part`, from as many samples as that needs."""
    tall = 2 if plane.shape[0] < full[0] else 1
    wide = 2 if plane.shape[1] < full[1] else 1
    y0, x0 = max(0, part.y // tall - 1), max(0, part.x // wide - 1)
    y1, x1 = (part.y + part.h - 1) // tall + 2, (part.x + part.w - 1) // wide + 2
    near = plane[y0:y1, x0:x1]
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
    oy, ox = part.y - y0 * tall, part.x - x0 * wide
    return near[oy : oy + part.h, ox : ox + part.w]


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
