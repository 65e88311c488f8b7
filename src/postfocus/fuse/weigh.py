"""How sharp each 2 x 2 pixels of a piece of a frame are, for choosing between frames."""

from __future__ import annotations

from functools import reduce
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import filled_up
from postfocus.model.alignment import Rect
from postfocus.model.frame import Frame

MARGIN = 16
"""Full-size pixels round a piece that the measure looks at."""

SIDE = 5
"""Pixels across of the mean that a pixel is held against. A smaller one, or one between two means, lets the
finest detail slip, in which frames differ most."""

GRID = 8
"""Full-size pixels of the grid that the wide average is taken on; pieces begin on it and show no seam."""

WIDE = 1.0
"""Weight of a place's surroundings beside its own. From 0.3 to 1 rendered sweeps change by 0.03 dB at most;
pairs of frames agree better on which of them to take."""

FLOOR = 4.3
"""Grey levels added to every score. By less than a fraction of this scores differ by noise; such frames
share the weight, instead of the noisiest taking it all, and their noise is averaged away."""

HEARD = 0.02
"""Say below which a frame's sharpness counts less, down to nothing: it is heard only where no other is."""

FLOOR_OF_NOISE = 130.0
"""What is added besides, for each grey level by which a plain cell's score scatters from frame to frame: the
noisier the frames, the more of them are averaged."""


STEEP = 36.0
"""Grey levels of score from which scores part about twice as fast. Where texture is strong, a frame a little
less sharp costs more than the noise that it would average away."""


KEEN, KEEN_SHARE = 17.0, 0.06
"""Grey levels of score above the floor, and share of a block, from which the block is resampled by Lanczos'
kernel: a cubic one softens fine texture that falls between pixels, and keeps less noise."""

BLOCK = 64
"""Side of those blocks, full-size pixels; the pieces of a merge are multiples of it."""


def floor_of(noise: float) -> float:
    """Grey levels to add to every score, where plain cells scatter by `noise` grey levels."""
    return FLOOR + FLOOR_OF_NOISE * noise


def contrast(frame: Frame, box: Rect, floor: float = FLOOR) -> NDArray[np.float32]:
    """High-pass energy of a piece, in its frame's own geometry.

    What differs from the mean of `SIDE` x `SIDE` pixels, averaged over 2 x 2 pixels and a Gaussian of 1.5
    pixels, plus `WIDE` of the same averaged more widely, which decides where fine detail is noise, plus the
    floor. Colour counts like brightness: chroma planes and RGB channels take part by their maximum.

    Parameters
    ----------
    frame
        A frame with RGB, grey, or 4:2:0 planes.
    box
        The piece in full-size pixels, within the frame, its corner on the grid of `GRID`.
    floor
        Grey levels added to every score.

    Returns
    -------
    `(ceil(box.h / 2), ceil(box.w / 2))` float32, code values.
    """
    main = frame.planes[0][box.y : box.y + box.h, box.x : box.x + box.w]
    fine = _from_mean(main).astype(np.float32)
    if fine.ndim == 3:
        fine = np.asarray(reduce(cv2.max, cv2.split(fine)), np.float32)
    fine = filled_up(fine, 2)
    size = (fine.shape[1] // 2, fine.shape[0] // 2)
    energy = np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.float32)
    if len(frame.planes) > 1:
        here = (slice(box.y // 2, box.y // 2 + size[1]), slice(box.x // 2, box.x // 2 + size[0]))
        colour = reduce(cv2.max, [_from_mean(plane[here]) for plane in frame.planes[1:]])
        energy = np.maximum(energy, colour.astype(np.float32))
    wide = _widely(energy)
    score = cv2.GaussianBlur(energy, (5, 5), 0.75)
    unit = 2.0 ** (frame.coding.bits - 8)
    return np.asarray(cv2.addWeighted(score, 1.0, wide, WIDE, floor * unit), np.float32)


def evened(
    score: NDArray[np.float32], beside: NDArray[np.float32], bits: int, floor: float = FLOOR
) -> NDArray[np.float32]:
    """Scores that count less where blur is to be kept, and not at all where `beside` is 1.

    `score` as `contrast` gave it from codes of so many `bits`, with the same `floor`; `beside` float32, 0…1,
    of the same shape.
    """
    even = np.float32(floor * 2.0 ** (bits - 8))
    return np.asarray(score + beside * (even - score), np.float32)


def parted(score: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """Scores as they are held against one another: apart the farther, the higher they are.

    `score` as `contrast` gave it from codes of so many `bits`, floor and all.
    """
    held = score * np.float32(1 / (STEEP * 2.0 ** (bits - 8)))
    held += 1
    held *= score
    return held


def keen_blocks(
    score: NDArray[np.float32], heard: NDArray[np.bool_], bits: int, floor: float
) -> NDArray[np.bool_]:
    """Which blocks of `BLOCK` full-size pixels show strong texture where the frame is `heard`.

    Parameters
    ----------
    score, heard
        `(h, w)` on the half-size grid, from the corner of a block: float32 codes of so many `bits`, with the
        `floor`; whether the frame has a say.

    Returns
    -------
    `(ceil(2 h / BLOCK), ceil(2 w / BLOCK))` bool.
    """
    least = np.float32((floor + KEEN) * 2.0 ** (bits - 8))
    mask = (score > least) & heard
    side = BLOCK // 2
    columns = np.add.reduceat(mask, np.arange(0, mask.shape[1], side), axis=1, dtype=np.int32)
    counts = np.add.reduceat(columns, np.arange(0, mask.shape[0], side), axis=0)
    return np.asarray(counts > KEEN_SHARE * side * side, np.bool_)


def _widely(energy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average over about 7 x 7 values, made on the grid of `GRID` full-size pixels."""
    rows, cols = energy.shape
    step = GRID // 2
    whole = filled_up(energy, step)
    small = (whole.shape[1] // step, whole.shape[0] // step)
    wide = cv2.GaussianBlur(cv2.resize(whole, small, interpolation=cv2.INTER_AREA), (0, 0), 0.8)
    wide = cv2.resize(wide, (whole.shape[1], whole.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide[:rows, :cols], np.float32)


def _from_mean(piece: NDArray[Any]) -> NDArray[Any]:
    """How far each value lies from the mean round it; of 8 bits that is rounded, which is far quicker."""
    values = piece if piece.dtype == np.uint8 else piece.astype(np.float32)
    mean = cv2.blur(values, (SIDE, SIDE), borderType=cv2.BORDER_REFLECT_101)
    return cv2.absdiff(values, mean)


def counted(score: NDArray[np.float32], say: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores as they count by a frame's say, 0…1."""
    share = say * np.float32(1 / HEARD)
    np.minimum(share, 1, out=share)
    share *= score
    return share


def power20(x: NDArray[Any]) -> NDArray[np.float32]:
    """What a frame counts whose score is `x` times the greatest."""
    return np.asarray(cv2.pow(x, 20), np.float32)
