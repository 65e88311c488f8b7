"""The merged picture's colour becomes as sharp as its brightness.

Video keeps colour at half the size; enlarged evenly it runs over every edge.
But colour and brightness nearly always change at the same edge. Within 3 x 3
colour samples a straight line from brightness to colour is fitted, and what
brightness shows beyond its own half-size copy is passed on to colour along
that line (the local model of the guided filter: He, Sun, Tang, 2013). Where
brightness says nothing, the line is level and colour stays as it was. What the
result, halved again, lacks of the colour that was recorded is added
(back-projection: Irani, Peleg, 1991).

Only a merged picture is treated so: frames are saved as they were recorded.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import filled_up
from postfocus.fuse.layout import into_codes
from postfocus.fuse.noise import COLOUR_REACH, box_mean, cleaned_colour
from postfocus.io.colour import sited_left
from postfocus.model.frame import Frame

NOISE = 1.0
"""Grey levels: contrast of brightness below which it tells nothing of colour."""

STRIP = 128
"""Rows worked on at a time, even, so that a strip stays in the processor's cache."""

REACH = 4 + COLOUR_REACH
"""Colour samples on each side that a place depends on."""


_ONE_SIDE, _BOTH_SIDES = (np.array(taps, np.float32) / 4 for taps in ([0, 2, 2], [1, 2, 1]))


def full_colour(frame: Frame, share: float = 0.0) -> Frame:
    """The same picture with colour planes of full size; what is not 4:2:0 is returned as it is.

    Noise of colour is averaged away first, as far as its `share` says (`postfocus.fuse.noise`).
    """
    half = (-(-frame.height // 2), -(-frame.width // 2))
    if len(frame.planes) != 3 or any(plane.shape != half for plane in frame.planes[1:]):
        return frame
    luma = frame.planes[0]
    out = [np.empty(luma.shape, luma.dtype) for _ in range(2)]
    unit = 2.0 ** (frame.coding.bits - 8)
    for top in range(0, luma.shape[0], STRIP):
        first, last = max(0, top // 2 - REACH), min(half[0], (top + STRIP) // 2 + REACH)
        base = filled_up(luma[2 * first : 2 * last].astype(np.float32), 2)
        inner = slice(top - 2 * first, top - 2 * first + len(luma[top : top + STRIP]))
        chroma = [plane[first:last].astype(np.float32) for plane in frame.planes[1:]]
        sharp = _follow(base, chroma, sited_left(frame.coding), unit, share)
        for whole, values in zip(out, sharp, strict=True):
            into_codes(values[inner, : luma.shape[1]], frame.coding.bits, whole[top : top + STRIP])
    return Frame((luma, *out), frame.luma, frame.coding, frame.info)


def _follow(
    luma: NDArray[np.float32], chroma: list[NDArray[np.float32]], left: bool, unit: float, share: float
) -> list[NDArray[np.float32]]:
    """Colour planes `(h, w)` enlarged to `(2 h, 2 w)` with the detail of luma `(2 h, 2 w)`, in codes."""
    small = _shrunk(luma, left)
    if share > 0:
        chroma = [cleaned_colour(plane, small, share, unit) for plane in chroma]
    detail = luma - _enlarged(small, left)
    out: list[NDArray[np.float32]] = []
    for plane, slope in zip(chroma, slopes(small, chroma, 1, NOISE * unit), strict=True):
        sharp = _enlarged(slope, left)
        sharp *= detail
        # What is enlarged, and what the sum halved again lacks: both are enlarged at once.
        lack = plane - _enlarged_and_shrunk(plane)
        lack -= _shrunk(sharp, left)
        lack += plane
        sharp += _enlarged(lack, left)
        out.append(sharp)
    return out


def slopes(
    luma: NDArray[np.float32], colours: Sequence[NDArray[np.float32]], reach: int, noise: float
) -> list[NDArray[np.float32]]:
    """Each colour's change over brightness's, `(h, w)`, in the square of `reach` values on each side.

    `luma` and `colours` `(h, w)` float32 codes; `noise` codes of contrast below which luma tells nothing.
    """
    mean = box_mean(luma, reach)
    spread = box_mean(luma * luma, reach)
    spread -= mean * mean
    spread += np.float32(noise * noise)
    out: list[NDArray[np.float32]] = []
    for colour in colours:
        slope, product = box_mean(luma * colour, reach), box_mean(colour, reach)
        product *= mean
        slope -= product
        slope /= spread
        out.append(slope)
    return out


def _shrunk(luma: NDArray[np.float32], left: bool) -> NDArray[np.float32]:
    """Luma as a camera would have halved it: pairs of rows; columns 1-2-1 about even ones, or pairs."""
    rows = cv2.addWeighted(luma[0::2], 0.5, luma[1::2], 0.5, 0)
    even, odd = rows[:, 0::2], rows[:, 1::2]
    if left:
        before = cv2.copyMakeBorder(rows, 0, 0, 1, 0, cv2.BORDER_REPLICATE)[:, 0:-1:2]
        odd = before + odd
        odd *= np.float32(0.5)
    small = even + odd
    small *= np.float32(0.5)
    return np.asarray(small, np.float32)


def _enlarged(plane: NDArray[np.float32], left: bool) -> NDArray[np.float32]:
    """Twice the size by straight lines, from where colour samples lie to where luma samples do."""
    h, w = plane.shape
    # Every sample four times, then means of neighbours: the same lines, in much less time.
    squares = cv2.resize(plane, (2 * w, 2 * h), interpolation=cv2.INTER_NEAREST)
    across = _ONE_SIDE if left else _BOTH_SIDES
    lines = cv2.sepFilter2D(squares, -1, across, _BOTH_SIDES, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(lines, np.float32)


def _enlarged_and_shrunk(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """What `_shrunk` makes of a plane that was `_enlarged`, wherever its samples lie."""
    taps = np.array([1, 6, 1], np.float32) / 8
    return np.asarray(cv2.sepFilter2D(plane, -1, taps, taps, borderType=cv2.BORDER_REPLICATE), np.float32)


def widened(plane: NDArray[np.float32], left: bool) -> NDArray[np.float32]:
    """Twice the columns by straight lines, from where colour samples lie to where luma samples do."""
    h, w = plane.shape
    if not left:
        return np.asarray(cv2.resize(plane, (2 * w, h), interpolation=cv2.INTER_LINEAR), np.float32)
    right = cv2.copyMakeBorder(plane, 0, 0, 0, 1, cv2.BORDER_REPLICATE)[:, 1:]
    middle = cv2.addWeighted(plane, 0.5, right, 0.5, 0)
    return np.asarray(cv2.merge([plane, middle]).reshape(h, 2 * w), np.float32)
