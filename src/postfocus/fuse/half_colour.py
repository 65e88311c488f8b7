"""Stills whose colour was halved are merged as video is: brightness, and colour at half the size.

Nearly every camera's JPEGs, and every still taken out of a video, held colour at half the width and height
when they were compressed; for red, green and blue it was enlarged by straight lines. Such lines are found in
the pixels: every second colour is what its neighbours say. Taken back along them, colour is exactly what was
recorded, moved and blended at a quarter of the cost, and made as sharp as its brightness once, at the end
(`postfocus.fuse.colour`). Where no such lines are found a still is merged as red, green and blue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.colour import widened
from postfocus.fuse.noise import brightness
from postfocus.io.colour import rgb_matrix
from postfocus.model.frame import Coding, Frame, Matrix

SAME = 0.72
"""Share of the error of lines drawn from the wrong pixels below which those drawn from the right ones count.

Of stills with full colour 0.87 to 1.1 was measured, of sharp ones with halved colour 0.2 to 0.65."""

EDGE = 8.0
"""Grey levels by which colour changes over four pixels where it is looked at."""

LEAST = 2000.0
"""Sum of the squared errors, grey levels, below which there is no colour to tell by."""

SAMPLES, TALL = 12, 64
"""Strips looked at, and their rows, even."""

STRIP = 128
"""Rows worked on at a time, even."""


@dataclass(frozen=True, slots=True)
class HalfColour:
    """Where the colours lie that a still was enlarged from.

    Attributes
    ----------
    left
        On the left one of their two columns of pixels, as in video; otherwise midway, as in JPEG. Between
        two rows they lie midway in both.
    """

    left: bool

    @staticmethod
    def of(frame: Frame) -> HalfColour | None:
        """Where they lie in an RGB frame; ``None`` where colour has full size in either direction."""
        rgb = frame.planes[0]
        if rgb.ndim != 3 or min(rgb.shape[:2]) <= TALL:
            return None
        rows, midway, left = np.zeros((3, 2))
        for colour in _samples(rgb, 2.0 ** (frame.coding.bits - 8)):
            rows += _off_the_lines(colour.T, False)
            midway += _off_the_lines(colour, False)
            left += _off_the_lines(colour, True)
        columns = min(midway, left, key=lambda errors: errors[0] / max(errors[1], 1e-9))
        if min(rows[1], columns[1]) < LEAST:
            return None
        found = rows[0] < SAME * rows[1] and columns[0] < SAME * columns[1]
        return HalfColour(columns is left) if found else None

    def apart(self, frame: Frame) -> Frame:
        """The RGB frame as brightness of full and two colours of half the size, 16-bit codes."""
        rgb, bits = frame.planes[0], frame.coding.bits
        coding = Coding(
            Matrix.BT709 if self.left else Matrix.BT601, True, 16, frame.coding.transfer, frame.coding.icc
        )
        matrix = np.linalg.inv(rgb_matrix(coding)[:, :3]) / (2.0**bits - 1)
        h, w = rgb.shape[:2]
        luma = np.empty((h, w), np.uint16)
        colours = [np.empty((-(-h // 2), -(-w // 2)), np.uint16) for _ in range(2)]
        for top in range(0, h, STRIP):
            first = max(0, top - 2)
            piece = rgb[first : top + STRIP + 2].astype(np.float32)
            piece = np.asarray(cv2.transform(piece, matrix.astype(np.float32)), np.float32)
            strip = luma[top : top + STRIP]
            strip[:] = np.rint(piece[top - first : top - first + len(strip), :w, 0])
            for number, plane in enumerate(colours, 1):
                small = taken_back(piece[..., number])
                small = small[:, 0::2] if self.left else taken_back(small.T).T
                place = plane[top // 2 : (top + STRIP) // 2]
                codes = small[(top - first) // 2 : (top - first) // 2 + len(place)] + np.float32(32768)
                place[:] = np.clip(np.rint(codes), 0, 65535)
        return Frame((luma, *colours), luma, coding, frame.info)


def _samples(rgb: NDArray[Any], unit: float) -> Iterator[NDArray[np.float32]]:
    """How far red, and blue, lie above brightness in some strips, `(TALL + 1, w)` grey levels."""
    places = np.linspace(0, len(rgb) - TALL - 1, SAMPLES).astype(int) // 2 * 2
    for top in places.tolist():
        piece = rgb[top : top + TALL + 1].astype(np.float32) * np.float32(1 / unit)
        luma = brightness(piece)
        yield from (piece[..., channel] - luma for channel in (0, 2))


def _off_the_lines(colour: NDArray[np.float32], left: bool) -> NDArray[np.float64]:
    """Squared errors of lines along rows, drawn from the right pixels and, one further, from wrong ones.

    Only where colour changes by more than noise.
    """
    wide = (colour.shape[1] - 1) // 2 * 2
    change = np.zeros(colour.shape, np.float32)
    change[:, 2:-2] = np.abs(colour[:, 4:] - colour[:, :-4])
    out = np.zeros(2)
    for start in (0, 1):
        given = colour[:, start : start + wide]
        small = given[:, 0::2] if left else taken_back(given.T).T
        error = np.square(given - widened(np.ascontiguousarray(small), left))
        out[start] = (error * (change[:, start : start + wide] > EDGE)).sum()
    return out


def taken_back(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(h, w)` rows that straight lines drew from `(h / 2, w)` midway between them: those, exactly."""
    if len(rows) % 2:  # the line goes on to where the colour itself lies
        rows = np.asarray(np.vstack([rows, 1.5 * rows[-1:] - 0.5 * rows[-2:][:1]]), np.float32)
    upper, lower = rows[0::2], rows[1::2]
    above, below = np.concatenate([upper[:1], lower[:-1]]), np.concatenate([upper[1:], lower[-1:]])
    back = (upper + lower) * np.float32(0.75) - (above + below) * np.float32(0.25)
    return np.asarray(back, np.float32)
