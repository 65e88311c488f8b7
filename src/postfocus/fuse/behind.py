"""How what lies behind near things looks in the frames that are in focus on these.

How wide each frame blurs what is sharp in another is known (`postfocus.defocus`). So
the far layers of the merged picture, each blurred by its distance, are what a frame
in focus on a near thing shows beside that thing. Near lamps nothing is told: how much
light a clipped one spreads is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import doubled, shrink
from postfocus.fuse.cover import Swept, near_first
from postfocus.fuse.hills import NONE
from postfocus.fuse.layers import Layers, places_of, spread
from postfocus.fuse.linear import levels_of, linear
from postfocus.fuse.pieces import on_cells
from postfocus.io.colour import frame_to_rgb
from postfocus.model.defocus import Defocus
from postfocus.model.frame import Frame, FrameInfo

APART, LAYERS = 3.0, 17
"""Cells of blur by which two things lie apart, at least; layers that are blurred, at most."""

SEEN = 0.15
"""Share of its blurred light that a place must have from behind to be told."""

CLIPPED, LIT = 238, 1 / 16
"""Grey level of brightness that may be a lamp, and share of the picture's longer side over which it may
spread: macro lenses blur the far end of a sweep by a twentieth."""

FEWEST = 16
"""Cells of a picture's shorter side below which nothing is asked of it."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What lies behind near things, by cells of the index, even in number.

    Attributes
    ----------
    levels
        `(h, w, 3)` float32: red, green and blue as the frame in focus on the near thing of each cell shows
        it, sRGB grey levels.
    beyond
        `(h, w)` float32: the place on the line of blur, cells, from which something is behind; infinite
        where that is not known.
    whole
        `(h, w, 3)` float32, 0…1: linear red, green and blue of the picture.
    """

    levels: NDArray[np.float32]
    beyond: NDArray[np.float32]
    whole: NDArray[np.float32]


def behind(
    picture: Frame, source: NDArray[np.float32], slot: NDArray[np.int16], defocus: Defocus, pool: int
) -> Behind | None:
    """Blur what is behind near things as the frames in focus on these do.

    Parameters
    ----------
    picture
        Merged, 16-bit codes of RGB, grey or 4:2:0 planes.
    source
        `(ceil(H / 2), ceil(W / 2))` float32: the slot that each place comes from.
    slot
        `(h, w)` cells: the slot in which a near thing is sharp; `NONE` where there is none.
    defocus
        How wide frames blur one another.
    pool
        Full-size pixels of a cell.

    Returns
    -------
    ``None`` where nothing is behind near things, or nothing known.
    """
    rows, cols = (2 * (size // pool // 2) for size in picture.planes[0].shape[:2])
    slot = slot[:rows, :cols]
    blur, near = 2 * defocus.of(on_cells(source, (rows, cols))), 2 * defocus.of(slot.astype(np.float32))
    at = places_of(blur, LAYERS)
    before = (slot != NONE) & (blur - near > APART)
    if len(at) < 2 or not before.any():
        return None
    dark = ~_lit(picture, pool)[:rows, :cols]
    if not (before & dark).any():
        return None
    whole = _light(picture, (rows, cols), pool)
    layers = Layers(whole, blur, at)
    small = [shrink(layers.layer(number), 2) for number in range(len(at))]
    number = np.clip(np.rint((near - at[0]) / (at[1] - at[0])), 0, len(at) - 1)
    levels, beyond = np.zeros((rows, cols, 3), np.float32), np.full((rows, cols), np.inf, np.float32)
    for layer in np.unique(number[before & dark]).astype(int).tolist():
        far = [n for n in range(len(at)) if at[n] - at[layer] >= APART]
        if not far:
            continue
        seen = reduce(np.add, [spread(small[n], (at[n] - at[layer]) / 2) for n in far])
        known = doubled(seen[..., -1] > SEEN, (rows, cols), cv2.INTER_NEAREST) > 0
        here = known & dark & (slot != NONE) & (number == layer)
        mean = np.asarray(seen[..., :3] / np.maximum(seen[..., 3:], np.float32(SEEN)), np.float32)
        levels[here] = cv2.resize(levels_of(mean), (cols, rows), interpolation=cv2.INTER_LINEAR)[here]
        beyond[here] = at[far[0]]
    return Behind(levels, beyond, whole)


def near_first_in(whole: NDArray[np.float32], source: NDArray[np.float32], swept: Swept) -> bool:
    """Whether frames tell that a sweep runs from near to far, or nothing; on cells twice as large.

    `whole` as in `Behind`, `source` as for `behind`.
    """
    rows, cols = (size // 4 * 4 for size in whole.shape[:2])
    if min(rows, cols) < FEWEST:
        return True
    slot = on_cells(source, whole.shape[:2])[:rows:2, :cols:2]
    return near_first(shrink(whole[:rows, :cols], 2), slot, swept.shrunk())


def colours(planes: Sequence[NDArray[np.uint16]], like: Frame) -> NDArray[np.uint16]:
    """`(h, w, 3)` sRGB codes of planes that are coded as those of a frame of 16 bits are."""
    frame = Frame(tuple(planes), planes[0], like.coding, FrameInfo(0))
    return np.asarray(frame_to_rgb(frame, bits=16), np.uint16)


def _light(picture: Frame, shape: tuple[int, int], pool: int) -> NDArray[np.float32]:
    """`(h, w, 3)` linear red, green and blue of so many cells."""
    rows, cols = (size * pool for size in shape)
    planes = [shrink(picture.planes[0][:rows, :cols], pool)]
    planes += [shrink(plane[: rows // 2, : cols // 2], pool) for plane in picture.planes[1:]]
    return linear(colours(planes, picture))


def _lit(picture: Frame, pool: int) -> NDArray[np.bool_]:
    """`(h, w)`: cells over which a lamp may be spread in some frame."""
    main = picture.planes[0]
    code = CLIPPED * 257 if picture.coding.full_range else (16 + CLIPPED * 219 / 255) * 256
    clipped = (main if main.ndim == 2 else main.max(axis=2)) >= code
    bright = shrink(clipped * np.uint8(255), pool)
    side = 2 * round(LIT * max(bright.shape)) + 1
    return np.asarray(cv2.dilate(bright, np.ones((side, side), np.uint8)) > 0)
