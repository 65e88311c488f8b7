"""The frames of the input by their numbers: which of the index they are, and one as it was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.errors import BadUse
from postfocus.fuse.pieces import warp
from postfocus.io.colour import frame_to_rgb
from postfocus.model.alignment import Rect
from postfocus.model.frame import FrameSource
from postfocus.model.index import Index
from postfocus.model.look import Frames
from postfocus.model.picture import Picture
from postfocus.model.stroke import Stroke


def slot_of(index: Index, number: int) -> int:
    """The slot of a frame of the input.

    Raises
    ------
    BadUse
        There is no such frame, or it cannot be read.
    """
    found = np.flatnonzero(index.frames == number)
    if len(found) == 0:
        raise BadUse(
            f"there is no readable frame {number}; frames are counted from {index.frames[0]} "
            f"to {index.frames[-1]}"
        )
    return int(found[0])


def slots_of(index: Index, frames: Frames) -> NDArray[np.int64]:
    """Usable slots of a range of frames of the input, `(N,)` int64, increasing; there may be none.

    Raises
    ------
    BadUse
        The range begins behind the last frame.
    """
    numbers = index.frames
    last = int(numbers[-1]) if frames.last is None else frames.last
    first = int(numbers[0]) if frames.first is None else frames.first
    if first > numbers[-1]:
        raise BadUse(f"there is no frame {first}; the last one is {numbers[-1]}")
    return np.flatnonzero((numbers >= first) & (numbers <= last) & index.alignment.usable())


def check_strokes(index: Index, strokes: Sequence[Stroke]) -> list[int]:
    """The frames of the input that strokes take from, each once.

    Raises
    ------
    BadUse
        One of them is not there, or could not be aligned.
    """
    usable = index.alignment.usable()
    frames = sorted({stroke.frame for stroke in strokes})
    for frame in frames:
        if not usable[slot_of(index, frame)]:
            raise BadUse(f"frame {frame} could not be aligned; retouch from another one")
    return frames


def original(
    source: FrameSource, index: Index, slot: int, record: dict[str, Any], *, aligned: bool
) -> Picture:
    """One frame, not resampled unless `aligned`.

    Parameters
    ----------
    source, index
        The sweep.
    slot
        Of the frame in the index.
    record
        What the picture will say of itself.
    aligned
        Move it into the reference's geometry.

    Returns
    -------
    Picture
        8-bit pixels where the input has 8 bits, else 16; with `aligned`, the area that the frame covers.

    Raises
    ------
    BadUse
        It could not be aligned.
    """
    number = int(index.frames[slot])
    if aligned and not index.alignment.usable()[slot]:
        raise BadUse(f"frame {number} could not be aligned; save it as it was recorded")
    frame = source.read(number)
    pixels = frame_to_rgb(frame, bits=8 if frame.luma.dtype == np.uint8 else 16)
    valid = None
    if aligned:
        pixels, valid = _moved(pixels, index, slot)
    moment = frame.info.time if index.info.kind == "video" else None
    return Picture(pixels, frame.coding.icc, source.camera(number), record, moment, valid)


def _moved(pixels: NDArray[Any], index: Index, slot: int) -> tuple[NDArray[Any], Rect]:
    """A frame in the reference's geometry, and the part of it that the frame covers."""
    whole, matrix = Rect(0, 0, index.info.width, index.info.height), index.alignment.matrix(slot)
    bend = index.alignment.bend
    shift = None if bend is None else bend.at(slot, np.arange(whole.w), np.arange(whole.h))
    top = np.iinfo(pixels.dtype).max
    moved = np.empty_like(pixels)
    for channel in range(pixels.shape[2]):
        # Of float values OpenCV resamples at the very place; of codes at the nearest 1/32 pixel.
        values = pixels[..., channel].astype(np.float32)
        values = warp(values, matrix, whole, whole, cv2.INTER_CUBIC, shift)
        moved[..., channel] = np.clip(np.rint(values), 0, top)
    return moved, index.alignment.valid(np.array([slot]))
